"""Extracts an order from free text: goods, quantities, customer, address, date, evidence."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

UNITS = r"(?:pcs?|pieces?|units?|items?|ea|each|sets?|boxes|box|packs?|cases?|件|个|只|盒|箱|套|包|台|条|瓶|把|张|份|双|对|袋|罐|桶|本|支|块)"


QUANTITIES = (
    re.compile(r"(?:qty|quantity|数量|订购数量)\s*[.:：=]?\s*(\d{1,6})(?!\d)", re.I),
    re.compile(r"(?<![\w.,])(\d{1,6})\s*[x×*✕]\s", re.I),
    re.compile(r"\s[x×*✕]\s*(\d{1,6})(?![\w.,]\d)", re.I),
    re.compile(rf"(?<![\w.,])(\d{{1,6}})\s*{UNITS}(?![a-z])", re.I),
    re.compile(r"(?:need|want|require|order|要|需要|订)\s*(\d{1,6})(?!\d)", re.I),
    re.compile(r"(?<![\w.,#-])(\d{1,6})(?![\w.,-]*\d)(?!\w)"),
)


QUOTE = re.compile(
    r"\b(?:quote|quotation|price\s+list|how\s+much|availability\s+for)\b|报价|询价|多少钱", re.I
)


SHIP_TO = re.compile(
    r"(?:^|\n)[^\n]{0,40}?(?:ship(?:ping)?(?:\s+(?:them|it|this|everything|these))?\s*(?:to|address)|deliver(?:y)?\s*(?:to|address)|"
    r"send\s+(?:to|it\s+to|them\s+to)|收货地址|送到|寄到|发到|地址)\s*[:：]?\s*(?P<where>[^\n]{4,200})",
    re.I,
)


DAY = re.compile(
    r"(?P<iso>20\d\d[-/.]\d{1,2}[-/.]\d{1,2})|(?P<zh>20\d\d年\d{1,2}月\d{1,2}日?)|"
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>20\d\d)|"
    r"(?P<day2>\d{1,2})(?:st|nd|rd|th)?\.?\s+(?P<month2>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?,?\s+(?P<year2>20\d\d)",
    re.I,
)


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


CLOSING = re.compile(
    r"^\s*(?:many\s+)?(?:thanks|thank\s+you|regards|best(?:\s+regards|\s+wishes)?|kind\s+regards|sincerely(?:\s+yours)?|yours(?:\s+\w+)?|cheers|谢谢|此致|祝好)[\s,.!，。！]*$",
    re.I,
)


PERSON = re.compile(
    r"[A-Z\u00c0-\u024f][\w.'’-]*(?:[ -][A-Z\u00c0-\u024f][\w.'’-]*){1,3}|[\u4e00-\u9fff·]{2,5}"
)


@dataclass(frozen=True)
class Good:
    """A SKU as the reader knows it."""

    code: str
    name: str
    also_called: tuple[str, ...] = ()  # in other languages
    barcode: str = ""
    available: int | None = None
    least: int = 1


@dataclass(frozen=True)
class Said:
    """A value, the words that say so, and how sure that is: from 0 to 1."""

    value: str
    words: str
    confidence: float


@dataclass(frozen=True)
class EmailOrderLine:
    """Goods that somebody asks for. `others` are SKUs that the words could mean as well."""

    sku: str
    quantity: int
    words: str
    confidence: float
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Issue:
    """What a person should look at: a code with its params, never prose."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class EmailOrder:
    """An e-mail as it was understood. `is_quote`: it asks for a price, and orders nothing."""

    lines: tuple[EmailOrderLine, ...] = ()
    name: Said | None = None
    ship_to: Said | None = None
    need_by: Said | None = None
    is_quote: bool = False
    issues: tuple[Issue, ...] = ()


