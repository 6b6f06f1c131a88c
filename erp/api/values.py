"""How money, prices and instants are written in the API's documents."""

from datetime import UTC, datetime
from decimal import Decimal

from erp.money import plain


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """An amount as the API writes it."""
    return {"amount": plain(amount, currency), "currency": currency}


def unit_price(amount: Decimal, currency: str) -> dict[str, str]:
    """A unit price: never fewer digits than it has, since some have more than the currency."""
    text = plain(amount, currency)
    exact = f"{amount.normalize():f}"
    return {"amount": text if Decimal(text) == amount else exact, "currency": currency}


def stamp(moment: datetime | str | None) -> str | None:
    """RFC 3339 in UTC."""
    if moment is None:
        return None
    if isinstance(moment, str):
        if moment.endswith("+00:00"):
            return moment[:-6] + "Z"
        moment = datetime.fromisoformat(moment)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
