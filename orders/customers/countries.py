"""Finds countries by their codes of two, three letters or digits, their English and Chinese names and aliases."""

from functools import cache

from babel import Locale
from babel.core import get_global

from erp.countries import is_country


@cache
def _countries() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in ("en", "zh"):
        for code, name in Locale(language).territories.items():
            if is_country(code):
                known[name.casefold()] = code
    others = get_global("territory_aliases")
    known |= {
        code.casefold(): now[0] for code, now in others.items() if len(now) == 1 and len(code) == 3
    }
    return known | {
        "el": "GR",
        "usa": "US",
        "uk": "GB",
        "china": "CN",
        "中国大陆": "CN",
        "deutschland": "DE",
    }


def country_code(text: str) -> str:
    """The ISO 3166-1 code of a country by its code or its name; "" for what is none."""
    plain = text.strip()
    if found := _countries().get(plain.casefold(), ""):
        return found
    return plain.upper() if is_country(plain.upper()) else ""
