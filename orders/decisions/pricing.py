"""What an order costs: prices by quantity, tax inside or on top, the shipping fee."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec import Struct

from orders.decisions.reasons import reason

ENGINE = "pricing/1"
ZERO = Decimal(0)
ONE = Decimal(1)


class LineToPrice(Struct, frozen=True):
    """One line: `breaks` are (from quantity, unit price), ascending; `given` a foreign price."""

    sku: str
    quantity: int
    breaks: Sequence[tuple[int, Decimal]]
    tax_rate: Decimal
    given: Decimal | None = None


class OrderToPrice(Struct, frozen=True):
    """The facts. `unit` is the currency's minor unit; the fee is as shown to the customer."""

    currency: str
    includes_tax: bool
    lines: Sequence[LineToPrice]
    service: str
    shipping_fee: Decimal
    free_from: Decimal | None
    shipping_tax_rate: Decimal


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


def price_order(
    facts: OrderToPrice, *, rounded: Callable[[Decimal, str], Decimal]
) -> PricedOrder:
    """Price an order so that its total is exactly what the customer was shown.

    With prices that include tax, the net is what remains of the rounded gross; without, tax
    is added to the rounded net. Either way total = subtotal − discount + shipping + tax.
    """
    reasons: list[dict[str, Any]] = []
    lines = [_price_line(line, facts, rounded, reasons) for line in facts.lines]
    goods_shown = sum((_shown(line, facts) for line in lines), ZERO)
    fee = facts.shipping_fee
    if facts.free_from is not None and goods_shown >= facts.free_from:
        reasons.append(
            reason(
                "shipping_free_from", service=facts.service, amount=amount_text(facts.free_from)
            )
        )
        fee = ZERO
    elif fee:
        reasons.append(reason("shipping_fee", service=facts.service, amount=amount_text(fee)))
    shipping, shipping_tax = _net_and_tax(
        rounded(fee, facts.currency), facts.shipping_tax_rate, facts, rounded
    )
    subtotal = sum((line.subtotal for line in lines), ZERO)
    tax = sum((line.tax for line in lines), shipping_tax)
    return PricedOrder(
        lines=lines,
        subtotal=subtotal,
        discount=ZERO,
        shipping=shipping,
        shipping_tax=shipping_tax,
        tax=tax,
        total=subtotal + shipping + tax,
        reasons=reasons,
    )


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


def keep_charges(
    lines: Sequence[ChargedLine],
    *,
    shipping: Decimal,
    shipping_tax: Decimal,
    tolerance: Decimal,
) -> tuple[PricedOrder, list[str]]:
    """Take over what a channel's customer pays; and the SKUs whose price differs from ours.

    tolerance   in per cent of our price: within it a difference is none
    """
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
                    "price_differs", sku=line.sku, amount=amount_text(round(theirs, 2)),
                    ours=amount_text(round(line.ours, 2)),
                )
            )  # fmt: skip
    priced = [
        PricedLine(x.unit_price, x.subtotal, x.tax, x.subtotal - x.discount + x.tax, x.discount)
        for x in lines
    ]
    subtotal = sum((x.subtotal for x in priced), ZERO)
    discount = sum((x.discount for x in priced), ZERO)
    tax = sum((x.tax for x in priced), shipping_tax)
    return (
        PricedOrder(
            lines=priced, subtotal=subtotal, discount=discount, shipping=shipping,
            shipping_tax=shipping_tax, tax=tax, total=subtotal - discount + shipping + tax,
            reasons=reasons,
        ),
        differing,
    )  # fmt: skip


def amount_text(amount: Decimal) -> str:
    """An amount in a reason: two decimals, or as many as it has."""
    exact = amount.normalize()
    return f"{exact:.2f}" if exact == round(exact, 2) else f"{exact:f}"


def unit_price(line: LineToPrice) -> Decimal:
    """The price for this quantity: the last break it reaches, or the price that was given."""
    if line.given is not None:
        return line.given
    price = line.breaks[0][1]
    for minimum, amount in line.breaks:
        if line.quantity >= minimum:
            price = amount
    return price


def _price_line(
    line: LineToPrice,
    facts: OrderToPrice,
    rounded: Callable[[Decimal, str], Decimal],
    reasons: list[dict[str, Any]],
) -> PricedLine:
    price = unit_price(line)
    if line.given is not None:
        reasons.append(reason("price_given", sku=line.sku, amount=amount_text(price)))
    elif len(line.breaks) > 1 and price != line.breaks[0][1]:
        reasons.append(
            reason(
                "quantity_break",
                sku=line.sku,
                quantity=line.quantity,
                amount=amount_text(price),
            )
        )
    else:
        reasons.append(reason("list_price", sku=line.sku, amount=amount_text(price)))
    if not line.tax_rate:
        reasons.append(reason("no_tax", sku=line.sku))
    shown = rounded(price * line.quantity, facts.currency)
    net, tax = _net_and_tax(shown, line.tax_rate, facts, rounded)
    return PricedLine(unit_price=price, subtotal=net, tax=tax, total=net + tax)


def _net_and_tax(
    shown: Decimal,
    rate: Decimal,
    facts: OrderToPrice,
    rounded: Callable[[Decimal, str], Decimal],
) -> tuple[Decimal, Decimal]:
    if not rate:
        return shown, ZERO
    if facts.includes_tax:
        net = rounded(shown / (ONE + rate), facts.currency)
        return net, shown - net
    return shown, rounded(shown * rate, facts.currency)


def _shown(line: PricedLine, facts: OrderToPrice) -> Decimal:
    return line.total if facts.includes_tax else line.subtotal
