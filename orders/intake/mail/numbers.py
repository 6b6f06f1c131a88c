"""Reads how letters write one number: thousands set apart, wide digits, halves and other fractions."""

import re
from fractions import Fraction

# The same mark before each three digits, and no number before or behind: 1 000, 1'000, 1.000, 1,000,000.
THOUSANDS = re.compile(
    r"(?<![\w/'’.,])(?<![\d.,'’] )(?<!\D-)[1-9]\d{0,2}(?P<mark>[ '’.,])\d{3}(?:(?P=mark)\d{3})*(?!(?P=mark"
    r")?\d|[.,]\d)"
)
# Thin blanks hold a number together: what they part is never two.
_THIN = re.compile(r"(?<![\w.,/'’-])[1-9]\d{0,2}(?:[\u2007\u2009\u202f]\d{3})+(?![.,/'’-]?\d)")
_WIDE_MARK = re.compile(r"(?<=\d)[，．](?=\d{3}(?!\d))")
_WIDE = str.maketrans("０１２３４５６７８９／", "0123456789/")
# Units of languages that set thousands apart by points.
_POINTED = re.compile(r"\s*(?:stücke?|stk|st|unidades?|uds?|piezas?|pièces?)(?![a-z])", re.I)
_COUNTS = re.compile(r"\s?[^\W\d_]|\s?[×*✕]")
_TIMES = re.compile(r"[xｘ×*✕:：]\s?$", re.I)

VULGAR = {
    "½": Fraction(1, 2),
    "⅓": Fraction(1, 3),
    "⅔": Fraction(2, 3),
    "¼": Fraction(1, 4),
    "¾": Fraction(3, 4),
    "⅙": Fraction(1, 6),
    "⅛": Fraction(1, 8),
}
UNWHOLE = "½"  # stands for a number that is no whole one: nothing reads it as a quantity
PARTS = {"quarter": 4, "third": 3, "viertel": 4, "drittel": 3}
# 1/2, ½, 1½, 1 1/2.
FRACTION = (
    r"(?<![\w.,/-])(?:(?P<whole>\d{1,4})\s?-?\s?)?"
    rf"(?:(?P<sign>[{''.join(VULGAR)}])|(?<!\d)(?P<top>\d{{1,2}})\s?[/⁄]\s?(?P<low>[1-9]\d?))(?![\d/⁄])"
)
DECIMAL = r"(?<![\w.,/-])(?P<decimal>\d{1,4}[.,]\d{1,2})(?!\d)"
# A quarter of a dozen, 2 thirds of a dozen.
PART = r"(?<![\w.,/-])(?:an?\s+|(?P<parts>\d)\s+)?(?P<part>quarter|third|viertel|drittel)s?(?:\s+of)?(?:\s+an?)?"


def thin_joined(text: str) -> str:
    """A text without the thin blanks within numbers; it is read before all blanks are made alike."""
    return _THIN.sub(_digits, text)


def plain_digits(text: str) -> str:
    """A text whose wide digits, and the marks of thousands between them, are those of ASCII."""
    marked = _WIDE_MARK.sub(lambda found: "," if found[0] == "，" else ".", text)
    return marked.translate(_WIDE)


def joined_thousands(text: str) -> str:
    """A text whose thousands are one number each: 1'000 is 1000."""
    return THOUSANDS.sub(lambda found: found[0] if _is_loose(found) else _digits(found), text)


def may_be_two(text: str) -> bool:
    """Whether what is read as thousands may mean another number: 2 500 two of them, 1.000 pcs one."""
    return any(_is_unsure(found) and not _is_loose(found) for found in THOUSANDS.finditer(text))


def fraction(found: re.Match[str]) -> Fraction:
    """The value of a number that need not be whole, as FRACTION or DECIMAL found it."""
    if found["decimal"]:
        return Fraction(found["decimal"].replace(",", "."))
    if found["sign"]:
        return int(found["whole"] or 0) + VULGAR[found["sign"]]
    return int(found["whole"] or 0) + Fraction(int(found["top"]), int(found["low"]))


def _digits(found: re.Match[str]) -> str:
    return re.sub(r"\D", "", found[0])


def _is_unsure(found: re.Match[str]) -> bool:
    """Whether a number may be another: no zeros begin what a blank parts, or its mark is a decimal one elsewhere."""
    groups = found[0].split(found["mark"])[1:]
    if found["mark"] == " ":
        return not any(group.startswith("0") for group in groups)
    if found["mark"] in "'’" or len(groups) > 1:
        return False
    return (_POINTED.match(found.string, found.end()) is None) == (found["mark"] == ".")


def _is_loose(found: re.Match[str]) -> bool:
    """Whether a blank parts two numbers of which neither is said to be a quantity: 2 450."""
    before = found.string[max(found.start() - 2, 0) : found.start()]
    is_counted = _COUNTS.match(found.string, found.end()) or _TIMES.search(before)
    return found["mark"] == " " and _is_unsure(found) and not is_counted
