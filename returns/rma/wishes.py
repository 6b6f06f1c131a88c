"""Checks what a customer wants to send back: no more than was shipped and is not on its way back already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Q, Sum, When
from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid
from orders.models import OrderLine
from returns.rma.models import ReturnLine
from returns.rma.states import ReturnAuthorizationStatus, ReturnReason

GONE = ("declined", "cancelled")


@dataclass(frozen=True, slots=True)
class Wish:
    """Units of one order line that a customer wants to send back."""

    order_line_id: int
    quantity: int
    reason: str


def check_wishes(wishes: Sequence[Wish], lines: Mapping[int, OrderLine]) -> None:
    """Refuse wishes that ask for too much, of order lines by their id. Raises Invalid by line."""
    if not wishes:
        raise Invalid(_("Select at least one line to return."))
    came_only = Q(authorization__status=ReturnAuthorizationStatus.CLOSED)
    taken = {  # of a closed return, what did not come is with the customer still
        row["order_line"]: row["units"]
        for row in ReturnLine.objects.filter(order_line__in=lines)
        .exclude(authorization__status__in=GONE)
        .values("order_line")
        .annotate(units=Sum(Case(When(came_only, then="quantity_received"), default="quantity")))
    }
    errors = []
    for index, wish in enumerate(wishes):
        line = lines.get(wish.order_line_id)
        if line is None:
            errors.append(
                FieldError(f"/lines/{index}", "unknown-line", _("Not a line of this order."))
            )
            continue
        left = line.quantity_shipped - taken.get(line.pk, 0)
        taken[line.pk] = taken.get(line.pk, 0) + wish.quantity
        if not 1 <= wish.quantity <= left:
            errors.append(
                FieldError(
                    f"/lines/{index}/quantity",
                    "too-many",
                    _("Only %(left)s of this line can be returned.") % {"left": max(0, left)},
                )
            )
        if wish.reason not in ReturnReason.values:
            errors.append(
                FieldError(
                    f"/lines/{index}/reason",
                    "unknown",
                    _("One of: %(reasons)s.") % {"reasons": ", ".join(ReturnReason.values)},
                )
            )
    if errors:
        raise Invalid(errors=errors)
