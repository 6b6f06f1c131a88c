"""Cancels an order, or the part of it that has not shipped."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Invalid
from erp.events.record import record_event
from erp.money import rounded
from orders.changes.actions.change import (
    is_overpaid,
    note_decision,
    put_amounts,
    state_of,
    tell_overpaid,
    total_up,
)
from orders.changes.actions.effect import units_asked
from orders.changes.decisions import amounts as decisions_amounts
from orders.changes.decisions.amounts import Amounts
from orders.order.actions.life import AlreadyShipped, cancel_order, confirm_if_ready
from orders.order.actions.progress import finish_if_delivered
from orders.order.actions.timeline import append_event, derive_axes, lock_order
from orders.order.models.move import OrderChange
from orders.order.models.order import Order, OrderLine
from orders.order.states import ORDER
from orders.payments.actions.record import settle_balance
from orders.routing.actions.units import give_back_units

# What cancelling units changes of a line: where they are, and its money.
CHANGED = (
    "quantity_backordered",
    "quantity_reserved",
    "quantity_cancelled",
    *Amounts.__struct_fields__,
)


@transaction.atomic(savepoint=False)
def cancel_units(
    *,
    order_id: int,
    units: Mapping[int, int] | None = None,
    reason: str,
    note: str = "",
    by: Actor,
    now: datetime,
) -> Order:
    """Cancel an order, or units of it that have not shipped, at any stage.

    units   units by order line id; None: everything that has not shipped
    Every pick, pack and shipment locks the order first and finds less reserved than it was planned for, so what
    was accepted here never ships; a parcel packed with it is opened again. Nothing left of an order that has
    shipped nothing cancels it. What was paid for the units is proposed for refund, by event.
    Raises AlreadyShipped, IllegalTransition, Invalid.
    """
    require(by, "orders.cancel")
    order = lock_order(order_id)
    ORDER.next_state(order.status, "cancel")
    if not reason.strip():
        raise Invalid(_("Enter a reason for cancelling."))
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    given = _rest(lines) if units is None else dict(units)
    _check(lines, given)
    if _is_all(lines, given):
        return cancel_order(order_id=order.pk, reason=reason, note=note, by=by, now=now)
    _take_off(order, lines, given, reason, by, now)
    if note.strip():
        order.note = f"{order.note}\n{note.strip()}".strip()
        order.save(update_fields=["note"])
    return order


def _rest(lines: Sequence[OrderLine]) -> dict[int, int]:
    """All units that have not shipped, by order line id; services stay with goods that have."""
    begun = any(line.quantity_shipped for line in lines)
    rest = {line.pk: line.quantity_unshipped for line in lines if not (begun and line.is_service)}
    found = {pk: count for pk, count in rest.items() if count}
    if begun and not found:
        raise AlreadyShipped(_("All of this order has shipped; process a return instead."))
    return found


def _check(lines: Sequence[OrderLine], given: Mapping[int, int]) -> None:
    known = {line.pk: line for line in lines}
    if any(pk not in known for pk in given) or (lines and not given):
        raise Invalid(_("Select at least one line of the order."))
    for pk, count in given.items():
        line = known[pk]
        said = {"left": line.quantity_unshipped, "sku": line.sku_code}
        if not 1 <= count <= line.quantity_open:
            raise Invalid(_("Only %(left)s of %(sku)s can be cancelled.") % said)
        if count > line.quantity_unshipped:
            raise AlreadyShipped(
                _("Only %(left)s of %(sku)s can be cancelled; the rest has shipped.") % said
            )


def _is_all(lines: Sequence[OrderLine], given: Mapping[int, int]) -> bool:
    """Whether nothing is left to ship of an order that has shipped nothing; services do not go by themselves."""
    goods = [line for line in lines if not line.is_service] or lines
    left = any(line.quantity_open > given.get(line.pk, 0) for line in goods)
    return not left and not any(line.quantity_shipped for line in lines)


def _take_off(
    order: Order,
    lines: Sequence[OrderLine],
    given: Mapping[int, int],
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    before = state_of(order, lines)
    wanted = {line.pk: line.quantity_open - given[line.pk] for line in lines if line.pk in given}
    asked = units_asked(order, lines, wanted)
    changed = decisions_amounts.change(asked, rounded=rounded)
    freed = _take_units(lines, given)
    for line in lines:
        if line.pk in given:
            put_amounts(line, changed.lines[line.pk], order.currency)
    OrderLine.objects.bulk_update([line for line in lines if line.pk in given], CHANGED)
    total_up(order, changed, now)
    derive_axes([order.pk], now)
    order.refresh_from_db()
    OrderChange.objects.create(
        order=order,
        version=order.version,
        before=before,
        after=state_of(order, lines),
        reason=reason.strip()[:200],
        by=by,
        at=now,
    )
    note_decision(order, asked, changed, now)
    append_event(
        order_id=order.pk,
        kind="cancelled.part",
        by=by,
        now=now,
        data={"reason": reason.strip()[:200], "units": sum(given.values())},
    )
    _tell(order, freed, given)
    if not settle_balance(order=order, by=by, now=now):
        confirm_if_ready(order=order, by=by, now=now)
    finish_if_delivered(order=order, at=now, by=by, now=now)


def _take_units(lines: Sequence[OrderLine], given: Mapping[int, int]) -> set[int]:
    """Count units off their lines, those that wait for goods first; the SKUs of which something is free again."""
    reserved: list[tuple[OrderLine, int]] = []
    for line in lines:
        count = given.get(line.pk, 0)
        waiting = min(count, line.quantity_backordered)
        line.quantity_backordered -= waiting
        reserved.append((line, min(count - waiting, line.quantity_reserved)))
        line.quantity_cancelled += count
    return give_back_units(units=reserved)


def _tell(order: Order, freed: set[int], given: Mapping[int, int]) -> None:
    """What follows: work is called off, others get what is free, money is given back."""
    for topic in ("order.edited", "order.short"):
        record_event(
            topic, subject=f"order:{order.pk}", channel_id=order.channel_id, order_id=order.pk
        )
    if is_overpaid(order):
        tell_overpaid(order, given)
    if freed:
        record_event(
            "stock.arrived",
            subject=f"order:{order.pk}",
            channel_id=None,
            sku_ids=sorted(freed),
        )
