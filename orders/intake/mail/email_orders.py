"""Extracts an order from free text: goods, quantities, customer, address, date, evidence."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from erp.visible import seen
from orders.intake.mail import conditions
from orders.intake.mail.catalogue import Catalogue, words_of
from orders.intake.mail.need_by import need_by, without_days
from orders.intake.mail.numbers import thin_joined
from orders.intake.mail.objections import cancellation, sentences
from orders.intake.mail.quantities import quantity_in, says_quantity
from orders.intake.mail.quotations import asks_for_a_quote
from orders.intake.mail.told import in_figures, own_words

SHIP_TO = re.compile(
    r"(?:^|\n)[^\n]{0,60}?(?P<label>ship(?:ping)?(?:\s+(?:them|it|this|everything|these))?\s*(?:to"
    r"|address)|deliver(?:y)?\s*(?:to|address)|"
    r"send\s+(?:to|it\s+to|them\s+to)|收货地址|送到|寄到|发到|地址)\s*[:：]?\s*(?P<where>[^\n]{4,200})",
    re.I,
)


# What sets the items of a sentence apart.
AND = re.compile(
    r"\s*(?:,(?!\d{3})|，|\s\+\s|&|\b(?:and|plus|as\s+well\s+as|und|et|y|e)\b|以及|还有|外加|和|及|加)\s*",
    re.I,
)


# POT-009; in a piece that says how many, pot-009 as well. What numbers orders and papers is no goods.
CODE = re.compile(
    r"(?<![\w@./-])[A-Z]{2,12}[A-Z0-9]*(?:[-_/][A-Z0-9]+)*[-_/][A-Z]*\d[A-Z0-9]*(?![\w@])"
)
ANY_CODE = re.compile(CODE.pattern, re.I)
NO_GOODS = re.compile(
    r"(?:PO|SO|RE|INV|REF|RMA|ORDER|ISO|DIN|EN|COVID|UTF|TEL|FAX|Q)[-_/]?\d", re.I
)


QUITE = 0.85  # how sure a number is that stands by itself


CLOSING = re.compile(
    r"^\s*(?:many\s+)?(?:thanks|thank\s+you|regards|best(?:\s+regards|\s+wishes)?|kind\s+regards"
    r"|sincerely(?:\s+yours)?|yours(?:\s+\w+)?|cheers|谢谢|此致|祝好)[\s,.!，。！]*$",
    re.I,
)


PERSON = re.compile(
    r"[A-Z\u00c0-\u024f][\w.'’-]*(?:[ -][A-Z\u00c0-\u024f][\w.'’-]*){1,3}|[\u4e00-\u9fff·]{2,5}"
)


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


def read_email_order(text: str, catalogue: Catalogue, today: date | None = None) -> EmailOrder:
    """Read what somebody wrote. Nothing of it is certain enough to act on by itself.

    today   the day on which it came; a day without a year is the next after it
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\x00", ""))[:20_000]
    text = "\n".join(seen(line) for line in thin_joined(text).split("\n"))
    text = catalogue.joined(text)
    ship_to, wanted = _ship_to(text), need_by(text, today or datetime.now(UTC).date())
    place = SHIP_TO.search(text)
    goods = f"{text[: place.start('label')]}\n{text[place.end() :]}" if place else text
    lines, strange = _lines(goods, catalogue)
    is_quote = asks_for_a_quote(text)
    issues = [*strange, *_issues(lines, catalogue, ship_to, is_quote)]
    if lines and "says_no" not in {issue.code for issue in strange} and (no := cancellation(text)):
        issues.append(Issue("says_no", {"words": no.strip()[:200]}))
    day = None
    if wanted and wanted.day:
        day = Said(wanted.day.isoformat(), wanted.words, 0.5 if wanted.code else 0.9)
    if wanted and wanted.code:
        issues.append(Issue(wanted.code, {"words": wanted.words}))
    if lines:
        said = conditions.conditions(goods)
        issues += [Issue("conditional", {"words": words[:200]}) for words in said]
    return EmailOrder(
        lines=tuple(lines),
        name=_person(text, ship_to),
        ship_to=ship_to,
        need_by=day,
        is_quote=is_quote,
        issues=tuple(issues),
    )


