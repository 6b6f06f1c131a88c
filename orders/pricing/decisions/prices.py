"""Calculates an order's price: quantity breaks, promotions, tax, shipping fee."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec import Struct

from erp.reasons import reason
from orders.pricing.decisions.breaks import LineToPrice, unit_price, units_by_sku
from orders.pricing.decisions.promotions import (
    Applied,
    Gift,
    PromotionFacts,
    ShownLine,
    Split,
    apply,
)
from orders.pricing.decisions.shipping_fee import is_shipping_free

ENGINE = "pricing/3"  # 1 knew no promotions; 2 counted quantity breaks by line


ZERO = Decimal(0)


ONE = Decimal(1)


class OrderToPrice(Struct, frozen=True):
    """The facts. The fee is as shown to the customer; `exemption` is the id of one from tax."""

    currency: str
    includes_tax: bool
    lines: Sequence[LineToPrice]
    service: str
    shipping_fee: Decimal
    free_from: Decimal | None
    shipping_tax_rate: Decimal
    promotions: Sequence[PromotionFacts] = ()
    exemption: int | None = None


class TakenOff(Struct, frozen=True):
    """What a promotion took off a line, net of tax; `line` None: off shipping."""

    promotion: int
    coupon: str
    line: int | None
    amount: Decimal


class PricedLine(Struct, frozen=True):
    unit_price: Decimal
    subtotal: Decimal  # net
    tax: Decimal
    total: Decimal
    discount: Decimal = ZERO  # net


class PricedOrder(Struct, frozen=True):
    lines: list[PricedLine]
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal  # net
    shipping_tax: Decimal
    tax: Decimal  # of lines and shipping
    total: Decimal
    reasons: list[dict[str, Any]] = []
    taken: list[TakenOff] = []
    gifts: list[tuple[PromotionFacts, Gift]] = []  # wanted; placing sees whether there are any
    asked: "OrderToPrice | ChargedOrder | None" = None  # what it was decided on
    differing: Sequence[str] = ()  # SKUs whose price at the channel is not ours

    @property
    def used(self) -> dict[int, str]:
        """The promotions that took something off, by id, with the coupon each was asked for with."""
        return {t.promotion: t.coupon for t in self.taken}


def price_order(
    facts: OrderToPrice,
    *,
    rounded: Callable[[Decimal, str], Decimal],
    split: Split,
    by_line: bool = False,
) -> PricedOrder:
    """Price an order so that its total is exactly what the customer was shown.

    With prices that include tax, the net is what remains of the rounded gross; without, tax
    is added to the rounded net. Promotions take off what is shown, before tax is told apart.
    Either way total = subtotal − discount + shipping + tax. Quantity breaks count a SKU's units over all lines of
    the order; `by_line` counts them line by line, as engine pricing/2 did.
    """
    reasons: list[dict[str, Any]] = []
    if facts.exemption is not None:
        reasons.append(reason("tax_exempt", exemption=facts.exemption))
    counted = {} if by_line else units_by_sku(facts.lines)
    prices = [
        _unit_price(line, counted.get(line.sku, line.quantity), reasons) for line in facts.lines
    ]
    shown = [
        rounded(price * line.quantity, facts.currency)
        for price, line in zip(prices, facts.lines, strict=True)
    ]
    fee = rounded(facts.shipping_fee, facts.currency)
    off = _promoted(facts, shown, fee, rounded, split)
    lines = [
        _price_line(price, amount, off.off(n) if off.taken else ZERO, line, facts, rounded)
        for n, (line, price, amount) in enumerate(zip(facts.lines, prices, shown, strict=True))
    ]
    goods_shown = sum(shown, ZERO) - sum((t.amount for t in off.taken if t.line is not None), ZERO)
    reasons += off.reasons
    fee = _fee_due(facts, goods_shown, fee, off, reasons)
    full = fee
    fee -= min(fee, off.off(None))
    shipping, shipping_tax = _net_and_tax(fee, facts.shipping_tax_rate, facts, rounded)
    return _added_up(
        lines,
        shipping,
        shipping_tax,
        reasons=reasons,
        taken=_net_of_tax(off, lines, full, shipping, facts, rounded, split) if off.taken else [],
        gifts=off.gifts,
        asked=facts,
    )


def _added_up(
    lines: list[PricedLine],
    shipping: Decimal,
    shipping_tax: Decimal,
    *,
    reasons: list[dict[str, Any]],
    asked: "OrderToPrice | ChargedOrder",
    taken: list[TakenOff],
    gifts: list[tuple[PromotionFacts, Gift]],
    differing: Sequence[str] = (),
) -> PricedOrder:
    """The sums of an order whose lines are priced: total = subtotal − discount + shipping + tax."""
    subtotal = sum((line.subtotal for line in lines), ZERO)
    discount = sum((line.discount for line in lines), ZERO)
    tax = sum((line.tax for line in lines), shipping_tax)
    return PricedOrder(
        lines=lines,
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        shipping_tax=shipping_tax,
        tax=tax,
        total=subtotal - discount + shipping + tax,
        reasons=reasons,
        taken=taken,
        gifts=gifts,
        asked=asked,
        differing=differing,
    )


def _promoted(
    facts: OrderToPrice,
    shown: Sequence[Decimal],
    fee: Decimal,
    rounded: Callable[[Decimal, str], Decimal],
    split: Split,
) -> Applied:
    """What the order's promotions take off its lines and its fee, as these are shown."""
    if not facts.promotions:
        return Applied()
    return apply(
        [ShownLine(x.sku, x.quantity, s) for x, s in zip(facts.lines, shown, strict=True)],
        fee,
        facts.promotions,
        currency=facts.currency,
        rounded=rounded,
        split=split,
    )


