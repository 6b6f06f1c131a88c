"""Calculates the charges of a prepared order: prices, promotions, gifts."""

from decimal import Decimal

import msgspec

from erp.money import rounded, split
from erp.reasons import reason
from orders.placement.fact_rows import SkuFacts
from orders.placement.facts import Facts
from orders.placement.foreign import charges
from orders.placement.incoming import IncomingLine
from orders.placement.prepared import PreparedLine, PreparedOrder, without_tax
from orders.pricing.decisions import prices
from orders.pricing.decisions.breaks import LineToPrice
from orders.pricing.decisions.promotions import PromotionFacts

ZERO = Decimal(0)


def price_of(prepared: PreparedOrder) -> prices.PricedOrder:
    """What an order costs; a foreign one keeps what its channel charged."""
    if prepared.foreign is not None:
        return charges(prepared, prepared.foreign)
    service, policy = prepared.service, prepared.facts.policy
    is_free = prepared.type_policy.is_free
    return prices.price_order(
        prices.OrderToPrice(
            currency=prepared.order.currency,
            includes_tax=policy.includes_tax,
            lines=[_to_price(known) for known in prepared.lines],
            service=service.code,
            shipping_fee=ZERO if is_free else _fee(prepared),
            free_from=service.free_from,
            shipping_tax_rate=prepared.shipping_tax_rate,
            exemption=prepared.exemption,
            promotions=() if is_free else _offered(prepared),
        ),
        rounded=rounded,
        split=split,
    )


def worth_given_away(prepared: PreparedOrder) -> Decimal | None:
    """What the goods of an order would cost, in the company's currency; None where a price or the rate is not known."""
    worth = ZERO
    for known in prepared.lines:
        steps = (known.sku.prices if known.sku is not None else None) or []
        fitting = [amount for least, amount in sorted(steps) if least <= known.line.quantity]
        if not fitting:
            return None
        worth += fitting[-1] * known.line.quantity
    rate = prepared.facts.rates.get(prepared.order.currency)
    return None if rate is None else worth * rate


def _fee(prepared: PreparedOrder) -> Decimal:
    if prepared.exemption is None:
        return prepared.service.fee
    rate = prepared.rates.get("standard", ZERO)
    return without_tax(prepared.service.fee, rate, prepared.facts)


def _offered(prepared: PreparedOrder) -> list[PromotionFacts]:
    """The promotions that an order may have: without a coupon, or with one that it names."""
    if not prepared.facts.promotions:
        return []
    named = set(prepared.coupons)
    return [
        p
        for p in prepared.facts.promotions
        if (p.left is None or p.left > 0) and (not p.needs_coupon or p.coupon in named)
    ]


def with_gifts(
    prepared: PreparedOrder, priced: prices.PricedOrder
) -> tuple[PreparedOrder, prices.PricedOrder]:
    """The order with the gifts that there are on lines of their own; what is not there is not promised."""
    facts, order = prepared.facts, prepared.order
    lines, more, taken = list(prepared.lines), list(priced.lines), list(priced.taken)
    reasons = list(priced.reasons)
    wanted = {line.sku: line.quantity for line in order.lines}
    for promotion, gift in priced.gifts:
        sku = facts.skus.get(gift.sku)
        need = wanted.get(gift.sku, 0) + gift.quantity
        if sku is None or not sku.is_active or (not sku.is_service and _free(sku, facts) < need):
            reasons.append(reason("gift_not_there", sku=gift.sku, promotion=promotion.code))
            continue
        wanted[gift.sku] = need
        line = prepared.line_of(IncomingLine(sku=gift.sku, quantity=gift.quantity))
        priced_gift = prices.as_gift(
            _to_price(line), order.currency, facts.policy.includes_tax, rounded
        )
        taken.append(
            prices.TakenOff(promotion.id, promotion.coupon, len(lines), priced_gift.discount)
        )
        lines.append(line)
        more.append(priced_gift)
        reasons.append(
            reason("gift_added", sku=gift.sku, quantity=gift.quantity, promotion=promotion.code)
        )
    subtotal = sum((line.subtotal for line in more), ZERO)
    discount = sum((line.discount for line in more), ZERO)
    priced = msgspec.structs.replace(
        priced,
        lines=more,
        taken=taken,
        reasons=reasons,
        gifts=[],
        subtotal=subtotal,
        discount=discount,
    )
    return prepared.with_lines(lines), priced


def _free(sku: SkuFacts, facts: Facts) -> int:
    """How many of a SKU could leave together, over all warehouses."""
    return min(
        sum(units for (part, _warehouse), units in facts.free.items() if part == pk) // each
        for pk, each in sku.made_of()
    )


def _to_price(known: PreparedLine) -> LineToPrice:
    return LineToPrice(
        sku=known.line.sku,
        quantity=known.line.quantity,
        breaks=known.breaks,
        tax_rate=known.tax_rate,
        group=known.group,
    )
