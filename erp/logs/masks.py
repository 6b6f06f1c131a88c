"""Masks what looks personal in the text of a log line: the second net, behind not writing it."""

import re

EMAIL = re.compile(r"[^\s@<>\"'(),:;]+@[^\s@<>\"'(),:;]+")
# Nine digits and more, as phones and cards are written; ids and moments have fewer in a row.
DIGITS = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){8,}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?")
MOST = 2000  # characters of one message


def masked(text: str) -> str:
    """A text without e-mail addresses and long runs of digits; moments stay."""
    if text.isalpha():
        return text[:MOST]
    text = text[:MOST]
    if "@" in text:
        text = EMAIL.sub("***@***", text)
    return DIGITS.sub(_unless_moment, text) if any(c.isdigit() for c in text) else text


def _unless_moment(found: re.Match[str]) -> str:
    return found[0] if MOMENT.match(found.string, found.start()) else "#########"
