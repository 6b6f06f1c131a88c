"""Reads quantities in letters: digits, words and Chinese numbers, and the unit that they are of."""

import re
from dataclasses import dataclass

PIECES = r"(?:pcs?|pieces?|units?|items?|ea|each|件|个|個|只|隻|条|瓶|把|张|份|本|支|枝|块|台|枚|颗|罐|桶|片|根|顶|幅)"
PACKS = r"(?:sets?|boxes|box|packs?|packets?|cases?|cartons?|ctns?|crates?|pallets?|bags?|pairs?|盒|箱|套|包|双|对|袋|托|捆|扎)"
DOZENS = r"(?:dozens?|dz|打)"
UNITS = rf"(?:{PIECES}|{PACKS}|{DOZENS})"

QUANTITIES = (
    re.compile(r"(?:qty|quantity|数量|订购数量)\s*[.:：=]?\s*(\d{1,6})(?![\d.,]*\d)", re.I),
    re.compile(r"(?<![A-Za-z0-9_.,])(\d{1,6})\s*[x×*✕]\s", re.I),
    re.compile(r"\s[x×*✕]\s*(\d{1,6})(?![\w.,]\d)", re.I),
    re.compile(rf"(?<![A-Za-z0-9_.,])(\d{{1,6}})\s*{UNITS}(?![a-z])", re.I),
    re.compile(r"(?:need|want|require|order|要|需要|订)\s*(\d{1,6})(?!\d)", re.I),
    re.compile(r"(?<![\w.,#-])(\d{1,6})(?![\w.,-]*\d)(?!\w)"),
)
EXPLICIT = 4  # so many of them say that they are quantities, whatever else a line says


WORDS = {
    word: n
    for n, word in enumerate(
        [
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        start=2,
    )
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100}
_WORD = re.compile(rf"(?<![\w-])(?:{'|'.join(WORDS)})(?![\w-])", re.I)
_DOZEN = re.compile(
    rf"(?<![A-Za-z0-9_.,])(?:(\d{{1,5}})\s*|(half\s+an?|an?|half)\s+){DOZENS}(?![a-z])", re.I
)
_CHINESE = re.compile(rf"([零一二两兩三四五六七八九十百千]+)\s*(?={PIECES}|{PACKS}|打|[x×])", re.I)
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
_EITHER = re.compile(
    r"(?<![\w.,/-])(\d{1,6})\s*(?:or|to|oder|ou|[–~]|至|或|到)\s*(\d{1,6})(?![\w.,/-]*\d)", re.I
)
_PACKED = re.compile(rf"(?<![A-Za-z0-9_.,])\d{{1,6}}\s*({PACKS})(?![a-z])", re.I)


@dataclass(frozen=True)
class Quantity:
    """How many are asked for: `value` None where nothing says so, `sure` from 0 to 1.

    several   it says more than one number, and `value` is the least of them
    unit      what it counts, where that is no piece: a box, a pair
    """

    value: int | None = None
    sure: float = 0.0
    several: bool = False
    unit: str = ""


def quantity_in(text: str) -> Quantity:
    """The quantity in what is left of a line without the name of its goods."""
    padded = f" {in_digits(text)} "
    packed = _PACKED.search(padded)
    unit = packed[1] if packed else ""
    if either := _EITHER.search(padded):
        return Quantity(min(int(either[1]), int(either[2])) or 1, 0.5, several=True, unit=unit)
    for index, pattern in enumerate(QUANTITIES):
        values = {int(value) for value in pattern.findall(padded) if int(value) > 0}
        if len(values) == 1:
            sure = 1.0 if index < len(QUANTITIES) - 1 else 0.85
            return Quantity(values.pop(), sure, unit=unit)
        if len(values) > 1:
            return Quantity(min(values), 0.5, several=True, unit=unit)
    return Quantity(unit=unit)


def says_quantity(text: str) -> bool:
    """Whether a text says outright how many of something are asked for: 3 x, two boxes, 三个."""
    padded = f" {in_digits(text)} "
    return any(pattern.search(padded) for pattern in QUANTITIES[:EXPLICIT])


def in_digits(text: str) -> str:
    """A text with numbers in digits that are words, Chinese, or dozens."""
    text = _CHINESE.sub(lambda found: f" {_chinese(found[1])}", text)
    text = _WORD.sub(lambda found: str(WORDS[found[0].casefold()]), text)
    return _DOZEN.sub(_dozen, text)


def _dozen(found: re.Match[str]) -> str:
    if found[1]:
        return f"{int(found[1]) * 12} pcs"
    return "6 pcs" if found[2].casefold().startswith("half") else "12 pcs"


def _chinese(text: str) -> int:
    total = digit = 0
    for c in text:
        if c in _POWERS:
            total, digit = total + (digit or 1) * _POWERS[c], 0
        else:
            digit = digit * 10 + _DIGITS[c] if digit else _DIGITS[c]
    return total + digit
