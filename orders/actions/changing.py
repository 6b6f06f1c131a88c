"""Change sets: units, lines and shipping of a placed order, looked at first, then done as one, and undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _
from msgspec import structs, to_builtins

from erp.access.models import Actor, Channel
from erp.access.queries import require
from erp.errors import Conflict, FieldError, Invalid
from erp.events.record import record_event
from erp.money import rounded, split
from inventory import actions as inventory
from inventory.actions import OutOfStock
from orders.actions.advancing import (
    append_event,
    confirm_if_ready,
    derive_axes,
    hold_order,
    lock_order,
)
from orders.actions.backorders import free_units
from orders.actions.giving_back import give_back_units
from orders.actions.paying import BALANCE, settle_balance
from orders.charging import price_of
from orders.decisions import changes, routing
from orders.decisions.changes import Amounts, Changed
from orders.facts import Facts, gather
from orders.intake.incoming import (
    Address,
    Buyer,
    IncomingLine,
    IncomingOrder,
    IncomingPayment,
)
from orders.models import (
    Adjustment,
    Decision,
    Order,
    OrderAddress,
    OrderChange,
    OrderLine,
    OrderLinePart,
    Payment,
)
from orders.queries import made_of
from orders.states import ORDER
from orders.validating import check_order

MOST_ADDED = 100


class TooLate(Conflict):
    """The warehouse has begun with the order, or it has left: put it on hold, or take it back as a return."""

    code = "too-late-to-change"


class ChangedMeanwhile(Conflict):
    """What the change comes to is not what was looked at: prices, stock or the order are others now."""

    code = "changed-meanwhile"


@dataclass(frozen=True)
class Wanted:
    """A change as somebody asks for it.

    units     units by order line id, of the lines that change; 0 takes one out
    added     (SKU code, units) of new lines
    service   code of another shipping service; "" leaves it
    """

    units: Mapping[int, int]
    added: Sequence[tuple[str, int]] = ()
    service: str = ""


@dataclass(frozen=True)
class Effect:
    """What a change comes to, before it is done: its money, and units of SKUs that would wait for goods."""

    changed: Changed
    route: routing.Route
    facts: Facts
    incoming: IncomingOrder  # what is new
    lines: list[OrderLine]
    asked: changes.Asked


def effect_of(
    *, order: Order, wanted: Wanted, by: Actor, now: datetime, lock: bool = False
) -> Effect:
    """Work out what a change of an order comes to, and write nothing.

    lock   take the stock levels of what is wanted more of: what is found then cannot be overtaken
    Raises TooLate, IllegalTransition, Invalid naming what is wrong, OutOfStock where the channel takes no
    back-orders.
    """
    require(by, "orders.edit")
    _check(list(OrderLine.objects.filter(order=order)), wanted)
    return _effect(order, wanted, now, lock=lock)


def _effect(order: Order, wanted: Wanted, now: datetime, *, lock: bool) -> Effect:
    _refuse_if_late(order)
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    channel = Channel.objects.get(pk=order.channel_id)
    incoming = _incoming(order, channel, wanted)
    facts = gather([incoming], channel_id=channel.pk, now=now, lock=lock)
    if facts.policy is None:
        raise Invalid(_("The channel has no trading policy yet: give it a price list."))
    _check_against(facts, incoming, wanted)
    asked = _asked(order, lines, wanted, incoming, facts)
    changed = changes.change(asked, rounded=rounded)
    route = _route(lines, wanted, incoming, facts, lock)
    if route.short and not facts.policy.accepts_backorders:
        raise OutOfStock(route.short)
    return Effect(changed, route, facts, incoming, lines, asked)


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
    the channel takes back-orders. A prepaid order that costs more than was paid is held until it is paid; one
    that costs less has the rest proposed for refund, by event. Raises what `effect_of` does, ChangedMeanwhile.
    """
    require(by, "orders.edit")
    order = lock_order(order_id)
    if not reason.strip():
        raise Invalid(_("Say why the order is changed."))
    if version is not None and version != order.version:
        raise ChangedMeanwhile(_("Somebody changed this order meanwhile. Look at it again."))
    effect = effect_of(order=order, wanted=wanted, by=by, now=now, lock=True)
    if total is not None and total != effect.changed.total:
        raise ChangedMeanwhile(_("The change now comes to another total. Look at it again."))
    return _write(order, wanted, effect, reason, None, by, now)


