"""Packs picked units into parcels."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.counters import add_units
from erp.errors import Invalid
from fulfillment.carriers.builtin import s10_number
from fulfillment.picking.actions import lock_work
from fulfillment.planning.models import FulfillmentLine, FulfillmentOrder, Parcel, ParcelLine
from fulfillment.planning.states import FULFILLMENT_ORDER, FulfillmentOrderStatus
from orders.models import Order, ShippingService
from orders.order.actions.timeline import append_event
from orders.routing.actions.carriers import carrier_of_parcel


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
    _refuse_unfit(packed, left, lines)
    parcel = _new_parcel(work, order, packed, lines, now)
    parcel.packaging, parcel.weight_g = packaging, weight_g
    parcel.save()
    parcel.tracking_number = s10_number(parcel.pk)
    parcel.save(update_fields=["tracking_number"])
    _put_in(parcel, packed, lines)
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


def _refuse_unfit(
    packed: Mapping[int, int], left: Mapping[int, int], lines: Mapping[int, FulfillmentLine]
) -> None:
    """Refuse what is no parcel: nothing, more than was picked, a large item that is not alone."""
    if not packed:
        raise Invalid(_("Nothing left to pack."))
    if any(pk not in lines or not 0 < n <= left[pk] for pk, n in packed.items()):
        raise Invalid(_("Packed quantity exceeds the picked quantity."))
    large = [pk for pk in packed if lines[pk].sku.is_large]
    if large and sum(packed.values()) > 1:
        raise Invalid(
            _("%(sku)s ships separately: one per parcel.") % {"sku": lines[large[0]].sku.code}
        )


def _new_parcel(
    work: FulfillmentOrder,
    order: Order,
    packed: Mapping[int, int],
    lines: Mapping[int, FulfillmentLine],
    now: datetime,
) -> Parcel:
    """A parcel of these units that is not written yet: its carrier, its weight, a number until it has its own."""
    weight = sum(lines[pk].sku.weight_g * n for pk, n in packed.items())
    service = ShippingService.objects.filter(
        code=order.shipping_service, currency=order.currency
    ).first()
    carrier = carrier_of_parcel(
        order=order,
        warehouse=work.warehouse.code,
        weight_g=weight,
        is_large=any(lines[pk].sku.is_large for pk in packed),
    )
    return Parcel(
        order=order,
        fulfillment_order=work,
        status="packed",
        carrier=carrier or (service.carrier if service else "throughline"),
        service=order.shipping_service,
        tracking_number=f"new-{work.pk}-{now.timestamp()}",
        weight_expected_g=weight,
        packed_at=now,
    )


def _put_in(
    parcel: Parcel, packed: Mapping[int, int], lines: Mapping[int, FulfillmentLine]
) -> None:
    ParcelLine.objects.bulk_create(
        ParcelLine(
            parcel=parcel,
            fulfillment_line_id=pk,
            order_line_id=lines[pk].order_line_id,
            quantity=quantity,
        )
        for pk, quantity in sorted(packed.items())
    )


def _together(left: Mapping[int, int], lines: Mapping[int, FulfillmentLine]) -> dict[int, int]:
    """What goes into the next parcel of all that is left: everything but large items, else one large item."""
    small = {pk: n for pk, n in left.items() if n and not lines[pk].sku.is_large}
    if small:
        return small
    large = sorted(pk for pk, n in left.items() if n)
    return {large[0]: 1} if large else {}
