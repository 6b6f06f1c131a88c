"""Sets approval limits, and writes on a row who proposed it and who approved it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.account_mails import tell_owners
from erp.access.models import Actor
from erp.access.queries import own_currency, require, sign_history
from erp.approvals.decisions import is_looser
from erp.approvals.models import ApprovalKind, ApprovalLimit, LimitChange, Proposal
from erp.approvals.queries import (
    Weight,
    answers_for,
    limit_shown,
    ruling_of,
    weight_of_limit,
    why_limit_waits,
    worded,
)
from erp.approvals.states import LIMIT, LimitStatus
from erp.errors import Conflict, FieldError, Invalid
from erp.money import DIGITS, decimals, plain
from erp.queries import find_one
from erp.security.actions import record_security_event

MOST = Decimal(10**13)
SIGNED = ("needs_second_person", "proposed_for", "approved_for")  # what the two signatures write


@dataclass
class SecondPersonNeeded(Conflict):
    """Who proposed it may not approve it; nor may a job, above the limit."""

    reason: str = ""

    code = "second-person-needed"
    title = gettext_lazy("Somebody else must approve this.")

    def extra(self) -> dict[str, object]:
        return {"reason": self.reason}


@transaction.atomic(savepoint=False)
def set_approval_limits(
    *, limits: Mapping[str, Decimal | None], by: Actor, now: datetime
) -> list[LimitChange]:
    """Set above which amount a second person approves, by kind; None takes a limit away, 0 means always.

    A kind that is not named stays as it is. A narrower limit holds at once; one that lets more pass waits for another
    person, as whatever it would let pass does: those that wait are returned. Owners are mailed. Raises Invalid by kind.
    """
    require(by, "settings.edit")
    sign_history(by)
    _check(limits)
    waiting = []
    for kind, amount in sorted(limits.items()):
        row = ApprovalLimit.objects.select_for_update().filter(kind=kind).first()
        before = row.amount if row else None
        if amount == before:
            continue
        if is_looser(before, amount):
            waiting.append(_propose(kind, before, amount, by, now))
        else:
            _end_waiting(kind, by, now)
            _write(kind, before, amount, by)
    return waiting


def _propose(
    kind: str, before: Decimal | None, amount: Decimal | None, by: Actor, now: datetime
) -> LimitChange:
    """Write down a looser limit that waits; it takes the place of the one that waited."""
    found = LimitChange.objects.filter(kind=kind, status=LimitStatus.WAITING).first()
    if found and found.amount == amount and found.proposed_for_id == answers_for(by):
        return found
    _end_waiting(kind, by, now)
    change = LimitChange(kind=kind, amount=amount, status=LIMIT.initial, by=by, proposed_at=now)
    change.proposed_for_id = answers_for(by)
    sign_proposal(row=change, weight=weight_of_limit(change, by), by=by)
    change.save()
    _tell("limit_proposed", kind, before, amount, by)
    return change


def _end_waiting(kind: str, by: Actor, now: datetime) -> None:
    waiting = LimitChange.objects.filter(kind=kind, status=LimitStatus.WAITING)
    waiting.update(status=LimitStatus.REJECTED, ended_by=by, ended_at=now)


def _write(kind: str, before: Decimal | None, amount: Decimal | None, by: Actor) -> None:
    if amount is None:
        ApprovalLimit.objects.filter(kind=kind).delete()
    else:
        ApprovalLimit.objects.update_or_create(kind=kind, defaults={"amount": amount})
    _tell("limit_changed", kind, before, amount, by)


def _tell(event: str, kind: str, before: Decimal | None, amount: Decimal | None, by: Actor) -> None:
    what = str(ApprovalKind(kind).label)
    tell_limit(event=event, kind=kind, what=what, before=before, after=amount, by=by)


@transaction.atomic(savepoint=False)
def tell_limit(
    *,
    event: str = "limit_changed",
    kind: str,
    what: str,
    before: Decimal | None,
    after: Decimal | None,
    by: Actor,
) -> None:
    """Record that a limit changes or is to, and mail every owner: who loosens one is not alone in knowing.

    kind   what it is a limit of, for the security event, and `what` in words
    """
    facts = {"kind": kind, "before": _plain(before), "after": _plain(after)}
    record_security_event(kind=event, actor=by.pk, facts=facts)
    told = f"{what}: {limit_shown(before)} → {limit_shown(after)} ({by.name[:60]})"
    tell_owners(kind=event, detail=told)


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount, own_currency())


@transaction.atomic(savepoint=False)
def approve_limit(*, change_id: int, by: Actor, now: datetime) -> LimitChange:
    """Approve a looser limit: it holds from now on, and owners are mailed.

    Raises SecondPersonNeeded for who proposed it and for a job, NotFound. Where nobody else could approve it, who
    proposed it may a day later; raises Conflict before.
    """
    require(by, "settings.edit")
    sign_history(by)
    change, before = _locked(change_id)
    change.status = LIMIT.next_state(change.status, "approve")
    sign_approval(row=change, weight=weight_of_limit(change, by), by=by)
    if why := "" if change.needs_second_person else why_limit_waits(change, by, now):
        raise Conflict(why)
    _end(change, by, now)
    _write(change.kind, before, change.amount, by)
    return change


@transaction.atomic(savepoint=False)
def reject_limit(*, change_id: int, by: Actor, now: datetime) -> LimitChange:
    """Reject a looser limit, one's own too: the one there is goes on holding. Raises NotFound."""
    require(by, "settings.edit")
    change, before = _locked(change_id)
    change.status = LIMIT.next_state(change.status, "reject")
    _end(change, by, now)
    _tell("limit_rejected", change.kind, before, change.amount, by)
    return change


