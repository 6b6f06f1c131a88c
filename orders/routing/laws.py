"""Defines the invariants of shipping: its currencies and countries are ones that there are."""

from erp.audit.laws import codes_exist
from erp.countries import COUNTRIES
from erp.money import DIGITS

LAWS = (
    codes_exist(
        "shipping_currencies_exist",
        "The currency of every shipping service is one that there is.",
        {"orders_shippingservice": "currency"},
        DIGITS,
    ),
    codes_exist(
        "shipping_countries_exist",
        "The country of every lane and carrier tariff is one that there is.",
        {"orders_lane": "country", "orders_carrieroption": "country"},
        COUNTRIES,
        empty=True,
    ),
)