def _fee_due(
    facts: OrderToPrice,
    goods_shown: Decimal,
    fee: Decimal,
    off: Applied,
    reasons: list[dict[str, Any]],
) -> Decimal:
    """The shipping fee before promotions, with its reason; where it is free, `off` takes nothing off it."""
    if facts.free_from is not None and is_shipping_free(goods_shown, facts.free_from):
        reasons.append(
            reason("shipping_free_from", service=facts.service, amount=amount_text(facts.free_from))
        )
        off.taken = [t for t in off.taken if t.line is not None]
        return ZERO
    if fee:
        reasons.append(reason("shipping_fee", service=facts.service, amount=amount_text(fee)))
    return fee


def _net_of_tax(
    off: Applied,
    lines: Sequence[PricedLine],
    fee: Decimal,
    shipping: Decimal,
    facts: OrderToPrice,
    rounded: Callable[[Decimal, str], Decimal],
    split: Split,
) -> list[TakenOff]:
    """What each promotion took off each line, so that a line's parts are its discount exactly."""
    found = []
    for n in [*range(len(lines)), None]:
        parts = [t for t in off.taken if t.line == n]
        if not parts:
            continue
        if n is None:
            whole = _net_and_tax(fee, facts.shipping_tax_rate, facts, rounded)[0] - shipping
        else:
            whole = lines[n].discount
        shares = split(whole, [t.amount for t in parts], facts.currency)
        found += [
            TakenOff(t.promotion.id, t.promotion.coupon, n, share)
            for t, share in zip(parts, shares, strict=True)
        ]
    return found


@dataclass(frozen=True, slots=True)
class ChargedLine:
    """A line as a channel sold it. `ours` is what a unit costs here, net; None where nobody can say."""

    sku: str
    quantity: int
    unit_price: Decimal
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    ours: Decimal | None = None


class ChargedOrder(Struct, frozen=True):
    """An order as a channel sold it. `tolerance` is in per cent of our price: within it a difference is none."""

    charged: Sequence[ChargedLine]
    shipping: Decimal
    shipping_tax: Decimal
    tolerance: Decimal


