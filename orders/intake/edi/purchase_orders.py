"""Turns purchase orders of business customers (X12, EDIFACT, UBL) into statements."""

from collections.abc import Sequence
from decimal import Decimal

from erp.money import is_currency, minor_unit, rounded
from orders.customers.contacts import Buyer
from orders.intake.edi.allowances import ROUNDING, Allowance, Settled, settled
from orders.intake.edi.asked_days import Days, decided
from orders.intake.edi.destinations import is_named
from orders.intake.edi.free_texts import doubt_texts
from orders.intake.edi.parties import Party
from orders.intake.edi.pieces import pieces_of, price_of_one
from orders.intake.edi.purchases import Item, Purchase, number_lines
from orders.intake.edi.taxes import WholeTax, differs_from_share, settle, taxed
from orders.intake.edi.versions import Interchange, external_id_of, version_at
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.statements import Statement
from orders.intake.messages.totals import charge, charge_key, made_to_add_up, spread_discount
from orders.placement.incoming import Arrival, ForeignLine, ForeignOrder, IncomingPayment

ZERO, HUNDRED = Decimal(0), Decimal(100)


MOST_LINES = 10_000


def stated(purchase: Purchase, *, currency: str, sent: Interchange | None = None) -> Statement:
    """What a purchase order says. Raises Unreadable naming the line where one is impossible.

    currency   of the channel, for orders that name none
    sent       the interchange that it came in; None where its notation knows none
    """
    external_id = external_id_of(purchase.partner, purchase.number)
    if not purchase.items:
        raise Unreadable("no_lines")
    if len(purchase.items) > MOST_LINES:
        raise Unreadable("too_much", what=purchase.number[:60])
    currency = _currency(purchase, currency)
    number_lines(purchase)
    days = decided(purchase.asked, len(purchase.items), purchase.at.date() if purchase.at else None)
    for doubt in days.doubts:
        purchase.doubt(doubt)
    if purchase.count is not None and purchase.count != len(purchase.items):
        purchase.doubt("line_count_differs")
    _check_units(purchase)
    doubt_texts(purchase)
    lines, shipping, shipping_tax, differs = _charged(purchase, currency)
    total = sum((x.subtotal - x.discount + x.tax for x in lines), shipping + shipping_tax)
    buyer, ship_to = _parties(purchase)
    for name in dict.fromkeys(buyer.too_long() + ship_to.too_long() + purchase.bill_to.too_long()):
        purchase.doubt(f"too_long:{name}")
    order = ForeignOrder(
        external_id=external_id,
        currency=currency,
        customer=Buyer(
            name=(buyer.name or ship_to.name)[:200], email=buyer.email[:254], phone=buyer.phone[:40]
        ),
        shipping_address=ship_to.address(),
        billing_address=purchase.bill_to.address() if purchase.bill_to.name else None,
        lines=lines,
        shipping_service="",
        payment=IncomingPayment(method="on_account", reference=external_id),
        note="\n".join(x for x in (days.in_words(), purchase.note) if x)[:5000],
        ship_not_before=days.not_before,
        arrival=_arrival(days),
        includes_tax=False,
        shipping=shipping,
        shipping_tax=shipping_tax,
        total=total,
        number=purchase.number,
        customer_id=(buyer.number or purchase.partner)[:80],
        placed_at=purchase.at,
        differs=differs,
        doubts=sorted(purchase.doubts),
    )
    at = purchase.at
    if sent is not None:
        at = version_at(sent, at, is_replacement=purchase.is_replacement)
    return Statement(
        external_id=order.external_id,
        at=at,
        order=order,
        progress=int(purchase.is_replacement),
        until=days.until,
        is_live=True,
        goods=_goods(purchase),
        is_version=True,
        is_original=sent is not None and not purchase.is_replacement,
    )


def _check_units(purchase: Purchase) -> None:
    """Doubt the sum of its lines' quantities that it states where they come to another.

    A hash total of X12 may leave out the decimal points, or what stands behind them.
    """
    counts = [item.quantity for item in purchase.items if item.quantity is not None]
    digits = sum(int(f"{count:f}".replace(".", "")) for count in counts)
    found = {sum(counts, ZERO), Decimal(digits), Decimal(sum(int(count) for count in counts))}
    if purchase.units is not None and purchase.units not in found:
        purchase.doubt("totals_differ:quantities")


def _goods(purchase: Purchase) -> dict[str, Sequence[str]]:
    """All that lines call their goods, by their numbers."""
    return {
        item.key[:60]: [
            *dict.fromkeys(_kept(name) for name in (item.code, *item.called) if name),
            *([f"listing:{item.theirs[:60]}"] if item.theirs else []),
        ]
        for item in purchase.items
    }


