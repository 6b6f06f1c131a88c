"""Placing orders: one by the API, a thousand by bulk, all by the same writer."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor, Channel
from erp.access.queries import require
from erp.errors import Conflict, FieldError, Invalid, NotAllowed
from erp.ids import primary_key
from erp.reasons import reason
from inventory.stock.actions.ledger import OutOfStock
from inventory.stock.actions.reserve import give_up_carts
from orders.placement.actions.write import write_orders
from orders.placement.charges import flow_of, price_of, with_gifts
from orders.placement.fact_rows import ServiceFacts
from orders.placement.facts import Facts, gather
from orders.placement.foreign import served_by
from orders.placement.incoming import ForeignOrder, IncomingOrder
from orders.placement.review_facts import reviewed, start_of
from orders.placement.rows.batch import Batch, Placed
from orders.placement.rows.order import compose
from orders.placement.validation import check_order
from orders.pricing.decisions import prices
from orders.review.decisions import review
from orders.review.decisions.rules import Ruled
from orders.routing.calendar import is_working_day
from orders.routing.decisions import promise
from orders.routing.decisions import warehouse as decisions_warehouse

ZERO = Decimal(0)


class Quote(NamedTuple):
    """What placing would decide. `order` has the gifts that promotions add, on lines of their own."""

    order: IncomingOrder
    priced: prices.PricedOrder
    route: decisions_warehouse.Route
    promised: promise.Promise


class DuplicateExternalId(Conflict):
    """The channel has used this external id for another order; `number` is that order's."""

    code = "duplicate-external-id"

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(
            _("This external_id belongs to order %(number)s, which says something else.")
            % {"number": number}
        )

    def extra(self) -> dict[str, object]:
        return {"number": self.number}


class PaymentReferenceUsed(Conflict):
    """The payment reference has already paid for something on this channel."""

    code = "payment-reference-used"


@transaction.atomic(savepoint=False)
def place_order(
    *, incoming: IncomingOrder, channel: Channel, by: Actor, now: datetime, attempt: int = 1
) -> Placed:
    """Place one order: reserve its stock, record its payment, confirm it if nothing is in the way.

    The same external id with the same content returns the existing order (`existed`).
    Raises Invalid, OutOfStock naming every short SKU, DuplicateExternalId,
    PaymentReferenceUsed; then nothing has changed.
    """
    placed = _place([incoming], channel, by, now, None, attempt)[0]
    if placed.refusal:
        raise placed.refusal
    return placed


place_order.wants_attempt = True  # type: ignore[attr-defined]


@transaction.atomic(savepoint=False)
def place_orders(
    *,
    incoming: Sequence[IncomingOrder],
    channel: Channel,
    by: Actor,
    now: datetime,
    placed_at: Sequence[datetime] | None = None,
    attempt: int = 1,
) -> list[Placed]:
    """Place a batch: each order for itself, refusals beside successes, all by one statement.

    placed_at   when each was placed, where that was not now

    The first attempt decides without locks and lets the database refuse what a rival took;
    further attempts decide with the stock levels locked. A batch waits longer for them than one
    order would: another batch may have them for some seconds.
    """
    if len(incoming) > 1:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '30s'")
    return _place(incoming, channel, by, now, placed_at, attempt)


place_orders.wants_attempt = True  # type: ignore[attr-defined]


@transaction.atomic(savepoint=False)
def place_foreign_order(
    *, incoming: ForeignOrder, channel: Channel, is_over: bool, by: Actor, now: datetime
) -> Placed:
    """Place an order that its channel has sold already: it is never refused for stock or price.

    incoming   its lines' `sku` are ours, or "" where nobody knows
    is_over    the channel has cancelled it meanwhile: it is written down and goes no further
    What is doubtful holds it. The same external id returns the existing order (`existed`).
    """
    order = msgspec.structs.replace(incoming, coupon_codes=[])
    return _place([order], channel, by, now, None, 2, is_over=is_over)[0]


@transaction.atomic(savepoint=False)
def place_foreign_orders(
    *,
    incoming: Sequence[ForeignOrder],
    channel: Channel,
    by: Actor,
    now: datetime,
    attempt: int = 1,
) -> list[Placed]:
    """Place a batch of orders that their channel has sold already, as `place_foreign_order` does one."""
    orders = [msgspec.structs.replace(order, coupon_codes=[]) for order in incoming]
    return _place(orders, channel, by, now, None, attempt)


