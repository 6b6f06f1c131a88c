"""Joins a split-off order with its original again, to the minor unit."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from orders.changes.actions.carry_holds import end_carried, is_held_alike
from orders.changes.actions.merge import CannotCombine, paid_back, settle_moved
from orders.changes.actions.split import MovedMoney, MovedPart, hand_over, total_up
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.adjustment import Adjustment
from orders.order.models.move import OrderMove
from orders.order.models.order import Order, OrderLine
from orders.order.models.payment import Payment
from orders.order.states import ORDER
from orders.payments.actions.record import append_payment_event
from orders.routing.actions.units import lock_held

ZERO = Decimal(0)


@transaction.atomic(savepoint=False)
def unsplit_order(*, order_id: int, by: Actor, now: datetime) -> Order:
    """Undo the split of an order, as long as neither order has changed since.

    Returns the old order; the new one stays as a tombstone. Raises CannotCombine.
    """
    require(by, "orders.edit")
    move = OrderMove.objects.filter(target_id=order_id, kind="split", undone_at=None).first()
    if move is None:
        raise CannotCombine(_("This order was not split from another."))
    locked = {pk: lock_order(pk, by) for pk in sorted((move.source_id, move.target_id))}
    move = OrderMove.objects.select_for_update().get(pk=move.pk)
    source, target = locked[move.source_id], locked[move.target_id]
    if move.undone_at is not None or any(
        o.fulfillment_status != "unfulfilled" for o in locked.values()
    ):
        raise CannotCombine(_("The warehouse has started: this can no longer be undone."))
    is_alike = is_held_alike(source=source, target=target)
    if [source.version, target.version] != move.versions or not is_alike:
        raise CannotCombine(_("One of the orders has changed since: this can no longer be undone."))
    if paid_back(target):
        raise CannotCombine(_("Money was refunded since: this can no longer be undone."))
    end_carried(target=target, by=by, now=now)
    parts = [row["part"] for row in move.moved["lines"] if "part" in row]
    lock_held(lines=OrderLine.objects.filter(pk__in=parts))
    for row in move.moved["lines"]:
        if "part" in row:
            _join(OrderLine.objects.get(pk=row["id"]), OrderLine.objects.get(pk=row["part"]), row)
        else:
            OrderLine.objects.filter(pk=row["id"]).update(order=source, position=row["position"])
            Adjustment.objects.filter(line_id=row["id"]).update(order=source)
    for row in move.moved["payments"]:
        _give_money_back(row, source, target, by, now)
    for order in (source, target):
        total_up(order=order)
        order.version += 1
        order.updated_at = now
    target.status, target.ended_at = ORDER.next_state(target.status, "merge"), now
    source.save()
    target.save()
    move.undone_at, move.undone_by = now, by
    move.save(update_fields=["undone_at", "undone_by"])
    append_event(order_id=source.pk, kind="unsplit", by=by, now=now, data={"order": target.number})
    append_event(
        order_id=target.pk, kind="merged.into", by=by, now=now, data={"order": source.number}
    )
    settle_moved([source, target], by, now)
    return source


def _join(line: OrderLine, part: OrderLine, row: MovedPart) -> None:
    """Give the units of a part back to its line; the part stays, empty."""
    hand_over(line=part, part=line, units=part.quantity_reserved)
    cancelled = row.get("cancelled", 0)
    line.quantity_ordered += row["quantity"] - cancelled
    line.quantity_cancelled -= cancelled
    line.quantity_reserved += part.quantity_reserved
    line.quantity_backordered += part.quantity_backordered
    for name in ("subtotal", "discount", "tax", "total"):
        setattr(line, name, getattr(line, name) + getattr(part, name))
        setattr(part, name, ZERO)
    part.quantity_cancelled = part.quantity_ordered
    part.quantity_reserved = part.quantity_backordered = 0
    for adjustment in Adjustment.objects.filter(line=part):
        own = Adjustment.objects.get(line=line, promotion_id=adjustment.promotion_id)
        own.amount += adjustment.amount
        own.save(update_fields=["amount"])
        adjustment.amount = ZERO
        adjustment.save(update_fields=["amount"])
    line.save()
    part.save()


def _give_money_back(
    row: MovedMoney, source: Order, target: Order, by: Actor, now: datetime
) -> None:
    amount = Decimal(row["amount"])
    own = Payment.objects.select_for_update().get(pk=row["from"])
    twin = Payment.objects.select_for_update().get(pk=row["to"])
    own.authorised += amount
    own.captured += amount
    twin.authorised -= amount
    twin.captured -= amount
    own.save(update_fields=["authorised", "captured"])
    twin.save(update_fields=["authorised", "captured"])
    key = f"{target.number}/{own.pk}/back"
    append_payment_event(twin, target, "moved_out", key, amount, by, now)
    append_payment_event(own, source, "moved_in", key, amount, by, now)
