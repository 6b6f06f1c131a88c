"""Reads what Shopify says of money: captures, refunds and how far an order is paid, in the shop's currency."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from orders.intake.messages.foreign_json import Part, Unreadable, currency_code
from orders.intake.messages.statements import StatedMoney, StatedRefund

ZERO = Decimal(0)


# What a transaction does with money, once it has succeeded.
IN, OUT, NOTHING = "in", "out", "nothing"
KINDS = {
    "sale": IN,
    "capture": IN,
    "refund": OUT,
    "authorization": NOTHING,
    "void": NOTHING,
    "change": NOTHING,
}


HAS_MOVED = {"success": True, "pending": False, "failure": False, "error": False}


# How far an order is paid. Of a status that is not here nobody knows what has come.
PAID = {"paid": 3, "partially_refunded": 4, "refunded": 5}
UNPAID = {
    "": 0,
    "pending": 0,
    "unpaid": 0,
    "authorized": 1,
    "partially_paid": 2,
    "voided": 1,
    "expired": 1,
}


class Received(NamedTuple):
    """What has been captured of an order by its channel's account, and what is doubtful about that."""

    amount: Decimal
    doubts: list[str]


def gid_of(given: Part) -> str:
    """An id: of its gid where it has one, whose digits nothing rounds. Raises Unreadable for two that differ."""
    exact, plain = given.text("admin_graphql_api_id").rpartition("/")[2], given.key("id")
    if not (exact.isascii() and exact.isdecimal() and len(exact) <= 40):
        return plain
    if plain.isdecimal() and float(plain) != float(exact):  # JavaScript rounds to the next double
        raise Unreadable("ids_differ", one=plain, other=exact)
    return exact


def capture_of(given: Part) -> dict[str, StatedMoney]:
    """The money that a transaction has taken, by its id; none where it took none."""
    if moves(given) != IN:
        return {}
    key = gid_of(given)
    if not key:
        raise Unreadable("no_id")
    return {key: money_of(given, "amount")}


def given_back_by(given: Part) -> list[StatedRefund]:
    """The money that a transaction has given back, as a refund of its own; none where it gave none.

    Some apps give money back without a refund of the shop's; of the others the refund names the transaction.
    """
    if moves(given) != OUT:
        return []
    key = gid_of(given)
    if not key:
        raise Unreadable("no_id")
    back = money_of(given, "amount")
    return [
        StatedRefund(
            key=f"transaction:{key}",
            amount=back.amount,
            currency=back.currency,
            transactions=[key],
            is_alone=True,
        )
    ]


def moves(given: Part) -> str:
    """What a transaction has done with money: a test's nothing. Raises Unreadable for words that nobody listed."""
    kind, status = given.text("kind").lower(), given.text("status").lower()
    if kind not in KINDS:
        raise Unreadable("state_unknown", field="kind", value=kind[:40])
    if status not in HAS_MOVED:
        raise Unreadable("state_unknown", field="status", value=status[:40])
    return KINDS[kind] if HAS_MOVED[status] and not given.flag("test") else NOTHING


def money_of(given: Part, name: str) -> StatedMoney:
    """An amount with its currency: the shop's where both the shop's and the buyer's are stated."""
    shop = given.part(f"{name}_set").part("shop_money")
    if shop:
        return StatedMoney(shop.stated("amount"), _currency_of(shop))
    return StatedMoney(given.stated(name), _currency_of(given))


def _currency_of(given: Part) -> str:
    code = given.text("currency_code") or given.text("currency")
    return currency_code(code) if code else ""


