"""Finds countries by their English and Chinese names and common aliases."""

from functools import cache

from babel import Locale


@cache
def _countries() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in ("en", "zh"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                known[name.casefold()] = code
    return known | {
        "usa": "US",
        "uk": "GB",
        "china": "CN",
        "中国大陆": "CN",
        "deutschland": "DE",
    }


def country_code(text: str) -> str:
    """The ISO 3166-1 code of a country by its code or its name; "" for what is none."""
    plain = text.strip()
    if len(plain) == 2 and plain.isascii() and plain.isalpha():
        return plain.upper()
    return _countries().get(plain.casefold(), "")
