"""Picks a fulfillment order; refuses it when its order was stopped."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.counters import add_units
from erp.errors import Conflict, Invalid
from erp.queries import find_one
from fulfillment.planning.models import FulfillmentLine, FulfillmentOrder
from fulfillment.planning.states import FULFILLMENT_ORDER, FulfillmentOrderStatus
from orders.models import Order
from orders.order.actions.progress import record_in_progress
from orders.order.actions.timeline import append_event, lock_order


class OrderStopped(Conflict):
    """The order was cancelled or put on hold: put the goods back and scan the next one."""

    code = "order-stopped"


def lock_work(fulfillment_order_id: int) -> tuple[FulfillmentOrder, Order]:
    """Lock a fulfillment order behind its order, and refuse if the order may not move.

    So it is refused where the order was changed and less is reserved than the work was planned for: the
    warehouse is told anew. Raises NotFound, OrderStopped.
    """
    found = find_one(FulfillmentOrder.objects.filter(pk=fulfillment_order_id).values("order_id"))
    order = lock_order(found["order_id"])
    work = FulfillmentOrder.objects.select_for_update().get(pk=fulfillment_order_id)
    refuse_if_stopped(order)
    if _is_stale(work):
        raise OrderStopped(
            _("Order %(number)s was changed: updated picking work follows shortly.")
            % {"number": order.number}
        )
    return work, order


def _is_stale(work: FulfillmentOrder) -> bool:
    """Whether more is planned than is still reserved for one of the work's lines."""
    lines = FulfillmentLine.objects.filter(
        fulfillment_order=work,
        quantity__gt=F("quantity_shipped") + F("order_line__quantity_reserved"),
    )
    return lines.exists()


def refuse_if_stopped(order: Order) -> None:
    """Raise OrderStopped if a locked order was cancelled or is on hold."""
    if order.status == "cancelled":
        raise OrderStopped(_("Order %(number)s was cancelled.") % {"number": order.number})
    if order.status == "merged":
        raise OrderStopped(
            _("Order %(number)s has been merged into another order.") % {"number": order.number}
        )
    if order.open_holds:
        raise OrderStopped(_("Order %(number)s is on hold.") % {"number": order.number})


@transaction.atomic(savepoint=False)
def pick_order(
    *,
    fulfillment_order_id: int,
    units: Mapping[int, int] | None = None,
    by: Actor,
    now: datetime,
) -> FulfillmentOrder:
    """Note what was picked; with everything picked it goes to packing.

    units   units by fulfillment line id, None for all that is left
    Raises OrderStopped, IllegalTransition, Invalid.
    """
    require(by, "fulfillment.pick")
    work, order = lock_work(fulfillment_order_id)
    FULFILLMENT_ORDER.next_state(work.status, "pick")
    lines = {line.pk: line for line in work.lines.order_by("pk").select_for_update()}
    left = {pk: line.quantity - line.quantity_picked for pk, line in lines.items()}
    picked = left if units is None else dict(units)
    for pk, quantity in picked.items():
        if pk not in lines or not 0 <= quantity <= left[pk]:
            raise Invalid(_("Picked quantity exceeds the planned quantity."))
    add_units(FulfillmentLine, picked, quantity_picked=+1)
    whole = all(picked.get(pk, 0) == quantity for pk, quantity in left.items())
    work.status = FulfillmentOrderStatus.PICKED if whole else FulfillmentOrderStatus.PICKING
    work.picked_at = now if whole else None
    work.save(update_fields=["status", "picked_at"])
    record_in_progress(order=order, now=now)
    if whole:
        append_event(
            order_id=order.pk,
            kind="picked",
            by=by,
            now=now,
            data={"fulfillment_order": work.pk},
        )
    return work
