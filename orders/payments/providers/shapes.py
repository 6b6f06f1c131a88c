"""Defines the answers and events that every payment provider module returns."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


class Unavailable(Exception):
    """It did not answer as it should; the same request may be sent again under the same key."""


class Refused(Exception):
    """It said no: asking the same again changes nothing. `code` is its own."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking: the provider's id of the intent, and what the storefront pays with."""

    external_id: str
    client_secret: str = ""


@dataclass(frozen=True, slots=True)
class ProviderMessage:
    """One thing a provider said by webhook.

    what     authorised, captured, voided, failed, refunded, disputed, or "" for what is not ours to act on
    amount   in the currency's units: authorised, captured so far, refunded so far; None: it cannot be read
    currency by ISO 4217; "" for what is none
    """

    external_id: str
    kind: str
    what: str
    account: str
    intent: str
    amount: Decimal | None
    currency: str


class Adapter(Protocol):
    """What a module of a provider offers. `key` makes a call happen once; each raises Unavailable or Refused."""

    SIGNATURE: str  # the header that a webhook's signature is in

    def open_intent(
        self,
        *,
        url: str,
        secret: str,
        key: str,
        amount: Decimal,
        currency: str,
        order: str,
        later: bool,
    ) -> Answer: ...

    def capture(
        self,
        *,
        url: str,
        secret: str,
        key: str,
        intent: str,
        amount: Decimal,
        currency: str,
        last: bool,
    ) -> Answer: ...

    def void(self, *, url: str, secret: str, key: str, intent: str) -> Answer: ...

    def refund(
        self, *, url: str, secret: str, key: str, intent: str, amount: Decimal, currency: str
    ) -> Answer: ...

    def is_signed(self, body: bytes, signature: str, secret: str, at: float) -> bool: ...

    def read(self, body: bytes) -> ProviderMessage | None: ...