def _place(
    incoming: Sequence[IncomingOrder],
    channel: Channel,
    by: Actor,
    now: datetime,
    placed_at: Sequence[datetime] | None,
    attempt: int,
    *,
    is_over: bool = False,
) -> list[Placed]:
    require(by, "orders.place")
    if by.channel_id is not None and by.channel_id != channel.pk:
        raise NotAllowed(_("This key belongs to another channel."))
    carts = _carts(incoming)
    if carts:
        give_up_carts(
            cart_ids=carts, sku_codes=[line.sku for order in incoming for line in order.lines]
        )
    facts = gather(
        incoming,
        channel_id=channel.pk,
        now=now,
        lock=attempt > 1 or bool(carts),
    )
    if facts.policy is None:
        raise Invalid(_("The channel has no trading policy yet: give it a price list."))
    batch = Batch()
    outcomes: list[Placed] = []
    seen: dict[str, Placed] = {}
    for index, order in enumerate(incoming):
        if order.external_id in seen:
            outcomes.append(_twin(seen[order.external_id], order))
            continue
        at = placed_at[index] if placed_at else now
        outcome = _decide(order, index, facts, batch, channel, by, at, is_over=is_over)
        seen[order.external_id] = outcome
        outcomes.append(outcome)
    _number_holds(batch)
    if batch.rows["orders"]:
        write_orders(batch=batch.rows)
    return outcomes


def _carts(incoming: Sequence[IncomingOrder]) -> list[int]:
    """The carts whose holds become orders' own. Raises Invalid for what is no reservation.

    Only an order that comes alone has one: were another of its batch refused, the cart's goods
    could no longer be given back.
    """
    if not any(order.reservation for order in incoming):
        return []
    cart = primary_key("res", incoming[0].reservation)
    if cart is None or len(incoming) > 1:
        detail = _("Not a reservation of a cart, or in a batch of orders.")
        raise Invalid(detail, errors=[FieldError("/reservation", "unknown", detail)])
    return [cart]


@transaction.atomic(savepoint=False)
def quote_order(*, incoming: IncomingOrder, channel: Channel, by: Actor, now: datetime) -> Quote:
    """Price, route and promise a basket exactly as placing would, and store nothing.

    Raises Invalid.
    """
    require(by, "orders.view")
    facts = gather([incoming], channel_id=channel.pk, now=now, lock=False)
    if facts.policy is None:
        raise Invalid(_("The channel has no trading policy yet: give it a price list."))
    if errors := check_order(incoming, facts, quote=True):
        raise Invalid(errors=errors)
    priced = price_of(incoming, facts)
    if priced.gifts:
        incoming, priced = with_gifts(incoming, priced, facts)
    route = _route(incoming, facts)
    return Quote(incoming, priced, route, _promise(incoming, facts, route, now))


def _number_holds(batch: Batch) -> None:
    """Give new holds their ids, so that the answer names them; most orders have none."""
    holds = batch.rows["holds"]
    if not holds:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('orders_hold_id_seq') FROM generate_series(1, %s)", [len(holds)]
        )
        for hold, (pk,) in zip(holds, cursor.fetchall(), strict=True):
            hold["id"] = pk


def _twin(first: Placed, order: IncomingOrder) -> Placed:
    if first.refusal or first.row.get("request_hash") == order.content_hash():
        return first
    return Placed(refusal=DuplicateExternalId(first.number))


