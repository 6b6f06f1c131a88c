"""Reads ANSI X12 purchase orders (850) of an interchange."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from msgspec.structs import replace

from orders.intake.edi.allowances import Allowance
from orders.intake.edi.destinations import settle_place
from orders.intake.edi.envelopes import Mark, lost_of
from orders.intake.edi.free_texts import keep_text
from orders.intake.edi.notation import MessageNumbers, decoded
from orders.intake.edi.parties import Party
from orders.intake.edi.purchase_orders import stated
from orders.intake.edi.purchases import MOST_ELEMENTS, Item, Purchase, limited, only
from orders.intake.edi.taxes import Said
from orders.intake.edi.versions import Interchange, changed, named, newest, withdrawn
from orders.intake.edi.x12_currencies import currencies_of
from orders.intake.edi.x12_dates import ASKED, Segment, asked, at, day_of
from orders.intake.edi.x12_packs import read_pack
from orders.intake.edi.x12_prices import read_price
from orders.intake.following.decisions.evidence import digest
from orders.intake.messages.foreign_json import Unreadable, text
from orders.intake.messages.statements import Statement

# Ours before the buyer's, what is printed on goods in between (X12 element 235).
CODES = ("VP", "VN", "VC", "SK", "UP", "UI", "UK", "EN", "UA", "BP", "IN", "ST", "MG", "PI")


OURS = ("VP", "VN", "VC")  # one of each, or nobody knows which is meant
THEIRS = ("BP", "IN", "PI", "SK")


# Of what a price is (element 639), where that is not the unit of the quantity: so many pieces, or what we cannot weigh.
EACH = frozenset({"PE", "LE", "QE", "RE", "TE", "WE"})
PRICED_PER = dict.fromkeys(EACH, 1) | {
    **dict.fromkeys(("PD", "LD", "QD", "TD", "WD"), 12),
    "PN": 10,
    "HP": 100,
    **dict.fromkeys(("TP", "TM"), 1000),
}
MEASURED = frozenset(
    {"BR", "HF", "HT", "PF", "PG", "PL", "PP", "PT", "PY"}
)  # barrel, feet, pound …


# TXI06 (element 441): not exempt, not for resale either. Exempt in part only is a contradiction where a rate is stated.
NOT_EXEMPT = frozenset({"2", "4", "6"})


# Transaction sets that are read, by the segment that begins them: an order, a change of one. What else an interchange
# holds is named. Envelopes alone stand outside of them.
BEGINS, CHANGE = {"850": "BEG", "860": "BCH"}, "860"
ENVELOPES = frozenset({"ISA", "ISB", "ISE", "TA1", "TA3", "GS", "GE", "IEA"})


# BEG01: a cancellation, a deletion; a replacement; a change, which may list only what changes.
WITHDRAWN, REPLACES, CHANGES = frozenset({"01", "03"}), frozenset({"05"}), frozenset({"04"})
ORDERS = REPLACES | {"", "00"}  # what is said to be anything else (a copy, a test) may be none


# BEG02 (element 92) of what is delivered and paid for as any order: stand-alone, new, a repeat, from a catalogue,
# urgent or for what stands still, special, for supply, sent on to somebody, for a promotion or a new store, released
# from a frame or an assortment. Others are none that ships as it stands: frames and standing orders, offers, copies and
# confirmations of what was ordered elsewhere, what was shipped or is kept for later, consigned goods (ours until they
# are sold), samples, loans, repairs, services; "CP" is a change.
ORDER_KINDS = frozenset(
    {"", "AC", "AO", "CO", "DR", "DS", "EO", "KN", "NE", "NP", "NS", "OS", "PR"}
    | {"RA", "RE", "RL", "RN", "RO", "SA", "SS", "UD"}
)


# Who gets goods, by roles of parties (element 98): where they are shipped or delivered; who takes them in the end,
# where nothing else is named.
DELIVERED_TO, REACHES = frozenset({"ST", "DA"}), frozenset({"CN", "UC"})


# What splits lines over days and places.
SPLITS = frozenset({"SCH", "SDQ"})


# Free texts: where their words stand.
TEXTS = {"NTE": (2,), "MTX": (2, 3), "MSG": (1,), "N9": (3,), "K1": (1, 2)}


# Where numbers stand: (segment, element).
NUMBERS = (
    *(("PO1", 2), ("PO1", 4), ("PO4", 1), ("PO4", 14), ("AMT", 2), ("CTP", 3)),
    *(("CTT", 1), ("CTT", 2)),
    *(("SAC", 5), ("SAC", 7), ("SAC", 8), ("SAC", 10)),
    *(("ITA", 6), ("ITA", 7), ("ITA", 9), ("ITA", 10), ("TXI", 2), ("TXI", 3), ("TXI", 8)),
)


def read(topic: str, body: bytes, *, currency: str, zone: tzinfo = UTC) -> list[Statement]:
    """What every purchase order of an interchange says. Raises Unreadable.

    zone   in which its channel means its days
    """
    content, is_sure = decoded(body)
    segments = limited(segments_of(content))
    sender = text(at(segments[0], 6), 30).strip() if segments[0][0] == "ISA" else ""
    if len({at(s, 6) for s in segments if s[0] == "ISA"}) > 1:
        raise Unreadable("several_interchanges")
    sent, found, unread = _sent(segments[0]), [], []
    for transaction in _transactions(segments):
        kind = at(transaction[0], 1)
        tag = BEGINS.get(kind, "")
        begin = only(tag, [s for s in transaction if s[0] == tag]) or []
        name = named(kind, sent.control, at(transaction[0], 2))
        if kind not in BEGINS:
            unread.append(name)
        elif at(begin, 1) in WITHDRAWN:
            found.append(withdrawn(sender, at(begin, 3)))
        elif kind == CHANGE or at(begin, 1) in CHANGES:
            own = named(kind, at(begin, 5) if kind == CHANGE else "")
            found.append(changed(sender, at(begin, 3), own, _fingerprint(transaction)))
        else:
            purchase = _purchase(transaction, sender, zone)
            if not is_sure:
                purchase.doubt("encoding_doubtful")
            said = stated(purchase, currency=currency, sent=sent)
            found.append(replace(said, message=_fingerprint(transaction)))
    if not found:
        kinds = ", ".join(name.split(" ")[0] for name in unread)
        raise Unreadable("no_purchase_order", what=kinds[:60] or "–")
    is_test = any(at(s, 15) not in {"", "P"} for s in segments if s[0] == "ISA")
    return newest(found, unread=unread, lost=lost_of(_marks(segments)), is_test=is_test)


def _marks(segments: Iterable[Segment]) -> Iterator[Mark]:
    """Where envelopes and transaction sets begin and end, with their control numbers and counts."""
    numbers = {"ISA": 13, "GS": 6, "GE": 2, "IEA": 2, "ST": 2}
    for segment in segments:
        if (tag := segment[0].strip()) in numbers:
            yield Mark(tag, at(segment, numbers[tag]), at(segment, 1))


def _fingerprint(transaction: Sequence[Segment]) -> str:
    """A fingerprint of what a transaction set says, whatever numbers it was sent under."""
    said = [[x.strip() for x in s] for s in transaction if s[0] not in {"ST", "SE"}]
    return digest(said)


def _sent(envelope: Segment) -> Interchange:
    """When an interchange was made (ISA09 and ISA10), and its control number."""
    try:
        written = f"{at(envelope, 9)[-6:]} {at(envelope, 10)[:4]}"
        made = datetime.strptime(written, "%y%m%d %H%M").replace(tzinfo=UTC)
    except ValueError:
        made = None
    return Interchange(made, at(envelope, 13))


def segments_of(content: str) -> Iterator[list[str]]:
    """Segments as their elements. ISA says what separates: what stands behind it, and after its 16th element.

    Line ends separate as well: some senders leave out a terminator where a line ends.
    """
    start = content.find("ISA")
    if start < 0 or content[:start].strip("\ufeff \r\n\t") or len(content) < start + 60:
        raise Unreadable("not_edi")
    separator = content[start + 3]
    elements = content[start : start + 200].split(separator, 16)
    if separator.isalnum() or len(elements) < 17 or len(elements[16]) < 2:
        raise Unreadable("not_edi")
    # Without a component separator the terminator stands in its place.
    component, terminator = elements[16][0], elements[16][1]
    terminator = component if terminator in "\r\n" else terminator
    for line in content[start:].replace("\r", "\n").replace(terminator, "\n").split("\n"):
        if line.strip():
            if line.count(separator) > MOST_ELEMENTS:
                raise Unreadable("too_much", what=line[:20])
            yield line.strip().split(separator)


def _transactions(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    current: list[Segment] | None = None
    for segment in segments:
        if segment[0] == "ST":
            if current:
                raise Unreadable("transaction_not_closed", control=at(current[0], 2)[:20])
            current = [segment]
        elif current is not None:
            current.append(segment)
            if segment[0] == "SE":
                if at(segment, 2) != at(current[0], 2):
                    raise Unreadable("control_numbers_differ", control=at(segment, 2)[:20])
                yield current
                current = None
        elif segment[0] not in ENVELOPES:
            raise Unreadable("outside_a_message", what=segment[0][:20])
    if current:
        raise Unreadable("transaction_not_closed", control=at(current[0], 2)[:20])


def _purchase(segments: Sequence[Segment], sender: str, zone: tzinfo) -> Purchase:
    purchase = Purchase(number="", partner=sender)
    purchase.currency, purchase.currencies = currencies_of(segments)
    numbers = MessageNumbers(
        at(segment, place) for segment in segments for tag, place in NUMBERS if segment[0] == tag
    )
    party: Party | None = None
    about: Purchase | Item | None = purchase
    to = _roles_of_place(segments)
    for segment in segments:
        tag = segment[0]
        if tag in {"CTT", "SLN"}:  # all of it again; a part of a line
            about = purchase if tag == "CTT" else None
        if tag in SPLITS:
            purchase.doubt(f"delivery_split:{tag}")
        elif tag in TEXTS:
            words = [at(segment, place) for place in TEXTS[tag]]
            keep_text(purchase, *words, line=about.key if isinstance(about, Item) else "")
        elif tag == "DTM" and at(segment, 1) in ASKED:
            purchase.asked.append(asked(segment, len(purchase.items), zone))
        elif tag in {"SAC", "ITA", "TXI"}:
            _adjust(purchase, about, segment, numbers)
        elif tag == "PO1":
            about = _item(purchase, segment, numbers)
            purchase.items.append(about)
            party = None
        elif tag == "N1":
            party = Party(name=at(segment, 2), number=at(segment, 4))
            _place(purchase, at(segment, 1), party, to)
        elif party is not None and tag in {"N2", "N3", "N4", "PER"}:
            _describe(party, segment)
        elif tag == "CTP" and isinstance(about, Item):
            read_price(purchase, about, segment, numbers)
        elif purchase.items and tag in {"PID", "PO4"}:
            _detail(purchase, segment, numbers)
        else:
            _head(purchase, segment, numbers)
    settle_place(purchase, "N1")
    return purchase


def _adjust(
    purchase: Purchase, about: Purchase | Item | None, segment: Segment, numbers: MessageNumbers
) -> None:
    """What is taken off, charged on top, or the tax, of a line or of the whole."""
    if about is None:
        purchase.doubt("allowance_unclear:SLN")
    elif segment[0] == "TXI":
        _tax(purchase, about, segment, numbers)
    elif at(segment, 1) != "N":  # neither an allowance nor a charge, it says
        about.allowances.append(_allowance(segment, numbers))


def _allowance(segment: Segment, numbers: MessageNumbers) -> Allowance:
    """SAC, or ITA of the versions before it; amounts have two decimals that are not written (type N2)."""
    is_sac = segment[0] == "SAC"
    code, total, percent, rate, count, settled, name = (
        (2, 5, 7, 8, 10, 12, 15) if is_sac else (3, 7, 9, 6, 10, 4, 13)
    )
    what = f"{segment[0]} {at(segment, code)}"

    def read(place: int) -> Decimal | None:
        written = at(segment, place)
        return numbers.read(written, what) if written else None

    amount = read(total)
    if amount is not None and not set(at(segment, total)) & {".", ","}:
        amount = amount.scaleb(-2)
    each, times = read(rate), read(count)
    by_count = None if each is None or times is None else each * times
    return Allowance(
        is_charge={"A": False, "C": True}.get(at(segment, 1)),
        code=at(segment, code) or ("" if is_sac else at(segment, 14)),
        name=at(segment, name),
        settled=at(segment, settled),
        amount=amount,
        percent=read(percent),
        by_count=by_count,
    )


def _tax(
    purchase: Purchase, about: Purchase | Item, segment: Segment, numbers: MessageNumbers
) -> None:
    """A tax with its amount or its rate; one that is told for information only is none."""
    if at(segment, 7) == "O":
        return
    rate, amount, basis = (
        numbers.read(written, "TXI") if written else None
        for written in (at(segment, 3), at(segment, 2), at(segment, 8))
    )
    exempt = at(segment, 6)
    category = "" if not exempt else "S" if exempt in NOT_EXEMPT else "E"
    if rate is None and amount is None and category != "E":
        purchase.doubt(f"allowance_unclear:TXI {at(segment, 1)}"[:38])
    about.taxes.append(Said(rate, amount, category, kind=at(segment, 1), basis=basis))


def _head(purchase: Purchase, segment: Segment, numbers: MessageNumbers) -> None:
    """What is said of all of it, before the lines and behind them."""
    tag, kind = segment[0], at(segment, 1)
    if tag == "BEG":
        purchase.number, purchase.at = at(segment, 3), day_of(at(segment, 5))
        purchase.is_replacement = kind in REPLACES
        of_kind = ORDER_KINDS | ({"CP"} if purchase.is_replacement else frozenset())
        if kind not in ORDERS or at(segment, 2) not in of_kind:
            unclear = kind if kind not in ORDERS else f"{kind} {at(segment, 2)}"
            purchase.doubt(f"function_unclear:BEG {unclear}"[:38])
        if purchase.at is None and at(segment, 5):
            purchase.doubt("not_a_date")
    elif tag == "PER" and not purchase.items:
        _contact(purchase.buyer, segment)
    elif tag == "AMT" and kind in {"TT", "GV"}:
        purchase.totals.append(numbers.read(at(segment, 2), "AMT"))
    elif tag == "CTT":
        purchase.count = numbers.read(kind, "CTT") if kind else None
        purchase.units = numbers.read(at(segment, 2), "CTT") if at(segment, 2) else None


def _roles_of_place(segments: Iterable[Segment]) -> frozenset[str]:
    """The roles of who gets the goods: who takes them in the end where nobody else does."""
    named = {at(s, 1) for s in segments if s[0] == "N1"}
    return DELIVERED_TO if named & DELIVERED_TO else REACHES


def _place(purchase: Purchase, role: str, party: Party, to: frozenset[str]) -> None:
    """Note who is named: before the lines for all of it, behind one for where that goes."""
    if role in to:
        purchase.places.append((len(purchase.items), party))
    elif purchase.items:
        return
    elif role == "BT":
        purchase.bill_to = party
    elif role in {"BY", "OB"}:
        purchase.buyer = party


def _describe(party: Party, segment: Segment) -> None:
    tag = segment[0]
    if tag == "N2":
        party.line2 = at(segment, 1)
    elif tag == "N3":
        party.line1, party.line2 = at(segment, 1), at(segment, 2) or party.line2
    elif tag == "N4":
        party.city, party.region = at(segment, 1), at(segment, 2)
        party.postal_code, party.country = at(segment, 3), at(segment, 4)
    elif tag == "PER":
        _contact(party, segment)


def _contact(party: Party, segment: Segment) -> None:
    for kind, value in zip(segment[3::2], segment[4::2], strict=False):
        if kind == "EM":
            party.email = value.strip()
        elif kind in {"TE", "CP"}:
            party.phone = party.phone or value.strip()


def _item(purchase: Purchase, segment: Segment, numbers: MessageNumbers) -> Item:
    pairs = [
        (kind.strip(), x.strip()) for kind, x in zip(segment[6::2], segment[7::2], strict=False)
    ]
    codes = dict(pairs)
    # A "number" with spaces in it is a description that somebody put there.
    usable = {kind: value for kind, value in codes.items() if value and " " not in value}
    code = next((usable[kind] for kind in CODES if kind in usable), next(iter(usable.values()), ""))
    key, quantity, price = at(segment, 1), at(segment, 2), at(segment, 4)
    named = key or str(len(purchase.items) + 1)
    if any(len({x for kind, x in pairs if kind == own and x}) > 1 for own in OURS):
        purchase.doubt(f"goods_unclear:PO1 {named}"[:54])
    item = Item(
        key=key,
        quantity=numbers.read(quantity, f"PO1 {named}") if quantity else None,
        unit=at(segment, 3),
        price=numbers.read(price, f"PO1 {named}") if price else None,
        code=code,
        called=[x for _kind, x in pairs if x and " " not in x],
        theirs=next((usable[kind] for kind in THEIRS if kind in usable), ""),
        name=next((value for value in codes.values() if " " in value), ""),
    )
    basis = at(segment, 5)
    if basis in PRICED_PER:
        item.price_unit, item.price_per = "EA", Decimal(PRICED_PER[basis])
    elif basis in MEASURED:
        item.price_unit = f"PO105 {basis}"
    return item


def _detail(purchase: Purchase, segment: Segment, numbers: MessageNumbers) -> None:
    """What follows a line about it: its words, and how many pieces are in a pack (PO4)."""
    item = purchase.items[-1]
    if segment[0] == "PID":
        item.name = item.name or at(segment, 5)
        return
    read_pack(purchase, item, segment, numbers)
