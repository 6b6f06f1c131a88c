"""Simulates a payment provider that moves no money: answers at once, webhooks on demand.

For trying things out and for the demo. An amount whose minor units end in 13 is refused. Its webhooks
are Stripe's, signed likewise.
"""

from decimal import Decimal

from orders.payments.providers.shapes import Answer, Refused
from orders.payments.providers.stripe import SIGNATURE, is_signed, read

__all__ = ["SIGNATURE", "capture", "is_signed", "open_intent", "read", "refund", "void"]


def open_intent(
    *, url: str, secret: str, key: str, amount: Decimal, currency: str, order: str, later: bool
) -> Answer:
    """An intent named by its key, so that the same key is the same intent."""
    _refuse_unlucky(amount)
    return Answer(f"pi_test_{key}"[:100], f"pi_test_{key}_secret"[:200])


def capture(
    *, url: str, secret: str, key: str, intent: str, amount: Decimal, currency: str, last: bool
) -> Answer:
    """Capture, in words only."""
    return Answer(intent)


def void(*, url: str, secret: str, key: str, intent: str) -> Answer:
    """Void, in words only."""
    return Answer(intent)


def refund(
    *, url: str, secret: str, key: str, intent: str, amount: Decimal, currency: str
) -> Answer:
    """Refund, in words only."""
    return Answer(f"re_test_{key}"[:100])


def _refuse_unlucky(amount: Decimal) -> None:
    if f"{amount.normalize():f}".replace(".", "").endswith("13"):
        raise Refused("card_declined")
