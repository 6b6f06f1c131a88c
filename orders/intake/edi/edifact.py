"""Reads UN/EDIFACT ORDERS messages of an interchange."""

from collections.abc import Sequence
from datetime import UTC, datetime

from orders.intake.edi.edifact_amounts import Extras
from orders.intake.edi.edifact_segments import (
    Segment,
    at,
    declared_mark,
    messages_of,
    segments_of,
)
from orders.intake.edi.notation import MessageNumbers, decoded
from orders.intake.edi.parties import Party
from orders.intake.edi.purchase_orders import stated
from orders.intake.edi.purchases import Item, Purchase, limited
from orders.intake.edi.versions import Interchange, newest, withdrawn
from orders.intake.messages.foreign_json import Unreadable, text
from orders.intake.messages.statements import Statement

# Of code list 1225 what takes an order back or replaces it.
WITHDRAWN, REPLACES = frozenset({"1", "3"}), frozenset({"4", "5"})
# What is said to be anything else (a copy, a test, a call-off, an offer) may be no order; of lines so (1229).
FUNCTIONS, KINDS = REPLACES | {"", "9"}, frozenset({"", "105", "220", "224"})
WANTED = frozenset({"", "1", "3", "4", "5"})


# What QTY may say of a line: what is ordered, and how many pieces are in a unit of that.
ORDERED, IN_A_PACK = "21", frozenset({"52", "59"})


# Code list 2005: days that are asked for, of shipping, delivery and cancelling.
ASKED = frozenset({"2", "10", "37", "38", "61", "63", "64", "69", "76", "200"})


def read(topic: str, body: bytes, *, currency: str) -> list[Statement]:
    """What every ORDERS message of an interchange says. Raises Unreadable."""
    content, is_sure = decoded(body)
    segments, declared = limited(segments_of(content)), declared_mark(content)
    envelope: Segment = next((s for s in segments if s[0][0] == "UNB"), [])
    sender, sent = at(envelope, 2), _sent(envelope)
    found, kinds = [], []
    for message in messages_of(segments):
        kinds.append(at(message[0], 2))
        begin: Segment = next((s for s in message if s[0][0] == "BGM"), [])
        if kinds[-1] == "ORDERS" and at(begin, 3) in WITHDRAWN:
            found.append(withdrawn(text(sender, 30), at(begin, 2)))
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
    return Interchange(_moment(at(envelope, 4) + at(envelope, 4, 1)[:4], ""), at(envelope, 5))


def _purchase(segments: Sequence[Segment], sender: str, declared: str) -> Purchase:
    purchase = Purchase(number="", partner=sender)
    numbers = MessageNumbers(
        (at(s, 1, 1) for s in segments if s[0][0] in {"QTY", "PRI", "MOA", "CNT", "PCD", "RTE"}),
        declared=declared,
    )
    party: Party | None = None
    extras = Extras(purchase, numbers)
    _check_terms(purchase, segments)
    for segment in segments:
        tag = segment[0][0]
        if extras.take(segment):
            continue
        if tag == "LIN":
            purchase.items.append(Item(key=at(segment, 1), quantity=None, code=at(segment, 3)))
            if at(segment, 2) not in WANTED:
                purchase.doubt(f"line_not_wanted:{at(segment, 1)[:20]}")
        elif tag == "CNT":
            if at(segment, 1) == "2":
                purchase.count = numbers.read(at(segment, 1, 1), "CNT")
        elif purchase.items and tag != "MOA":
            _describe(purchase, purchase.items[-1], segment, numbers)
        elif tag == "NAD":
            party = _party(segment)
            _place(purchase, at(segment, 1), party)
        elif tag == "COM" and party is not None:
            kind = at(segment, 1, 1)
            party.email = at(segment, 1) if kind == "EM" else party.email
            party.phone = at(segment, 1) if kind == "TE" else party.phone
        else:
            _head(purchase, segment)
    return purchase


def _check_terms(purchase: Purchase, segments: Sequence[Segment]) -> None:
    """Doubt days that are asked for, and several places: an order goes to one, as soon as it can.

    Raises Unreadable for several currencies.
    """
    dates = [(at(s, 1), at(s, 1, 1), at(s, 1, 2)) for s in segments if s[0][0] == "DTM"]
    purchase.at = next((_moment(x, form) for kind, x, form in dates if kind == "137"), None)
    for kind, written, form in dates:
        if kind in ASKED:
            purchase.ask_for(f"DTM {kind} {written}", _moment(written, form))
    places = {at(s, 2) for s in segments if s[0][0] == "LOC" and at(s, 1) == "7"}
    if len(places) > 1:
        purchase.doubt("delivery_split:LOC")
    currencies = {at(s, 1, 1) for s in segments if s[0][0] == "CUX"} - {""}
    if len(currencies) > 1:
        raise Unreadable("two_currencies", what=", ".join(sorted(currencies))[:60])


def _head(purchase: Purchase, segment: Segment) -> None:
    """What stands before the lines, about all of it."""
    tag, kind = segment[0][0], at(segment, 1)
    if tag == "BGM":
        purchase.number = at(segment, 2)
        purchase.is_replacement = at(segment, 3) in REPLACES
        if kind not in KINDS:
            purchase.doubt(f"function_unclear:BGM {kind}"[:38])
        if at(segment, 3) not in FUNCTIONS:
            purchase.doubt(f"function_unclear:BGM {kind} {at(segment, 3)}"[:38])
    elif tag == "DTM" and kind == "137":
        purchase.at = _moment(at(segment, 1, 1), at(segment, 1, 2))
        if purchase.at is None:
            purchase.doubt("not_a_date")
    elif tag == "CUX":
        purchase.currency = purchase.currency or at(segment, 1, 1)
    elif tag == "FTX":
        words = " ".join(x for x in segment[4] if x) if len(segment) > 4 else ""
        purchase.note = f"{purchase.note}\n{words}".strip()


def _party(segment: Segment) -> Party:
    street = [x for x in (segment[5] if len(segment) > 5 else []) if x]
    return Party(
        number=at(segment, 2),
        name=" ".join(x for x in (segment[4] if len(segment) > 4 else []) if x)
        or " ".join(x for x in (segment[3] if len(segment) > 3 else []) if x),
        line1=street[0] if street else "",
        line2=", ".join(street[1:]),
        city=at(segment, 6),
        region=at(segment, 7),
        postal_code=at(segment, 8),
        country=at(segment, 9),
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
    what, per = f"PRI {item.key}", at(segment, 1, 4)
    price, each = numbers.read(at(segment, 1, 1), what), numbers.read(per or "1", what)
    found = (price, each, at(segment, 1, 5) or None)
    if item.price is not None and found != (item.price, item.price_per, item.price_unit):
        purchase.doubt(f"price_unclear:{what}"[:50])
    if item.price is None or at(segment, 1) == "AAA":
        item.price, item.price_per, item.price_unit = found


def _describe(purchase: Purchase, item: Item, segment: Segment, numbers: MessageNumbers) -> None:
    tag, kind = segment[0][0], at(segment, 1)
    what = f"{tag} {item.key}"
    if tag == "QTY" and kind == ORDERED:
        if item.quantity is not None:
            raise Unreadable("said_twice", what=what)
        item.quantity, item.unit = numbers.read(at(segment, 1, 1), what), at(segment, 1, 2)
    elif tag == "QTY" and kind in IN_A_PACK:
        item.pack = numbers.read(at(segment, 1, 1), what)
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