def _locked(change_id: int) -> tuple[LimitChange, Decimal | None]:
    """Lock a change behind the limit it is about; that limit beside it."""
    kind = find_one(LimitChange.objects.filter(pk=change_id)).kind
    limit = ApprovalLimit.objects.select_for_update().filter(kind=kind).first()
    change = LimitChange.objects.select_for_update().get(pk=change_id)
    return change, limit.amount if limit else None


def _end(change: LimitChange, by: Actor, now: datetime) -> None:
    change.ended_by, change.ended_at = by, now
    change.save(update_fields=["status", "ended_by", "ended_at", *SIGNED])


@transaction.atomic(savepoint=False)
def lock_proposer(*, proposer: int, kinds: Collection[str]) -> None:
    """Lock who answers for a proposal until the transaction ends, where one of these kinds has a limit.

    Two proposals of one person at once would each not know of the other, and both be small. Its place among the
    locks is behind the order and before everything that orders share (docs/adr/0013).
    """
    limited = ApprovalLimit.objects.filter(kind__in=kinds)
    rows = Actor.objects.filter(Exists(limited), pk=proposer).select_for_update(no_key=True)
    list(rows.values_list("pk"))


def _check(limits: Mapping[str, Decimal | None]) -> None:
    most = DIGITS.get(own_currency(), 2)
    text = _("A limit is an amount such as 500, not below 0.")
    errors = [
        FieldError(f"/{kind}", "out-of-range", text)
        for kind, amount in limits.items()
        if kind not in ApprovalKind.values
        or (amount is not None and (not 0 <= amount < MOST or decimals(amount) > most))
    ]
    if errors:
        raise Invalid(errors[0].detail, errors=errors)


def sign_proposal(*, row: Proposal, weight: Weight, by: Actor, proposer: int | None = None) -> None:
    """Write on a row, unsaved, who answers for its proposal and whether a second person has to approve it.

    proposer   who answers for it, where that is not whoever wrote it
    """
    row.proposed_for_id = proposer or answers_for(by)
    row.needs_second_person = row.needs_second_person or weight.needs_second_person


def sign_approval(
    *, row: Proposal, weight: Weight, by: Actor, proposers: Collection[int] = ()
) -> None:
    """Write on a row, unsaved, who answers for its approval. Raises SecondPersonNeeded.

    proposers   others who had a hand in the proposal
    """
    ruling = ruling_of(row, weight, by, proposers)
    if not ruling.is_allowed:
        raise SecondPersonNeeded(worded(ruling, weight.limit), reason=ruling.refusal)
    row.needs_second_person = bool(ruling.need)
    row.approved_for_id = answers_for(by)
