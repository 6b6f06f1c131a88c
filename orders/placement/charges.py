"""What an order costs, from the facts: its prices, its promotions, its gifts."""

from decimal import Decimal

import msgspec

from erp.money import rounded, split
from erp.reasons import reason
from orders.placement.fact_rows import SkuFacts
from orders.placement.facts import Facts, coupons_of
from orders.placement.foreign import charges
from orders.placement.incoming import ForeignOrder, IncomingLine, IncomingOrder
from orders.policies.order_types import Flow
from orders.pricing.decisions import prices
from orders.pricing.decisions.promotions import PromotionFacts

ZERO = Decimal(0)


FREE = ((1, ZERO),)  # price breaks of what is given away


def price_of(order: IncomingOrder, facts: Facts) -> prices.PricedOrder:
    """What an order costs; a foreign one keeps what its channel charged."""
    assert facts.policy is not None
    if isinstance(order, ForeignOrder):
        priced, _differing = charges(order, facts)
        return priced
    service = facts.services[order.shipping_service]
    is_free = flow_of(order, facts).is_free
    customer = facts.known_customer(order)
    exemption = customer.exemption(order.shipping_address.country) if customer else None
    fee = ZERO if is_free else service.fee
    if exemption is not None:
        fee = _without_tax(fee, "standard", order, facts)
    return prices.price_order(
        prices.OrderToPrice(
            currency=order.currency,
            includes_tax=facts.policy.includes_tax,
            lines=[_to_price(line.sku, line.quantity, order, facts) for line in order.lines],
            service=service.code,
            shipping_fee=fee,
            free_from=service.free_from,
            shipping_tax_rate=facts.tax_rate_of(order, "standard"),
            exemption=exemption,
            promotions=() if is_free else _offered(order, facts),
        ),
        rounded=rounded,
        split=split,
    )


def _offered(order: IncomingOrder, facts: Facts) -> list[PromotionFacts]:
    """The promotions that an order may have: without a coupon, or with one that it names."""
    if not facts.promotions:
        return []
    named = set(coupons_of(order))
    return [
        p
        for p in facts.promotions
        if (p.left is None or p.left > 0) and (not p.needs_coupon or p.coupon in named)
    ]


def with_gifts(
    order: IncomingOrder, priced: prices.PricedOrder, facts: Facts
) -> tuple[IncomingOrder, prices.PricedOrder]:
    """The order with the gifts that there are on lines of their own; what is not there is not promised."""
    assert facts.policy is not None
    lines, more, taken = list(order.lines), list(priced.lines), list(priced.taken)
    reasons = list(priced.reasons)
    wanted = {line.sku: line.quantity for line in order.lines}
    for promotion, gift in priced.gifts:
        sku = facts.skus.get(gift.sku)
        need = wanted.get(gift.sku, 0) + gift.quantity
        if sku is None or not sku.is_active or (not sku.is_service and _free(sku, facts) < need):
            reasons.append(reason("gift_not_there", sku=gift.sku, promotion=promotion.code))
            continue
        wanted[gift.sku] = need
        line = _to_price(gift.sku, gift.quantity, order, facts)
        priced_gift = prices.as_gift(line, order.currency, facts.policy.includes_tax, rounded)
        taken.append(
            prices.TakenOff(promotion.id, promotion.coupon, len(lines), priced_gift.discount)
        )
        lines.append(IncomingLine(sku=gift.sku, quantity=gift.quantity))
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
    return msgspec.structs.replace(order, lines=lines), priced


def _free(sku: SkuFacts, facts: Facts) -> int:
    """How many of a SKU could leave together, over all warehouses."""
    return min(
        sum(units for (part, _warehouse), units in facts.free.items() if part == pk) // each
        for pk, each in sku.made_of()
    )


def _to_price(code: str, quantity: int, order: IncomingOrder, facts: Facts) -> prices.LineToPrice:
    sku, customer = facts.skus[code], facts.known_customer(order)
    group = customer.group if customer else None
    breaks = sku.prices_for(group)
    if customer and customer.exemption(order.shipping_address.country) is not None:
        breaks = [(n, _without_tax(amount, sku.tax_class, order, facts)) for n, amount in breaks]
    has_own = any(row[0] == group for row in sku.group_prices or ())
    return prices.LineToPrice(
        sku=code,
        quantity=quantity,
        breaks=FREE if flow_of(order, facts).is_free else breaks,
        tax_rate=facts.tax_rate_of(order, sku.tax_class),
        group=(customer.group_code or "") if customer and has_own else "",
    )


def _without_tax(amount: Decimal, tax_class: str, order: IncomingOrder, facts: Facts) -> Decimal:
    """A price for somebody who is exempt: what is in it as tax is not theirs to pay."""
    assert facts.policy is not None
    if not facts.policy.includes_tax:
        return amount
    to = order.shipping_address
    return round(amount / (1 + facts.tax_rate(to.country, to.region, tax_class)), 4)


def flow_of(order: IncomingOrder, facts: Facts) -> Flow:
    """The way of an order's type; the channel's own where a foreign order names one that is not known."""
    return facts.flow(order.type) or Flow(order.type)
