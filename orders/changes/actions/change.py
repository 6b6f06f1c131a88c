"""Applies a change set to lines and shipping of a placed order, and undoes it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from msgspec import structs, to_builtins

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid
from erp.events.record import record_event
from erp.money import rounded, split
from erp.names import name_in
from orders.changes.actions.effect import Effect, Wanted, preview_change, worked_out
from orders.changes.decisions import amounts as decisions_amounts
from orders.changes.decisions.amounts import Amounts
from orders.order.actions.holds import hold_for_finding, hold_given_away
from orders.order.actions.life import awaits_payment, confirm_if_ready
from orders.order.actions.timeline import append_event, derive_axes, lock_order
from orders.order.models.adjustment import Adjustment
from orders.order.models.move import OrderChange
from orders.order.models.order import Order, OrderLine, OrderLinePart
from orders.order.models.payment import Payment
from orders.order.models.timeline import Decision
from orders.order.queries import free_types
from orders.payments.actions.record import BALANCE, open_balance, settle_balance
from orders.routing.actions.units import give_back_units, reserve_shares


class StalePreview(Conflict):
    """The change no longer matches its preview: prices, stock or the order have changed."""

    code = "changed-meanwhile"


@transaction.atomic(savepoint=False)
def change_order(
    *,
    order_id: int,
    wanted: Wanted,
    reason: str,
    total: Decimal | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> OrderChange:
    """Change units, lines and shipping of an order that the warehouse has not begun with, all or nothing.

    total     what the order's total was shown to become; None: whatever it becomes
    version   the order's version that was looked at
    Untouched lines keep their prices. What is cut is free at once, what is more is reserved, or waits where
    the channel takes back-orders. A prepaid order that costs more than was paid or authorised is held until it is; one
    that costs less has the rest proposed for refund, by event. Raises what `preview_change` does, ChangedMeanwhile.
    """
    require(by, "orders.edit")
    order = lock_order(order_id, by)
    if not reason.strip():
        raise Invalid(_("Enter a reason for the change."))
    if version is not None and version != order.version:
        raise StalePreview(
            _("Someone else changed this order in the meantime. Please review it again.")
        )
    effect = preview_change(order=order, wanted=wanted, by=by, now=now, lock=True)
    if total is not None and total != effect.changed.total:
        raise StalePreview(_("The total of this change is now different. Please review it again."))
    return _write(order, wanted, effect, reason, None, by, now)


@transaction.atomic(savepoint=False)
def undo_change(*, order_id: int, by: Actor, now: datetime) -> OrderChange:
    """Take the newest change of an order back, to the minor unit, as long as nothing has changed since.

    Raises Conflict where there is none or something has; TooLate; OutOfStock where its goods are gone.
    """
    require(by, "orders.edit")
    order = lock_order(order_id, by)
    last = OrderChange.objects.filter(order=order).order_by("-pk").first()
    if last is None or last.undoes_id is not None:
        raise Conflict(_("There is no change to undo."))
    if last.version != order.version:
        raise Conflict(_("The order has changed since: revert it manually."))
    before = last.before
    units = {int(pk): row["quantity"] for pk, row in before["lines"].items()}
    units |= {int(pk): 0 for pk in last.after["lines"] if pk not in before["lines"]}
    wanted = Wanted(units)
    effect = worked_out(order=order, wanted=wanted, now=now, lock=True)
    exact = {
        int(pk): Amounts(**{name: Decimal(row[name]) for name in Amounts.__struct_fields__})
        for pk, row in before["lines"].items()
    }
    asked = structs.replace(
        effect.asked,
        exact=exact,
        exact_shipping=(Decimal(before["shipping"]), Decimal(before["shipping_tax"])),
    )
    effect = replace(effect, asked=asked, changed=decisions_amounts.change(asked, rounded=rounded))
    order.shipping_service = before["service"]
    return _write(order, wanted, effect, "undone", last, by, now)


def _write(
    order: Order,
    wanted: Wanted,
    effect: Effect,
    reason: str,
    undoes: OrderChange | None,
    by: Actor,
    now: datetime,
) -> OrderChange:
    before = state_of(Order.objects.get(pk=order.pk), effect.lines)
    open_before = {line.pk: line.quantity_open for line in effect.lines}
    freed = _resize(effect.lines, wanted)
    for line in effect.lines:
        if line.pk in effect.changed.lines:
            put_amounts(line, effect.changed.lines[line.pk], order.currency)
    added = _add(order, effect)
    every = [*effect.lines, *added]
    reserve_shares(lines=every, route=effect.route)
    for line in every:
        line.save()
    total_up(order, effect.changed, now, service=wanted.service)
    derive_axes([order.pk], now)
    order.refresh_from_db()
    set_ = OrderChange.objects.create(
        order=order,
        version=order.version,
        before=before,
        after=state_of(order, every),
        reason=reason.strip()[:200],
        undoes=undoes,
        by=by,
        at=now,
    )
    note_decision(order, effect.asked, effect.changed, now)
    changed = effect.changed
    append_event(
        order_id=order.pk,
        kind="changed" if undoes is None else "change.undone",
        by=by,
        now=now,
        data={"was": str(changed.was), "total": str(changed.total), "currency": order.currency},
    )
    less = {line.pk: open_before[line.pk] - line.quantity_open for line in effect.lines}
    has_more = added or any(line.quantity_open > open_before[line.pk] for line in effect.lines)
    if has_more and order.type in free_types():
        hold_given_away(order_id=order.pk, by=by, now=now)
    _tell(order, effect, freed, {pk: n for pk, n in less.items() if n > 0}, by, now)
    return set_


def total_up(
    order: Order, changed: decisions_amounts.Changed, now: datetime, service: str = ""
) -> None:
    """Give a locked order the totals of a change, and a new version."""
    order.subtotal, order.discount, order.tax = changed.subtotal, changed.discount, changed.tax
    order.shipping, order.shipping_tax = changed.shipping, changed.shipping_tax
    order.total = changed.total
    order.shipping_service = service or order.shipping_service
    order.version += 1
    order.updated_at = now
    order.save()


def note_decision(
    order: Order,
    asked: decisions_amounts.Asked,
    changed: decisions_amounts.Changed,
    now: datetime,
) -> None:
    """Write why an order's amounts became what they are."""
    Decision.objects.create(
        order=order,
        kind="change",
        engine=decisions_amounts.ENGINE,
        inputs={"asked": _plain(asked)},
        outcome={
            "total": str(changed.total),
            "tax": str(changed.tax),
            "shipping": str(changed.shipping),
        },
        reasons=changed.reasons,
        at=now,
    )