def keep_charges(order: ChargedOrder) -> PricedOrder:
    """Take over what a channel's customer pays; and name the SKUs whose price differs from ours."""
    lines, shipping, shipping_tax = order.charged, order.shipping, order.shipping_tax
    tolerance = order.tolerance
    reasons: list[dict[str, Any]] = []
    differing: list[str] = []
    for line in lines:
        reasons.append(reason("price_given", sku=line.sku, amount=amount_text(line.unit_price)))
        if line.ours is None or not line.quantity:
            continue
        theirs = line.subtotal / line.quantity
        if abs(theirs - line.ours) * 100 > tolerance * line.ours:
            differing.append(line.sku)
            reasons.append(
                reason(
                    "price_differs",
                    sku=line.sku,
                    amount=amount_text(round(theirs, 2)),
                    ours=amount_text(round(line.ours, 2)),
                )
            )
    priced = [
        PricedLine(x.unit_price, x.subtotal, x.tax, x.subtotal - x.discount + x.tax, x.discount)
        for x in lines
    ]
    return _added_up(
        priced,
        shipping,
        shipping_tax,
        reasons=reasons,
        asked=order,
        taken=[],
        gifts=[],
        differing=differing,
    )


def as_gift(
    line: LineToPrice,
    currency: str,
    includes_tax: bool,
    rounded: Callable[[Decimal, str], Decimal],
) -> PricedLine:
    """A gift's line: its list price, all of it taken off."""
    price = unit_price(line) if line.breaks else ZERO
    shown = rounded(price * line.quantity, currency)
    net = rounded(shown / (ONE + line.tax_rate), currency) if includes_tax else shown
    return PricedLine(unit_price=price, subtotal=net, tax=ZERO, total=ZERO, discount=net)


def amount_text(amount: Decimal) -> str:
    """An amount in a reason: two decimals, or as many as it has."""
    exact = amount.normalize()
    return f"{exact:.2f}" if exact == round(exact, 2) else f"{exact:f}"


def _unit_price(line: LineToPrice, units: int, reasons: list[dict[str, Any]]) -> Decimal:
    """The price of a unit where so many are bought together, and why it is that."""
    price = unit_price(line, units)
    if line.given is not None:
        reasons.append(reason("price_given", sku=line.sku, amount=amount_text(price)))
    elif line.group:
        reasons.append(
            reason("group_price", sku=line.sku, amount=amount_text(price), group=line.group)
        )
    elif len(line.breaks) > 1 and price != line.breaks[0][1]:
        reasons.append(
            reason(
                "quantity_break",
                sku=line.sku,
                quantity=units,
                amount=amount_text(price),
            )
        )
    else:
        reasons.append(reason("list_price", sku=line.sku, amount=amount_text(price)))
    if not line.tax_rate:
        reasons.append(reason("no_tax", sku=line.sku))
    return price


def _price_line(
    price: Decimal,
    shown: Decimal,
    off: Decimal,
    line: LineToPrice,
    facts: OrderToPrice,
    rounded: Callable[[Decimal, str], Decimal],
) -> PricedLine:
    """A line's net, tax and total, with `off` taken off what is shown."""
    before, tax = _net_and_tax(shown, line.tax_rate, facts, rounded)
    if not off:
        return PricedLine(unit_price=price, subtotal=before, tax=tax, total=before + tax)
    net, tax = _net_and_tax(shown - off, line.tax_rate, facts, rounded)
    return PricedLine(
        unit_price=price, subtotal=before, tax=tax, total=net + tax, discount=before - net
    )


def _net_and_tax(
    shown: Decimal,
    rate: Decimal,
    facts: OrderToPrice,
    rounded: Callable[[Decimal, str], Decimal],
) -> tuple[Decimal, Decimal]:
    return net_and_tax(
        shown, rate, includes_tax=facts.includes_tax, currency=facts.currency, rounded=rounded
    )


def net_and_tax(
    shown: Decimal,
    rate: Decimal,
    *,
    includes_tax: bool,
    currency: str,
    rounded: Callable[[Decimal, str], Decimal],
) -> tuple[Decimal, Decimal]:
    """What an amount as it is shown is net, and its tax: of a price with tax the tax is what is left."""
    if not rate:
        return shown, ZERO
    if includes_tax:
        net = rounded(shown / (ONE + rate), currency)
        return net, shown - net
    return shown, rounded(shown * rate, currency)
