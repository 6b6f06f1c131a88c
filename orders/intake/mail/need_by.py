"""Reads by when a letter wants its goods; a day that could be two, or is none of the calendar, is named."""

import re
from dataclasses import dataclass
from datetime import date

# Months as letters write them: in English, German, French and Spanish, in full or short.
NAMES = (
    "january jan januar jänner janvier enero",
    "february feb februar février fevrier febrero",
    "march mar märz maerz mars marzo",
    "april apr avril abril",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet julio",
    "august aug août aout agosto",
    "september sept sep septembre septiembre setiembre",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez décembre decembre diciembre",
)
MONTHS = {name: n for n, names in enumerate(NAMES, start=1) for name in names.split()}
MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})(?![^\W\d_])"
DAY = re.compile(
    r"(?P<iso>20\d\d[-/.]\d{1,2}[-/.]\d{1,2})|(?P<zh>(?:20\d\d年)?\d{1,2}月\d{1,2}[日号]?)|"
    rf"(?<![^\W\d_])(?P<month>{MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d-])(?:,?\s+(?P<year>20\d\d))?|"
    rf"(?<![\d-])(?P<day2>\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?\s+(?:of\s+|de\s+)?(?P<month2>{MONTH})\.?"
    r"(?:,?\s+(?:de\s+|del\s+)?(?P<year2>20\d\d))?(?![^\W\d_])",
    re.I,
)


# What stands before a day by which goods are wanted.
_BY = (
    r"(?:\b(?:by|before|until|till|no\s+later\s+than|latest|needed\s+on|deliver\w*\s+on|on|due"
    r"|spätestens|bis(?:\s+zum)?|vor(?:\s+dem)?|am|avant(?:\s+le)?|au\s+plus\s+tard(?:\s+le)?"
    r"|d['’]ici(?:\s+le)?|pour\s+le"
    r"|antes\s+del?|para\s+el|a\s+más\s+tardar(?:\s+el)?|hasta\s+el)|最晚|最迟|不晚于|截止|于)"
)
# Days in figures: with a year, or where a word says that it is a day; 3.4.2027 is of April, 3/4 of nobody knows.
FIGURES = re.compile(
    rf"(?:(?P<by>{_BY})\s*(?:the\s+)?)?(?<![\w.,/-])(?P<one>\d{{1,2}})(?P<mark>[./-])(?P<two>\d{{1,2}})"
    r"(?:(?:(?P=mark)(?P<year>(?:20)?\d\d)(?!\d))|\.(?=\D|$))?(?![\w/-]|[.,]\d)",
    re.I,
)


# Said as a wish, and not as a day that stands for itself.
UNCLEAR = re.compile(
    r"(?:\b(?:by|before|until|till|no\s+later\s+than|needed\s+on|deliver\w*\s+on)\s+"
    r"(?:(?:next\s+|this\s+)?(?:mon|tues?|wednes|thurs?|fri|satur|sun)day"
    r"|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+|next\s+)?(?:week|month|year)|tomorrow|next\s+(?:week"
    r"|month)|christmas|easter))"
    r"|\b(?:bis|spätestens|vor)\s+(?:zum\s+|zur\s+|am\s+)?(?:(?:nächste[nr]?|kommende[nr]?|diese[nr]?)\s+)?"
    r"(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|woche|monat|(?:monats|jahres|wochen)ende|ende"
    r"|morgen|weihnachten|ostern)"
    r"|\b(?:avant|d['’]ici|au\s+plus\s+tard)\s+(?:le\s+|la\s+)?(?:(?:lun|mar|mercre|jeu|vendre|same)di"
    r"|dimanche|demain|fin|semaine|noël)"
    r"|\b(?:antes\s+del?|para\s+el|a\s+más\s+tardar)\s+(?:el\s+|próximo\s+)*(?:lunes|martes|miércoles"
    r"|jueves|viernes|sábado|domingo|mañana|fin|navidad)"
    r"|(?:下周|本周|下个?月|月底|年底|明天|后天|星期|周)[一二三四五六日天末]?(?:之?前|以前)"
    r"|(?:来週|今週|来月|月末|年末|明日|明後日|[月火水木金土日]曜日?)(?:中)?(?:まで|迄)",
    re.I,
)


