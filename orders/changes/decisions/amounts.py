"""Calculates the amounts of a changed order: touched lines in proportion, others unchanged."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from erp.reasons import Reason, reason
from orders.pricing.decisions.prices import net_and_tax
from orders.pricing.decisions.shipping_fee import is_shipping_free

ENGINE = "change/1"


ZERO = Decimal(0)


Round = Callable[[Decimal, str], Decimal]


class Amounts(Struct, frozen=True):
    """A line's money: what a unit is listed at; the rest for all its units, net but for the total."""

    unit_price: Decimal
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


class LineNow(Struct, frozen=True):
    """A line's open units (ordered − cancelled) and its amounts."""

    id: int
    sku: str
    quantity: int
    tax_rate: Decimal
    amounts: Amounts


class Fee(Struct, frozen=True):
    """A shipping service's fee as it is shown, where the service changes; free from an amount of goods."""

    service: str
    fee: Decimal
    free_from: Decimal | None
    tax_rate: Decimal


class Asked(Struct, frozen=True):
    """The facts of a change.

    wanted   units by line id, of the lines that change
    added    new lines, priced as they would be today: (SKU, units, amounts); the last `gifts` of them are free
    exact    the money that a line had before, by line id, where a change is undone; `exact_shipping` likewise,
             net and tax
    fee      the new shipping service; None: shipping stays as it is
    """

    currency: str
    includes_tax: bool
    lines: Sequence[LineNow]
    wanted: Mapping[int, int]
    added: Sequence[tuple[str, int, Amounts]]
    shipping: Decimal
    shipping_tax: Decimal
    paid: Decimal
    fee: Fee | None = None
    exact: Mapping[int, Amounts] = {}
    exact_shipping: tuple[Decimal, Decimal] | None = None
    gifts: int = 0


class Changed(Struct, frozen=True):
    """The result of a change. `due` is what remains to pay, below zero what to refund."""

    lines: dict[int, Amounts]  # of the lines that change
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    shipping_tax: Decimal
    tax: Decimal
    total: Decimal
    was: Decimal  # the total before
    due: Decimal
    reasons: list[Reason]


def change(asked: Asked, *, rounded: Round) -> Changed:
    """Calculate a change. Lines that are not named keep their amounts to the minor unit.

    A line that gets more or fewer units keeps its price and its share of discount for each of them.
    """
    reasons: list[Reason] = []
    touched: dict[int, Amounts] = {}
    for line in asked.lines:
        wanted = asked.wanted.get(line.id, line.quantity)
        if line.id in asked.exact:
            touched[line.id] = asked.exact[line.id]
        elif wanted != line.quantity:
            touched[line.id] = _scaled(line, wanted, asked, rounded)
        if wanted != line.quantity:
            code = "line_more" if wanted > line.quantity else "line_fewer"
            code = code if wanted else "line_gone"
            reasons.append(reason(code, sku=line.sku, was=line.quantity, now=wanted))
    amounts = [touched.get(line.id, line.amounts) for line in asked.lines]
    for index, (sku, units, new) in enumerate(asked.added):
        amounts.append(new)
        is_gift = index >= len(asked.added) - asked.gifts
        reasons.append(reason("gift_given" if is_gift else "line_added", sku=sku, now=units))
    shipping, shipping_tax = _shipping(asked, amounts, reasons, rounded)
    subtotal = sum((a.subtotal for a in amounts), ZERO)
    discount = sum((a.discount for a in amounts), ZERO)
    tax = sum((a.tax for a in amounts), shipping_tax)
    total = subtotal - discount + shipping + tax
    was = sum((line.amounts.total for line in asked.lines), asked.shipping + asked.shipping_tax)
    return Changed(
        lines=touched,
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        shipping_tax=shipping_tax,
        tax=tax,
        total=total,
        was=was,
        due=total - asked.paid,
        reasons=reasons,
    )


def _scaled(line: LineNow, units: int, asked: Asked, rounded: Round) -> Amounts:
    """A line's money for another number of units, so that its parts still come to its total."""
    old, currency = line.amounts, asked.currency
    if not units or not line.quantity:
        return Amounts(old.unit_price, ZERO, ZERO, ZERO, ZERO)

    def share(amount: Decimal) -> Decimal:
        return rounded(amount * units / line.quantity, currency)

    if asked.includes_tax:
        net, tax = net_and_tax(
            share(old.total),
            line.tax_rate,
            includes_tax=True,
            currency=currency,
            rounded=rounded,
        )
    else:
        net, tax = share(old.subtotal - old.discount), share(old.tax)
    subtotal = max(net, share(old.subtotal)) if old.discount else net
    return Amounts(old.unit_price, subtotal, subtotal - net, tax, net + tax)


def _shipping(
    asked: Asked, amounts: Sequence[Amounts], reasons: list[Reason], rounded: Round
) -> tuple[Decimal, Decimal]:
    fee = asked.fee
    if asked.exact_shipping is not None:
        return asked.exact_shipping
    if fee is None:
        return asked.shipping, asked.shipping_tax
    goods = sum((a.total if asked.includes_tax else a.subtotal - a.discount for a in amounts), ZERO)
    is_free = is_shipping_free(goods, fee.free_from)
    shown = ZERO if is_free else rounded(fee.fee, asked.currency)
    reasons.append(reason("service_changed", service=fee.service, amount=str(shown)))
    return net_and_tax(
        shown,
        fee.tax_rate,
        includes_tax=asked.includes_tax,
        currency=asked.currency,
        rounded=rounded,
    )
