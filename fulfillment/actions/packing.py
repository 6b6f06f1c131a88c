"""Picking and packing: every scan locks the order first, so a cancel always comes in between."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.counting import add_units
from erp.errors import Conflict, Invalid, NotFound
from fulfillment.carriers.builtin import s10_number
from fulfillment.models import FulfillmentLine, FulfillmentOrder, Parcel, ParcelLine
from fulfillment.states import FULFILLMENT_ORDER, FulfillmentOrderStatus
from orders.models import Order, ShippingService
from orders.order.actions.progress import record_in_progress
from orders.order.actions.timeline import append_event, lock_order
from orders.routing.actions.carriers import carrier_of_parcel


class OrderStopped(Conflict):
    """The order was cancelled or put on hold: put the goods back and scan the next one."""

    code = "order-stopped"


def lock_work(fulfillment_order_id: int) -> tuple[FulfillmentOrder, Order]:
    """Lock a fulfillment order behind its order, and refuse if the order may not move.

    So it is refused where the order was changed and less is reserved than the work was planned for: the
    warehouse is told anew. Raises NotFound, OrderStopped.
    """
    found = FulfillmentOrder.objects.filter(pk=fulfillment_order_id).values("order_id").first()
    if found is None:
        raise NotFound
    order = lock_order(found["order_id"])
    work = FulfillmentOrder.objects.select_for_update().get(pk=fulfillment_order_id)
    refuse_if_stopped(order)
    if _is_stale(work):
        raise OrderStopped(
            _("Order %(number)s was changed: its new work comes in a moment.")
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
            _("Order %(number)s is part of another one now.") % {"number": order.number}
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
            raise Invalid(_("More was picked than is wanted."))
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


@transaction.atomic(savepoint=False)
def pack_parcel(
    *,
    fulfillment_order_id: int,
    units: Mapping[int, int] | None = None,
    packaging: str = "",
    weight_g: int | None = None,
    by: Actor,
    now: datetime,
) -> Parcel:
    """Put picked units into one parcel with a tracking number of its own.

    units   units by fulfillment line id, None for all that is picked and not packed: large items (大件) stay for
            parcels of their own, and go one by one once they are all that is left
    Raises OrderStopped, IllegalTransition, Invalid.
    """
    require(by, "fulfillment.pack")
    work, order = lock_work(fulfillment_order_id)
    status = FULFILLMENT_ORDER.next_state(work.status, "pack")
    lines = {
        line.pk: line
        for line in work.lines.select_related("sku").order_by("pk").select_for_update(of=("self",))
    }
    left = {pk: line.quantity_picked - line.quantity_packed for pk, line in lines.items()}
    packed = {
        pk: n for pk, n in (_together(left, lines) if units is None else dict(units)).items() if n
    }
    if not packed:
        raise Invalid(_("There is nothing left to pack."))
    if any(pk not in lines or not 0 < n <= left[pk] for pk, n in packed.items()):
        raise Invalid(_("More was packed than was picked."))
    large = [pk for pk in packed if lines[pk].sku.is_large]
    if large and sum(packed.values()) > 1:
        raise Invalid(
            _("%(sku)s ships alone: one to a parcel.") % {"sku": lines[large[0]].sku.code}
        )
    weight = sum(lines[pk].sku.weight_g * n for pk, n in packed.items())
    service = ShippingService.objects.filter(
        code=order.shipping_service, currency=order.currency
    ).first()
    parcel = Parcel.objects.create(
        order=order,
        fulfillment_order=work,
        status="packed",
        carrier=carrier_of_parcel(
            order=order, warehouse=work.warehouse.code, weight_g=weight, is_large=bool(large)
        )
        or (service.carrier if service else "throughline"),
        service=order.shipping_service,
        tracking_number=f"new-{fulfillment_order_id}-{now.timestamp()}",
        packaging=packaging,
        weight_expected_g=weight,
        weight_g=weight_g,
        packed_at=now,
    )
    parcel.tracking_number = s10_number(parcel.pk)
    parcel.save(update_fields=["tracking_number"])
    ParcelLine.objects.bulk_create(
        ParcelLine(
            parcel=parcel,
            fulfillment_line_id=pk,
            order_line_id=lines[pk].order_line_id,
            quantity=quantity,
        )
        for pk, quantity in sorted(packed.items())
    )
    add_units(FulfillmentLine, packed, quantity_packed=+1)
    rest = any(
        line.quantity > line.quantity_packed + packed.get(pk, 0) for pk, line in lines.items()
    )
    work.status = FulfillmentOrderStatus.PICKED if rest else status
    work.packed_at = None if rest else now
    work.save(update_fields=["status", "packed_at"])
    append_event(
        order_id=order.pk,
        kind="packed",
        by=by,
        now=now,
        data={"parcel": parcel.pk, "tracking_number": parcel.tracking_number},
    )
    return parcel


def _together(left: Mapping[int, int], lines: Mapping[int, FulfillmentLine]) -> dict[int, int]:
    """What goes into the next parcel of all that is left: everything but large items, else one large item."""
    small = {pk: n for pk, n in left.items() if n and not lines[pk].sku.is_large}
    if small:
        return small
    large = sorted(pk for pk, n in left.items() if n)
    return {large[0]: 1} if large else {}