def plain_words(text: str) -> list[str]:
    """A text's words: without case and accents, numbers apart; each Chinese run as one."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    folded = folded.replace("ß", "ss").replace("æ", "ae").replace("ø", "o")
    return re.findall(r"[a-z]+|\d+|[\u3400-\u9fff]+", folded)


class Catalogue:
    """The goods that letters may name, found by code, barcode or all words of a name."""

    def __init__(self, goods: Sequence[Good]) -> None:
        self.goods = {good.code: good for good in goods}
        self._codes = {_tight(good.code): good.code for good in goods}
        self._codes |= {good.barcode: good.code for good in goods if good.barcode}
        self._names: list[tuple[tuple[str, ...], str]] = []
        self._by_word: dict[str, list[int]] = {}
        for good in goods:
            for name in (good.name, *good.also_called):
                words = tuple(plain_words(name))
                if words:
                    for word in set(words):
                        self._by_word.setdefault(word, []).append(len(self._names))
                    self._names.append((words, good.code))

    def find(self, line: str) -> list[tuple[str, float, str]]:
        """What a line may mean, best first: (code, confidence, the line without what names it)."""
        for match in re.finditer(r"[\w./-]{3,40}", line):
            code = self._codes.get(_tight(match[0]))
            if code:
                return [(code, 1.0, line[: match.start()] + " " + line[match.end() :])]
        said = plain_words(line)
        candidates: dict[int, int] = {}
        for word in set(said):
            for index in self._by_word.get(word, ()):
                candidates[index] = candidates.get(index, 0) + 1
        found = []
        for index in candidates:
            words, code = self._names[index]
            share = _share(words, said)
            if share >= 0.6:
                found.append((code, share, len(words), words))
        found.sort(key=lambda x: (-x[1], -x[2], x[0]))
        best: list[tuple[str, float, str]] = []
        for code, share, _count, words in found:
            if code not in {x[0] for x in best}:
                best.append((code, share, _without(line, words)))
        return best[:5]


def _tight(code: str) -> str:
    return re.sub(r"[\s./_-]", "", code).casefold()


def _share(words: Sequence[str], said: Sequence[str]) -> float:
    """How much of a name is said. A number that is not said means another thing of the same name."""
    left = list(said)
    hits = 0.0
    for word in words:
        if word in left:
            left.remove(word)
            hits += 1
        elif word.isdecimal():
            return 0.0
        elif len(word) > 4 and any(_near(word, other) for other in left if len(other) > 4):
            hits += 0.85
    return hits / len(words)


@lru_cache(maxsize=65536)
def _near(one: str, other: str) -> bool:
    """Whether two words differ by one letter: changed, left out or added."""
    if abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return False
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _without(line: str, words: Sequence[str]) -> str:
    """The line without the words of a name, each taken out once."""
    left = list(words)

    def drop(match: re.Match[str]) -> str:
        for word in plain_words(match[0]):
            if word in left:
                left.remove(word)
                return " "
            for named in left:
                if len(named) > 4 and not named.isdecimal() and _near(named, word):
                    left.remove(named)
                    return " "
        return match[0]

    return re.sub(r"[^\W\d_]+|\d+", drop, line)


def read_email_order(text: str, catalogue: Catalogue) -> EmailOrder:
    """Read what somebody wrote. Nothing of it is certain enough to act on by itself."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\x00", ""))[:20_000]
    ship_to, need_by = _ship_to(text), _need_by(text)
    lines = list(_lines(text, catalogue, ship_to.words if ship_to else ""))
    name = _person(text, ship_to)
    is_quote = QUOTE.search(text) is not None
    return EmailOrder(
        lines=tuple(lines),
        name=name,
        ship_to=ship_to,
        need_by=need_by,
        is_quote=is_quote,
        issues=tuple(_issues(lines, catalogue, ship_to, is_quote)),
    )


