"""Writes the numbers of a letter in figures, those in names of goods left, and finds what it said in its own words."""

import re
from collections.abc import Iterable

from orders.intake.mail import number_words
from orders.intake.mail.quantities import joined_ranges

_WORDLESS = re.compile(r"[\W_]+")


def in_figures(text: str, names: Iterable[tuple[int, int]]) -> str:
    """A letter whose numbers are figures; names of goods, from and to where they stand, are as they were."""
    parts, at = [], 0
    for start, end in names:
        parts += [_told(text[at:start]), text[start:end]]
        at = end
    return "".join([*parts, _told(text[at:])])


def _told(text: str) -> str:
    return joined_ranges(number_words.in_figures(text))


def own_words(piece: str, told: str, text: str) -> str:
    """The words of a letter that a piece was read of; the whole line where it was rewritten to be read."""
    if piece.strip() in text:
        return piece.strip()[:200]
    wanted = _bare(piece)
    lines = zip(told.split("\n"), text.split("\n"), strict=False)
    own = (line for rewritten, line in lines if wanted in _bare(rewritten))
    return next(own, piece).strip()[:200]


def _bare(text: str) -> str:
    return _WORDLESS.sub("", text)
