"""Reads UN/EDIFACT ORDERS messages of an interchange."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from orders.intake.edi.allowances import Allowance
from orders.intake.edi.notation import MessageNumbers, decoded
from orders.intake.edi.parties import Party
from orders.intake.edi.purchase_orders import MOST_ELEMENTS, Item, Purchase, limited, stated
from orders.intake.edi.taxes import Said
from orders.intake.edi.versions import Interchange, newest, withdrawn
from orders.intake.messages.foreign_json import Unreadable, text
from orders.intake.messages.numbers import POINT
from orders.intake.messages.statements import Statement

# Of code list 5025 the amounts that are of the whole order, of 1225 what takes an order back or replaces it.
TOTALS = frozenset({"9", "77", "86", "128"})
WITHDRAWN, REPLACES = frozenset({"1", "3"}), frozenset({"4", "5"})
# What is said to be anything else (a copy, a test, a call-off, an offer) may be no order; of lines so (1229).
FUNCTIONS, KINDS = REPLACES | {"", "9"}, frozenset({"", "105", "220", "224"})
WANTED = frozenset({"", "1", "3", "4", "5"})


# Other sums of the whole: its goods, what is taken off and charged, and both.
SUMS = {"79": "goods", "260": "off", "259": "charged", "131": "extra", "125": "net"}
TAX_OF_ALL = frozenset({"124", "150", "176"})
OF_AN_ALLOWANCE = frozenset({"8", "23", "204"})
BASIS = "25"  # of an allowance or charge
OF_A_TAX = frozenset({"125", "56"})  # what a tax is of


# What QTY may say of a line: what is ordered, and how many pieces are in a unit of that.
ORDERED, IN_A_PACK = "21", frozenset({"52", "59"})


# Code list 2005: days that are asked for, of shipping, delivery and cancelling.
ASKED = frozenset({"2", "10", "37", "38", "61", "63", "64", "69", "76", "200"})


Segment = Sequence[Sequence[str]]  # elements of components


def read(topic: str, body: bytes, *, currency: str) -> list[Statement]:
    """What every ORDERS message of an interchange says. Raises Unreadable."""
    content, is_sure = decoded(body)
    segments, declared = limited(segments_of(content)), declared_mark(content)
    envelope: Segment = next((s for s in segments if s[0][0] == "UNB"), [])
    sender, sent = _at(envelope, 2), _sent(envelope)
    found, kinds = [], []
    for message in _messages(segments):
        kinds.append(_at(message[0], 2))
        begin: Segment = next((s for s in message if s[0][0] == "BGM"), [])
        if kinds[-1] == "ORDERS" and _at(begin, 3) in WITHDRAWN:
            found.append(withdrawn(text(sender, 30), _at(begin, 2)))
        elif kinds[-1] == "ORDERS":
            purchase = _purchase(message, text(sender, 30), declared)
            if not is_sure:
                purchase.doubt("encoding_doubtful")
            found.append(stated(purchase, currency=currency, sent=sent))
    if not found:
        raise Unreadable("no_purchase_order", what=", ".join(kinds)[:60] or "–")
    return newest(found)


def _sent(envelope: Segment) -> Interchange:
    """When an interchange was made, and its control number (UNB)."""
    return Interchange(_moment(_at(envelope, 4) + _at(envelope, 4, 1)[:4], ""), _at(envelope, 5))


def declared_mark(content: str) -> str:
    """The decimal mark that UNA declares; a point where there is none (ISO 9735)."""
    content = content.lstrip()
    return content[5] if content.startswith("UNA") and content[5:6] in {".", ","} else POINT


def segments_of(content: str) -> Iterator[list[list[str]]]:
    """Segments as elements of components; UNA says which characters separate (ISO 9735)."""
    content = content.lstrip()
    component, element, release, terminator = ":", "+", "?", "'"
    if content.startswith("UNA") and len(content) > 9:
        component, element, _mark, release, _rest, terminator = list(content[3:9])
        content = content[9:]
    if not content.lstrip().startswith("UN"):
        raise Unreadable("not_edi")

    def cut(value: str, at: str) -> list[str]:
        """Split where no release character stands before; one that is released itself releases nothing."""
        if not release.strip():
            return value.split(at)
        parts: list[str] = []
        begun: list[str] = []
        for piece in value.split(at):
            begun.append(piece)
            if (len(piece) - len(piece.rstrip(release))) % 2 == 0:
                parts.append(at.join(begun))
                begun = []
        return [*parts, at.join(begun)] if begun else parts

    def plain(value: str) -> str:
        if not release.strip():
            return value.strip()
        return re.sub(rf"{re.escape(release)}(.)", r"\1", value, flags=re.DOTALL).strip()

    for raw in cut(content, terminator):
        if raw.strip():
            if raw.count(element) + raw.count(component) > MOST_ELEMENTS:
                raise Unreadable("too_much", what=raw.strip()[:20])
            yield [
                [plain(part) for part in cut(one, component)] for one in cut(raw.strip(), element)
            ]


def _messages(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    current: list[Segment] | None = None
    for segment in segments:
        tag = segment[0][0]
        if tag == "UNH":
            if current:
                raise Unreadable("transaction_not_closed", control=_at(current[0], 1)[:20])
            current = [segment]
        elif current is not None:
            current.append(segment)
            if tag == "UNT":
                yield current
                current = None
    if current:
        raise Unreadable("transaction_not_closed", control=_at(current[0], 1)[:20])


def _at(segment: Segment, place: int, part: int = 0) -> str:
    if place >= len(segment) or part >= len(segment[place]):
        return ""
    return segment[place][part]


def _purchase(segments: Sequence[Segment], sender: str, declared: str) -> Purchase:
    purchase = Purchase(number="", partner=sender)
    numbers = MessageNumbers(
        (_at(s, 1, 1) for s in segments if s[0][0] in {"QTY", "PRI", "MOA", "CNT", "PCD", "RTE"}),
        declared=declared,
    )
    party: Party | None = None
    extras = _Extras(purchase, numbers)
    _check_terms(purchase, segments)
    for segment in segments:
        tag = segment[0][0]
        if extras.take(segment):
            continue
        if tag == "LIN":
            purchase.items.append(Item(key=_at(segment, 1), quantity=None, code=_at(segment, 3)))
            if _at(segment, 2) not in WANTED:
                purchase.doubt(f"line_not_wanted:{_at(segment, 1)[:20]}")
        elif tag == "CNT":
            if _at(segment, 1) == "2":
                purchase.count = numbers.read(_at(segment, 1, 1), "CNT")
        elif purchase.items and tag != "MOA":
            _describe(purchase, purchase.items[-1], segment, numbers)
        elif tag == "NAD":
            party = _party(segment)
            _place(purchase, _at(segment, 1), party)
        elif tag == "COM" and party is not None:
            kind = _at(segment, 1, 1)
            party.email = _at(segment, 1) if kind == "EM" else party.email
            party.phone = _at(segment, 1) if kind == "TE" else party.phone
        else:
            _head(purchase, segment)
    return purchase


def _check_terms(purchase: Purchase, segments: Sequence[Segment]) -> None:
    """Doubt days that are asked for, and several places: an order goes to one, as soon as it can.

    Raises Unreadable for several currencies.
    """
    dates = [(_at(s, 1), _at(s, 1, 1), _at(s, 1, 2)) for s in segments if s[0][0] == "DTM"]
    purchase.at = next((_moment(x, form) for kind, x, form in dates if kind == "137"), None)
    for kind, written, form in dates:
        if kind in ASKED:
            purchase.ask_for(f"DTM {kind} {written}", _moment(written, form))
    places = {_at(s, 2) for s in segments if s[0][0] == "LOC" and _at(s, 1) == "7"}
    if len(places) > 1:
        purchase.doubt("delivery_split:LOC")
    currencies = {_at(s, 1, 1) for s in segments if s[0][0] == "CUX"} - {""}
    if len(currencies) > 1:
        raise Unreadable("two_currencies", what=", ".join(sorted(currencies))[:60])


class _Extras:
    """Reads amounts, taxes, allowances and charges: of the whole, or of the line that they follow.

    What describes an allowance (ALC) or a tax (TAX) follows it directly.
    """

    def __init__(self, purchase: Purchase, numbers: MessageNumbers) -> None:
        self.purchase, self.numbers = purchase, numbers
        self.about: Purchase | Item | None = purchase
        self.allowance: Allowance | None = None
        self.rate: Decimal | None = None
        self.count: Decimal | None = None
        self.tax: Said | None = None  # the one that is being told
        self.is_tax = False

    def take(self, segment: Segment) -> bool:
        """Read a segment where it is one of these; whether it was."""
        tag = segment[0][0]
        if tag == "ALC":
            self._begin(segment)
        elif tag == "TAX":
            self._tax(segment)
        elif tag == "MOA":
            self._amount(_at(segment, 1), _at(segment, 1, 1))
        elif self.allowance is not None and tag in {"PCD", "RTE", "QTY", "RNG"}:
            self._detail(self.allowance, segment)
        else:
            if tag in {"LIN", "UNS"}:
                self.about = None if tag == "LIN" else self.purchase
            self.allowance, self.tax, self.is_tax = None, None, False
            return False
        return True

    @property
    def _of(self) -> Purchase | Item:
        return self.purchase.items[-1] if self.about is None else self.about

    def _begin(self, segment: Segment) -> None:
        is_charge = {"A": False, "C": True}.get(_at(segment, 1))
        self.allowance, self.rate, self.count = None, None, None
        self.tax, self.is_tax = None, False
        if _at(segment, 1) == "N":  # neither, it says
            return
        self.allowance = Allowance(
            is_charge=is_charge,
            code=_at(segment, 5) or _at(segment, 2, 1),
            name=_at(segment, 5, 3),
            settled=_at(segment, 3),
        )
        self._of.allowances.append(self.allowance)

    def _detail(self, allowance: Allowance, segment: Segment) -> None:
        tag, written = segment[0][0], _at(segment, 1, 1)
        value = self.numbers.read(written, f"ALC {tag}") if written else None
        if tag == "PCD":
            allowance.percent = value
        elif tag == "RTE":
            per = _at(segment, 1, 2)
            basis = self.numbers.read(per, "ALC RTE") if per else Decimal(1)
            self.rate = value / basis if value is not None and basis > 0 else None
        elif tag == "QTY":
            self.count = value
        if tag in {"RTE", "QTY"} and self.rate is not None and self.count is not None:
            allowance.by_count = self.rate * self.count

    def _tax(self, segment: Segment) -> None:
        """A tax that is charged; what is told about one for information is none."""
        self.tax, self.is_tax = None, _at(segment, 1) == "7"
        if self.is_tax:
            rate = _at(segment, 5, 3)
            self.tax = Said(
                rate=self.numbers.read(rate, "TAX") if rate else None,
                category=_at(segment, 6).upper(),
            )
            (self.allowance or self._of).taxes.append(self.tax)

    def _amount(self, kind: str, written: str) -> None:
        if not written:
            return
        what, of = f"MOA {kind}", self._of
        value = self.numbers.read(written, what)
        if kind in OF_AN_ALLOWANCE:
            if self.allowance is None:  # it says not whether it is taken off or charged
                self.purchase.doubt(f"allowance_unclear:{what}")
            else:
                self.allowance.amount = value
        elif kind == BASIS and self.allowance is not None and not self.is_tax:
            self.allowance.basis = value
        elif kind in TAX_OF_ALL:
            self._tax_amount(of, value)
        elif kind in OF_A_TAX and self.tax is not None:
            self.tax.basis = value
        elif isinstance(of, Item):
            if kind == "203":
                of.amount = value
        elif kind in TOTALS:
            of.totals.append(value)
        elif kind in SUMS and not self.is_tax:
            of.state_sum(SUMS[kind], value)

    def _tax_amount(self, of: Purchase | Item, value: Decimal) -> None:
        """One tax of several rates adds up; the tax of all is what they come to."""
        if self.tax is not None:
            if self.tax.amount not in {None, value}:
                self.purchase.doubt("tax_differs")
            self.tax.amount = max(value, self.tax.amount or value)
        elif of.tax is None:
            of.tax = value
        elif of.tax != value:
            self.purchase.doubt("tax_differs")


def _head(purchase: Purchase, segment: Segment) -> None:
    """What stands before the lines, about all of it."""
    tag, kind = segment[0][0], _at(segment, 1)
    if tag == "BGM":
        purchase.number = _at(segment, 2)
        purchase.is_replacement = _at(segment, 3) in REPLACES
        if kind not in KINDS:
            purchase.doubt(f"function_unclear:BGM {kind}"[:38])
        if _at(segment, 3) not in FUNCTIONS:
            purchase.doubt(f"function_unclear:BGM {kind} {_at(segment, 3)}"[:38])
    elif tag == "DTM" and kind == "137":
        purchase.at = _moment(_at(segment, 1, 1), _at(segment, 1, 2))
        if purchase.at is None:
            purchase.doubt("not_a_date")
    elif tag == "CUX":
        purchase.currency = purchase.currency or _at(segment, 1, 1)
    elif tag == "FTX":
        words = " ".join(x for x in segment[4] if x) if len(segment) > 4 else ""
        purchase.note = f"{purchase.note}\n{words}".strip()


def _party(segment: Segment) -> Party:
    street = [x for x in (segment[5] if len(segment) > 5 else []) if x]
    return Party(
        number=_at(segment, 2),
        name=" ".join(x for x in (segment[4] if len(segment) > 4 else []) if x)
        or " ".join(x for x in (segment[3] if len(segment) > 3 else []) if x),
        line1=street[0] if street else "",
        line2=", ".join(street[1:]),
        city=_at(segment, 6),
        region=_at(segment, 7),
        postal_code=_at(segment, 8),
        country=_at(segment, 9),
    )


def _place(purchase: Purchase, role: str, party: Party) -> None:
    if role in {"DP", "ST", "UC"}:
        purchase.ship_to = party
    elif role in {"IV", "BT"}:
        purchase.bill_to = party
    elif role == "BY":
        purchase.buyer = party


def _price(purchase: Purchase, item: Item, segment: Segment, numbers: MessageNumbers) -> None:
    """A price of a line: of several the net one counts, and those that differ are doubted."""
    what, per = f"PRI {item.key}", _at(segment, 1, 4)
    price, each = numbers.read(_at(segment, 1, 1), what), numbers.read(per or "1", what)
    found = (price, each, _at(segment, 1, 5) or None)
    if item.price is not None and found != (item.price, item.price_per, item.price_unit):
        purchase.doubt(f"price_unclear:{what}"[:50])
    if item.price is None or _at(segment, 1) == "AAA":
        item.price, item.price_per, item.price_unit = found


def _describe(purchase: Purchase, item: Item, segment: Segment, numbers: MessageNumbers) -> None:
    tag, kind = segment[0][0], _at(segment, 1)
    what = f"{tag} {item.key}"
    if tag == "QTY" and kind == ORDERED:
        if item.quantity is not None:
            raise Unreadable("said_twice", what=what)
        item.quantity, item.unit = numbers.read(_at(segment, 1, 1), what), _at(segment, 1, 2)
    elif tag == "QTY" and kind in IN_A_PACK:
        item.pack = numbers.read(_at(segment, 1, 1), what)
    elif tag == "QTY":
        purchase.doubt(f"quantity_unclear:{what} {kind}"[:50])
    elif tag == "PRI" and kind in {"AAA", "AAB", "CAL", "INF"}:
        _price(purchase, item, segment, numbers)
    elif tag == "PIA":
        for code, qualifier in ((x[0], x[1]) for x in segment[2:] if len(x) > 1):
            if qualifier == "SA" and not item.code:
                item.code = code
            elif qualifier in {"IN", "BP"}:
                item.theirs = code
    elif tag == "IMD" and not item.name:
        words = [x for part in segment[3:] for x in part if x and not x.isdecimal()]
        item.name = " ".join(words)[:250]


# Code list 2379: how dates are written.
NOTATIONS = {
    "101": "%y%m%d",
    "102": "%Y%m%d",
    "201": "%y%m%d%H%M",
    "203": "%Y%m%d%H%M",
    "204": "%Y%m%d%H%M%S",
}


def _moment(digits: str, notation: str) -> datetime | None:
    """A date in the notation that it says it has; of one that says none, by its length."""
    by_length = {6: "101", 8: "102", 10: "201", 12: "203", 14: "204"}.get(len(digits), "")
    try:
        found = datetime.strptime(digits, NOTATIONS[notation or by_length])  # noqa: DTZ007  UTC follows
    except (KeyError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if 1990 <= found.year <= 2100 else None
