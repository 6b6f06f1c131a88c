"""Reads refunds for pages, the API and other stages."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from erp.access.models import Actor
from erp.api.values import money, stamp
from erp.approvals.models import ApprovalKind
from erp.approvals.queries import (
    NOTHING,
    Weight,
    answers_for,
    in_own_currency,
    limit_of,
    ruling_of,
    worded,
)
from erp.ids import primary_key, public_id
from erp.money import AMOUNT, rounded
from erp.queries import find_one
from erp.verbs import startable_verbs
from orders.intake.following.queries import family_of
from orders.models import Order, OrderEvent, OrderLine, OrderMove, Payment
from orders.order.queries import keeping_money
from orders.order.states import ENDED_UNSERVED
from returns.refunds.decisions import Purse
from returns.refunds.models import Refund, RefundLine
from returns.refunds.states import CHANNEL_REFUND, TAKEN_OFF, UNDERWAY, RefundStatus
from returns.rma.models import ReturnLine

ZERO = Decimal(0)
# Steps of an order by which money comes to be owed.
OWING = ("cancelled", "cancelled.part", "changed", "change.undone", "payment.captured")
CANCELLED_THERE = "cancelled_on_channel"  # how the reason begins that an order was cancelled for


def refunds_visible_to(actor: Actor) -> QuerySet[Refund]:
    """The refunds an actor may know of."""
    if actor.channel_id is not None:
        return Refund.objects.filter(channel_id=actor.channel_id)
    return Refund.objects.all()


def find_refund(actor: Actor, number: str) -> Refund:
    """The refund of this number, or public id, that an actor may know of; raises NotFound."""
    rows = refunds_visible_to(actor).select_related("order", "authorization")
    pk = primary_key("rfd", number)
    return find_one(rows.filter(pk=pk) if pk else rows.filter(number=number))


def read_refund(pk: int, actor: Actor | None = None) -> dict[str, object]:
    """The document of one refund."""
    rows = Refund.objects.select_related("order", "authorization").prefetch_related("lines")
    return refund_document(rows.get(pk=pk), actor)


def refund_document(row: Refund, actor: Actor | None) -> dict[str, object]:
    """A refund (order, return and lines fetched) as the API shows it to an actor."""
    return {
        "object": "refund",
        "id": public_id("rfd", row.pk),
        "number": row.number,
        "order": row.order.number if row.order else None,
        "return": row.authorization.number if row.authorization else None,
        "status": row.status,
        "reason": row.reason,
        "amount": money(row.amount, row.currency),
        "lines": [
            {
                "line": public_id("line", line.order_line_id) if line.order_line_id else None,
                "quantity": line.quantity,
                "amount": money(line.amount, row.currency),
            }
            for line in row.lines.all()
        ],
        "needs_second_person": row.needs_second_person,
        "allowed_actions": startable_verbs("refund", row.status, row, actor),
        "proposed_at": stamp(row.proposed_at),
        "completed_at": stamp(row.completed_at),
        "updated_at": stamp(row.updated_at),
    }


def refunds_named(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Refunds as events name them, by primary key."""
    rows = Refund.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: {"id": public_id("rfd", pk), "number": number} for pk, number in rows}


def weight_of_refund(refund: Refund, now: datetime) -> Weight:
    """What a refund is compared with: all that its proposer proposed of its order, and of what was split off it.

    Several small ones are as much money as a large one. What the channel paid back and what was rejected is not
    counted.
    """
    limit = limit_of(ApprovalKind.REFUND)
    if limit is None or refund.order_id is None:
        return NOTHING
    others = Refund.objects.filter(
        order__in=family_of(_root_of(refund.order_id)),
        proposed_for=refund.proposed_for_id,
        is_history=False,
    )
    others = others.exclude(pk=refund.pk).exclude(status=RefundStatus.REJECTED)
    sums = others.exclude(reason=CHANNEL_REFUND).aggregate(sum=Sum("amount"))
    total = refund.amount + (sums["sum"] or ZERO)
    return Weight(in_own_currency(total, refund.currency, now.date()), limit)


def _root_of(order_id: int) -> int:
    """The order that another was split off, at the beginning; the order itself where it never was."""
    while True:
        split = OrderMove.objects.filter(target_id=order_id, kind="split", undone_at=None)
        source = split.values_list("source_id", flat=True).first()
        if source is None or source == order_id:
            return order_id
        order_id = source


def hands_in_owed(order_id: int, until: datetime | None = None) -> list[int]:
    """Who answers for that an order owes money, the last first: whoever cancelled or changed it, or noted a payment.

    Since what was owed before was proposed, and not rejected; jobs answer for nothing, and a payment counts as the
    last step alone: before that it is what the customer owed. The last step alone does not tell: a payment that a
    job took in after somebody's change once made nobody the proposer, and they approved it.

    until   when what is owed was proposed
    """
    steps = OrderEvent.objects.filter(order=order_id, kind__in=OWING).exclude(by=None)
    before = Refund.objects.filter(order=order_id, reason__in=TAKEN_OFF, is_history=False)
    before = before.exclude(status=RefundStatus.REJECTED)
    if until is not None:
        steps, before = steps.filter(at__lte=until), before.filter(proposed_at__lt=until)
    if last := before.order_by("-proposed_at").values_list("proposed_at", flat=True).first():
        steps = steps.filter(at__gt=last)
    steps = steps.exclude(by__kind=Actor.Kind.JOB).select_related("by").order_by("-pk")
    found = [s.by for n, s in enumerate(steps) if s.by and (n == 0 or s.kind != "payment.captured")]
    return list(dict.fromkeys(answers_for(by) for by in found))


