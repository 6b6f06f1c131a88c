"""Proposes what a new business starts with, by the country that it is in."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from babel.core import get_global
from babel.numbers import get_territory_currencies
from eu_vat_rates_data import get_standard_rate

# Where most people live, of countries with several time zones.
MAIN_ZONES = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Chuuk",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "XK": "Europe/Belgrade",
}
# Standard rates of value-added or goods-and-services tax outside Europe, in percent: OECD, Consumption Tax Trends
# 2024, for AU, CL, JP, KR, MX and NZ; of the others their tax offices. Where states or provinces have rates of their
# own (US, CA, BR), or goods have many (IN), none is proposed.
ELSEWHERE = {
    "AE": "5",
    "AU": "10",
    "CL": "19",
    "CN": "13",
    "IL": "18",
    "JP": "10",
    "KR": "10",
    "MX": "16",
    "NZ": "15",
    "SA": "15",
    "SG": "9",
    "TH": "7",
    "ZA": "15",
}
# Shop prices are shown without tax.
WITHOUT_TAX = frozenset({"US", "CA"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a business of a country starts with; its owner may change each of them.

    currency       ISO 4217
    time_zone      of the IANA database
    tax_percent    of most goods; None where no one rate holds in the whole country
    includes_tax   whether shops show their prices with tax
    """

    currency: str
    time_zone: str
    tax_percent: Decimal | None
    includes_tax: bool


def propose(country: str) -> Proposal:
    """Propose what a business of a country starts with. `country` is one of `erp.countries.COUNTRIES`."""
    currencies = get_territory_currencies(country)
    return Proposal(
        currency=_own(country, currencies) if currencies else "USD",
        time_zone=MAIN_ZONES.get(country) or _zones().get(country, "UTC"),
        tax_percent=_rate(country),
        includes_tax=country not in WITHOUT_TAX,
    )


def _own(country: str, currencies: list[str]) -> str:
    """Of several currencies the country's own, whose code begins with its (BTN of Bhutan, not INR)."""
    return next((code for code in currencies if code.startswith(country)), currencies[0])


def _rate(country: str) -> Decimal | None:
    known = ELSEWHERE.get(country) or get_standard_rate(country)
    return None if known is None else Decimal(str(known))


@cache
def _zones() -> dict[str, str]:
    """The time zone of each country that has one."""
    return {country: zone for zone, country in get_global("zone_territories").items()}
