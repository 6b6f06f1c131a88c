"""Assigns a carrier to an order: from the tariffs, by a rule or by a person."""

import json
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid
from erp.remembered import remembered
from inventory.models import Reservation, Sku, Warehouse
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Order, OrderAddress, OrderLine
from orders.order.models.timeline import Decision
from orders.order.states import ORDER
from orders.policies.payment_methods import method_of
from orders.routing.decisions import carrier as decisions_carrier
from orders.routing.decisions.carrier import Asked, Option, Parcel
from orders.routing.models.carriers import CarrierOption


def _options(parcel: Parcel) -> tuple[Option, ...]:
    """The tariffs, of carriers that are used, that reach where a parcel goes: what a decision keeps is small."""
    here = Q(region="") | Q(region__iexact=parcel.region)
    reach = CarrierOption.objects.filter(here, is_active=True, country__in=("", parcel.country))
    rows = reach.order_by("priority", "pk")
    return tuple(
        Option(
            carrier=row.carrier,
            name=row.name,
            country=row.country,
            region=row.region,
            services=tuple(row.services),
            warehouses=tuple(row.warehouses),
            min_g=row.min_g,
            max_g=row.max_g,
            takes_cod=row.takes_cod,
            takes_large=row.takes_large,
            first_g=row.first_g,
            first_fee=row.first_fee,
            step_g=row.step_g,
            step_fee=row.step_fee,
            priority=row.priority,
        )
        for row in rows
    )


@remembered
def _knows_carriers() -> bool:
    return CarrierOption.objects.filter(is_active=True).exists()


@transaction.atomic(savepoint=False)
def match_carrier(*, order_id: int, by: Actor, now: datetime) -> str:
    """Find the carrier of a confirmed order and write down why; "" where nothing is known of carriers.

    What a person or a rule named stays. An order that no carrier takes keeps none, and its decision says so.
    """
    require(by, "orders.allocate")
    if not _knows_carriers():
        return ""
    order = lock_order(order_id)
    if order.carrier_by_hand or order.fulfillment_status != "unfulfilled":
        return order.carrier
    parcel = _parcel(order)
    asked_ = Asked(parcel, _options(parcel))
    found = decisions_carrier.match(asked_)
    last = Decision.objects.filter(order=order, kind="matching").order_by("-pk").first()
    asked = {"asked": json.loads(msgspec.json.encode(asked_))}
    if last is not None and last.inputs == asked:
        _put(order, last.outcome["carrier"], False, by, now)
        return order.carrier
    Decision.objects.create(
        order=order,
        kind="matching",
        engine=decisions_carrier.ENGINE,
        inputs=asked,
        candidates=found.candidates,
        outcome={"carrier": found.carrier},
        reasons=found.reasons,
        at=now,
    )
    _put(order, found.carrier, False, by, now)
    return found.carrier


@transaction.atomic(savepoint=False)
def set_carrier(*, order_id: int, carrier: str, by: Actor, now: datetime) -> Order:
    """Name the carrier of an order, or ("") let it be found again. Raises Invalid, Conflict once it is packed."""
    require(by, "orders.edit")
    order = lock_order(order_id, by)
    ORDER.next_state(order.status, "edit")
    if order.fulfillment_status not in {"unfulfilled", "in_progress"}:
        raise Conflict(_("The warehouse has started this order."))
    if carrier and not CarrierOption.objects.filter(carrier=carrier, is_active=True).exists():
        raise Invalid(_("There is no such carrier."))
    _put(order, carrier, bool(carrier), by, now)
    if not carrier:
        match_carrier(order_id=order_id, by=by, now=now)
        order.refresh_from_db()
    return order


def _put(order: Order, carrier: str, by_hand: bool, by: Actor, now: datetime) -> None:
    if (order.carrier, order.carrier_by_hand) == (carrier, by_hand):
        return
    changed = order.carrier != carrier
    order.carrier, order.carrier_by_hand, order.updated_at = carrier, by_hand, now
    order.save(update_fields=["carrier", "carrier_by_hand", "updated_at"])
    if changed:
        append_event(
            order_id=order.pk,
            kind="carrier.set",
            by=by,
            now=now,
            data={"carrier": carrier or "–"},
        )


def carrier_of_parcel(*, order: Order, warehouse: str, weight_g: int, is_large: bool) -> str:
    """The carrier of one parcel: the order's own, unless a large item needs another; "" for that of its service."""
    if not is_large or order.carrier_by_hand:
        return order.carrier
    parcel = _as_parcel(order, warehouse, weight_g, is_large=True)
    return decisions_carrier.match(Asked(parcel, _options(parcel))).carrier or order.carrier


def _parcel(order: Order) -> Parcel:
    """What an order is to a carrier: its weight, and the warehouse that sends most of it.

    Large items go on their own.
    """
    lines = list(OrderLine.objects.filter(order=order, is_service=False).exclude(sku=None))
    held = Reservation.objects.filter(
        holder_kind="order_line", holder_id__in=[x.pk for x in lines], status="committed"
    )
    units: dict[int, int] = {}
    for warehouse_id, quantity in held.values_list("warehouse_id", "quantity"):
        units[warehouse_id] = units.get(warehouse_id, 0) + quantity
    most = min(units, key=lambda w: (-units[w], w)) if units else 0
    warehouse = Warehouse.objects.filter(pk=most).values_list("code", flat=True).first() or ""
    skus: dict[int, Any] = Sku.objects.in_bulk([x.sku_id for x in lines if x.sku_id])
    counted = [(skus[x.sku_id or 0], x.quantity_ordered - x.quantity_cancelled) for x in lines]
    small = [(sku, n) for sku, n in counted if not sku.is_large and n]
    weight = sum(sku.weight_g * n for sku, n in (small or counted))
    return _as_parcel(order, warehouse, weight, is_large=not small and bool(counted))


def _as_parcel(order: Order, warehouse: str, weight_g: int, *, is_large: bool) -> Parcel:
    at = OrderAddress.objects.filter(order=order, kind="shipping").first()
    return Parcel(
        service=order.shipping_service,
        warehouse=warehouse,
        country=at.country if at else order.country,
        region=at.region if at else "",
        weight_g=weight_g,
        is_cod=method_of(order.payment_method).is_on_delivery,
        is_large=is_large,
    )
