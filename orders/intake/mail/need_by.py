"""Reads by when a letter wants its goods; a day that could be two, or is none of the calendar, is named."""

import re
from dataclasses import dataclass
from datetime import date

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?![a-z])"
)
DAY = re.compile(
    r"(?P<iso>20\d\d[-/.]\d{1,2}[-/.]\d{1,2})|(?P<zh>(?:20\d\d年)?\d{1,2}月\d{1,2}[日号]?)|"
    rf"(?<![A-Za-z])(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d-])(?:,?\s+(?P<year>20\d\d))?|"
    rf"(?<![\d-])(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<month2>{_MONTH})\.?(?:,?\s+(?P<year2>20\d\d))?(?![a-z])",
    re.I,
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


# Said as a wish, and not as a day that stands for itself.
UNCLEAR = re.compile(
    r"(?:\b(?:by|before|until|till|no\s+later\s+than|needed\s+on|deliver\w*\s+on)\s+"
    r"(?:(?:the\s+)?\d{1,2}[/.-]\d{1,2}(?:[/.-](?:20)?\d\d)?|(?:next\s+|this\s+)?(?:mon|tues?|wednes|thurs?|fri|satur|sun)day"
    r"|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+|next\s+)?(?:week|month|year)|tomorrow|next\s+(?:week|month)|christmas|easter))"
    r"|(?:下周|本周|下个?月|月底|年底|明天|后天|星期|周)[一二三四五六日天末]?(?:之?前|以前)",
    re.I,
)


@dataclass(frozen=True)
class NeedBy:
    """A day that was found, or the words that mean one that cannot be told."""

    day: date | None
    words: str


def need_by(text: str, today: date) -> NeedBy | None:
    """By when goods are wanted, read on a day: one without a year is the next that comes; None: nothing says."""
    match = DAY.search(text)
    if match is None:
        unclear = UNCLEAR.search(text)
        return NeedBy(None, _line_of(text, unclear[0])) if unclear else None
    return NeedBy(_day(match, today), _line_of(text, match[0]))


def _day(match: re.Match[str], today: date) -> date | None:
    if match["iso"] or match["zh"]:
        numbers = [int(x) for x in re.findall(r"\d+", match[0])]
        year = numbers.pop(0) if len(numbers) == 3 else None
        month, day = numbers
    else:
        said = match["year"] or match["year2"]
        year = int(said) if said else None
        month = MONTHS.index((match["month"] or match["month2"])[:3].casefold()) + 1
        day = int(match["day"] or match["day2"])
    try:
        if year is not None:
            return date(year, month, day)
        found = date(today.year, month, day)
        return found if found >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _line_of(text: str, words: str) -> str:
    return next((x for x in text.split("\n") if words in x), words).strip()[:200]
