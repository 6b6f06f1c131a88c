"""Previews a change set: its amounts, its stock and its obstacles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F, Sum
from django.utils.translation import gettext as _
from msgspec import structs

from erp.access.models import Actor, Channel
from erp.access.queries import require
from erp.errors import Conflict, FieldError, Invalid
from erp.money import rounded
from inventory.stock.actions.ledger import OutOfStock, lock_skus
from orders.changes.decisions import amounts
from orders.changes.decisions.amounts import Amounts, Changed
from orders.customers.contacts import Address, Buyer
from orders.order.models.order import Order, OrderAddress, OrderLine
from orders.order.models.payment import Payment
from orders.order.queries import made_of
from orders.order.states import ORDER
from orders.placement.charges import price_of
from orders.placement.facts import gather
from orders.placement.incoming import IncomingLine, IncomingOrder, IncomingPayment
from orders.placement.prepared import PreparedOrder, prepare
from orders.placement.recognition import Chosen
from orders.placement.validation import check_order
from orders.policies.models import ChannelPolicy
from orders.pricing.decisions.prices import PricedLine
from orders.routing.decisions import warehouse
from orders.routing.queries import free_units

MOST_ADDED = 100


class TooLate(Conflict):
    """The warehouse has begun with the order, or it has left: put it on hold, or take it back as a return."""

    code = "too-late-to-change"


@dataclass(frozen=True)
class Wanted:
    """A change as somebody asks for it.

    units     units by order line id, of the lines that change; 0 takes one out
    added     (SKU code, units) of new lines
    service   code of another shipping service; "" leaves it
    gifts     (SKU code, units) of new lines that cost nothing, if all of them are there
    """

    units: Mapping[int, int]
    added: Sequence[tuple[str, int]] = ()
    service: str = ""
    gifts: Sequence[tuple[str, int]] = ()

    @property
    def fresh(self) -> list[tuple[str, int]]:
        """Every new line, gifts last."""
        return [*self.added, *self.gifts]


@dataclass(frozen=True)
class Effect:
    """The preview of a change: its amounts, and the units that would be backordered."""

    changed: Changed
    route: warehouse.Route
    prepared: PreparedOrder  # what is new
    lines: list[OrderLine]
    asked: amounts.Asked


def preview_change(
    *, order: Order, wanted: Wanted, by: Actor, now: datetime, lock: bool = False
) -> Effect:
    """Preview a change of an order, writing nothing.

    lock   take the stock levels of what is wanted more of: what is found then cannot be overtaken
    Raises TooLate, IllegalTransition, Invalid naming what is wrong, OutOfStock where the channel takes no
    back-orders.
    """
    require(by, "orders.edit")
    _check(list(OrderLine.objects.filter(order=order)), wanted)
    _refuse_if_closed(order, by, now)
    return worked_out(order=order, wanted=wanted, now=now, lock=lock)


def worked_out(*, order: Order, wanted: Wanted, now: datetime, lock: bool) -> Effect:
    """Preview a change that is known to be valid, such as one that undoes another."""
    _refuse_if_late(order)
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    channel = Channel.objects.get(pk=order.channel_id)
    incoming = _incoming(order, channel, wanted)
    facts = gather(
        [incoming],
        channel=channel,
        now=now,
        lock=lock,
        promoted=False,
        chosen=[order.customer_id],
    )
    facts.promotions = []  # they were asked when the order was placed
    whose = Chosen(order.customer_id, order.customer_proof)
    prepared = prepare(incoming, facts, channel, now, chosen=whose)
    _check_against(prepared, wanted)
    asked = _asked(order, lines, wanted, prepared)
    changed = amounts.change(asked, rounded=rounded)
    route = _route(lines, wanted, prepared, lock)
    given = {sku: route.short[sku] for sku, _units in wanted.gifts if sku in route.short}
    if given:
        raise OutOfStock(given)
    if route.short and not facts.policy.accepts_backorders:
        raise OutOfStock(route.short)
    return Effect(changed, route, prepared, lines, asked)


def _refuse_if_closed(order: Order, by: Actor, now: datetime) -> None:
    """A channel may say how long its shop changes orders; people of ours may as long as the warehouse waits."""
    if by.kind != Actor.Kind.API_KEY:
        return
    policy = ChannelPolicy.objects.filter(channel=order.channel_id)
    minutes = policy.values_list("edit_minutes", flat=True).first()
    if minutes is not None and now >= order.placed_at + timedelta(minutes=minutes):
        raise TooLate(
            _("Orders of this channel can be changed within %(minutes)s minutes of being placed.")
            % {"minutes": minutes}
        )


def _refuse_if_late(order: Order) -> None:
    ORDER.next_state(order.status, "edit")
    if order.fulfillment_status != "unfulfilled":
        raise TooLate(_("The warehouse has started this order: its lines can no longer change."))


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
    if len(wanted.fresh) > MOST_ADDED:
        errors.append(FieldError("/added", "too-many", _("At most 100 lines at a time.")))
    if errors:
        raise Invalid(errors=errors)
    now = {line.pk: line.quantity_ordered - line.quantity_cancelled for line in lines}
    after = now | dict(wanted.units)
    if not any(after.values()) and not wanted.fresh:
        raise Invalid(_("No lines would be left: cancel the order instead."))
    if after == now and not wanted.fresh and not wanted.service:
        raise Invalid(_("Nothing changes."))
    for line in lines:
        if line.sku_id is None and not line.is_service and after[line.pk] > now[line.pk]:
            raise Invalid(_("Map every line to a SKU first."))


def _incoming(order: Order, channel: Channel, wanted: Wanted) -> IncomingOrder:
    """What is new of a change, as an order of its own: so it is priced and checked as any other."""
    at = OrderAddress.objects.filter(order=order, kind="shipping").first()
    return IncomingOrder(
        external_id=f"change of {order.number}",
        currency=order.currency,
        customer=Buyer(email=at.email, phone=at.phone) if at else Buyer(),
        shipping_address=Address(
            at.name if at else "-",
            at.line1 if at else "-",
            at.country if at else order.country,
            region=at.region if at else "",
        ),
        lines=[IncomingLine(sku, units) for sku, units in wanted.fresh],
        shipping_service=wanted.service or order.shipping_service,
        payment=IncomingPayment("unpaid"),
        type=order.type,
    )


def _check_against(prepared: PreparedOrder, wanted: Wanted) -> None:
    errors = [
        FieldError(error.pointer.replace("/lines/", "/added/", 1), error.code, error.detail)
        for error in check_order(prepared, quote=True)
        if error.pointer.startswith("/lines/")
        or (error.pointer == "/shipping_service" and wanted.service)
    ]
    if errors:
        raise Invalid(errors=errors)


def _amounts(line: OrderLine | PricedLine) -> Amounts:
    return Amounts(line.unit_price, line.subtotal, line.discount, line.tax, line.total)


def _as_gift(line: PricedLine) -> Amounts:
    """A gift costs its list price, all of it taken off."""
    return Amounts(line.unit_price, line.subtotal, line.subtotal, Decimal(0), Decimal(0))


def _asked(
    order: Order, lines: Sequence[OrderLine], wanted: Wanted, prepared: PreparedOrder
) -> amounts.Asked:
    incoming, facts = prepared.order, prepared.facts
    added: list[tuple[str, int, Amounts]] = []
    if incoming.lines:
        priced = price_of(prepared)
        paid_for = len(incoming.lines) - len(wanted.gifts)
        for index, (line, p) in enumerate(zip(incoming.lines, priced.lines, strict=True)):
            free = index >= paid_for
            added.append((line.sku, line.quantity, _as_gift(p) if free else _amounts(p)))
    fee = None
    if wanted.service:
        service = facts.services[wanted.service]
        fee = amounts.Fee(
            service.code,
            service.fee,
            service.free_from,
            prepared.rates.get("standard", Decimal(0)),
        )
    asked = units_asked(order, lines, wanted.units)
    return structs.replace(asked, added=added, fee=fee, gifts=len(wanted.gifts))


def units_asked(
    order: Order, lines: Sequence[OrderLine], units: Mapping[int, int]
) -> amounts.Asked:
    """The facts of a change of units alone: units by order line id, of the lines that change."""
    sums = Payment.objects.filter(order=order).aggregate(p=Sum(F("captured") - F("refunded")))
    return amounts.Asked(
        currency=order.currency,
        includes_tax=order.prices_include_tax,
        added=[],
        lines=[
            amounts.LineNow(
                line.pk,
                line.sku_code,
                line.quantity_ordered - line.quantity_cancelled,
                line.tax_rate,
                _amounts(line),
            )
            for line in lines
        ],
        wanted=dict(units),
        shipping=order.shipping,
        shipping_tax=order.shipping_tax,
        paid=sums["p"] or Decimal(0),
    )


def _route(
    lines: Sequence[OrderLine], wanted: Wanted, prepared: PreparedOrder, lock: bool
) -> warehouse.Route:
    """Where the units come from that are wanted more; existing lines first, then the new ones, by position."""
    asked = []
    kinds = made_of({line.pk: line.sku_id for line in lines if line.sku_id})
    for index, line in enumerate(lines):
        now = line.quantity_ordered - line.quantity_cancelled
        more = wanted.units.get(line.pk, now) - now
        if more > 0 and line.sku_id and not line.is_service:
            asked.append(
                warehouse.Wanted(index, line.sku_id, line.sku_code, more, tuple(kinds[line.pk]))
            )
    for index, new in enumerate(prepared.lines, start=len(lines)):
        sku = new.sku
        if sku is not None and not sku.is_service:
            units, parts = new.line.quantity, tuple(sku.made_of())
            asked.append(warehouse.Wanted(index, sku.id, sku.code, units, parts))
    skus = {part for want in asked for part, _each in want.parts}
    if lock and skus:
        lock_skus(skus)
    free = [(sku, place, units) for (sku, place), units in free_units(sku_ids=skus).items()]
    return warehouse.again(
        warehouse.Asked(asked, prepared.facts.routed, free, prepared.order.shipping_address.country)
    )