def hands_in(refund: Refund) -> list[int]:
    """Who had a hand in a refund beside its proposer: of what an order owes, whoever made it owed."""
    if refund.reason not in TAKEN_OFF or refund.order_id is None:
        return []
    return hands_in_owed(refund.order_id, refund.proposed_at)


def why_not_approved(refund: Refund, actor: Actor, now: datetime) -> str:
    """Why an actor may not approve a refund, in words; "" where nothing keeps them from it."""
    weight = weight_of_refund(refund, now)
    return worded(ruling_of(refund, weight, actor, hands_in(refund)), weight.limit)


def purse_of(order: Order, *, but: Collection[RefundStatus] = ()) -> Purse:
    """The money of an order: captured, refunded, and on its way back.

    but   statuses of refunds to leave out
    """
    sums = Payment.objects.filter(order=order).aggregate(c=Sum("captured"), r=Sum("refunded"))
    underway = [status for status in UNDERWAY if status not in but]
    mine = RefundLine.objects.filter(refund__order=order, refund__is_history=False)
    given = mine.filter(refund__status__in=(*underway, RefundStatus.COMPLETED)).aggregate(
        proposed=Sum("amount", filter=Q(refund__status__in=underway)),
        off=Sum("amount", filter=Q(refund__reason__in=TAKEN_OFF) | Q(is_unshipped=True)),
    )
    return Purse(
        captured=sums["c"] or ZERO,
        refunded=sums["r"] or ZERO,
        proposed=given["proposed"] or ZERO,
        given_off=given["off"] or ZERO,
        total=order.total,
        has_ended=order.status in ENDED_UNSERVED,
    )


def paid_back(orders: Collection[int]) -> dict[int, bool]:
    """Of these orders, those with refunds that were not rejected: whether some are on their way yet, by order id."""
    rows = Refund.objects.filter(order__in=orders, is_history=False)
    live = rows.exclude(status=RefundStatus.REJECTED).values_list("order", "status")
    found: dict[int, bool] = {}
    for order, status in live:
        if order is not None:
            found[order] = found.get(order, False) or status in UNDERWAY
    return found


def is_paid_back_by_channel(order_id: int) -> bool:
    """Tell whether an order was cancelled by its channel, which then gives the money back itself."""
    return OrderEvent.objects.filter(
        order_id=order_id, kind="cancelled", data__reason__startswith=CANCELLED_THERE
    ).exists()


def units_refunded(
    *, order_lines: Collection[int], statuses: Collection[str] = UNDERWAY
) -> dict[int, int]:
    """Units of order lines whose price went back, or goes back by a refund in one of these statuses, by line id."""
    done = OrderLine.objects.filter(pk__in=order_lines).values_list("pk", "quantity_refunded")
    found = dict(done)
    waiting = _units(Q(refund__status__in=statuses), order_lines)
    return {pk: count + waiting.get(pk, 0) for pk, count in found.items()}


def _units(which: Q, order_lines: Collection[int]) -> dict[int, int]:
    rows = RefundLine.objects.filter(which, order_line__in=order_lines, is_unshipped=False)
    sums = rows.values_list("order_line").annotate(units=Sum("quantity")).order_by()
    return {pk: units for pk, units in sums if pk is not None}


class ReturnedUnits(NamedTuple):
    """Units of a return by order line id.

    received   came back with it and were not refunded for it
    free       of those, the ones that no refund of the order can have paid for
    """

    received: Mapping[int, int]
    free: Mapping[int, int]


def units_to_refund(return_id: int, order: Order) -> ReturnedUnits:
    """The units that a return of an order brought back and that were not refunded for it."""
    came: dict[int, int] = {}
    lines = ReturnLine.objects.filter(
        authorization_id=return_id, authorization__order=order, order_line__isnull=False
    )
    for line in lines:
        pk = line.order_line_id or 0
        came[pk] = came.get(pk, 0) + line.quantity_received
    live = Q(refund__status__in=(*UNDERWAY, RefundStatus.COMPLETED))
    paid = _units(live & Q(refund__authorization_id=return_id), list(came))
    received = {pk: max(0, count - paid.get(pk, 0)) for pk, count in came.items()}
    every = units_refunded(order_lines=list(came))
    back = dict(OrderLine.objects.filter(pk__in=list(came)).values_list("pk", "quantity_returned"))
    free = {
        pk: max(0, min(count, back.get(pk, 0) - every.get(pk, 0))) for pk, count in received.items()
    }
    return ReturnedUnits(received, free)


class Kept(NamedTuple):
    """Money of an order that ended unserved which is neither refunded nor on its way back."""

    order_id: int
    number: str
    amount: Decimal
    currency: str


def money_kept(*, ended_before: datetime) -> Iterator[Kept]:
    """Every order that ended unserved and whose money stays, the oldest first.

    One statement asks `Purse.owed` of them all; what it finds is read as it is consumed.
    """
    mine = {"order_id": OuterRef("pk")}
    left = Payment.objects.filter(**mine).order_by().values("order_id")
    underway = RefundLine.objects.filter(
        refund__order_id=OuterRef("pk"), refund__status__in=UNDERWAY, refund__is_history=False
    )
    back = underway.order_by().values("refund__order_id")
    rows = keeping_money(Order.objects.filter(ended_at__lt=ended_before)).annotate(
        kept=_or_zero(left.annotate(sum=Sum(F("captured") - F("refunded"))))
        - _or_zero(back.annotate(sum=Sum("amount")))
    )
    found = rows.filter(kept__gt=0).order_by("ended_at", "pk")
    for pk, number, kept, currency in found.values_list(
        "pk", "number", "kept", "currency"
    ).iterator(chunk_size=500):
        yield Kept(pk, number, rounded(kept, currency), currency)


def _or_zero(sums: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(sums.values("sum")), ZERO, output_field=DecimalField(**AMOUNT))