def _plain(asked: decisions_amounts.Asked) -> object:
    return to_builtins(asked, str_keys=True)


def state_of(order: Order, lines: Sequence[OrderLine]) -> dict[str, object]:
    """What a change set remembers of an order: its service, its units and its money."""
    return {
        "service": order.shipping_service,
        "shipping": str(order.shipping),
        "shipping_tax": str(order.shipping_tax),
        "total": str(order.total),
        "lines": {
            str(line.pk): {
                "sku": line.sku_code,
                "quantity": line.quantity_ordered - line.quantity_cancelled,
                **{name: str(getattr(line, name)) for name in Amounts.__struct_fields__},
            }
            for line in lines
        },
    }


def _resize(lines: Sequence[OrderLine], wanted: Wanted) -> set[int]:
    """Give lines their new units: less is taken from those that wait first, more waits until it is reserved.

    Returns the SKUs of which something is free again.
    """
    given: list[tuple[OrderLine, int]] = []
    for line in lines:
        now = line.quantity_ordered - line.quantity_cancelled
        units = wanted.units.get(line.pk, now)
        if units > now:
            line.quantity_ordered = units if not now else line.quantity_ordered + units - now
            line.quantity_cancelled = 0 if not now else line.quantity_cancelled
            line.quantity_backordered += 0 if line.is_service else units - now
        elif units < now:
            waiting = min(now - units, line.quantity_backordered)
            line.quantity_backordered -= waiting
            given.append((line, min(now - units - waiting, line.quantity_reserved)))
            if units:
                line.take_off(now - units)
            else:
                line.quantity_cancelled = line.quantity_ordered
    return give_back_units(units=given)


def put_amounts(line: OrderLine, amounts: Amounts, currency: str) -> None:
    """Give a line its new money; what promotions took off it follows."""
    if line.discount != amounts.discount:
        rows = list(Adjustment.objects.filter(line=line).order_by("pk"))
        shares = split(amounts.discount, [row.amount for row in rows], currency)
        for row, share in zip(rows, shares, strict=True):
            row.amount = share
            row.save(update_fields=["amount"])
    for name in Amounts.__struct_fields__:
        setattr(line, name, getattr(amounts, name))


def _add(order: Order, effect: Effect) -> list[OrderLine]:
    """The new lines, saved so that stock can be reserved for them."""
    position = max((line.position for line in effect.lines), default=-1)
    made = []
    for known, (_code, units, amounts) in zip(
        effect.prepared.lines, effect.asked.added, strict=True
    ):
        sku = known.sku
        assert sku is not None, "what is added was checked"
        position += 1
        line = OrderLine(
            order=order,
            position=position,
            sku_id=sku.id,
            sku_code=sku.code,
            name=name_in(order.language, sku.name, sku.translations),
            is_service=sku.is_service,
            quantity_ordered=units,
            quantity_backordered=0 if sku.is_service else units,
            tax_rate=known.tax_rate,
        )
        for name in Amounts.__struct_fields__:
            setattr(line, name, getattr(amounts, name))
        line.save()
        OrderLinePart.objects.bulk_create(
            OrderLinePart(order_line=line, sku_id=part, quantity=each)
            for part, each in sku.parts or ()
        )
        made.append(line)
    return made


def is_overpaid(order: Order) -> bool:
    """Tell whether more was captured than a locked order comes to; what has gone back already, returns knows."""
    sums = Payment.objects.filter(order=order).aggregate(c=Sum("captured"))
    return (sums["c"] or Decimal(0)) > order.total


def tell_overpaid(order: Order, less: Mapping[int, int]) -> None:
    """Tell who gives money back that an order came to less than was paid.

    less   units that were taken off, by order line id: some of them may have been paid back before
    """
    record_event(
        "order.overpaid",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
        less={str(pk): count for pk, count in less.items()},
    )


def _tell(
    order: Order,
    effect: Effect,
    freed: set[int],
    less: Mapping[int, int],
    by: Actor,
    now: datetime,
) -> None:
    """What follows: the warehouse plans anew, others get what is free, money is asked for or given back."""
    subject = f"order:{order.pk}"

    def tell(topic: str) -> None:
        record_event(topic, subject=subject, channel_id=order.channel_id, order_id=order.pk)

    tell("order.edited")
    if freed:
        tell("order.short")
        record_event("stock.arrived", subject=subject, channel_id=None, sku_ids=sorted(freed))
    if is_overpaid(order):
        tell_overpaid(order, less)
    owes = effect.changed.due > 0 and awaits_payment(order)
    if owes and order.status == "confirmed":
        if not open_balance(order=order).exists():
            hold_for_finding(order_id=order.pk, finding=BALANCE, by=by, now=now)
    elif not settle_balance(order=order, by=by, now=now):
        confirm_if_ready(order=order, by=by, now=now)
    if effect.route.shares:
        tell("order.allocated")
