"""Decides how much of a line can be refunded, and what of an order is owed back."""

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

ZERO = Decimal(0)


def refundable(
    *,
    total: Decimal,
    ordered: int,
    refunded: int,
    quantity: int,
    currency: str,
    rounded: Callable[[Decimal, str], Decimal],
) -> Decimal:
    """What `quantity` more units of a line are worth, so that all units sum to its total.

    total     what the customer pays for the line
    refunded  units refunded before
    """

    def share(units: int) -> Decimal:
        return rounded(total * units / ordered, currency)

    return share(refunded + quantity) - share(refunded)


class Purse(Struct, frozen=True):
    """An order's money.

    captured, refunded   what came and what went back, of its payments
    proposed             what is on its way back: of refunds that are neither completed nor rejected
    given_off            the part of all refunds, completed or on their way, that pays for what is no longer in
                         `total`: units taken off. The rest are allowances, for what stays in it
    has_ended            it was cancelled, rejected or expired, unserved
    """

    captured: Decimal
    refunded: Decimal
    proposed: Decimal
    given_off: Decimal
    total: Decimal
    has_ended: bool

    @property
    def left(self) -> Decimal:
        """What can still be given back at most."""
        return self.captured - self.refunded - self.proposed

    @property
    def unpaid_back(self) -> Decimal:
        """What was paid for what is no longer in the order and no refund pays for yet; of an ended one, all."""
        more = self.captured if self.has_ended else self.captured - self.total
        return max(ZERO, more - self.given_off)

    @property
    def paid_back_twice(self) -> Decimal:
        """By how much refunds for what is no longer in the order, those that wait too, are more than was paid."""
        paid = self.captured if self.has_ended else self.captured - self.total
        return max(ZERO, self.given_off - max(ZERO, paid)) if self.given_off else ZERO

    @property
    def is_paid_back_twice(self) -> bool:
        """Whether refunds for what is no longer in the order, those that wait among them, are more than was paid."""
        return self.paid_back_twice > 0

    @property
    def owed(self) -> Decimal:
        """What is to be given back and nobody has proposed yet."""
        return max(ZERO, self.left if self.has_ended else min(self.unpaid_back, self.left))


def units_before_shipping(*, refunded: int, shipped: int, unshipped: int, quantity: int) -> int:
    """How many of `quantity` units that a refund pays for can only be units that have not shipped.

    refunded   units of the line that were paid back, this refund's among them
    A refund means shipped units as long as there are some that were not paid back.
    """
    return max(0, min(refunded - shipped, unshipped, quantity))


def units_within(amount: Decimal, *, each: Decimal, most: int) -> int:
    """How many units an amount pays for; one that misses the last of it by rounding, or is a little more, is whole."""
    if amount <= 0 or each <= 0:
        return 0
    return min(most, int(amount / each + Decimal("0.01")))