@transaction.atomic(savepoint=False)
def undo_change(*, order_id: int, by: Actor, now: datetime) -> OrderChange:
    """Take the newest change of an order back, to the minor unit, as long as nothing has changed since.

    Raises Conflict where there is none or something has; TooLate; OutOfStock where its goods are gone.
    """
    require(by, "orders.edit")
    order = lock_order(order_id)
    last = OrderChange.objects.filter(order=order).order_by("-pk").first()
    if last is None or last.undoes_id is not None:
        raise Conflict(_("There is no change to undo."))
    if last.version != order.version:
        raise Conflict(_("The order has been changed since: change it back by hand."))
    before = last.before
    units = {int(pk): row["quantity"] for pk, row in before["lines"].items()}
    units |= {int(pk): 0 for pk in last.after["lines"] if pk not in before["lines"]}
    wanted = Wanted(units)
    effect = _effect(order, wanted, now, lock=True)
    exact = {
        int(pk): Amounts(**{name: Decimal(row[name]) for name in Amounts.__struct_fields__})
        for pk, row in before["lines"].items()
    }
    asked = structs.replace(
        effect.asked, exact=exact,
        exact_shipping=(Decimal(before["shipping"]), Decimal(before["shipping_tax"])),
    )  # fmt: skip
    effect = replace(effect, asked=asked, changed=changes.change(asked, rounded=rounded))
    order.shipping_service = before["service"]
    return _write(order, wanted, effect, "undone", last, by, now)


def _refuse_if_late(order: Order) -> None:
    ORDER.next_state(order.status, "edit")
    if order.fulfillment_status != "unfulfilled":
        raise TooLate(
            _("The warehouse has begun with this order: what is in it cannot change any more.")
        )


def _check(lines: Sequence[OrderLine], wanted: Wanted) -> None:
    known = {line.pk: line for line in lines}
    errors = []
    for pk, units in wanted.units.items():
        if pk not in known:
            errors.append(FieldError("/lines", "unknown", _("Not a line of this order.")))
        elif not 0 <= units <= 1_000_000:
            errors.append(
                FieldError("/lines", "out-of-range", _("A quantity is between 0 and 1000000."))
            )
    if len(wanted.added) > MOST_ADDED:
        errors.append(FieldError("/added", "too-many", _("At most 100 lines at once.")))
    if errors:
        raise Invalid(errors=errors)
    now = {line.pk: line.quantity_ordered - line.quantity_cancelled for line in lines}
    after = now | dict(wanted.units)
    if not any(after.values()) and not wanted.added:
        raise Invalid(_("Nothing would be left: cancel the order instead."))
    if after == now and not wanted.added and not wanted.service:
        raise Invalid(_("Nothing changes."))
    for line in lines:
        if line.sku_id is None and not line.is_service and after[line.pk] > now[line.pk]:
            raise Invalid(_("Say first which SKU each line is."))


def _incoming(order: Order, channel: Channel, wanted: Wanted) -> IncomingOrder:
    """What is new of a change, as an order of its own: so it is priced and checked as any other."""
    at = OrderAddress.objects.filter(order=order, kind="shipping").first()
    return IncomingOrder(
        external_id=f"change of {order.number}", currency=order.currency,
        customer=Buyer(email=at.email, phone=at.phone) if at else Buyer(),
        shipping_address=Address(
            at.name if at else "-", at.line1 if at else "-", at.country if at else order.country,
            region=at.region if at else "",
        ),
        lines=[IncomingLine(sku, units) for sku, units in wanted.added],
        shipping_service=wanted.service or order.shipping_service,
        payment=IncomingPayment("unpaid"), type=order.type,
    )  # fmt: skip


def _check_against(facts: Facts, incoming: IncomingOrder, wanted: Wanted) -> None:
    errors = [
        FieldError(error.pointer.replace("/lines/", "/added/", 1), error.code, error.detail)
        for error in check_order(incoming, facts, quote=True)
        if error.pointer.startswith("/lines/")
        or (error.pointer == "/shipping_service" and wanted.service)
    ]
    if errors:
        raise Invalid(errors=errors)


