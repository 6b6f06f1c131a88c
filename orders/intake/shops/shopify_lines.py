"""Reads the lines of a Shopify order: as they are now, gross first and net after."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.money import rounded, split
from orders.intake.messages.foreign_json import Part, Unreadable
from orders.intake.shops.addresses import code_in
from orders.intake.shops.shopify_money import gid_of
from orders.placement.incoming import ForeignLine

ZERO = Decimal(0)


# What becomes of the goods of a refund: whether they had left. What had left was wanted.
RETURNED = {
    "return": True,
    "cancel": False,
    "legacy_restock": False,
    "no_restock": False,
    "": False,
}


@dataclass
class Sold:
    """A line of a Shopify order as it was sold, in the prices that the shop shows.

    first, units  ordered at first, and wanted now
    shown, off    price × first, and what was taken off of it
    """

    row: Part
    first: int
    units: int
    price: Decimal
    shown: Decimal
    off: Decimal
    tax: Decimal

    def share(self, amount: Decimal) -> Decimal:
        """What of an amount of the whole line falls to the units that are still wanted."""
        return amount * self.units / self.first if self.first else ZERO


def sold_lines(given: Part) -> list[Sold]:
    """The lines of an order, with the units that are wanted now. Raises Unreadable."""
    back = list(given.parts("refunds"))
    found = []
    for row in given.parts("line_items"):
        name = row.text("sku", 60) or row.text("name", 60)
        first = row.units("quantity", name)
        price = row.stated("price")
        off = sum((each.due("amount") for each in row.parts("discount_allocations")), ZERO)
        shown = price * first
        found.append(
            Sold(
                row=row,
                first=first,
                units=_wanted(row, first, back, name),
                price=price,
                shown=shown,
                off=min(off or row.due("total_discount"), shown),
                tax=tax_of(row),
            )
        )
    return found


def _wanted(row: Part, first: int, refunds: Sequence[Part], name: str) -> int:
    """How many units of a line are wanted: what came back after it had left was, what was taken off is not."""
    ids = {row.text("id"), gid_of(row)}
    removed = returned = 0
    for refund in refunds:
        for each in refund.parts("refund_line_items"):
            if each.key("line_item_id") not in ids:
                continue
            restock = each.text("restock_type")
            if restock not in RETURNED:
                raise Unreadable("state_unknown", field="restock_type", value=restock[:40])
            units = each.units("quantity", name)
            returned += units if RETURNED[restock] else 0
            removed += units if restock == "cancel" else 0
    if "current_quantity" not in row:
        return max(0, first - removed)
    now = row.units("current_quantity", name)
    if now > first:
        raise Unreadable("more_than_ordered", line=name)
    return min(first, now + returned)


def tax_of(row: Part) -> Decimal:
    """The tax of a line or of shipping."""
    return sum((each.due("price") for each in row.parts("tax_lines")), ZERO)


def spread_rest(lines: Sequence[Sold], rest: Decimal, currency: str) -> None:
    """Take what the order was discounted beside its lines off them, by what each still costs."""
    worth = [line.shown - line.off for line in lines]
    taken = min(rest, sum(worth, ZERO))
    if taken <= 0:
        return
    for line, share in zip(lines, split(rounded(taken, currency), worth, currency), strict=True):
        line.off = min(line.shown, line.off + share)


def as_foreign(line: Sold, includes_tax: bool, currency: str) -> ForeignLine:
    """A line as it is charged: net of tax, where the shop shows prices with it as well."""
    shown = rounded(line.price * line.units, currency)
    off = rounded(line.share(line.off), currency)
    tax = rounded(line.share(line.tax), currency)
    subtotal, discount = shown, off
    if includes_tax:
        paid = shown - off
        tax = min(tax, paid)
        subtotal = rounded(shown * (paid - tax) / paid, currency) if paid > 0 else shown
        discount = subtotal - (paid - tax)
    row = line.row
    return ForeignLine(
        sku=code_in(row, "sku"),
        code=code_in(row, "sku"),
        quantity=line.units,
        key=gid_of(row),
        listing=row.key("variant_id") or row.key("product_id"),
        name=row.text("name") or row.text("title"),
        is_service=row.flag("gift_card") or row.raw("requires_shipping") is False,
        unit_price=line.price,
        subtotal=subtotal,
        discount=discount,
        tax=tax,
    )


def shipping_of(given: Part, includes_tax: bool) -> tuple[Decimal, Decimal, Decimal]:
    """Shipping net of tax and discounts, its tax, and the discounts that were on it."""
    net = tax = off = ZERO
    for row in given.parts("shipping_lines"):
        if row.flag("is_removed"):
            continue
        each_tax, price = tax_of(row), row.due("price")
        each_off = sum((each.due("amount") for each in row.parts("discount_allocations")), ZERO)
        paid = price - each_off
        net += paid - each_tax if includes_tax else paid
        tax, off = tax + each_tax, off + each_off
    return max(ZERO, net), tax, off
