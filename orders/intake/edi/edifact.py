"""Reads UN/EDIFACT ORDERS messages of an interchange."""

from collections.abc import Sequence
from datetime import UTC, tzinfo

from msgspec.structs import replace

from orders.intake.edi.asked_days import (
    CANCEL,
    COME_BY,
    COME_FROM,
    COME_ON,
    SHIP_BY,
    SHIP_FROM,
    SHIP_ON,
    Asked,
)
from orders.intake.edi.destinations import settle_place
from orders.intake.edi.edifact_amounts import Extras
from orders.intake.edi.edifact_dates import moment, period
from orders.intake.edi.edifact_goods import note_goods
from orders.intake.edi.edifact_segments import (
    Segment,
    at,
    declared_mark,
    marks_of,
    messages_of,
    segments_of,
)
from orders.intake.edi.envelopes import lost_of
from orders.intake.edi.free_texts import keep_text
from orders.intake.edi.notation import MessageNumbers, decoded
from orders.intake.edi.parties import Party
from orders.intake.edi.pieces import settle_pack
from orders.intake.edi.purchase_orders import stated
from orders.intake.edi.purchases import ORDER_KINDS, Inside, Item, Purchase, limited, only
from orders.intake.edi.versions import Interchange, changed, named, newest, withdrawn
from orders.intake.following.decisions.evidence import digest
from orders.intake.messages.foreign_json import Unreadable, text
from orders.intake.messages.statements import Statement

# A change of an order, whatever it says: one that is cancelled may be the order, or the change before it.
CHANGE = "ORDCHG"


# Of code list 1225 what takes an order back, replaces it, or changes it: that may list only what changes.
WITHDRAWN, REPLACES, CHANGES = frozenset({"1", "3"}), frozenset({"5"}), frozenset({"4"})
# What is said to be anything else (a copy, a test) may be no order; of lines so (1229).
FUNCTIONS = REPLACES | {"", "9"}
WANTED = frozenset({"", "1", "3", "4", "5"})


# Who gets goods, by roles of parties (3035), and where only a place is named (LOC, 3227) that.
DELIVERED_TO, REACHES = frozenset({"DP", "ST"}), frozenset({"CN", "UC"})
PLACE_OF_DELIVERY = "7"


# What QTY may say of a line: what is ordered, and how many pieces are in a unit of that.
ORDERED, INSIDE = "21", frozenset({"52", "59"})


# Code list 2005: days to leave, to come, and to be given up; promised, estimated and scheduled ones are asked for
# in an order. What expires is the order before its lines, and goods behind one.
ASKED = {
    **dict.fromkeys(("37", "81", "234"), SHIP_FROM),
    **dict.fromkeys(("10", "11", "79", "200"), SHIP_ON),
    **dict.fromkeys(("38", "84", "85", "235"), SHIP_BY),
    **dict.fromkeys(("64", "71", "72", "117"), COME_FROM),
    **dict.fromkeys(("2", "17", "65", "67", "69", "76", "191", "X14"), COME_ON),
    **dict.fromkeys(("63", "74", "75", "128"), COME_BY),
    **dict.fromkeys(("36", "61", "153", "383"), CANCEL),
}
EXPIRES = "36"


# Where currencies stand: (segment, element, component). CUX names the order's and another that it may be turned into,
# MOA that of its own amount (6345).
CURRENCIES = (("CUX", 1, 1), ("CUX", 2, 1), ("MOA", 1, 2))