def _arrival(days: Days) -> Arrival | None:
    """When it should come, where it says that and can be read."""
    if days.comes_on is None and days.comes_by is None:
        return None
    return Arrival(days.comes_on, days.comes_by, days.coming)


def _parties(purchase: Purchase) -> tuple[Party, Party]:
    """Who buys and where it goes; each stands in for the other where the order names one alone."""
    ship_to = purchase.ship_to if is_named(purchase.ship_to) else purchase.buyer
    buyer = purchase.buyer if purchase.buyer.name or purchase.buyer.number else ship_to
    return buyer, ship_to


def _currency(purchase: Purchase, otherwise: str) -> str:
    """The order's currency. Raises Unreadable for one that ISO 4217 does not know, and for two."""
    code = (purchase.currency or otherwise).strip().upper()
    if not is_currency(code):
        raise Unreadable("no_currency")
    named = {code} | {x.strip().upper() for x in purchase.currencies} - {""}
    if len(named) > 1:
        raise Unreadable("two_currencies", what=", ".join(sorted(named))[:60])
    return code


def _charged(
    purchase: Purchase, currency: str
) -> tuple[list[ForeignLine], Decimal, Decimal, Decimal]:
    """Lines, carriage and its tax as they come to the total, and what they missed of it."""
    found: list[ForeignLine] = []
    untaxed: set[int] = set()
    by_line = Settled()
    _settle_taxes(purchase, currency)
    for item in purchase.items:
        lines, extra = _lines(item, purchase, currency)
        if item.tax_rate == 0:
            untaxed |= set(range(len(found), len(found) + len(lines)))
        found += lines
        by_line.add_carriage(extra)
    goods = sum((x.subtotal - x.discount for x in found), by_line.carriage)
    of_whole = settled(purchase.allowances, goods, currency)
    for doubt in of_whole.doubts:
        purchase.doubt(doubt)
    lines = spread_discount(found, of_whole.off, currency)
    untaxed |= {n for n, x in enumerate(of_whole.charges, len(lines)) if x[0].tax_rate == 0}
    lines += _charge_lines(of_whole, "")
    _check_sums(purchase, goods, of_whole, currency)
    by_line.add_carriage(of_whole)
    shipping = by_line.carriage
    taxes = WholeTax(
        purchase.tax,
        purchase.tax_rate,
        of_whole.tax,
        by_line.carriage_tax,
        by_line.carriage_open,
        of_whole.off_tax,
        frozenset(untaxed),
    )
    lines, shipping_tax, is_doubtful = taxed(lines, shipping, taxes, currency)
    if is_doubtful:
        purchase.doubt("tax_differs")
    due = rounded(
        sum((x.subtotal - x.discount + x.tax for x in lines), shipping + shipping_tax), currency
    )
    return made_to_add_up(
        lines,
        shipping=shipping,
        shipping_tax=shipping_tax,
        total=_total(purchase, sum((x.tax for x in lines), shipping_tax), due, currency),
        currency=currency,
    )


def _settle_taxes(purchase: Purchase, currency: str) -> None:
    """Settle what is stated of the taxes of the whole, of its lines, and of what is taken off and charged."""
    slack = minor_unit(currency) * (1 + len(purchase.items)) / 2
    is_doubtful = settle(purchase, slack, is_told=any(item.taxes for item in purchase.items))
    is_told = purchase.tax is not None or purchase.tax_rate is not None
    for item in purchase.items:
        is_doubtful |= settle(item, slack, is_told=is_told)
    abouts: list[Purchase | Item] = [purchase, *purchase.items]
    for about in abouts:
        for each in about.allowances:
            is_doubtful |= settle(each, slack, is_told=is_told)
            is_doubtful |= _is_taken_off_another(each, about, purchase)
    if is_doubtful:
        purchase.doubt("tax_differs")


def _is_taken_off_another(each: Allowance, about: Purchase | Item, purchase: Purchase) -> bool:
    """Whether something is taken off at a rate of tax that what it is about does not have."""
    if each.is_charge or not each.tax_rate:
        return False
    if about.tax is not None or purchase.tax is not None:  # theirs are amounts
        return False
    if about is purchase and any(item.tax for item in purchase.items):
        return True  # nothing says whether theirs is less by that already
    if about is purchase and any(item.tax_rate for item in purchase.items):
        return each.tax_rate not in {item.tax_rate for item in purchase.items} | {about.tax_rate}
    rate = purchase.tax_rate if about.tax_rate is None else about.tax_rate
    return rate != each.tax_rate


