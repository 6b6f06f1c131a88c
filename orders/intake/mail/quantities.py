"""Reads quantities in letters: digits, words and Chinese numbers, and the unit that they are of."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from orders.intake.mail.numbers import (
    DECIMAL,
    FRACTION,
    PART,
    PARTS,
    UNWHOLE,
    fraction,
    joined_thousands,
    may_be_two,
    plain_digits,
)

PIECES = (
    r"(?:pcs?|pieces?|units?|items?|ea|each|stücke?|stk|pièces?|unités?|exemplaires?|piezas?|unidades?|uds?"
    r"|stuks?|pezz[io]|peças?|szt(?:uk\w*)?|шт(?:ук\w*)?|개"
    r"|件|个|個|只|隻|条|瓶|把|张|份|本|支|枝|块|台|枚|颗|罐|桶|片|根|顶|幅|点|つ)"
)
PACKS = (
    r"(?:sets?|boxes|box|packs?|packets?|cases?|cartons?|ctns?|crates?|pallets?|bags?|pairs?"
    r"|kartons?|kisten?|paletten?|schachteln?|paare?|packungen|boîtes?|caisses?|paires?|lots?|cajas?"
    r"|pares|par|paquetes?"
    r"|盒|箱|套|包|双|对|袋|托|捆|扎|ケース|セット|足)"
)
DOZENS = r"(?:dozens?|dz|dutzend|douzaines?|docenas?|打|ダース)"
UNITS = rf"(?:{PIECES}|{PACKS}|{DOZENS})"

QUANTITIES = (
    re.compile(
        r"(?:qty|quantity|menge|anzahl|quantité|qté|cantidad|数量|订购数量|個数)\s*[.:：=]?\s*(\d{1,6})(?![\d.,]*\d)",
        re.I,
    ),
    re.compile(r"(?<![A-Za-z0-9_.,])(\d{1,6})\s*[xｘ×*✕]\s", re.I),
    re.compile(r"\s[xｘ×*✕]\s*(\d{1,6})(?!\d|[\w.,]\d)", re.I),
    re.compile(rf"(?<![A-Za-z0-9_.,])(\d{{1,6}})\s*{UNITS}(?![a-z])", re.I),
    re.compile(
        r"(?:need|want|require|order|benötigen|brauchen|bestellen|necesitamos|necesito|quiero|要|需要|订"
        r"|注文)\s*(\d{1,6})(?!\d|[.,]\d)",
        re.I,
    ),
    re.compile(r"(?<![\w.,/#-])(\d{1,6})(?![\w.,/-]*\d)(?!\w)"),
)
YEARS = range(1990, 2100)
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
WORDS |= {
    "zwei": 2,
    "drei": 3,
    "vier": 4,
    "fünf": 5,
    "sechs": 6,
    "sieben": 7,
    "acht": 8,
    "neun": 9,
    "zehn": 10,
}
WORDS |= {
    "elf": 11,
    "zwölf": 12,
    "fünfzehn": 15,
    "zwanzig": 20,
    "dreißig": 30,
    "fünfzig": 50,
    "hundert": 100,
}
WORDS |= {
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "huit": 8,
    "dix": 10,
    "onze": 11,
    "douze": 12,
    "vingt": 20,
}
WORDS |= {
    "dos": 2,
    "tres": 3,
    "cuatro": 4,
    "cinco": 5,
    "seis": 6,
    "siete": 7,
    "ocho": 8,
    "nueve": 9,
    "diez": 10,
}
WORDS |= {"doce": 12, "quince": 15, "veinte": 20, "zwo": 2}
# Italian, Portuguese, Dutch, Russian; not those that are other words elsewhere: due, otto, dez.
WORDS |= {"tre": 3, "quattro": 4, "cinque": 5, "sette": 7, "dieci": 10, "dodici": 12, "venti": 20}
WORDS |= {"dois": 2, "duas": 2, "três": 3, "quatro": 4, "sete": 7, "oito": 8, "nove": 9}
WORDS |= {
    "twee": 2,
    "drie": 3,
    "vijf": 5,
    "zes": 6,
    "zeven": 7,
    "negen": 9,
    "tien": 10,
    "twaalf": 12,
}
WORDS |= {"два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7, "восемь": 8}
WORDS |= {"девять": 9, "десять": 10}
_KOREAN = {
    "한": 1,
    "두": 2,
    "세": 3,
    "네": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
    "열": 10,
}
_IN_KOREAN = re.compile(rf"(?<![가-힣])({'|'.join(_KOREAN)})\s*(?=개(?!월))")
_WORD = re.compile(rf"(?<![\w-])(?:{'|'.join(WORDS)})(?![\w-])", re.I)
# Half of a dozen, one, one and a half: as its words say, or so many of them.
_DOZEN = re.compile(
    rf"(?<![A-Za-z0-9_.,])(?:(?P<half>half\s+an?|half|(?:ein\s+)?halbes|une\s+demi-?|demi-?|media|半)"
    rf"|(?P<more>anderthalb|one\s+and\s+a\s+half)|(?P<one>an?|ein|une|una)|(?P<many>\d{{1,5}}))\s*-?\s*{DOZENS}"
    rf"(?P<and>半|\s+(?:and\s+a\s+half|und\s+eine\s+halbe|et\s+demie|y\s+media))?(?![a-z])",
    re.I,
)
# One and a half, zweieinhalb: a number and a half, wherever it stands.
_AND_HALF = re.compile(
    rf"(?<![\w.,/-])(\d{{1,4}}|{'|'.join(WORDS)})"
    r"(?:\s+(?:and\s+a\s+half|et\s+demie?|y\s+medi[ao]|und\s+(?:ein\w*\s+)?halb\w*)|einhalb)(?!\w)",
    re.I,
)
# 2 half dozen, 2 x a dozen, 2 x 1 dozen: so many times a number, or a slip of the pen.
_TIMES_DOZEN = re.compile(
    rf"(?<![A-Za-z0-9_.,])(\d{{1,4}})(?:\s*[xｘ×*✕]\s*(?:(half)(?:\s+an?)?\s*-?\s*|an?\s+|(\d{{1,4}})\s*)?"
    rf"|\s+(half|halbe[sn]?|demi-?|demies?|medias?)\s*-?\s*){DOZENS}(?![a-z])",
    re.I,
)
_COUPLE = re.compile(r"(?<![\w-])(?:an?\s+|the\s+)?couple(?:\s+of)?(?![\w-])", re.I)
_PART_OF_DOZEN = re.compile(rf"(?:{PART}|{FRACTION}|{DECIMAL})\s*-?\s*{DOZENS}(?![a-z])", re.I)
# A number that is not whole, where it says how many: 1/2 pcs, x 1½.
_UNWHOLE = re.compile(
    rf"{FRACTION}(?=\s*(?:of\s+an?\s+|an?\s+)?(?:{UNITS}(?![a-z])|[xｘ×*✕]\s))", re.I
)
_TIMES_UNWHOLE = re.compile(rf"(?<=[xｘ×*✕:：])\s*{FRACTION}", re.I)
# 2,5: no two items, whatever follows; 2.0 x, qty 2,00: a whole number where it says how many.
_COMMA = re.compile(r"(?<![\w.,/-])(\d{1,4}),(\d{1,2})(?![\d.,]*\d)")
_DECIMAL = re.compile(DECIMAL)
_MONEY = r"(?:[$€£¥￥₽₹元]|(?:eur|usd|gbp|chf|rmb|cny|jpy|kr|zł|pln|rs)(?![^\W\d_]))"
# A decimal that may say how many: no price, which has a sign of money or is said to be one.
_LOOSE = re.compile(
    rf"(?<![$€£¥￥₽₹@])(?<![$€£¥￥₽₹@]\s)(?<!\bat\s)(?<!\bà\s)(?<!\bje\s)(?<!\bzu\s){DECIMAL}"
    rf"(?!\s*(?:{_MONEY}|each\b|per\b|/))",
    re.I,
)
_TIMES = r"(?<=[xｘ×*✕])(?<!\d[xｘ×*✕])(?<!\d\s[xｘ×*✕])"  # and no number before it
_COUNTED_DECIMAL = re.compile(
    rf"{DECIMAL}(?=\s*(?:{UNITS}(?![a-z])|[xｘ×*✕]\s))"
    rf"|{_TIMES}\s*{DECIMAL.replace('decimal', 'times')}(?!\s*{_MONEY})",
    re.I,
)
_WHOLE = re.compile(
    rf"(?<![\w.,/-])(\d{{1,4}})[.,]0{{1,2}}(?![\d.,]*\d)(?=\s*(?:{UNITS}(?![a-z])|[xｘ×*✕]\s))"
    rf"|{_TIMES}\s(\d{{1,4}})[.,]0{{1,2}}(?![\d.,]*\d)(?!\s*{_MONEY})",
    re.I,
)
_SAYS_UNWHOLE = re.compile(rf"{UNWHOLE}\s*(?:{UNITS}|[xｘ×*✕]\s)|[xｘ×*✕:：]\s*{UNWHOLE}", re.I)
_NUMERALS = "零〇一二三四五六七八九十百千万萬两兩壹贰貳叁參肆伍陆陸柒捌玖拾佰仟廿卄卅丗卌"
_CHINESE = re.compile(rf"([{_NUMERALS}]+)\s*(?={PIECES}|{PACKS}|打|ダース|[xｘ×])", re.I)
_FORMAL = str.maketrans(
    "〇壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬兩", "零一二二三三四五六六七八九十百千万两"
) | {ord(c): f"{n}十" for c, n in zip("廿卄卅丗卌", "二二三三四", strict=True)}
_CHINESE_RANGE = re.compile(
    rf"(?<![{_NUMERALS}])([{_NUMERALS}]{{1,12}})\s*(?:到|至|或者?|[–—~〜～-])\s*([{_NUMERALS}]{{1,12}})\s*(?={PIECES}"
    rf"|{PACKS}|打|ダース)"
)
# 三五个, 二三十个: three to five, twenty to thirty.
_ABOUT = re.compile(
    r"(?<![零一二两三四五六七八九])([一二两三四五六七八九])([一二两三四五六七八九])([十百千万]?)(?![零一二两三四五六七八九])"
)
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
TO = r"(?:or|to|till|oder|bis|ou|à|hasta|tot|до|або|или|o|a|[–—~〜～-]|至|或|到|から|에서)"
_EITHER = re.compile(
    rf"(?<![A-Za-z0-9_.,/-])(\d{{1,6}})\s*(?:{UNITS}\s*)?{TO}\s*(?!0\d)(\d{{1,6}})(?![\w.,/-]*\d)",
    re.I,
)
_NUMBER = rf"(\d{{1,6}}|{'|'.join(WORDS)})"
_BETWEEN = re.compile(
    rf"(?:\b(?:between|zwischen|entre|tussen|mellem|mellan|mellom|tra|fra|da|de|van|od|między|pomiędzy)"
    rf"|(?<!\w)(?:между|від|от|між))\s+{_NUMBER}\s+(?:and|und|et|y|e|en|och|og|i|и|та|a|à|до|tot|do)\s+{_NUMBER}(?!\w)",
    re.I,
)
# What makes of a number one that is not meant so: about, at least, a half more, a minus.
_VAGUE = re.compile(
    r"\b(?:about|around|approx\w*|roughly|circa|ca\.|some|several|a\s+few|at\s+least|at\s+most|up\s+to"
    r"|max(?:im\w+|\.)?|min(?:im\w+|\.)?|minus"
    r"|etwa|ungefähr|rund|einige|mehrere|mindestens|höchstens|bis\s+zu|environ|quelques|au\s+(?:moins"
    r"|plus(?!\s+tard))|jusqu['’]à"
    r"|a\s+handful|a\s+lot\s+of|plenty|as\s+many|a\s+number\s+of|ein\s+paar|een\s+paar|un\s+par\s+de|un\s+paio\s+di"
    r"|alcun[ie]|enkele|alguns|algumas|несколько|пар[ау]|около|примерно|une?\s+ou\s+deux"
    r"|unos|unas|aproximadamente|algun[oa]s|al\s+menos|como\s+(?:mínimo|máximo)|hasta)(?!\w)"
    r"|大约|大概|约|左右|至少|最少|至多|最多|上下|多个|十几|几[十百个件]|若干|一些|许多|몇\s*개|[一二两三四五六七八九十\d][多余來来][个件]|程度|くらい|ぐらい|以上|以下|数[個本枚台点]"
    r"|(?:^|[\s(（])[-\u2212\u2013\u2010\u2011]\d|[½¼¾⅓⅔]|\d[⁰¹²³⁴-⁹₀-₉]|半|分之|[点點][零一二三四五六七八九]",
    re.I,
)
_PACKED = re.compile(rf"(?<![A-Za-z0-9_.,])\d{{1,6}}\s*({PACKS})(?![a-z])", re.I)


@dataclass(frozen=True)
class Quantity:
    """How many are asked for: `value` None where nothing says so, `sure` from 0 to 1.

    several   it says more than one number, and `value` is the least of them
    vague     its words make the number uncertain: about, at least, a half, a minus
    unwhole   it says no number but one that is not whole
    unit      what it counts, where that is no piece: a box, a pair
    """

    value: int | None = None
    sure: float = 0.0
    several: bool = False
    unit: str = ""
    vague: bool = False
    unwhole: bool = False


def quantity_in(text: str) -> Quantity:
    """The quantity in what is left of a line without the name of its goods."""
    padded = f" {in_digits(text)} "
    found = _counted(padded)
    if found.value is None and _LOOSE.search(padded):
        found = replace(found, unwhole=True)
    if found.unwhole or _VAGUE.search(padded) or may_be_two(plain_digits(text)):
        return replace(found, vague=True, sure=min(found.sure, 0.5))
    return found


def _counted(padded: str) -> Quantity:
    packed = _PACKED.search(padded)
    unit = packed[1] if packed else ""
    if either := _EITHER.search(padded):
        return Quantity(min(int(either[1]), int(either[2])) or 1, 0.5, several=True, unit=unit)
    outright = {n for pattern in QUANTITIES[:EXPLICIT] for n in _values(pattern, padded)}
    if len(outright) > 1:
        return Quantity(min(outright), 0.5, several=True, unit=unit)
    for index, pattern in enumerate(QUANTITIES):
        values = _values(pattern, padded)
        if len(values) > 1:
            return Quantity(min(values), 0.5, several=True, unit=unit)
        if values:
            return _alone(values.pop(), is_bare=index == len(QUANTITIES) - 1, unit=unit)
    return Quantity(unit=unit)


def _values(pattern: re.Pattern[str], text: str) -> set[int]:
    return {int(value) for value in pattern.findall(text) if int(value) > 0}


def _alone(value: int, *, is_bare: bool, unit: str) -> Quantity:
    """The one number of a line; one that stands bare may be a year."""
    if is_bare and value in YEARS:
        return Quantity(value, 0.5, vague=True, unit=unit)
    return Quantity(value, 0.85 if is_bare else 1.0, unit=unit)


def joined_ranges(text: str) -> str:
    """A text whose ranges, halves and decimals are one: between 5 and 10 is 5–10, 2,5 is no two items."""
    text = _COMMA.sub(r"\1.\2", plain_digits(text))
    return _AND_HALF.sub(_and_half, _BETWEEN.sub(_range, text))


def _range(found: re.Match[str]) -> str:
    return "–".join(str(WORDS.get(end.casefold(), end)) for end in found.groups())


def _and_half(found: re.Match[str]) -> str:
    return f"{WORDS.get(found[1].casefold(), found[1])}{UNWHOLE}"


def says_quantity(text: str) -> bool:
    """Whether a text says outright how many of something are asked for: 3 x, two boxes, 三个."""
    padded = f" {in_digits(text)} "
    return any(p.search(padded) for p in (_SAYS_UNWHOLE, *QUANTITIES[:EXPLICIT]))


def in_digits(text: str) -> str:
    """A text with numbers in digits that are words, Chinese, thousands or dozens; one not whole is UNWHOLE."""
    text = joined_thousands(plain_digits(text))
    text = _WHOLE.sub(lambda found: found[1] or found[2], text)
    text = _CHINESE_RANGE.sub(
        lambda found: f" {_of_numerals(found[1])}–{_of_numerals(found[2])} ", text
    )
    text = _CHINESE.sub(lambda found: f" {_of_numerals(found[1])} ", text)
    text = _IN_KOREAN.sub(lambda found: str(_KOREAN[found[1]]), text)
    text = _WORD.sub(lambda found: str(WORDS[found[0].casefold()]), text)
    text = _TIMES_DOZEN.sub(_times_dozen, _COUPLE.sub("about 2", text))
    text = _DOZEN.sub(_dozen, _PART_OF_DOZEN.sub(_part_of_dozen, text))
    text = _COUNTED_DECIMAL.sub(f" {UNWHOLE}", text)
    return _TIMES_UNWHOLE.sub(f" {UNWHOLE}", _UNWHOLE.sub(UNWHOLE, text))


def _part_of_dozen(found: re.Match[str]) -> str:
    """So many pieces as a part of a dozen is; one that is no whole number of them is UNWHOLE."""
    part = found["part"]
    share = Fraction(int(found["parts"] or 1), PARTS[part.casefold()]) if part else fraction(found)
    pieces = 12 * share
    return f" {pieces} pcs" if pieces.denominator == 1 and pieces > 0 else f" {UNWHOLE} pcs"


def _dozen(found: re.Match[str]) -> str:
    halves = 1 if found["half"] else 3 if found["more"] else 2 * int(found["many"] or 1)
    return f"{6 * (halves + bool(found['and']))} pcs"


def _times_dozen(found: re.Match[str]) -> str:
    pieces = 6 if found[2] or found[4] else 12 * int(found[3] or 1)
    return f"about {int(found[1]) * pieces} pcs"


def _of_numerals(text: str) -> str:
    """Chinese numerals in digits; those that say two numbers as two."""
    plain = text.translate(_FORMAL)
    if about := _ABOUT.fullmatch(plain):
        return f"{_chinese(about[1] + about[3])}–{_chinese(about[2] + about[3])}"
    high, _ten_thousand, low = plain.rpartition("万")
    return str((_chinese(high or "零") * 10_000 if "万" in plain else 0) + _chinese(low))


def _chinese(text: str) -> int:
    total = digit = 0
    for c in text:
        if c in _POWERS:
            total, digit = total + (digit or 1) * _POWERS[c], 0
        else:
            digit = digit * 10 + _DIGITS.get(c, 0) if digit else _DIGITS.get(c, 0)
    return total + digit