def _amounts(line: OrderLine) -> Amounts:
    return Amounts(line.unit_price, line.subtotal, line.discount, line.tax, line.total)


def _asked(
    order: Order,
    lines: Sequence[OrderLine],
    wanted: Wanted,
    incoming: IncomingOrder,
    facts: Facts,
) -> changes.Asked:
    added: list[tuple[str, int, Amounts]] = []
    if incoming.lines:
        facts.promotions = []  # they were asked when the order was placed
        free = structs.replace(incoming, shipping_service=next(iter(facts.services), ""))
        priced = price_of(free, facts)
        added = [
            (
                line.sku,
                line.quantity,
                Amounts(p.unit_price, p.subtotal, p.discount, p.tax, p.total),
            )
            for line, p in zip(incoming.lines, priced.lines, strict=True)
        ]
    fee = None
    if wanted.service:
        service, to = facts.services[wanted.service], incoming.shipping_address
        fee = changes.Fee(
            service.code,
            service.fee,
            service.free_from,
            facts.tax_rate(to.country, to.region, "standard"),
        )
    sums = Payment.objects.filter(order=order).aggregate(p=Sum(F("captured") - F("refunded")))
    return changes.Asked(
        currency=order.currency, includes_tax=order.prices_include_tax, added=added, fee=fee,
        lines=[
            changes.LineNow(
                line.pk, line.sku_code, line.quantity_ordered - line.quantity_cancelled, line.tax_rate,
                _amounts(line),
            )
            for line in lines
        ],
        wanted=dict(wanted.units), shipping=order.shipping, shipping_tax=order.shipping_tax,
        paid=sums["p"] or Decimal(0),
    )  # fmt: skip


def _route(
    lines: Sequence[OrderLine],
    wanted: Wanted,
    incoming: IncomingOrder,
    facts: Facts,
    lock: bool,
) -> routing.Route:
    """Where the units come from that are wanted more; existing lines first, then the new ones, by position."""
    asked = []
    kinds = made_of({line.pk: line.sku_id for line in lines if line.sku_id})
    for index, line in enumerate(lines):
        now = line.quantity_ordered - line.quantity_cancelled
        more = wanted.units.get(line.pk, now) - now
        if more > 0 and line.sku_id and not line.is_service:
            asked.append(
                routing.Wanted(index, line.sku_id, line.sku_code, more, tuple(kinds[line.pk]))
            )
    for index, new in enumerate(incoming.lines, start=len(lines)):
        sku = facts.skus[new.sku]
        if not sku.is_service:
            asked.append(
                routing.Wanted(index, sku.id, sku.code, new.quantity, tuple(sku.made_of()))
            )
    skus = {part for want in asked for part, _each in want.parts}
    if lock and skus:
        inventory.lock_skus(skus)
    free = [(sku, place, units) for (sku, place), units in free_units(sku_ids=skus).items()]
    return routing.again(
        routing.Asked(asked, facts.routed, free, incoming.shipping_address.country)
    )


def _write(
    order: Order,
    wanted: Wanted,
    effect: Effect,
    reason: str,
    undoes: OrderChange | None,
    by: Actor,
    now: datetime,
) -> OrderChange:
    before = _state(Order.objects.get(pk=order.pk), effect.lines)
    freed = _resize(effect.lines, wanted)
    for line in effect.lines:
        if line.pk in effect.changed.lines:
            _put(line, effect.changed.lines[line.pk], order.currency)
    added = _add(order, effect)
    every = [*effect.lines, *added]
    _reserve(every, effect.route)
    for line in every:
        line.save()
    changed = effect.changed
    order.subtotal, order.discount, order.tax = changed.subtotal, changed.discount, changed.tax
    order.shipping, order.shipping_tax = changed.shipping, changed.shipping_tax
    order.total = changed.total
    order.shipping_service = wanted.service or order.shipping_service
    order.version += 1
    order.updated_at = now
    order.save()
    derive_axes([order.pk], now)
    order.refresh_from_db()
    set_ = OrderChange.objects.create(
        order=order, version=order.version, before=before, after=_state(order, every),
        reason=reason.strip()[:200], undoes=undoes, by=by, at=now,
    )  # fmt: skip
    Decision.objects.create(
        order=order, kind="change", engine=changes.ENGINE, inputs={"asked": _plain(effect.asked)},
        outcome={"total": str(changed.total), "tax": str(changed.tax), "shipping": str(changed.shipping)},
        reasons=changed.reasons, at=now,
    )  # fmt: skip
    append_event(
        order_id=order.pk, kind="changed" if undoes is None else "change.undone", by=by, now=now,
        data={"was": str(changed.was), "total": str(changed.total), "currency": order.currency},
    )  # fmt: skip
    _tell(order, effect, freed, by, now)
    return set_