def _check_sums(purchase: Purchase, goods: Decimal, of_whole: Settled, currency: str) -> None:
    """Doubt the sums that a purchase order states where its parts come to others.

    goods, off, charged (of the whole), net (all of it without tax), extra (charged less taken off)
    What a total is rounded by to be paid belongs to none of them.
    """
    charges = [amount for each, amount, _tax in of_whole.charges if each.code != ROUNDING]
    charged, off = sum(charges, of_whole.carriage), of_whole.off - of_whole.rounded_off
    come_to = {
        "goods": goods,
        "off": off,
        "charged": charged,
        "extra": charged - off,
        "net": goods + charged - off,
    }
    slack = minor_unit(currency) * (1 + len(purchase.items)) / 2
    for name, amount in purchase.sums.items():
        if abs(amount - come_to[name]) > slack:
            purchase.doubt(f"totals_differ:{name}")


def _lines(item: Item, purchase: Purchase, currency: str) -> tuple[list[ForeignLine], Settled]:
    """A line and what is charged on top of it, and what that comes to, carriage too."""
    quantity, in_one = pieces_of(item, purchase)
    price = price_of_one(item, in_one, purchase)
    goods = None if price is None else price * quantity
    if min(goods or ZERO, item.amount or ZERO, item.tax or ZERO) < 0:
        raise Unreadable("price_below_zero", line=item.key[:20])
    worth = _worth(item) if goods is None else goods
    found = settled(item.allowances, worth, currency, item.tax_rate if item.tax is None else None)
    for doubt in found.doubts:
        purchase.doubt(doubt)
    subtotal = worth if item.amount is None else item.amount - found.net
    if item.amount is not None and goods is not None:
        by_rounding = _slack_of_price(item, quantity, currency)
        if abs(subtotal - goods) > by_rounding:
            purchase.doubt(f"line_differs:{item.key[:20]}")
    if subtotal < 0:
        raise Unreadable("price_below_zero", line=item.key[:20])
    if item.tax is not None and item.tax_rate is not None:
        bases = [subtotal - found.off, subtotal + found.net]
        if differs_from_share(item.tax, item.tax_rate, bases, minor_unit(currency)):
            purchase.doubt("tax_differs")
    line = ForeignLine(
        sku=_kept(item.code),
        code=_kept(item.code),
        listing=item.theirs[:60],
        key=item.key[:60],
        quantity=quantity,
        name=item.name[:250],
        unit_price=round(subtotal / quantity if price is None else price, 4),
        subtotal=subtotal,
        discount=min(found.off, subtotal),
        tax=_tax_of(item, subtotal - found.off) + found.tax,
        is_unpriced=item.price is None and item.amount is None,
    )
    return [line, *_charge_lines(found, line.key[:40])], found


def _worth(item: Item) -> Decimal:
    """What a line without a price costs before what is taken off and charged, by the amount that it states."""
    changed = (x.amount if x.is_charge else -x.amount for x in item.allowances if x.amount)
    return max((item.amount or ZERO) - sum(changed, ZERO), ZERO)


def _kept(code: str) -> str:
    """A code of goods; one that is longer than any of ours is marked as cut, so that it is nobody else's."""
    return code if len(code) <= 60 else f"{code[:59]}…"


def _slack_of_price(item: Item, quantity: int, currency: str) -> Decimal:
    """What rounding the price of one to a minor unit, and the line's amount to another, can come to."""
    return minor_unit(currency) * (quantity + 1) / 2


def _charge_lines(found: Settled, key: str) -> list[ForeignLine]:
    """What is charged beside goods, as lines of their own; `key` of the line that it is charged with."""
    return [
        charge(charge_key(key, n), (each.name or each.code)[:250], amount, tax)
        for n, (each, amount, tax) in enumerate(found.charges, 1)
    ]


def _tax_of(item: Item, net: Decimal) -> Decimal:
    """What a line says its tax is; by its rate where it says no amount."""
    if item.tax is not None:
        return item.tax
    if item.tax_rate is None:
        return ZERO
    return max(net, ZERO) * item.tax_rate / HUNDRED


def _total(purchase: Purchase, tax: Decimal, due: Decimal, currency: str) -> Decimal:
    """What is to be paid. A stated total that leaves out just the stated tax is a net one.

    Of several totals the last one counts; one that is neither with nor without tax what that is, is doubted.
    Raises Unreadable below zero.
    """
    if not purchase.totals:
        return due
    if min(purchase.totals) < 0:
        raise Unreadable("negative_total")
    slack = minor_unit(currency) * (1 + len(purchase.items)) / 2
    total = purchase.totals[-1]
    is_net = tax > 0 and abs(total + tax - due) <= slack
    total = due if is_net else total
    for other in purchase.totals[:-1]:
        if min(abs(other - total), abs(other + tax - total)) > slack:
            purchase.doubt("totals_differ:total")
    return total
