"""Sets approval limits, and writes on a row who proposed it and who approved it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.access.queries import own_currency, require, sign_history
from erp.approvals.models import ApprovalKind, ApprovalLimit, Proposal
from erp.approvals.queries import Weight, answers_for, ruling_of, worded
from erp.errors import Conflict, FieldError, Invalid
from erp.money import DIGITS, decimals

MOST = Decimal(10**13)


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
) -> dict[str, Decimal]:
    """Set above which amount a second person approves, by kind; None takes a limit away, 0 means always.

    A kind that is not named stays as it is. The history keeps who changed what. Raises Invalid by kind.
    """
    require(by, "settings.edit")
    sign_history(by)
    _check(limits)
    for kind, amount in sorted(limits.items()):
        row = ApprovalLimit.objects.select_for_update().filter(kind=kind).first()
        if amount is None:
            ApprovalLimit.objects.filter(kind=kind).delete()
        elif row is None:
            ApprovalLimit.objects.create(kind=kind, amount=amount)
        elif row.amount != amount:
            row.amount = amount
            row.save(update_fields=["amount"])
    return dict(ApprovalLimit.objects.values_list("kind", "amount"))


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


SIGNED = ("needs_second_person", "proposed_for", "approved_for")  # what the two write
