"""Decides whether orders may be merged, and divides a line's amounts to the minor unit."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec import Struct

from erp.reasons import Reason, reason
from orders.changes.decisions.amounts import Amounts


class Mergeable(Struct, frozen=True):
    """What decides on merging an order: `place` is its address as addresses are compared."""

    number: str
    channel: int
    customer: int
    currency: str
    includes_tax: bool
    method: str
    place: str
    service: str
    status: str
    is_untouched: bool  # the warehouse has not begun, nothing has left
    is_sealed: bool
    is_authorised: bool  # a provider holds money for it that is not captured yet
    is_invoiced: bool = False
    is_paid_back: bool = False  # money of it went back, or is on its way
    waits: tuple[str, ...] = ()  # reasons of its open holds
    ship_not_before: str = ""
    note: str = ""
    contact: tuple[str, str] = ("", "")  # the e-mail address and the phone that it states


def obstacles(orders: Sequence[Mergeable]) -> list[Reason]:
    """Return why these orders cannot be merged; empty where they can."""
    found = []
    for order in orders:
        if order.status not in {"pending", "confirmed"}:
            found.append(reason("has_ended", order=order.number))
        elif not order.is_untouched:
            found.append(reason("warehouse_began", order=order.number))
        if order.is_sealed:
            found.append(reason("is_sealed", order=order.number))
        if order.is_invoiced:
            found.append(reason("is_invoiced", order=order.number))
        if order.is_authorised:
            found.append(reason("money_is_held", order=order.number))
        if order.is_paid_back:
            found.append(reason("is_paid_back", order=order.number))
    first = orders[0]
    for field, code in (
        ("channel", "other_channel"),
        ("customer", "other_customer"),
        ("currency", "other_currency"),
        ("includes_tax", "other_prices"),
        ("method", "other_method"),
        ("place", "other_address"),
    ):
        found += [
            reason(code, order=order.number)
            for order in orders[1:]
            if getattr(order, field) != getattr(first, field)
        ]
    if not first.place:
        found.append(reason("no_address", order=first.number))
    return found


def same_contact(one: Mergeable, other: Mergeable) -> bool:
    """Whether two orders state the same of who ordered them; what a person merges otherwise, nothing does by itself.

    They are one customer's where they share a contact, which anybody can state; whoever follows one of them would see
    the other.
    """
    return one.contact == other.contact


def warnings(orders: Sequence[Mergeable]) -> list[Reason]:
    """Return what somebody should know before these orders are merged."""
    first, found = orders[0], []
    for order in orders[1:]:
        if not same_contact(first, order):
            found.append(reason("other_contact", order=order.number))
        if order.service != first.service:
            found.append(
                reason(
                    "other_service",
                    order=order.number,
                    service=order.service,
                    kept=first.service,
                )
            )
        if order.ship_not_before != first.ship_not_before:
            found.append(reason("other_day", order=order.number))
        if order.note.strip():
            found.append(reason("has_note", order=order.number))
        if order.status != first.status:
            found.append(reason("other_status", order=order.number))
        if order.waits:
            found.append(reason("is_held", order=order.number))
    return found


def divided(
    amounts: Amounts,
    units: int,
    of: int,
    currency: str,
    rounded: Callable[[Decimal, str], Decimal],
) -> tuple[Amounts, Amounts]:
    """A line's money for `units` of its units, and for the rest: together exactly what it was."""

    def part(amount: Decimal) -> Decimal:
        return rounded(amount * units / of, currency)

    subtotal, discount, tax = part(amounts.subtotal), part(amounts.discount), part(amounts.tax)
    moved = Amounts(amounts.unit_price, subtotal, discount, tax, subtotal - discount + tax)
    rest = Amounts(
        amounts.unit_price,
        amounts.subtotal - subtotal,
        amounts.discount - discount,
        amounts.tax - tax,
        amounts.total - moved.total,
    )
    return moved, rest