def _lines(text: str, catalogue: Catalogue) -> tuple[list[EmailOrderLine], list[Issue]]:
    """The goods that a letter asks for, and what of it asks for something that nobody knows."""
    lines: list[EmailOrderLine] = []
    issues: list[Issue] = []
    told = in_figures(text, catalogue.names_in(text))
    for raw, is_off in _pieces(told, catalogue):
        words, plain = own_words(raw, told, text), without_days(raw)
        found = catalogue.find(plain)
        if is_off:
            if found or says_quantity(plain) or _unknown_codes(plain, catalogue):
                issues.append(Issue("says_no", {"words": words}))
            continue
        issues += [Issue("unknown_goods", {"words": x}) for x in _unknown_codes(plain, catalogue)]
        asked = quantity_in(found[0][2]) if found else quantity_in(plain)
        if not found or (asked.value is None and not asked.unwhole and found[0][1] < 1.0):
            if says_quantity(plain) and not _unknown_codes(plain, catalogue):
                issues.append(Issue("not_understood", {"words": words}))
            continue
        code, share, _rest = found[0]
        twins = tuple(other for other, likeness, _rest in found[1:] if likeness >= share)
        sure = asked.sure if asked.value is not None else 0.4
        confidence = share * (0.6 if twins else 1.0) * sure * (0.7 if asked.unit else 1.0)
        lines.append(EmailOrderLine(code, asked.value or 1, words, round(confidence, 2), twins))
        issues += [
            Issue("not_understood", {"words": words})
            for _other in _other_codes(found[0][2], code, catalogue)
        ][:1]
        if asked.several:
            issues.append(Issue("several_quantities", {"sku": code, "words": words}))
        if asked.vague:
            issues.append(Issue("quantity_unclear", {"sku": code, "words": words}))
        if asked.unit:
            issues.append(Issue("unit_unknown", {"sku": code, "unit": asked.unit}))
    return lines, issues


def _other_codes(rest: str, code: str, catalogue: Catalogue) -> Iterator[str]:
    """Goods that a piece names beside those it is read as: of one piece only one line is made."""
    for word in words_of(rest):
        if catalogue.knows(word[0]) and catalogue.find(word[0])[0][0] != code:
            yield word[0]


def _unknown_codes(piece: str, catalogue: Catalogue) -> list[str]:
    """What looks like a code of goods and is none of ours."""
    pattern = ANY_CODE if says_quantity(piece) else CODE
    return [
        found[0]
        for found in pattern.finditer(piece)
        if not catalogue.knows(found[0]) and not NO_GOODS.match(found[0])
    ]


def _pieces(text: str, catalogue: Catalogue) -> Iterator[tuple[str, bool]]:
    """Lines, what is set apart within one, and of a sentence that asks for several goods each; whether it objects."""
    for sentence, is_off in sentences(text):
        for piece in re.split(r"[;；、]|，(?=\s*[^\d\s])", sentence):
            if piece.strip():
                yield from _items_of(piece, catalogue, is_off=is_off)


def _items_of(piece: str, catalogue: Catalogue, *, is_off: bool) -> Iterator[tuple[str, bool]]:
    """The items of a piece, and whether it takes them off; of one that does, each sentence by itself."""
    parts = conditions.sentences(piece) if conditions.takes_off(piece) else [piece]
    for part in parts:
        off = is_off or conditions.takes_off(part)
        yield from ((item, off) for item in _items(part, catalogue))


def _items(piece: str, catalogue: Catalogue) -> Iterator[str]:
    """A sentence cut where another quantity or another code begins another item."""
    parts = _parts(piece, list(catalogue.names_in(piece)))
    marks = [_marks(part, catalogue) for part, _end in parts]
    if sum(has_code for has_code, _many in marks) < 2 and sum(many for _code, many in marks) < 2:
        yield piece
        return
    item, behind, has_code, has_many = "", "", False, False
    for (part, end), (code, many) in zip(parts, marks, strict=True):
        if (code and has_code) or (many and has_many):
            yield item
            item, behind, has_code, has_many = "", "", False, False
        item, behind = item + behind + part, end
        has_code, has_many = has_code or code, has_many or many
    yield item


def _parts(piece: str, names: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    """What a piece is cut into outside of names of goods, and the word or mark behind each part."""
    parts, at = [], 0
    for found in AND.finditer(piece):
        if any(start <= found.start() < end for start, end in names):
            continue
        parts.append((piece[at : found.start()], found[0]))
        at = found.end()
    parts.append((piece[at:], ""))
    return [(part, end) for part, end in parts if part.strip()]


def _marks(part: str, catalogue: Catalogue) -> tuple[bool, bool]:
    """Whether a part of a sentence names goods by a code, known or not, and says how many."""
    plain = without_days(part)
    codes = [found[0] for found in ANY_CODE.finditer(plain)]
    known = any(catalogue.knows(word[0]) for word in words_of(plain))
    if (named := catalogue.find(plain)) and named[0][1] == 1.0:
        plain = named[0][2]
    for code in codes:
        plain = plain.replace(code, " ")
    asked = quantity_in(plain)
    is_many = says_quantity(plain) or asked.sure == QUITE or asked.unwhole
    return known or bool(codes), is_many


def _ship_to(text: str) -> Said | None:
    match = SHIP_TO.search(text)
    if match is None:
        return None
    return Said(match["where"].strip(" .,"), match[0].strip(), 0.9)


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