def _decide(
    order: IncomingOrder,
    index: int,
    facts: Facts,
    batch: Batch,
    channel: Channel,
    by: Actor,
    now: datetime,
    *,
    is_over: bool = False,
) -> Placed:
    content = order.content_hash()
    is_foreign = isinstance(order, ForeignOrder)
    if existing := facts.existing.get(order.external_id):
        if is_foreign or existing.request_hash == content:
            return Placed(number=existing.number, existed=True)
        return Placed(refusal=DuplicateExternalId(existing.number))
    if not is_foreign and (errors := check_order(order, facts)):
        return Placed(refusal=Invalid(errors=errors))
    assert facts.policy is not None
    if flow_of(order, facts).is_free and "goodwill.give" not in by.verbs and not is_foreign:
        return Placed(
            refusal=NotAllowed(_("You may not give goods away: this type is free of charge."))
        )
    reference = order.payment.reference if order.payment.method == "prepaid" else ""
    if reference and reference in facts.used_references and not is_foreign:
        return Placed(
            refusal=PaymentReferenceUsed(
                _("A payment with this reference was already recorded on this channel.")
            )
        )
    priced = price_of(order, facts)
    if priced.gifts:
        order, priced = with_gifts(order, priced, facts)
    route = _route(order, facts)
    if route.short and not facts.policy.accepts_backorders and not is_foreign:
        return Placed(refusal=_short(order, route))
    if reference:
        facts.used_references.add(reference)
    judged = reviewed(order, facts, priced, route, channel, now)
    order, route = _as_ruled(order, facts, route, judged.ruled)
    for share in route.shares:
        for part, each in share.parts:
            facts.free[part, share.warehouse_id] -= share.quantity * each
    if is_over:
        judged = judged._replace(verdict=review.as_over(judged.verdict))
    promised = _promise(order, facts, route, now)
    return compose(
        order,
        index,
        facts,
        batch,
        channel,
        by,
        now,
        content,
        priced,
        route,
        judged,
        promised,
    )


def _as_ruled(
    order: IncomingOrder, facts: Facts, route: decisions_warehouse.Route, ruled: Ruled | None
) -> tuple[IncomingOrder, decisions_warehouse.Route]:
    """The order with the service, and from the warehouse, that the merchant's rules want, as far as that can be."""
    if ruled is None:
        return order, route
    if ruled.service in facts.services:
        order = msgspec.structs.replace(order, shipping_service=ruled.service)
    if ruled.warehouse and route.asked is not None:
        only = [w for w in route.asked.warehouses if w.code == ruled.warehouse]
        there = decisions_warehouse.again(msgspec.structs.replace(route.asked, warehouses=only))
        if only and not there.short:
            by_rule = reason("by_rule", warehouse=ruled.warehouse)
            route = msgspec.structs.replace(there, reasons=[by_rule, *there.reasons])
    return order, route


def _short(order: IncomingOrder, route: decisions_warehouse.Route) -> OutOfStock:
    refusal = OutOfStock(route.short)
    refusal.errors = [
        FieldError(
            f"/lines/{index}/quantity",
            "insufficient-stock",
            _("%(sku)s: %(missing)s too many.")
            % {"sku": line.sku, "missing": route.short[line.sku]},
        )
        for index, line in enumerate(order.lines)
        if line.sku in route.short
    ]
    return refusal


def _route(order: IncomingOrder, facts: Facts) -> decisions_warehouse.Route:
    wanted = [
        decisions_warehouse.Wanted(
            index,
            facts.skus[line.sku].id,
            line.sku,
            line.quantity,
            tuple(facts.skus[line.sku].made_of()),
            facts.homes.get(facts.skus[line.sku].id, ()),
        )
        for index, line in enumerate(order.lines)
        if line.sku in facts.skus and not facts.skus[line.sku].is_service
    ]
    assert facts.policy is not None
    policy, to = facts.policy, order.shipping_address
    senders = facts.senders_to(to.country, to.region)
    parts = dict.fromkeys(part for want in wanted for part, _each in want.parts)
    free = [
        (part, warehouse.id, facts.free[part, warehouse.id])
        for part in parts
        for warehouse in senders
        if (part, warehouse.id) in facts.free
    ]
    limits = policy.accepts_backorders  # what a limit leaves over has to be able to wait
    return decisions_warehouse.again(
        decisions_warehouse.Asked(
            wanted,
            senders,
            free,
            to.country,
            to.region,
            policy.route_by,
            policy.most_parcels if limits else 0,
            policy.least_units if limits else 0,
        )
    )


def _promise(
    order: IncomingOrder, facts: Facts, route: decisions_warehouse.Route, now: datetime
) -> promise.Promise:
    service: ServiceFacts = served_by(order, facts)
    if order.ship_not_before is not None:
        now = max(now, start_of(order, facts))
    same = (service.code, tuple(route.warehouses), bool(route.short), now)
    if same in facts.promises:
        return facts.promises[same]
    chosen = [w.sender() for w in facts.warehouses if w.code in route.warehouses]
    facts.promises[same] = promise.promise(
        promise.Asked(
            placed_at=now,
            senders=chosen or [facts.warehouses[0].sender()],
            transit_p50=service.transit_p50,
            transit_p90=service.transit_p90,
            backordered=bool(route.short),
        ),
        is_working_day=is_working_day,
    )
    return facts.promises[same]
