"""Rehearses promotions and routing on past orders: their price and their warehouse.

Each order is asked once more with the facts that its decision kept, one of them changed. Nothing is written.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection, transaction

from erp.money import rounded, split
from orders.pricing.decisions import prices
from orders.pricing.decisions.promotions import Gift, PromotionFacts, Tier
from orders.pricing.models.promotions import Promotion
from orders.rehearsal.rules import PAGE, Figure
from orders.routing.decisions import warehouse

KEPT = """
SELECT o.id, o.number, o.total, o.currency, o.channel_id, o.placed_at, d.inputs, d.outcome FROM orders_order o
CROSS JOIN LATERAL (SELECT d.inputs, d.outcome, d.engine FROM orders_decision d
                    WHERE d.order_id = o.id AND d.kind = %s ORDER BY d.id LIMIT 1) d
WHERE o.placed_at >= %s AND o.placed_at < %s AND (o.placed_at, o.id) > (%s, %s)
ORDER BY o.placed_at, o.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """An order with what one of its decisions was made from, and what that came to."""

    id: int
    number: str
    total: Decimal
    currency: str
    channel_id: int
    inputs: dict[str, Any]  # as JSON has them
    outcome: dict[str, Any]


@dataclass(slots=True)
class Offered:
    """What a promotion would have done. `taken_off` is by currency: what customers would have paid less."""

    orders: int = 0
    not_asked: int = 0  # sold by their channel, or decided before facts were kept
    cheaper: Figure = field(default_factory=Figure)
    dearer: Figure = field(default_factory=Figure)  # it would have displaced one that took off more
    taken_off: dict[str, Decimal] = field(default_factory=dict)
    gifts: dict[str, int] = field(default_factory=dict)  # units by SKU


@dataclass(slots=True)
class Sent:
    """What another way of routing would have done. Parcels are warehouses that an order ships from."""

    orders: int = 0
    not_asked: int = 0
    differently: Figure = field(default_factory=Figure)
    newly_short: Figure = field(default_factory=Figure)
    short_no_longer: Figure = field(default_factory=Figure)
    parcels_before: int = 0
    parcels_after: int = 0
    before: dict[str, int] = field(default_factory=dict)  # orders by warehouse
    after: dict[str, int] = field(default_factory=dict)

    def warehouses(self) -> list[tuple[str, int, int]]:
        """(warehouse, orders before, orders after), by name."""
        codes = sorted({*self.before, *self.after})
        return [(code, self.before.get(code, 0), self.after.get(code, 0)) for code in codes]


def facts_of(promotion: Promotion) -> PromotionFacts:
    """A promotion as pricing sees it, in force or not; one with coupons as if it needed none."""
    return PromotionFacts(
        id=promotion.pk,
        code=promotion.code,
        kind=promotion.kind,
        priority=promotion.priority,
        base=promotion.base,
        is_exclusive=promotion.is_exclusive,
        stack_group=promotion.stack_group,
        skus=list(promotion.skus.order_by("code").values_list("code", flat=True)),
        min_amount=promotion.min_amount,
        min_quantity=promotion.min_quantity,
        percent=promotion.percent,
        amount=promotion.amount,
        tiers_of=promotion.tiers_of,
        buy_quantity=promotion.buy_quantity,
        get_quantity=promotion.get_quantity,
        repeats=promotion.repeats,
        cap=promotion.cap,
        tiers=[Tier(t.reached, t.amount, t.percent) for t in promotion.tiers.order_by("reached")],
        gifts=[
            Gift(g.sku.code, g.quantity)
            for g in promotion.gifts.select_related("sku").order_by("sku__code")
        ],
    )


def rehearse_promotion(promotion: Promotion, *, since: datetime, until: datetime) -> Offered:
    """Price the orders of a span once more, with a promotion beside those that were offered."""
    ask, found = asking_promotion(promotion), Offered()
    for order in _decided("pricing", since, until):
        ask(order, found)
    return found


def asking_promotion(promotion: Promotion) -> Callable[[Decided, Offered], None]:
    """What each order of a rehearsal is asked: its price with a promotion beside those that were offered."""
    draft = facts_of(promotion)
    channels = set(promotion.channels.values_list("pk", flat=True))

    def ask(order: Decided, found: Offered) -> None:
        found.orders += 1
        asked = order.inputs.get("asked")
        if not asked or "charged" in asked:
            found.not_asked += 1
        elif order.currency == promotion.currency and (
            not channels or order.channel_id in channels
        ):
            _price(order, asked, draft, found)

    return ask