# Days in words: the third, dritten, premier, primero.
ORDINALS = (
    "first ersten erste premier 1er primero primeiro",
    "second zweiten zweite",
    "third dritten dritte",
    "fourth vierten vierte",
    "fifth fünften fünfte",
    "sixth sechsten sechste",
    "seventh siebten siebenten siebte",
    "eighth achten achte",
    "ninth neunten neunte",
    "tenth zehnten zehnte",
    "eleventh elften elfte",
    "twelfth zwölften zwölfte",
    "thirteenth dreizehnten",
    "fourteenth vierzehnten",
    "fifteenth fünfzehnten",
    "sixteenth sechzehnten",
    "seventeenth siebzehnten",
    "eighteenth achtzehnten",
    "nineteenth neunzehnten",
    "twentieth zwanzigsten",
)
_ORDINALS = {name: n for n, names in enumerate(ORDINALS, start=1) for name in names.split()}
_IN_WORDS = re.compile(
    rf"(?<!\w)({'|'.join(_ORDINALS)})(?=\s+(?:of\s+|de\s+)?(?:{'|'.join(MONTHS)})(?!\w))", re.I
)
_MONTH_FIRST = re.compile(
    rf"(?<!\w)((?:{'|'.join(MONTHS)})\s+)(?:the\s+)?({'|'.join(_ORDINALS)})(?!\w)", re.I
)
# A month with its year, or a year that a word says to be one: no figure of it is a quantity.
YEARS = re.compile(
    rf"(?<![^\W\d_])(?:{'|'.join(MONTHS)})\.?,?\s+(?:de\s+|del\s+|of\s+)?20\d\d(?!\d)"
    r"|\b(?:in|im|en|em|year|jahr|année|año|ano|anfang|mitte|ende|early|mid|late"
    r"|q[1-4])\s+20\d\d(?![\w.,]?\d)(?!\s*(?:x|×|\*|pcs|pieces|st))"
    r"|(?<!\d)20\d\d(?:年|\s*г(?:од\w*)?\b)",
    re.I,
)
# Before a day that is the first one and not the last.
_NOT_BEFORE = re.compile(
    r"(?:\b(?:not\s+(?:before|until|till|earlier\s+than|sooner\s+than)|no\s+(?:earlier|sooner)\s+than"
    r"|after|from|starting|as\s+of|earliest|don['’]?t\s+\w+\s+(?:\w+\s+)?before"
    r"|nicht\s+vor|frühestens|ab|nach|erst(?:\s+ab)?|pas\s+avant|à\s+partir|après|dès|no\s+antes"
    r"|a\s+partir|después|desde|não\s+antes|depois)"
    r"|не\s+раньше|после|不早于|不要早于|最早)"
    r"(?:[\s,:]+(?:the|dem|den|zum|am|le|du|de|del|el|do|on|[^\W\d]+(?:day|tag|di)))*[\s,:]*$",
    re.I,
)
_BEHIND = re.compile(
    r"\s*(?:之后|以后|以後|后|後|起|开始|以降|から|or\s+later|onwards?|earliest|frühestens)", re.I
)


@dataclass(frozen=True)
class NeedBy:
    """A day that was found, or the words that mean one that cannot be told."""

    day: date | None
    words: str


def need_by(text: str, today: date) -> NeedBy | None:
    """By when goods are wanted, read on a day: one without a year is the next that comes; None: nothing says."""
    text = in_numbers(text)
    if match := DAY.search(text):
        day = None if _is_earliest(text, match, match.start()) else _day(match, today)
        return NeedBy(day, _line_of(text, match[0]))
    for match in FIGURES.finditer(text):
        if _is_day(match):
            is_first = _is_earliest(text, match, match.start("one"))
            return NeedBy(None if is_first else _in_figures(match, today), _line_of(text, match[0]))
    unclear = UNCLEAR.search(text) or YEARS.search(text)
    return NeedBy(None, _line_of(text, unclear[0])) if unclear else None


def without_days(text: str) -> str:
    """A text without the days in it: none of their figures is a quantity."""
    plain = FIGURES.sub(
        lambda found: " " if _is_day(found) else found[0], DAY.sub(" ", in_numbers(text))
    )
    return YEARS.sub(" ", plain)


def in_numbers(text: str) -> str:
    """A text whose days in words are in figures: the third of March is 3 March."""
    text = _IN_WORDS.sub(lambda found: str(_ORDINALS[found[1].casefold()]), text)
    return _MONTH_FIRST.sub(lambda found: f"{found[1]}{_ORDINALS[found[2].casefold()]}", text)


def _is_earliest(text: str, match: re.Match[str], start: int) -> bool:
    """Whether a day is said to be the first on which goods are wanted: nobody knows by when then."""
    before = _NOT_BEFORE.search(text[max(0, start - 60) : start])
    return before is not None or _BEHIND.match(text, match.end()) is not None


def _is_day(match: re.Match[str]) -> bool:
    return bool(match["by"] or match["year"])


def _in_figures(match: re.Match[str], today: date) -> date | None:
    """A day in figures; None where its month could be its day: only points say that the day comes first."""
    one, two = int(match["one"]), int(match["two"])
    if match["mark"] != "." and one <= 12 and two <= 12 and one != two:
        return None
    day, month = (two, one) if match["mark"] != "." and two > 12 else (one, two)
    year = match["year"]
    return _dated(int(year) % 100 + 2000 if year else None, month, day, today)


def _day(match: re.Match[str], today: date) -> date | None:
    if match["iso"] or match["zh"]:
        numbers = [int(x) for x in re.findall(r"\d+", match[0])]
        year = numbers.pop(0) if len(numbers) == 3 else None
        month, day = numbers
    else:
        said = match["year"] or match["year2"]
        year = int(said) if said else None
        month = MONTHS[(match["month"] or match["month2"]).casefold()]
        day = int(match["day"] or match["day2"])
    return _dated(year, month, day, today)


def _dated(year: int | None, month: int, day: int, today: date) -> date | None:
    """A day of the calendar: without a year the next that comes. None: it is none of the calendar."""
    try:
        if year is not None:
            return date(year, month, day)
        found = date(today.year, month, day)
        return found if found >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _line_of(text: str, words: str) -> str:
    return next((x for x in text.split("\n") if words in x), words).strip()[:200]
