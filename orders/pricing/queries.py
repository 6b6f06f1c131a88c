"""Reads exchange rates."""

from datetime import date
from decimal import Decimal

from orders.pricing.models.prices import ExchangeRate


def rate_on(currency: str, day: date) -> Decimal | None:
    """What one unit of a currency was worth in the company's own on a day; None where nobody has said."""
    rates = ExchangeRate.objects.filter(currency=currency, on__lte=day).order_by("-on")
    return rates.values_list("rate", flat=True).first()
