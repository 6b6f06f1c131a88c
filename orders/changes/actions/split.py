"""Splits an order in two; units, reservations and money move to the minor unit."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NotRequired, TypedDict

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import FieldError, Invalid
from erp.money import rounded, split
from inventory.stock.actions.reserve import hand_over_units
from orders.changes.actions.carry_holds import carry_holds
from orders.changes.actions.merge import (
    AMOUNTS,
    CannotCombine,
    mergeable,
    paid_back,
    settle_moved,
)
from orders.changes.decisions.amounts import Amounts
from orders.changes.decisions.merge import divided
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.adjustment import Adjustment
from orders.order.models.move import OrderMove
from orders.order.models.order import Order, OrderAddress, OrderLine, OrderLinePart, OrderSearch
from orders.order.models.payment import Payment
from orders.order.models.timeline import Decision
from orders.order.numbers import order_number
from orders.order.queries import made_of
from orders.order.search_words import words_of_order
from orders.order.states import ORDER
from orders.payments.actions.record import append_payment_event
from orders.routing.actions.units import held_by, lock_held

ZERO = Decimal(0)


class MovedLine(TypedDict):
    """A line that went to the other order whole, and its place in its own."""

    id: int
    position: int


# "from" is a keyword of Python's, so this one is no class: a tender, its twin in the other order, how much.
MovedMoney = TypedDict("MovedMoney", {"from": int, "to": int, "amount": str})


class MovedPart(TypedDict):
    """A line that was divided, the line of the part, and what the part took.

    cancelled   units of the line that count as cancelled since then: their price had gone back
    """

    id: int
    part: int
    quantity: int
    reserved: int
    backordered: int
    cancelled: NotRequired[int]
    amounts: dict[str, str]


class Moved(TypedDict):
    """What a split took to the other order."""

    lines: list[MovedLine | MovedPart]
    payments: list[MovedMoney]


@transaction.atomic(savepoint=False)
def split_order(
    *,
    order_id: int,
    units: Mapping[int, int],
    short_first: bool = False,
    warehouse_id: int | None = None,
    reason: str,
    by: Actor,
    now: datetime,
) -> Order:
    """Move units of an order to a new one; the amounts of both add up to the original.

    units         by order line id; a line may go whole or in part
    short_first   units that wait for goods go first: what is there stays and ships
    warehouse_id  units that are reserved there go first, of lines that are divided
    Shipping is charged on the old order alone. What was paid goes along as far as the new one costs. What holds
    the old one holds the new one as well. The new
    order has the next free "<external id>/2" on its channel. Raises CannotCombine, Invalid naming the line.
    """
    require(by, "orders.edit")
    source = lock_order(order_id, by)
    _refuse(source)
    lines = {line.pk: line for line in OrderLine.objects.filter(order=source).order_by("position")}
    _check(lines, units)
    if not reason.strip():
        raise Invalid(_("Enter a reason for the split."))
    paid = _paid(source)
    target = _twin(source, now)
    moved: list[MovedLine | MovedPart] = []
    lock_held(lines=[line for line in lines.values() if line.pk in units])
    for position, line in enumerate(line for line in lines.values() if line.pk in units):
        count = units[line.pk]
        if count == line.quantity_ordered and not line.quantity_cancelled:
            moved.append(_move_whole(line, target, position))
        else:
            moved.append(
                _divide(line, count, target, position, short_first, warehouse_id, source.currency)
            )
    for order in (source, target):
        total_up(order=order)
    due = min(target.total, max(ZERO, paid - source.total))
    payments = _move_money(source, target, due, by, now)
    source.version, source.updated_at = source.version + 1, now
    carry_holds(source=source, target=target)
    source.save()
    target.save()
    _describe(source, target)
    move: Moved = {"lines": moved, "payments": payments}
    _note_move(source, target, move, reason.strip()[:200], by, now)
    for order, kind, other in ((source, "split", target), (target, "split.from", source)):
        append_event(order_id=order.pk, kind=kind, by=by, now=now, data={"order": other.number})
    settle_moved([source, target], by, now)
    return target


def _note_move(
    source: Order, target: Order, moved: Moved, reason: str, by: Actor, now: datetime
) -> None:
    """Keep what went where, so that the two can be joined again."""
    OrderMove.objects.create(
        kind="split",
        source=source,
        target=target,
        moved=moved,
        versions=[source.version, target.version],
        reason=reason,
        by=by,
        at=now,
    )


def _move_whole(line: OrderLine, target: Order, position: int) -> MovedLine:
    was = line.position
    line.order, line.position = target, position
    line.save(update_fields=["order", "position"])
    Adjustment.objects.filter(line=line).update(order=target)
    return {"id": line.pk, "position": was}


def _refuse(order: Order) -> None:
    ORDER.next_state(order.status, "edit")
    known = mergeable(order)
    if known.is_sealed:
        raise CannotCombine(
            _("%(order)s is locked against merging and splitting.") % {"order": order.number}
        )
    if not known.is_untouched:
        raise CannotCombine(_("The warehouse has started %(order)s.") % {"order": order.number})
    if order.open_holds and order.holds.filter(released_at=None, needs_second_person=True).exists():
        # The new order has no holds: what another person has to release would ship from there.
        raise CannotCombine(
            _("Somebody else has to release %(order)s first.") % {"order": order.number}
        )
    if known.is_invoiced:
        raise CannotCombine(_("%(order)s has been invoiced.") % {"order": order.number})
    if any(paid_back(order).values()):
        # Moved to the new order, the money that a refund gives back was missing when it was completed.
        raise CannotCombine(
            _("A refund of %(order)s is under way: complete or reject it first.")
            % {"order": order.number}
        )
    if _is_paid_back_in_part(order):
        # Which of the two it was given for nobody knows: it was owed twice, or asked of the customer again.
        raise CannotCombine(
            _("Money was refunded for goods that are still in %(order)s.") % {"order": order.number}
        )
    if known.is_authorised:
        raise CannotCombine(
            _("Money for %(order)s is authorised and not captured yet.") % {"order": order.number}
        )


def _check(lines: Mapping[int, OrderLine], units: Mapping[int, int]) -> None:
    errors = []
    for pk, count in units.items():
        line = lines.get(pk)
        left = line.quantity_ordered - line.quantity_cancelled if line else 0
        if line is None or not 1 <= count <= left:
            errors.append(
                FieldError(
                    "/lines",
                    "out-of-range",
                    _("More units than the line has, or not a line of this order."),
                )
            )
    if not units:
        errors.append(FieldError("/lines", "required", _("Choose what goes into the new order.")))
    stays = {
        pk: line.quantity_ordered - line.quantity_cancelled - units.get(pk, 0)
        for pk, line in lines.items()
    }
    if not errors and not any(stays.values()):
        errors.append(
            FieldError(
                "/lines", "out-of-range", _("At least one unit has to stay in the original order.")
            )
        )
    if errors:
        raise Invalid(errors=errors)


def _paid(order: Order) -> Decimal:
    return sum((p.captured - p.refunded for p in Payment.objects.filter(order=order)), ZERO)


def _is_paid_back_in_part(order: Order) -> bool:
    """Whether money went back for goods that are still in an order, and not for such as were taken off it alone."""
    payments = list(Payment.objects.filter(order=order))
    captured = sum((p.captured for p in payments), ZERO)
    refunded = sum((p.refunded for p in payments), ZERO)
    return refunded > max(ZERO, captured - order.total)


def _twin(source: Order, now: datetime) -> Order:
    """A new order like the old one, with no lines and no money."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('orders_order_id_seq')")
        (pk,) = cursor.fetchone()
    taken = set(
        Order.objects.filter(
            channel_id=source.channel_id, external_id__startswith=f"{source.external_id[:95]}/"
        ).values_list("external_id", flat=True)
    )
    n = 2
    while f"{source.external_id[:95]}/{n}" in taken:
        n += 1
    target = Order.objects.get(pk=source.pk)
    target.pk, target.number = pk, order_number(pk)
    target.external_id, target.request_hash = f"{source.external_id[:95]}/{n}", ""
    target.version, target.open_holds = 1, 0
    target.updated_at = now
    for name in AMOUNTS:
        setattr(target, name, ZERO)
    target.save(force_insert=True)
    for address in OrderAddress.objects.filter(order=source):
        address.pk, address.order = None, target
        address.save(force_insert=True)
    return target


