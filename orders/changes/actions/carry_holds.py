"""Carries what holds an order to what is split off it: what nobody has released does not leave by another number."""

from datetime import datetime

from erp.access.models import Actor
from orders.order.actions.holds import write_released
from orders.order.models.order import Hold, Order, OrderLine
from orders.order.states import HoldKind


def carry_holds(*, source: Order, target: Order) -> int:
    """Hold the new order for all that the old one is held for; return by how many holds.

    Not for goods that it is short of: what is there is split off what waits. For a SKU that nobody knows, only where
    one of its lines has none.
    """
    left_out = [HoldKind.STOCK]
    if not OrderLine.objects.filter(order=target, sku=None, is_service=False).exists():
        left_out.append(HoldKind.SKU)
    carried = [
        Hold(
            order=target,
            kind=hold.kind,
            reason=hold.reason,
            params=hold.params,
            by_id=hold.by_id,
            opened_at=hold.opened_at,
            until=hold.until,
        )
        for hold in Hold.objects.filter(order=source, released_at=None)
        .exclude(kind__in=left_out)
        .order_by("pk")
    ]
    Hold.objects.bulk_create(carried)
    target.open_holds += len(carried)
    return len(carried)


def is_held_alike(*, source: Order, target: Order) -> bool:
    """Whether the new order is held for nothing that does not hold the old one as well."""
    return {_what(hold) for hold in _open(target)} <= {_what(hold) for hold in _open(source)}


def end_carried(*, target: Order, by: Actor, now: datetime) -> None:
    """Release what the new order is held for: its goods are the old one's again, which is held for the same."""
    if holds := _open(target):
        write_released(order=target, holds=holds, by=by, now=now)


def _open(order: Order) -> list[Hold]:
    return list(Hold.objects.filter(order=order, released_at=None).order_by("pk"))


def _what(hold: Hold) -> tuple[str, str]:
    return hold.kind, hold.reason
