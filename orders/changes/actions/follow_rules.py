"""Runs a rule's follow-up actions; records on the order the ones that fail."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import DomainError
from erp.events.record import record_event
from erp.notices.actions import alert_staff
from inventory.models import Reservation
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import Wanted
from orders.changes.actions.merge import merge_orders, mergeable, siblings_of
from orders.changes.actions.split import split_order
from orders.changes.decisions.merge import same_contact
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.move import OrderMove
from orders.order.models.order import Order, OrderLine
from orders.order.models.timeline import OrderEvent
from orders.order.states import OPEN
from orders.routing.actions.carriers import set_carrier
from orders.routing.actions.reroute import reroute_order
from orders.routing.models.carriers import ShippingService

BY_RULE = "by_rule"


@transaction.atomic(savepoint=False)
def carry_out(
    *, order_id: int, follows: Mapping[str, object], by: Actor, now: datetime
) -> list[str]:
    """Run follow-up actions of rules: re-route, service, carrier, gift, split, merge, alert.

    follows   as `orders.review.decisions.rules.follow_ups` has it
    What cannot be done (its goods are not there, the warehouse has begun) is noted on the timeline with the
    reason and left; the rest is done. Returns the names of what was done.
    History and orders that have ended are left alone.
    """
    require(by, "orders.edit")
    order = lock_order(order_id)
    if order.is_history or order.status not in OPEN:
        return []
    done = []
    for name, verb in VERBS.items():
        if name not in follows:
            continue
        try:
            with transaction.atomic():  # a refusal undoes this one alone
                acted = verb(order_id, follows[name], by, now)
        except DomainError as refusal:
            append_event(
                order_id=order_id,
                kind="rule.not_done",
                by=by,
                now=now,
                data={"what": name, "why": str(refusal)[:300]},
            )
            continue
        if acted:
            done.append(name)
    return done


def _reroute(order_id: int, warehouse: str, by: Actor, now: datetime) -> bool:
    reroute_order(order_id=order_id, warehouse=warehouse, reason=BY_RULE, by=by, now=now)
    return True


def _serve(order_id: int, service: str, by: Actor, now: datetime) -> bool:
    """Ship by another service; what the customer pays for shipping stays."""
    order = Order.objects.get(pk=order_id)
    known = ShippingService.objects.filter(code=service, is_active=True)
    if order.shipping_service == service or not known.exists():
        return False
    if order.fulfillment_status != "unfulfilled":
        return False
    was, order.shipping_service, order.updated_at = order.shipping_service, service, now
    order.save(update_fields=["shipping_service", "updated_at"])
    append_event(
        order_id=order_id,
        kind="service.set",
        by=by,
        now=now,
        data={"service": service, "was": was},
    )
    record_event(
        "order.edited",
        subject=f"order:{order_id}",
        channel_id=order.channel_id,
        order_id=order_id,
    )
    return True


def _send_with(order_id: int, carrier: str, by: Actor, now: datetime) -> bool:
    return set_carrier(order_id=order_id, carrier=carrier, by=by, now=now).carrier == carrier


def _give(order_id: int, gifts: list[list[Any]], by: Actor, now: datetime) -> bool:
    """Add gifts on lines of their own, once a rule and order."""
    given = OrderEvent.objects.filter(order=order_id, kind="gift.given")
    before = set(given.values_list("data__rule", flat=True))
    fresh = [gift for gift in gifts if gift[2] not in before]
    if not fresh:
        return False
    wanted = Wanted({}, gifts=[(sku, units) for sku, units, _rule in fresh])
    change_order(order_id=order_id, wanted=wanted, reason=BY_RULE, by=by, now=now)
    for sku, units, rule in fresh:
        append_event(
            order_id=order_id,
            kind="gift.given",
            by=by,
            now=now,
            data={"sku": sku, "quantity": units, "rule": rule},
        )
    return True


def _split(order_id: int, way: str, by: Actor, now: datetime) -> bool:
    """Let what waits, or what comes from other warehouses than the main one, go its own way."""
    if OrderMove.objects.filter(source_id=order_id, kind="split", undone_at=None).exists():
        return False  # once: what is split off is an order like any other
    lines = list(OrderLine.objects.filter(order_id=order_id).order_by("position"))
    if way == "short":
        waiting = {x.pk: x.quantity_backordered for x in lines if x.quantity_backordered}
        if not waiting or not any(x.quantity_reserved for x in lines):
            return False
        split_order(
            order_id=order_id, units=waiting, short_first=True, reason=BY_RULE, by=by, now=now
        )
        return True
    others = _by_warehouse(lines)[1:]
    for warehouse, parts in others:
        most = {x.pk: x.quantity_reserved for x in lines}  # of a bundle fewer than of its parts
        units = {pk: min(n, most[pk]) for pk, n in parts.items() if most[pk]}
        split_order(
            order_id=order_id,
            units=units,
            warehouse_id=warehouse,
            reason=BY_RULE,
            by=by,
            now=now,
        )
    return bool(others)


def _by_warehouse(lines: Sequence[OrderLine]) -> list[tuple[int, Counter[int]]]:
    """Where lines' units are reserved: (warehouse, units by line id), the one with most of them first."""
    at: dict[int, Counter[int]] = {}
    held = Reservation.objects.filter(
        holder_kind="order_line", holder_id__in=[x.pk for x in lines], status="committed"
    )
    for line, warehouse, units in held.values_list("holder_id", "warehouse_id", "quantity"):
        at.setdefault(warehouse, Counter())[line] += units
    return sorted(at.items(), key=lambda pair: (-pair[1].total(), pair[0]))


def _merge(order_id: int, _rule: str, by: Actor, now: datetime) -> bool:
    """Join the oldest open order of its customer, of the same contact, to the same place; with none it stays alone."""
    order = Order.objects.get(pk=order_id)
    own = mergeable(order)
    siblings = [other for other in siblings_of(order) if same_contact(own, mergeable(other))]
    if not siblings:
        return False
    merge_orders(order_id=siblings[0].pk, other_ids=[order_id], reason=BY_RULE, by=by, now=now)
    return True


def _tell(order_id: int, notices: list[list[str]], by: Actor, now: datetime) -> bool:
    number = Order.objects.values_list("number", flat=True).get(pk=order_id)
    for role, rule in notices:
        alert_staff(
            kind="rule",
            key=f"{rule}:{order_id}",
            params={"rule": rule, "order": number},
            url=f"/orders/{number}/",
            role=role,
            now=now,
        )
    return True


# In this order: where it is sent from before it is split, what is added before it moves.
VERBS: Mapping[str, Callable[[int, Any, Actor, datetime], bool]] = {
    "warehouse": _reroute,
    "service": _serve,
    "carrier": _send_with,
    "gifts": _give,
    "split": _split,
    "merge": _merge,
    "notices": _tell,
}