def _divide(
    line: OrderLine,
    units: int,
    target: Order,
    position: int,
    short_first: bool,
    warehouse_id: int | None,
    currency: str,
) -> MovedPart:
    """Move some units of a line into a line of the other order; what is needed to move them back."""
    of = line.quantity_ordered - line.quantity_cancelled
    waiting, reserved = line.quantity_backordered, line.quantity_reserved
    backordered = min(units, waiting) if short_first else max(0, units - reserved)
    if line.is_service:
        backordered = 0
    promised = 0 if line.is_service else units - backordered
    now = Amounts(line.unit_price, line.subtotal, line.discount, line.tax, line.total)
    gone, rest = divided(now, units, of, currency, rounded)
    part = OrderLine.objects.get(pk=line.pk)
    part.pk, part.order, part.position = None, target, position
    part.quantity_ordered, part.quantity_cancelled, part.quantity_refunded = units, 0, 0
    part.quantity_reserved, part.quantity_backordered = promised, backordered
    _put(part, gone)
    part.save(force_insert=True)
    OrderLinePart.objects.bulk_create(
        OrderLinePart(order_line=part, sku_id=row.sku_id, quantity=row.quantity)
        for row in OrderLinePart.objects.filter(order_line=line)
    )
    hand_over(line=line, part=part, units=promised, warehouse_id=warehouse_id)
    cancelled = line.quantity_cancelled
    line.take_off(units)
    line.quantity_reserved -= promised
    line.quantity_backordered -= backordered
    _put(line, rest)
    line.save()
    _share_adjustments(line, part, gone.discount, currency)
    return {
        "id": line.pk,
        "part": part.pk,
        "quantity": units,
        "reserved": promised,
        "backordered": backordered,
        "cancelled": line.quantity_cancelled - cancelled,
        "amounts": {name: str(getattr(gone, name)) for name in Amounts.__struct_fields__},
    }