def read(topic: str, body: bytes, *, currency: str, zone: tzinfo = UTC) -> list[Statement]:
    """What every ORDERS message of an interchange says. Raises Unreadable.

    zone   in which its channel means its days
    """
    content, is_sure = decoded(body)
    segments, declared = limited(segments_of(content)), declared_mark(content)
    envelope: Segment = next((s for s in segments if s[0][0] == "UNB"), [])
    sender, sent = at(envelope, 2), _sent(envelope)
    if len({at(s, 2) for s in segments if s[0][0] == "UNB"}) > 1:
        raise Unreadable("several_interchanges")
    found, unread = [], []
    for message in messages_of(segments):
        kind = at(message[0], 2)
        begin = only("BGM", [s for s in message if s[0][0] == "BGM"]) or []
        name, says = named(kind, sent.control, at(message[0], 1)), _fingerprint(message, declared)
        if kind == CHANGE or (kind == "ORDERS" and at(begin, 3) in CHANGES):
            own = named(kind, at(begin, 2))
            found.append(changed(text(sender, 30), _ordered_under(message, begin), own, says))
        elif kind != "ORDERS":
            unread.append(name)
        elif at(begin, 3) in WITHDRAWN:
            found.append(withdrawn(text(sender, 30), at(begin, 2)))
        else:
            purchase = _purchase(message, text(sender, 30), declared, zone)
            if not is_sure:
                purchase.doubt("encoding_doubtful")
            said = stated(purchase, currency=currency, sent=sent)
            found.append(replace(said, message=says))
    if not found:
        kinds = ", ".join(name.split(" ")[0] for name in unread)
        raise Unreadable("no_purchase_order", what=kinds[:60] or "–")
    is_test = any(at(s, 11).lstrip("0") for s in segments if s[0][0] == "UNB")
    return newest(found, unread=unread, lost=lost_of(marks_of(segments)), is_test=is_test)


def _fingerprint(message: Sequence[Segment], declared: str) -> str:
    """A fingerprint of what a message says, in its decimal mark, whatever numbers it was sent under."""
    return digest([declared, [s for s in message if s[0][0] not in {"UNH", "UNT"}]])


def _ordered_under(message: Sequence[Segment], begin: Segment) -> str:
    """The number of the order that a change is of (RFF+ON); its own number where it names no other."""
    named = (at(s, 1, 1) for s in message if s[0][0] == "RFF" and at(s, 1) == "ON")
    return next(filter(None, named), "") or at(begin, 2)


def _sent(envelope: Segment) -> Interchange:
    """When an interchange was made, and its control number (UNB)."""
    return Interchange(moment(at(envelope, 4) + at(envelope, 4, 1)[:4], ""), at(envelope, 5))


def _purchase(segments: Sequence[Segment], sender: str, declared: str, zone: tzinfo) -> Purchase:
    purchase = Purchase(number="", partner=sender)
    numbers = MessageNumbers(
        (at(s, 1, 1) for s in segments if s[0][0] in {"QTY", "PRI", "MOA", "CNT", "PCD", "RTE"}),
        declared=declared,
    )
    party: Party | None = None
    extras = Extras(purchase, numbers)
    to = _roles_of_place(segments)
    _check_terms(purchase, segments, zone)
    for segment in segments:
        tag = segment[0][0]
        if extras.take(segment):
            continue
        if tag == "LIN":
            purchase.items.append(Item(key=at(segment, 1), quantity=None, code=at(segment, 3)))
            if at(segment, 2) not in WANTED:
                purchase.doubt(f"line_not_wanted:{at(segment, 1)[:20]}")
        elif tag == "CNT":
            _count(purchase, segment, numbers)
        elif tag == "FTX":
            _text(purchase, segment)
        elif tag == "NAD":
            party = _party(segment)
            _place(purchase, at(segment, 1), party, to)
        elif purchase.items and tag != "MOA":
            _describe(purchase, purchase.items[-1], segment, numbers)
        elif tag == "COM" and party is not None:
            kind = at(segment, 1, 1)
            party.email = at(segment, 1) if kind == "EM" else party.email
            party.phone = at(segment, 1) if kind == "TE" else party.phone
        else:
            _head(purchase, segment)
    _settle(purchase)
    note_goods(purchase, segments)
    _settle_place(purchase, segments)
    return purchase


def _count(purchase: Purchase, segment: Segment, numbers: MessageNumbers) -> None:
    """What it says its lines are, and the sum of their quantities (code list 6069)."""
    if at(segment, 1) == "2":
        purchase.count = numbers.read(at(segment, 1, 1), "CNT")
    elif at(segment, 1) == "1":
        purchase.units = numbers.read(at(segment, 1, 1), "CNT")


def _text(purchase: Purchase, segment: Segment) -> None:
    """A free text (FTX), of the line that it follows; one that is a code is kept as that."""
    code, words = at(segment, 3), segment[4] if len(segment) > 4 else ()
    keep_text(purchase, code, *words, line=purchase.items[-1].key if purchase.items else "")


def _settle(purchase: Purchase) -> None:
    """Settle what lines say in several segments: their packs, and prices that are none we know."""
    for item in purchase.items:
        if item.price is None and item.other_price:
            purchase.doubt(f"price_unclear:{item.other_price}"[:50])
        if item.inside:
            settle_pack(item, purchase)