def _plain(asked: changes.Asked) -> Any:
    return to_builtins(asked, str_keys=True)


def _state(order: Order, lines: Sequence[OrderLine]) -> dict[str, Any]:
    return {
        "service": order.shipping_service, "shipping": str(order.shipping),
        "shipping_tax": str(order.shipping_tax), "total": str(order.total),
        "lines": {
            str(line.pk): {
                "sku": line.sku_code, "quantity": line.quantity_ordered - line.quantity_cancelled,
                **{name: str(getattr(line, name)) for name in Amounts.__struct_fields__},
            }
            for line in lines
        },
    }  # fmt: skip


def _resize(lines: Sequence[OrderLine], wanted: Wanted) -> set[int]:
    """Give lines their new units: less is taken from those that wait first, more waits for `_reserve`.

    Returns the SKUs of which something is free again.
    """
    freed: set[int] = set()
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
            freed |= give_back_units(
                line=line, units=min(now - units - waiting, line.quantity_reserved)
            )
            if units:
                line.quantity_ordered -= now - units
            else:
                line.quantity_cancelled = line.quantity_ordered
    return freed


def _reserve(lines: Sequence[OrderLine], route: routing.Route) -> None:
    """Reserve what the route found; `share.line` is the position in `lines`."""
    rows = [
        {
            "holder_id": lines[share.line].pk, "sku_id": part, "warehouse_id": share.warehouse_id,
            "quantity": share.quantity * each,
        }
        for share in route.shares
        for part, each in share.parts or ((share.sku_id, 1),)
    ]  # fmt: skip
    if rows:
        inventory.reserve_rows(rows, "order_line", "committed")
    for share in route.shares:
        lines[share.line].quantity_reserved += share.quantity
        lines[share.line].quantity_backordered -= share.quantity


def _put(line: OrderLine, amounts: Amounts, currency: str) -> None:
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
    chinese = order.language.startswith("zh")
    made = []
    for code, units, amounts in effect.asked.added:
        sku = effect.facts.skus[code]
        position += 1
        line = OrderLine(
            order=order, position=position, sku_id=sku.id, sku_code=sku.code,
            name=(sku.name_zh if chinese else "") or sku.name, is_service=sku.is_service,
            quantity_ordered=units, quantity_backordered=0 if sku.is_service else units,
            tax_rate=effect.facts.tax_rate_of(effect.incoming, sku.tax_class),
        )  # fmt: skip
        for name in Amounts.__struct_fields__:
            setattr(line, name, getattr(amounts, name))
        line.save()
        OrderLinePart.objects.bulk_create(
            OrderLinePart(order_line=line, sku_id=part, quantity=each)
            for part, each in sku.parts or ()
        )
        made.append(line)
    return made


def _tell(order: Order, effect: Effect, freed: set[int], by: Actor, now: datetime) -> None:
    """What follows: the warehouse plans anew, others get what is free, money is asked for or given back."""
    subject = f"order:{order.pk}"

    def tell(topic: str) -> None:
        record_event(topic, subject=subject, channel_id=order.channel_id, order_id=order.pk)

    tell("order.edited")
    if freed:
        tell("order.short")
        record_event("stock.arrived", subject=subject, channel_id=None, sku_ids=sorted(freed))
    if effect.changed.due < 0:
        tell("order.overpaid")
    owes = effect.changed.due > 0 and order.payment_method in {"prepaid", "unpaid"}
    if owes and order.status == "confirmed":
        hold_order(order_id=order.pk, kind="payment", reason=BALANCE, by=by, now=now)
    elif not settle_balance(order=order, by=by, now=now):
        confirm_if_ready(order=order, by=by, now=now)
    if effect.route.shares:
        tell("order.allocated")