def _lines(text: str, catalogue: Catalogue, where: str) -> Iterator[EmailOrderLine]:
    for raw in _pieces(text):
        if where and raw.strip() in where:
            continue
        found = catalogue.find(raw)
        if not found:
            continue
        code, share, rest = found[0]
        quantity, sure = _quantity(rest)
        if quantity is None and share < 1.0:
            continue
        twins = tuple(other for other, likeness, _rest in found[1:] if likeness >= share)
        confidence = share * (0.6 if twins else 1.0) * (sure if quantity is not None else 0.4)
        yield EmailOrderLine(code, quantity or 1, raw.strip()[:200], round(confidence, 2), twins)


def _pieces(text: str) -> Iterator[str]:
    """Lines; and within a line, what is set apart by semicolons or Chinese commas."""
    for line in text.split("\n"):
        yield from (piece for piece in re.split(r"[;；、]|，(?=\s*[^\d\s])", line) if piece.strip())


def _quantity(rest: str) -> tuple[int | None, float]:
    """A quantity in what is left of a line, and how surely it is one."""
    padded = f" {rest} "
    for index, pattern in enumerate(QUANTITIES):
        values = {int(value) for value in pattern.findall(padded) if int(value) > 0}
        if len(values) == 1:
            return values.pop(), 1.0 if index < len(QUANTITIES) - 1 else 0.85
        if len(values) > 1:
            return min(values), 0.5
    return None, 0.0


def _ship_to(text: str) -> Said | None:
    match = SHIP_TO.search(text)
    if match is None:
        return None
    return Said(match["where"].strip(" .,"), match[0].strip(), 0.9)


def _need_by(text: str) -> Said | None:
    match = DAY.search(text)
    if match is None:
        return None
    try:
        if match["iso"] or match["zh"]:
            year, month, day = (int(x) for x in re.findall(r"\d+", match[0]))
        else:
            name = (match["month"] or match["month2"])[:3].casefold()
            year, month = int(match["year"] or match["year2"]), MONTHS.index(name) + 1
            day = int(match["day"] or match["day2"])
        found = date(year, month, day)
    except ValueError:
        return None
    line = next((x for x in text.split("\n") if match[0] in x), match[0])
    return Said(found.isoformat(), line.strip()[:200], 0.9)


def _person(text: str, ship_to: Said | None) -> Said | None:
    """Who writes: below the closing, else before the address."""
    lines = [line.strip() for line in text.split("\n")]
    for index, line in enumerate(lines):
        if CLOSING.match(line):
            for below in lines[index + 1 : index + 4]:
                name = below.strip(" ,.")
                if name and PERSON.fullmatch(name):
                    return Said(name, below, 0.95)
    if ship_to is not None:
        first = ship_to.value.partition(",")[0].strip()
        if PERSON.fullmatch(first) and not re.search(r"\d", first):
            return Said(first, ship_to.words, 0.6)
    return None


def _issues(
    lines: Sequence[EmailOrderLine], catalogue: Catalogue, ship_to: Said | None, is_quote: bool
) -> Iterator[Issue]:
    if is_quote:
        yield Issue("asks_for_a_quote")
    if not lines:
        yield Issue("no_goods_found")
    for line in lines:
        good = catalogue.goods[line.sku]
        if line.others:
            yield Issue("could_be_another", {"sku": line.sku, "others": list(line.others)})
        if line.confidence < 0.8 and not line.others:
            yield Issue("doubtful_line", {"sku": line.sku, "words": line.words})
        if good.available is not None and line.quantity > good.available:
            yield Issue(
                "short", {"sku": line.sku, "available": good.available, "asked": line.quantity}
            )
        if line.quantity < good.least:
            yield Issue(
                "below_least", {"sku": line.sku, "least": good.least, "asked": line.quantity}
            )
    if ship_to is None:
        yield Issue("address_missing")
    elif not re.search(r"[\u4e00-\u9fff]", ship_to.value) and not re.search(
        r"(?<!\d)\d{4,6}(?!\d)|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", ship_to.value
    ):
        yield Issue("postal_code_missing")
