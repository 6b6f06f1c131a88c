"""Reads by when a letter wants its goods; a day that could be two, or is none of the calendar, is named."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

# Months as letters write them: in English, German, French, Spanish, Italian, Portuguese, Dutch, Russian, Polish.
NAMES = (
    "january jan januar jänner janvier enero gennaio janeiro januari января stycznia",
    "february feb februar février fevrier febrero febbraio fevereiro februari февраля lutego",
    "march mar märz maerz mars marzo março maart марта marca",
    "april apr avril abril aprile апреля kwietnia",
    "may mai mayo maggio maio mei maj мая maja",
    "june jun juni juin junio giugno junho июня czerwca",
    "july jul juli juillet julio luglio julho июля lipca",
    "august aug août aout agosto augustus augusti августа sierpnia",
    "september sept sep septembre septiembre setiembre settembre setembro сентября września",
    "october oct oktober okt octobre octubre ottobre outubro октября października",
    "november nov novembre noviembre novembro ноября listopada",
    "december dec dezember dez décembre decembre diciembre dicembre dezembro декабря grudnia",
)
MONTHS = {name: n for n, names in enumerate(NAMES, start=1) for name in names.split()}
MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})(?![^\W\d_])"
DAY = re.compile(
    r"(?P<iso>20\d\d[-/.]\d{1,2}[-/.]\d{1,2})|(?P<zh>(?:20\d\d年)?\d{1,2}[月월]\s?\d{1,2}[日号號일]?)|"
    rf"(?<![^\W\d_])(?P<month>{MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d-])(?:,?\s+(?P<year>20\d\d))?|"
    rf"(?<![\d-])(?P<day2>\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?\s+(?:of\s+|de\s+|di\s+)?(?P<month2>{MONTH})\.?"
    r"(?:,?\s+(?:de\s+|del\s+)?(?P<year2>20\d\d))?(?![^\W\d_])",
    re.I,
)


# What stands before a day by which goods are wanted.
_BY = (
    r"(?:\b(?:by|before|until|till|no\s+later\s+than|latest|needed\s+on|deliver\w*\s+on|on|due"
    r"|spätestens|bis(?:\s+zum)?|vor(?:\s+dem)?|am|avant(?:\s+le)?|au\s+plus\s+tard(?:\s+le)?"
    r"|d['’]ici(?:\s+le)?|pour\s+le"
    r"|antes\s+del?|para\s+el|a\s+más\s+tardar(?:\s+el)?|hasta\s+el"
    r"|entro(?:\s+il)?|per\s+il|até|vóór|uiterlijk|przed|najpóźniej|senast|innan)"
    r"|(?<!\w)(?:до|к|не\s+позднее)|最晚|最迟|不晚于|截止|交期|交货(?:日期)?|于)"
)
# Days in figures: with a year, or where a word says that it is a day; 3.4.2027 is of April, 3/4 of nobody knows.
FIGURES = re.compile(
    rf"(?:(?P<by>{_BY})\s*(?:the\s+)?)?(?<![\w.,/-])(?P<one>\d{{1,2}})(?P<mark>[./-])(?P<two>\d{{1,2}})"
    r"(?:(?:(?P=mark)(?P<year>(?:20)?\d\d)(?!\d))|\.(?=\D|$))?(?![\w/-]|[.,]\d)",
    re.I,
)


# Said as a wish, and not as a day that stands for itself.
_DAYS_EN = r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day"
# A week of the year: its number is no quantity.
WEEKS = re.compile(
    r"(?<!\w)(?:KW|CW|calendar\s+week|kalenderwoche|week|wk|woche|semaine|semana|settimana|vecka|uge|uke"
    r"|tydzień|неделя)"
    r"\s*\.?\s*\d{1,2}(?:\s*[/.-]\s*(?:20)?\d\d)?(?![\d.,]*\d)"
    r"|(?<![\d.,])\d{1,2}\.\s*(?:KW|kalenderwoche)(?!\w)|第?\s*\d{1,2}\s*[周週]",
    re.I,
)
UNCLEAR = re.compile(
    rf"\b(?:latest|no\s+later\s+than|before|by|on|for|until|in\s+time\s+for)\s*:?\s+(?:on\s+)?(?:(?:next|this"
    rf"|coming)\s+)?"
    rf"(?:{_DAYS_EN}|christmas|easter|xmas|new\s+year\w*|black\s+friday|thanksgiving)(?!\w)"
    rf"|\b(?:next|coming)\s+{_DAYS_EN}\b|\b(?:at\s+the\s+)?latest\s+(?:next|this|by|on|end)\b"
    r"|\bwithin\s+(?:the\s+next\s+)?(?:\w+\s+)?(?:days?|weeks?|months?|a\s+week|a\s+month)\b"
    r"|\b(?:innerhalb|binnen)\s+(?:von\s+)?(?:\w+\s+)?(?:tagen?|wochen?|monat\w*|dagen|weken)\b"
    r"|\b(?:sous|d['’]ici)\s+\w+\s+(?:jours?|semaines?)\b|\ben\s+(?:un\s+plazo\s+de\s+)?\w+\s+(?:días|semanas)\b"
    r"|\b(?:entro|per)\s+(?:\w+\s+)?(?:luned|marted|mercoled|gioved|venerd)ì|\b(?:até|para)\s+(?:a\s+)?(?:segunda|terça"
    r"|quarta|quinta|sexta)(?!\w)|\b(?:uiterlijk|voor|tegen)\s+(?:volgende\s+)?(?:maan|dins|woens|donder|vrij"
    r"|zater|zon)dag\b"
    r"|(?<!\w)(?:до|к)\s+(?:понедельник\w*|вторник\w*|сред[ыеу]|четверг\w*|пятниц\w*|конц\w*|рождеств\w*)(?!\w)"
    r"|[一二两三四五六七八九十\d]{1,4}\s*[个個]?(?:天|日|周|週|星期|月|礼拜)(?:之?内|以?內)|(?:春节|圣诞节?|国庆节?|中秋节?|元旦)(?:之?前|以前)"
    r"|(?:\b(?:by|before|until|till|no\s+later\s+than|needed\s+on|deliver\w*\s+on)\s+"
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
_ZH = "[〇零一二三四五六七八九十廿卅]"
_ZH_DIGITS = "零一二三四五六七八九"
_IN_CHINESE = re.compile(rf"(?:({_ZH}{{4}})年)?({_ZH}{{1,3}})月({_ZH}{{1,3}})(?=[日号號])")
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
# What asks for a day, and is often followed by figures that are none.
_WANTED = (
    r"para|voor|tegen|do|need(?:ed)?|requested(?:\s+for)?|wanted|delivery(?:\s+date)?|deliver(?:ed)?|liefer\w*"
    r"|livr\w*|entreg\w*|consegn\w*"
)
_ASKS = re.compile(
    rf"(?:{_BY}|\b(?:{_WANTED}))(?:[\s,:]+(?:the|dem|den|zum|am|le|du|de|del|el|do|on|is|of|[^\W\d]+(?:day|tag"
    rf"|di)))*[\s,:]*$",
    re.I,
)
_ASKS_BEHIND = re.compile(r"\s*(?:之?前|以前|送到|到货|交货|发货|まで|迄|必着|着|까지)", re.I)
_BEHIND = re.compile(
    r"\s*(?:之后|以后|以後|后|後|起|开始|以降|から|or\s+later|onwards?|earliest|frühestens)", re.I
)


NEAR = 30  # so many letters behind a wish tell what it is about
_OTHERWISE = re.compile(
    r"\b(?:pay\w*|paid|invoic\w*|net|reply|repl(?:y|ies)|answer\w*|respon\w*|get\s+back|confirm\w*|zahl\w*|bezahl\w*"
    r"|rechnung\w*|antwort\w*|melden|bestätig\w*|skonto|pai(?:e|ement)\w*|règl\w*|répon\w*|factur\w*|confirm\w*"
    r"|pag(?:o|ar|am)\w*"
    r"|respuesta|respond\w*|risp\w*|fattur\w*|betal\w*|closed|away|geschlossen|holiday\w*)\b"
    r"|(?<!\w)(?:оплат\w*|ответ\w*)|付款|支付|结算|回复|答复|确认|支払|お返事|ご返信|회신|결제",
    re.I,
)
# A day and its name before it: Friday, 10 December is one day.
_NAMED_DAY = re.compile(
    rf"(?:[^\W\d]{{1,12}}(?:day|tag|mittwoch|di|dimanche|es|ado|ingo|woch)|(?:mon|tue|wed|thu|fri|sat"
    rf"|sun)[a-z]*\.?)?[\s,]*(?:(?:the|dem|den|le|el)\s+)?(?:{DAY.pattern})",
    re.I,
)


@dataclass(frozen=True)
class NeedBy:
    """A day that was found, or the words that mean one that cannot be told.

    code   what is wrong with it: date_unclear, dates_differ, date_passed; empty: nothing is
    """

    day: date | None
    words: str
    code: str = ""


@dataclass(frozen=True)
class _Day:
    """A day that a letter speaks of: None where it is none of the calendar; the first, or one that is asked for."""

    day: date | None
    words: str
    is_first: bool
    is_asked: bool


def need_by(text: str, today: date) -> NeedBy | None:
    """By when goods are wanted, read on a day: one without a year is the next that comes; None: nothing says.

    Of several days those count that a word asks for; two of these are one too many, and so is a wish beside them.
    """
    text = in_numbers(text)
    days = _days_in(text, today)
    firsts = [x for x in days if x.is_first]
    asked = [x for x in days if not x.is_first]
    asked = [x for x in asked if x.is_asked] or asked
    rest = _NAMED_DAY.sub(lambda found: " " * len(found[0]), text)
    wish = next(_wishes(rest), None)
    if not asked:
        unclear = firsts[0].words if firsts else ""
        if wish or (not firsts and (wish := YEARS.search(text))):
            unclear = unclear or _line_of(text, wish[0])
        return NeedBy(None, unclear, "date_unclear") if unclear else None
    found = asked[0]
    if len({x.day for x in asked}) > 1 or wish:
        words = dict.fromkeys(
            [*(x.words for x in asked), *([_line_of(text, wish[0])] if wish else [])]
        )
        return NeedBy(None, " … ".join(words)[:200], "dates_differ")
    if found.day is None or any(x.day is None or x.day > found.day for x in firsts):
        return NeedBy(None, found.words, "date_unclear")
    return NeedBy(found.day, found.words, "date_passed" if found.day < today else "")


def _wishes(text: str) -> Iterator[re.Match[str]]:
    """Where a letter says by when it wants goods, in words: not by when it pays, or wants an answer."""
    for pattern in (UNCLEAR, WEEKS):
        for found in pattern.finditer(text):
            start = max(text.rfind(mark, 0, found.start()) for mark in "\n.!?。")
            if _OTHERWISE.search(text[start + 1 : found.end() + NEAR].split("\n", 1)[0]) is None:
                yield found


def _days_in(text: str, today: date) -> list[_Day]:
    """The days of a letter in its order."""
    found = [(match.start(), _day(match, today), match) for match in DAY.finditer(text)]
    taken = [match.span() for _at, _found, match in found]
    for match in FIGURES.finditer(text):
        at = match.start("one")
        if _is_day(match) and not any(start <= at < end for start, end in taken):
            found.append((at, _in_figures(match, today), match))
    return [
        _Day(
            day, _line_of(text, match[0]), _is_earliest(text, match, at), _is_asked(text, match, at)
        )
        for at, day, match in sorted(found, key=lambda x: x[0])
    ]


def _is_asked(text: str, match: re.Match[str], start: int) -> bool:
    """Whether a word says that a day is one to be met."""
    before = text[max(0, start - 60) : start]
    return _ASKS.search(before) is not None or _ASKS_BEHIND.match(text, match.end()) is not None


def without_days(text: str) -> str:
    """A text without the days in it: none of their figures is a quantity."""
    plain = FIGURES.sub(
        lambda found: " " if _is_day(found) else found[0], DAY.sub(" ", in_numbers(text))
    )
    return WEEKS.sub(" ", YEARS.sub(" ", plain))


def in_numbers(text: str) -> str:
    """A text whose days in words are in figures: the third of March is 3 March."""
    text = _IN_CHINESE.sub(_chinese_day, text)
    text = _IN_WORDS.sub(lambda found: str(_ORDINALS[found[1].casefold()]), text)
    return _MONTH_FIRST.sub(lambda found: f"{found[1]}{_ORDINALS[found[2].casefold()]}", text)


def _chinese_day(found: re.Match[str]) -> str:
    """A day in Chinese numerals, in figures: 十二月十五日 is 12月15日."""
    year = "".join(str(_ZH_DIGITS.index(c)) for c in (found[1] or "").replace("〇", "零"))
    return f"{year}{'年' if year else ''}{_of_chinese(found[2])}月{_of_chinese(found[3])}"


def _of_chinese(text: str) -> int:
    plain = text.replace("廿", "二十").replace("卅", "三十").replace("〇", "零")
    tens, ten, ones = plain.rpartition("十")
    if len(tens) > 1 or len(ones) > 1:  # of no calendar
        return 0
    return (_ZH_DIGITS.index(tens or "一") * 10 if ten else 0) + _ZH_DIGITS.index(ones or "零")


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
