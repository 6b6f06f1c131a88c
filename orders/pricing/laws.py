"""Defines the invariants of prices and taxes: their currencies and countries are ones that there are."""

from erp.audit.laws import codes_exist
from erp.countries import COUNTRIES
from erp.money import DIGITS

LAWS = (
    codes_exist(
        "price_currencies_exist",
        "The currency of every price list, price floor, promotion and exchange rate is one that there is.",
        {
            "orders_pricelist": "currency",
            "orders_pricefloor": "currency",
            "orders_promotion": "currency",
            "orders_exchangerate": "currency",
        },
        DIGITS,
    ),
    codes_exist(
        "tax_countries_exist",
        "The country of every tax rate and tax exemption is one that there is.",
        {"orders_taxrate": "country", "orders_taxexemption": "country"},
        COUNTRIES,
    ),
)
