"""Reads ANSI X12 purchase orders (850) of an interchange."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from orders.intake.edi.purchase_orders import MOST_ELEMENTS, Item, Party, Purchase, limited, stated
from orders.intake.messages.foreign_json import Unreadable, amount, text
from orders.intake.messages.statements import Statement

# Ours before the buyer's, what is printed on goods in between (X12 element 235).
CODES = ("VP", "VN", "VC", "SK", "UP", "UI", "UK", "EN", "UA", "BP", "IN", "ST", "MG", "PI")


THEIRS = ("BP", "IN", "PI", "SK")


Segment = Sequence[str]


def read(topic: str, body: bytes, *, currency: str) -> list[Statement]:
    """What every purchase order of an interchange says. Raises Unreadable."""
    segments = limited(segments_of(decoded(body)))
    sender = text(_at(segments[0], 6), 30).strip() if segments[0][0] == "ISA" else ""
    found, kinds = [], []
    for transaction in _transactions(segments):
        kinds.append(_at(transaction[0], 1))
        if kinds[-1] == "850":
            found.append(stated(_purchase(transaction, sender), currency=currency))
    if not found:
        raise Unreadable("no_purchase_order", what=", ".join(kinds)[:60] or "–")
    return found


def decoded(body: bytes) -> str:
    """A file as text: UTF-8, else as Windows writes it."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1").replace("\x00", "")


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
                raise Unreadable("transaction_not_closed", control=_at(current[0], 2)[:20])
            current = [segment]
        elif current is not None:
            current.append(segment)
            if segment[0] == "SE":
                if _at(segment, 2) != _at(current[0], 2):
                    raise Unreadable("control_numbers_differ", control=_at(segment, 2)[:20])
                yield current
                current = None
    if current:
        raise Unreadable("transaction_not_closed", control=_at(current[0], 2)[:20])


def _at(segment: Segment, place: int) -> str:
    return segment[place].strip() if place < len(segment) else ""


def _purchase(segments: Sequence[Segment], sender: str) -> Purchase:
    purchase = Purchase(number="", partner=sender)
    party: Party | None = None
    item: Item | None = None
    for segment in segments:
        tag = segment[0]
        if tag == "BEG":
            purchase.number, purchase.at = _at(segment, 3), _day(_at(segment, 5))
        elif tag == "CUR":
            purchase.currency = purchase.currency or _at(segment, 2)
        elif tag == "PO1":
            item, party = _item(segment, len(purchase.items) + 1), None
            purchase.items.append(item)
        elif tag == "PID" and item is not None:
            item.name = item.name or _at(segment, 5)
        elif tag == "N1":
            party = Party(name=_at(segment, 2), number=_at(segment, 4))
            _place(purchase, _at(segment, 1), party)
        elif party is not None:
            _describe(party, segment)
        elif tag == "PER" and not purchase.items:
            _contact(purchase.buyer, segment)
        elif tag == "MSG" and item is None:
            purchase.note = f"{purchase.note}\n{_at(segment, 1)}".strip()
        elif tag == "AMT" and _at(segment, 1) in {"TT", "GV"}:
            purchase.total = amount(_at(segment, 2))
    return purchase


def _place(purchase: Purchase, role: str, party: Party) -> None:
    if role == "ST":
        purchase.ship_to = party
    elif role == "BT":
        purchase.bill_to = party
    elif role in {"BY", "OB"}:
        purchase.buyer = party


def _describe(party: Party, segment: Segment) -> None:
    tag = segment[0]
    if tag == "N2":
        party.line2 = _at(segment, 1)
    elif tag == "N3":
        party.line1, party.line2 = _at(segment, 1), _at(segment, 2) or party.line2
    elif tag == "N4":
        party.city, party.region = _at(segment, 1), _at(segment, 2)
        party.postal_code, party.country = _at(segment, 3), _at(segment, 4)[:2]
    elif tag == "PER":
        _contact(party, segment)


def _contact(party: Party, segment: Segment) -> None:
    for kind, value in zip(segment[3::2], segment[4::2], strict=False):
        if kind == "EM":
            party.email = value.strip()
        elif kind in {"TE", "CP"}:
            party.phone = party.phone or value.strip()


def _item(segment: Segment, count: int) -> Item:
    codes = {kind: value.strip() for kind, value in zip(segment[6::2], segment[7::2], strict=False)}
    # A "number" with spaces in it is a description that somebody put there.
    usable = {kind: value for kind, value in codes.items() if value and " " not in value}
    code = next((usable[kind] for kind in CODES if kind in usable), next(iter(usable.values()), ""))
    price = _at(segment, 4)
    return Item(
        key=_at(segment, 1) or str(count),
        quantity=amount(_at(segment, 2)),
        price=amount(price) if price else None,
        code=code,
        theirs=next((usable[kind] for kind in THEIRS if kind in usable), ""),
        name=next((value for value in codes.values() if " " in value), ""),
    )


def _day(digits: str) -> datetime | None:
    try:
        return datetime.strptime(digits[:8], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
