"""Defines the sheets of prices and exchange rates."""

from django.utils.translation import gettext_lazy as _

from erp.jobs.sheets import Column, Sheet
from orders.pricing.actions.exchange_rates import write_rates
from orders.pricing.actions.prices import write_prices
from orders.pricing.models.prices import ExchangeRate, Price

SHEETS = (
    Sheet(
        name="prices",
        title=_("Prices"),
        note=_("Prices by price list; one row per quantity break."),
        right="inventory.edit",
        columns=(
            Column("price_list", needed=True, longest=50),
            Column("sku", needed=True, longest=60),
            Column("min_quantity", "count"),
            Column("amount", "decimal", needed=True),
            Column("valid_from", "day"),
            Column("valid_until", "day"),
        ),
        write=write_prices,
        read=lambda: (
            Price.objects.order_by("price_list_id", "sku_id", "min_quantity", "pk")
            .values_list(
                "price_list__code",
                "sku__code",
                "min_quantity",
                "amount",
                "valid_from",
                "valid_until",
            )
            .iterator()
        ),
    ),
    Sheet(
        name="exchange-rates",
        title=_("Exchange rates"),
        note=_("Value of one unit of a currency in the company's currency, from a day on."),
        right="settings.edit",
        columns=(
            Column("currency", needed=True, longest=3),
            Column("on", "day", needed=True),
            Column("rate", "decimal", needed=True),
            Column("source", longest=60),
        ),
        write=write_rates,
        read=lambda: (
            ExchangeRate.objects.order_by("currency", "on")
            .values_list("currency", "on", "rate", "source")
            .iterator()
        ),
    ),
)
