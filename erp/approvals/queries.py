"""Reads limits, who answers for an actor, and why somebody may not approve."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from erp.access.models import Actor, ApiKey
from erp.access.queries import own_currency
from erp.access.roles import STAFF, rights_of
from erp.approvals.decisions import ALWAYS, JOB, UNKNOWN, Ruling, may_approve, why_needed
from erp.approvals.models import ALONE_AFTER, ApprovalLimit, LimitChange, Proposal
from erp.money import shown
from erp.wiring import RATE_ON, resolve


def answers_for(actor: Actor) -> int:
    """Find who answers for what an actor does, as the key of an actor: an API key acts for who made it.

    A person and a job answer for themselves, and so does a key of which nobody knows who made it.
    """
    if actor.kind != Actor.Kind.API_KEY:
        return actor.pk
    key = ApiKey.objects.filter(actor_id=actor.pk).values_list("made_by_id", flat=True)
    return key.first() or actor.pk


def _is_nobodys(actor: Actor) -> bool:
    """Whether it is a key that no person made: two of them were two persons to us."""
    return actor.kind == Actor.Kind.API_KEY and answers_for(actor) == actor.pk


def accounts_of(person: int) -> set[int]:
    """Every actor that somebody answers for: themselves, and the keys they made."""
    return {person, *ApiKey.objects.filter(made_by=person).values_list("actor_id", flat=True)}


def limits() -> dict[str, Decimal]:
    """The limits that are set, by kind."""
    return dict(ApprovalLimit.objects.values_list("kind", "amount"))


def limit_of(kind: str, also: Decimal | None = None) -> Decimal | None:
    """The limit of a kind, or a narrower one that holds `also`; None where neither is set."""
    own = ApprovalLimit.objects.filter(kind=kind).values_list("amount", flat=True).first()
    return min((limit for limit in (own, also) if limit is not None), default=None)


def in_own_currency(amount: Decimal, currency: str, day: date) -> Decimal | None:
    """Convert an amount to the company's currency by the rate of a day; None where nobody has said a rate."""
    if currency == own_currency():
        return amount
    rate: Decimal | None = resolve(RATE_ON)(currency, day)
    return None if rate is None else amount * rate


def summed(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Add amounts up; None where one of them is not known."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


@dataclass(frozen=True)
class Weight:
    """What a proposal is compared with: the amount of all that counts with it, and the limit."""

    amount: Decimal | None = None
    limit: Decimal | None = None

    @property
    def needs_second_person(self) -> bool:
        return bool(why_needed(self.amount, self.limit))


NOTHING = Weight()


def ruling_of(
    row: Proposal, weight: Weight, actor: Actor, proposers: Collection[int] = ()
) -> Ruling:
    """Decide whether an actor may approve a proposal; `proposers` are others who had a hand in it."""
    hands = {*proposers, *([row.proposed_for_id] if row.proposed_for_id else [])}
    return may_approve(
        amount=weight.amount,
        limit=weight.limit,
        proposers=hands,
        approver=answers_for(actor),
        is_job=actor.kind == Actor.Kind.JOB or _is_nobodys(actor),
        was_needed=row.needs_second_person,
    )


def limit_shown(amount: Decimal | None) -> str:
    """A limit in words."""
    return (
        str(_("none")) if amount is None else shown(amount, own_currency(), get_language() or "en")
    )


def worded(ruling: Ruling, limit: Decimal | None) -> str:
    """Say in words why an approval is refused; "" where it is not."""
    if ruling.is_allowed:
        return ""
    own = own_currency()
    if ruling.need == ALWAYS or limit is None:
        why = _("a second person is required")
    elif ruling.need == UNKNOWN:
        why = _("the value in %(currency)s is not known") % {"currency": own}
    else:
        amount = shown(limit, own, get_language() or "en")
        why = _("the limit is %(limit)s") % {"limit": amount}
    if ruling.refusal == JOB:
        return _("A person must approve this: %(why)s.") % {"why": why}
    return _("Somebody else must approve this: %(why)s, and you proposed it.") % {"why": why}


def others_who_set_limits(person: int) -> bool:
    """Whether anybody but this person signs in here who may approve a change of limits."""
    roles = [role for role in STAFF if "settings.edit" in rights_of(role)]
    people = Actor.objects.filter(kind="person", is_active=True, user__is_active=True)
    return people.filter(role__in=roles).exclude(pk=person).exists()


def weight_of_limit(change: LimitChange, actor: Actor) -> Weight:
    """What a looser limit is compared with: always another person's approval, where there is one who could give it."""
    proposer = change.proposed_for_id or answers_for(actor)
    is_alone = actor.kind != Actor.Kind.JOB and not others_who_set_limits(proposer)
    return NOTHING if is_alone else Weight(limit=Decimal(0))


def why_limit_waits(change: LimitChange, actor: Actor, now: datetime) -> str:
    """Why an actor may not approve a looser limit, in words; "" where nothing keeps them from it."""
    weight = weight_of_limit(change, actor)
    ruling = ruling_of(change, weight, actor)
    if not ruling.is_allowed or ruling.need:
        return worded(ruling, weight.limit)
    if now < change.proposed_at + ALONE_AFTER:
        at = timezone.localtime(change.proposed_at + ALONE_AFTER)
        return _("Nobody else here could approve this: you may from %(at)s.") % {
            "at": date_format(at, "DATETIME_FORMAT")
        }
    return ""


def limit_changes() -> list[LimitChange]:
    """The looser limits that wait for an approval."""
    rows = LimitChange.objects.filter(status="waiting").select_related("by")
    return list(rows.order_by("kind"))