def _put(line: OrderLine, amounts: Amounts) -> None:
    for name in Amounts.__struct_fields__:
        setattr(line, name, getattr(amounts, name))


def hand_over(
    *, line: OrderLine, part: OrderLine, units: int, warehouse_id: int | None = None
) -> None:
    """Let another line hold units of this one's reservations, of a bundle as many of each part.

    Their levels are locked by the caller (`lock_held`), for all lines that a verb moves.
    """
    if not units or line.sku_id is None:
        return
    held = held_by([line])
    for sku_id, each in made_of({line.pk: line.sku_id})[line.pk]:
        left = units * each
        rows = list(held.filter(sku_id=sku_id).order_by("-pk").select_for_update())
        for row in sorted(rows, key=lambda r: r.warehouse_id != warehouse_id):
            taken = min(left, row.quantity)
            if taken:
                hand_over_units(reservation=row, quantity=taken, holder_id=part.pk)
            left -= taken


def _share_adjustments(line: OrderLine, part: OrderLine, discount: Decimal, currency: str) -> None:
    rows = list(Adjustment.objects.filter(line=line).order_by("pk"))
    for row, share in zip(rows, split(discount, [r.amount for r in rows], currency), strict=True):
        Adjustment.objects.create(
            order_id=part.order_id,
            line=part,
            promotion_id=row.promotion_id,
            coupon=row.coupon,
            amount=share,
        )
        row.amount -= share
        row.save(update_fields=["amount"])


def total_up(*, order: Order) -> None:
    """An order's amounts, by its lines and its own shipping."""
    lines = list(OrderLine.objects.filter(order=order))
    order.subtotal = sum((x.subtotal for x in lines), ZERO)
    order.discount = sum((x.discount for x in lines), ZERO)
    order.tax = sum((x.tax for x in lines), order.shipping_tax)
    order.total = order.subtotal - order.discount + order.shipping + order.tax


def _move_money(
    source: Order, target: Order, amount: Decimal, by: Actor, now: datetime
) -> list[MovedMoney]:
    """Move captured money from one order's tenders to the other's; each move is an event on both."""
    moved: list[MovedMoney] = []
    for payment in Payment.objects.filter(order=source).order_by("-pk").select_for_update():
        part = min(amount, payment.captured - payment.refunded)
        if part <= 0:
            continue
        amount -= part
        twin = Payment.objects.create(
            order=target,
            method=payment.method,
            reference=f"{payment.reference}/{target.number}"[:200],
            currency=payment.currency,
            authorised=part,
            captured=part,
            created_at=now,
        )
        payment.authorised -= part
        payment.captured -= part
        payment.save(update_fields=["authorised", "captured"])
        key = f"{target.number}/{payment.pk}"
        append_payment_event(payment, source, "moved_out", key, part, by, now)
        append_payment_event(twin, target, "moved_in", key, part, by, now)
        moved.append({"from": payment.pk, "to": twin.pk, "amount": str(part)})
    return moved


def _describe(source: Order, target: Order) -> None:
    """Let the new order be found, and say why it is as it is: as the old one was decided."""
    OrderSearch.objects.create(order=target, placed_at=target.placed_at)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_ordersearch SET words = array_to_tsvector(%s) WHERE order_id = %s",
            [words_of_order(target), target.pk],
        )
    rows = list(Decision.objects.filter(order=source).order_by("pk"))
    for row in rows:
        row.pk, row.order_id = None, target.pk
    Decision.objects.bulk_create(rows)