def _price(order: Decided, asked: object, draft: PromotionFacts, found: Offered) -> None:
    facts = msgspec.convert(asked, prices.OrderToPrice, strict=False)
    before = prices.price_order(facts, rounded=rounded, split=split)
    offered = [p for p in facts.promotions if p.id != draft.id]
    after = prices.price_order(
        msgspec.structs.replace(facts, promotions=[*offered, draft]),
        rounded=rounded,
        split=split,
    )
    if after.total < before.total:
        found.cheaper.add(order)
    elif after.total > before.total:
        found.dearer.add(order)
    off = before.total - after.total
    if off:
        found.taken_off[order.currency] = found.taken_off.get(order.currency, Decimal(0)) + off
    for given, gift in after.gifts:
        if given.id == draft.id:
            found.gifts[gift.sku] = found.gifts.get(gift.sku, 0) + gift.quantity


@dataclass(frozen=True)
class OtherWay:
    """How orders are to be routed in a rehearsal; what is None stays as it was.

    without   codes of warehouses that are out
    """

    by: str | None = None
    most_parcels: int | None = None
    least_units: int | None = None
    without: Sequence[str] = ()


def rehearse_routing(way: OtherWay, *, since: datetime, until: datetime) -> Sent:
    """Route the orders of a span once more, another way, with the stock that was free when each was placed."""
    ask, found = asking_routing(way), Sent()
    for order in _decided("routing", since, until):
        ask(order, found)
    return found


def asking_routing(way: OtherWay) -> Callable[[Decided, Sent], None]:
    """What each order of a rehearsal is asked: where it would ship from another way."""
    changes = {
        name: value
        for name in ("by", "most_parcels", "least_units")
        if (value := getattr(way, name)) is not None
    }

    def ask(order: Decided, found: Sent) -> None:
        found.orders += 1
        asked = order.inputs.get("asked")
        if not asked:
            found.not_asked += 1
            return
        facts = msgspec.convert(asked, warehouse.Asked, strict=False)
        kept = [w for w in facts.warehouses if w.code not in way.without]
        after = warehouse.again(msgspec.structs.replace(facts, warehouses=kept, **changes))
        _compare(order, order.outcome["warehouses"], order.outcome["short"], after, found)

    return ask


def _compare(
    order: Decided, was: list[str], was_short: dict[str, int], after: warehouse.Route, found: Sent
) -> None:
    found.parcels_before += len(was)
    found.parcels_after += len(after.warehouses)
    for counted, codes in ((found.before, was), (found.after, after.warehouses)):
        for code in codes:
            counted[code] = counted.get(code, 0) + 1
    if set(was) != set(after.warehouses):
        found.differently.add(order)
    before, now = sum(was_short.values()), sum(after.short.values())
    if now > before:
        found.newly_short.add(order)
    elif now < before:
        found.short_no_longer.add(order)


def _decided(kind: str, since: datetime, until: datetime) -> Iterator[Decided]:
    """The first decision of a kind of each order of a span, the oldest first, read without writing anything."""
    page = page_of_decided(kind)
    after: tuple[datetime, int] | None = (since, 0)
    while after is not None:
        rows, after = page(since, until, after)
        yield from rows


def page_of_decided(
    kind: str,
) -> Callable[
    [datetime, datetime, tuple[datetime, int]],
    tuple[list[Decided], tuple[datetime, int] | None],
]:
    """A function that reads the next orders of a span after (placed_at, id), and where to go on; None at the end."""

    def page(
        since: datetime, until: datetime, after: tuple[datetime, int]
    ) -> tuple[list[Decided], tuple[datetime, int] | None]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(KEPT, [kind, since, until, *after, PAGE])
            rows = cursor.fetchall()
        found = [
            Decided(pk, number, total, currency, channel, _json(inputs), _json(outcome))
            for pk, number, total, currency, channel, _at, inputs, outcome in rows
        ]
        return found, (rows[-1][5], rows[-1][0]) if len(rows) == PAGE else None

    return page


def _json(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str) else value
