"""Formats money, prices and instants for the API's documents."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TypedDict, overload

from erp.money import plain


class AmountDocument(TypedDict):
    """An amount as the API writes it: a decimal string with its ISO 4217 currency."""

    amount: str
    currency: str


def money(amount: Decimal, currency: str) -> AmountDocument:
    """Format an amount for the API."""
    return {"amount": plain(amount, currency), "currency": currency}


def unit_price(amount: Decimal, currency: str) -> AmountDocument:
    """Format a unit price with all its digits; some have more than the currency."""
    text = plain(amount, currency)
    exact = f"{amount.normalize():f}"
    return {"amount": text if Decimal(text) == amount else exact, "currency": currency}


@overload
def stamp(moment: datetime | str) -> str: ...
@overload
def stamp(moment: datetime | str | None) -> str | None: ...
def stamp(moment: datetime | str | None) -> str | None:
    """Format an instant as RFC 3339 in UTC."""
    if moment is None:
        return None
    if isinstance(moment, str):
        if moment.endswith("+00:00"):
            return moment[:-6] + "Z"
        moment = datetime.fromisoformat(moment)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