def _settle_place(purchase: Purchase, segments: Sequence[Segment]) -> None:
    """Settle where it goes: to whom it names, or where nobody is named to the places of delivery."""
    if purchase.places:
        settle_place(purchase, "NAD")
        return
    line = 0
    for segment in segments:
        line += segment[0][0] == "LIN"
        if segment[0][0] == "LOC" and at(segment, 1) == PLACE_OF_DELIVERY:
            place = Party(number=at(segment, 2), name=at(segment, 2, 3))
            purchase.places.append((line, place))
    settle_place(purchase, "LOC")


def _check_terms(purchase: Purchase, segments: Sequence[Segment], zone: tzinfo) -> None:
    """Note the days that are asked for and the currencies, and doubt several places: an order goes to one."""
    dates = [(at(s, 1, 1), at(s, 1, 2)) for s in segments if (s[0][0], at(s, 1)) == ("DTM", "137")]
    if len(set(dates)) > 1 and len({moment(*each) for each in dates}) > 1:
        raise Unreadable("said_twice", what="DTM 137")
    purchase.at = next((moment(*each) for each in dates), None)
    line = 0
    for segment in segments:
        kind = at(segment, 1)
        if segment[0][0] == "LIN":
            line += 1
        elif segment[0][0] == "DTM" and kind in ASKED and not (line and kind == EXPIRES):
            written, notation = at(segment, 1, 1), at(segment, 1, 2)
            days = period(written, notation, zone)
            named = f"DTM {kind} {written}".strip()
            purchase.asked.append(Asked(ASKED[kind], kind, named, days, line))
    places = {str(s[2:5]) for s in segments if (s[0][0], at(s, 1)) == ("LOC", PLACE_OF_DELIVERY)}
    if len(places) > 1:
        purchase.doubt("delivery_split:LOC")
    for tag, place, part in CURRENCIES:
        purchase.currencies |= {at(s, place, part) for s in segments if s[0][0] == tag}


def _head(purchase: Purchase, segment: Segment) -> None:
    """What stands before the lines, about all of it."""
    tag, kind = segment[0][0], at(segment, 1)
    if tag == "BGM":
        purchase.number = at(segment, 2)
        purchase.is_replacement = at(segment, 3) in REPLACES
        if kind not in ORDER_KINDS:
            purchase.doubt(f"function_unclear:BGM {kind}"[:38])
        if at(segment, 3) not in FUNCTIONS:
            purchase.doubt(f"function_unclear:BGM {kind} {at(segment, 3)}"[:38])
    elif tag == "DTM" and kind == "137":
        purchase.at = moment(at(segment, 1, 1), at(segment, 1, 2))
        if purchase.at is None:
            purchase.doubt("not_a_date")
    elif tag == "CUX":
        purchase.currency = purchase.currency or at(segment, 1, 1)


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


def _roles_of_place(segments: Sequence[Segment]) -> frozenset[str]:
    """The roles of who gets the goods: who takes them in the end where nobody else does."""
    named = {at(s, 1) for s in segments if s[0][0] == "NAD"}
    return DELIVERED_TO if named & DELIVERED_TO else REACHES


def _place(purchase: Purchase, role: str, party: Party, to: frozenset[str]) -> None:
    """Note who is named: before the lines for all of it, behind one for where that goes."""
    line = len(purchase.items)
    if role in to:
        purchase.places.append((line, party))
    elif line:
        return
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
    elif tag == "QTY" and kind in INSIDE:
        count = numbers.read(at(segment, 1, 1), what)
        item.inside.append(Inside(kind, count, at(segment, 1, 2)))
    elif tag == "QTY":
        purchase.doubt(f"quantity_unclear:{what} {kind}"[:50])
    elif tag == "PRI" and kind in {"AAA", "AAB", "CAL", "INF"}:
        _price(purchase, item, segment, numbers)
    elif tag == "PRI":
        item.other_price = item.other_price or f"PRI {item.key} {kind}"
    elif tag == "PIA":
        for code, qualifier in ((x[0], x[1]) for x in segment[2:] if len(x) > 1):
            if qualifier == "SA" and not item.code:
                item.code = code
            elif qualifier in {"IN", "BP"}:
                item.theirs = code
    elif tag == "IMD" and not item.name:
        words = [x for part in segment[3:] for x in part if x and not x.isdecimal()]
        item.name = " ".join(words)[:250]