def refund_of(given: Part) -> StatedRefund:
    """A refund: the money that its transactions gave back, and the units that it took off.

    What its lines are worth is no money: goods that are restocked may never have been paid.
    """
    key = gid_of(given)
    if not key:
        raise Unreadable("no_id")
    units: dict[str, int] = {}
    for row in given.parts("refund_line_items"):
        line = row.key("line_item_id")
        units[line] = units.get(line, 0) + row.units("quantity", line)
    rows = [row for row in given.parts("transactions") if moves(row) == OUT]
    back = _in_shop_money(given, _summed([money_of(row, "amount") for row in rows]))
    return StatedRefund(
        key=key,
        amount=back.amount,
        units=units,
        currency=back.currency,
        transactions=[name for row in rows if (name := gid_of(row))],
    )


def _summed(amounts: Sequence[StatedMoney]) -> StatedMoney:
    """The sum of amounts. Raises Unreadable where their currencies differ, or some state theirs and others none."""
    currencies = sorted({money.currency for money in amounts if money.amount})
    if len(currencies) > 1:
        raise Unreadable("currencies_differ", one=currencies[0], other=currencies[1])
    currency = currencies[0] if currencies else ""
    return StatedMoney(sum((money.amount for money in amounts), ZERO), currency)


def _in_shop_money(given: Part, back: StatedMoney) -> StatedMoney:
    """What was given back in the buyer's currency, in the shop's: where the refund's own lines say what that is.

    As it was stated where they do not: no rate is guessed.
    """
    if not back.currency or not back.amount:
        return back
    for names in (("subtotal", "total_tax"), ("subtotal",)):
        pairs = [
            pair
            for row in given.parts("refund_line_items")
            for name in names
            if (pair := _both(row, name)) is not None
        ]
        pairs += [
            pair
            for row in given.parts("order_adjustments")
            for name in ("amount", "tax_amount")
            if (pair := _both(row, name)) is not None
        ]
        if any(presentment.currency != back.currency for _shop, presentment in pairs):
            continue
        if abs(sum((p.amount for _shop, p in pairs), ZERO)) == back.amount:
            shop = [money for money, _presentment in pairs]
            total = _summed(shop)
            return StatedMoney(abs(total.amount), total.currency)
    return back


def _both(row: Part, name: str) -> tuple[StatedMoney, StatedMoney] | None:
    """An amount in the shop's currency and in the buyer's; None where only one is stated."""
    sums = row.part(f"{name}_set")
    found = []
    for side in ("shop_money", "presentment_money"):
        money = sums.part(side)
        if not money or not _currency_of(money):
            return None
        found.append(StatedMoney(money.amount("amount"), _currency_of(money)))
    return found[0], found[1]


def worth_of_goods(refund: Part) -> Decimal:
    """What the lines of a refund are worth, whether money was given back for them or not."""
    rows = list(refund.parts("refund_line_items"))
    return sum((row.amount("subtotal") + row.amount("total_tax") for row in rows), ZERO)


def received(given: Part, total: Decimal, refunds: Sequence[StatedRefund]) -> Received:
    """What of an order's total was captured, by its status.

    Raises nothing for a word that nobody listed: the order is there, and a person has to look at it.
    """
    status = given.text("financial_status", 40)
    left = given.amount("total_outstanding")
    back = sum((refund.amount for refund in refunds), ZERO)
    if status in PAID:
        odd = (status == "paid" and left > 0) or (status != "paid" and not back)
        return Received(max(ZERO, total - _unmoved(given)), ["state_contradicts"] if odd else [])
    if status == "partially_paid":
        if "total_outstanding" not in given or not 0 < left < total:
            return Received(ZERO, ["state_contradicts"])
        return Received(total - left, [])
    if status not in UNPAID:
        return Received(ZERO, ["state_unknown"])
    return Received(ZERO, ["state_contradicts"] if back else [])


def _unmoved(given: Part) -> Decimal:
    """What came off an order before anybody paid for it: it is part of the first total, and was never captured.

    Money that was to go back and has not (a refund that failed, or is pending) had come.
    """
    return sum(
        (
            worth_of_goods(refund)
            for refund in given.parts("refunds")
            if not any(row.stated("amount") for row in refund.parts("transactions"))
        ),
        ZERO,
    )
