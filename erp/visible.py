"""Tells what of a text can be seen: marks of no width, fillers and blanks are no content."""

import re
import unicodedata

# Letters by their category that show nothing: fillers of Hangul, the empty Braille pattern.
_EMPTY = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_UNSEEN = {"Cc", "Cf", "Cn", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"}
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_ODD = re.compile(r"[^\x20-\x7e]")
# What `seen` changes in the middle of a text, as a class of PostgreSQL's and Python's expressions (Unicode 14).
ALTERED = (
    r"\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160"
    r"\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u2800\u3000\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: it is empty, or all of it are blanks and marks of no width."""
    if text.isascii():
        if text.isprintable():
            return not text.strip()
        return not text.strip() or not any(c.isprintable() and c != " " for c in text)
    return all(c in _EMPTY or unicodedata.category(c) in _UNSEEN for c in text)


def seen(text: str) -> str:
    """A text as it is compared: no marks of no width, directions or order, every blank a plain one."""
    if _ODD.search(text) is None:
        return text.strip()
    kept = (
        " " if c.isspace() or unicodedata.category(c) == "Zs" else c
        for c in _SELECTORS.sub("", text)
        if c.isspace() or (c not in _EMPTY and unicodedata.category(c) not in {"Cc", "Cf"})
    )
    return "".join(kept).strip()


def identifier(text: str) -> str:
    """An identifier as every door keeps and compares it: what is seen of it, letters with their accents as one.

    Whose case, dashes and inner blanks matter is its owner's to say: two that can be told apart stay two.
    """
    return (
        text.strip()
        if text.isascii() and text.isprintable()
        else unicodedata.normalize("NFC", seen(text))
    )


def code_key(text: str) -> str:
    """A number or code as it is compared, however it was typed or scanned.

    Wide and other compatible forms are the plain ones; what is not seen, blanks and dashes count for nothing;
    the letters of ASCII are capitals, and other letters are what they are: their capitals depend on who asks.
    """
    kept = "".join(
        c.upper() if c.isascii() else c
        for c in unicodedata.normalize("NFKC", text)
        if c not in DASHES and not c.isspace() and unicodedata.category(c) not in {"Cc", "Cf"}
    )
    return unicodedata.normalize("NFKC", kept)  # a blank may have kept a letter from its accent
