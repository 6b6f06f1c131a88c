"""Writes acknowledgements: X12 855, EDIFACT ORDRSP (D.96A), UBL 2.1 OrderResponse.

Who wrote and who is written to change places; numbers and separators are the partner's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from orders.intake.edi import edifact_segments, x12
from orders.intake.edi.decisions import (
    ACCEPTED,
    BACKORDERED,
    CHANGED,
    REJECTED,
    LineAnswer,
    OrderAnswer,
)
from orders.intake.edi.notation import decoded
from orders.intake.edi.ubl_documents import root_of

register_namespace("cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2")


register_namespace(
    "cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
)


UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


CBC, CAC = f"{UBL}CommonBasicComponents-2", f"{UBL}CommonAggregateComponents-2"


X12_ORDER = {ACCEPTED: "AD", CHANGED: "AC", REJECTED: "RD"}  # element 587


EDIFACT_ORDER = {ACCEPTED: "29", CHANGED: "4", REJECTED: "27"}  # 1225


EDIFACT_LINE = {ACCEPTED: "5", BACKORDERED: "3", CHANGED: "3", REJECTED: "7"}  # 1229


UBL_ORDER = {ACCEPTED: "AP", CHANGED: "CA", REJECTED: "RE"}  # UNCL4343


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with what it names: their number of the order, ours, when it ships."""

    theirs: str
    ours: str
    ordered_on: date | None
    ship_on: date | None
    currency: str
    answer: OrderAnswer
    control: int  # counts up with every interchange
    at: datetime


def written(notation: str, said: Answered, original: bytes) -> bytes:
    """The acknowledgement as a file. `original` is the order as the partner sent it."""
    return {"x12": _x12, "edifact": _edifact, "ubl": _ubl}[notation](said, original)


# X12


def _x12(said: Answered, original: bytes) -> bytes:
    content = decoded(original)[0]
    segments = list(x12.segments_of(content))
    isa = segments[0]
    gs = next((s for s in segments if s[0] == "GS"), ["GS"] + [""] * 8)
    separator = content[content.find("ISA") + 3]
    control, group = f"{said.control % 10**9:09d}", str(said.control)
    envelope = [
        _x12_interchange(said, isa, control),
        _x12_group(said, gs, group),
        *_x12_acknowledgement(said),
        ["GE", "1", group],
        ["IEA", "1", control],
    ]
    rows = [
        separator.join(_plain(part, separator + "~") for part in segment) for segment in envelope
    ]
    return ("~\n".join(rows) + "~\n").encode()


def _x12_interchange(said: Answered, isa: Sequence[str], control: str) -> Sequence[str]:
    """The envelope that answers another: its sender is who that went to."""
    return [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        _of(isa, 7),
        _of(isa, 8).ljust(15),
        _of(isa, 5),
        _of(isa, 6).ljust(15),
        said.at.strftime("%y%m%d"),
        said.at.strftime("%H%M"),
        _of(isa, 11) or "U",
        _of(isa, 12) or "00401",
        control,
        "0",
        _of(isa, 15) or "P",
        ">",
    ]


def _x12_group(said: Answered, gs: Sequence[str], group: str) -> Sequence[str]:
    return [
        "GS",
        "PR",
        _of(gs, 3),
        _of(gs, 2),
        _day(said.at.date()),
        said.at.strftime("%H%M"),
        group,
        _of(gs, 7) or "X",
        _of(gs, 8) or "004010",
    ]


def _x12_acknowledgement(said: Answered) -> list[Sequence[str]]:
    """The 855 itself, from ST to SE."""
    ordered, answered = _day(said.ordered_on or said.at.date()), _day(said.at.date())
    body: list[Sequence[str]] = [
        ["ST", "855", "0001"],
        ["BAK", "00", X12_ORDER[said.answer.code], said.theirs, ordered, "", "", "", "", answered],
        ["REF", "VN", said.ours],
    ]
    for each in said.answer.lines:
        body += _x12_line(each, said)
    body.append(["CTT", str(len(said.answer.lines))])
    body.append(["SE", str(len(body) + 1), "0001"])
    return body


def _x12_line(each: LineAnswer, said: Answered) -> list[Sequence[str]]:
    line = each.line
    po1 = [
        "PO1",
        line.key,
        str(line.ordered),
        "EA",
        line.price,
        "",
        *(["VP", line.code] if line.code else []),
    ]
    day = _day(said.ship_on) if said.ship_on else ""
    when = ["068", day] if day and each.accepted else []
    if each.code == REJECTED:
        return [po1, ["ACK", "IR", str(line.ordered), "EA"]]
    rows: list[Sequence[str]] = [po1]
    if now := each.accepted - each.later:
        code = "IQ" if each.code == CHANGED else "IA"
        rows.append(["ACK", code, str(now), "EA", *when])
    if each.later:
        rows.append(["ACK", "IB", str(each.later), "EA"])
    if gone := line.ordered - each.accepted:
        rows.append(["ACK", "IR", str(gone), "EA"])
    return rows


def _of(segment: Sequence[str], place: int) -> str:
    return segment[place].strip() if place < len(segment) else ""


def _plain(text: str, forbidden: str) -> str:
    return "".join(c for c in text if c not in forbidden and c not in "\r\n")


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")


# EDIFACT


def _edifact(said: Answered, original: bytes) -> bytes:
    segments = list(edifact_segments.segments_of(decoded(original)[0]))
    unb = next((s for s in segments if s[0][0] == "UNB"), [["UNB"], ["UNOC", "3"], [""], [""]])
    parties = [s for s in segments if s[0][0] == "NAD" and s[1][0] in {"BY", "SU"}]
    message: list[str] = [
        "UNH+1+ORDRSP:D:96A:UN",
        f"BGM+231+{_released(said.ours)}+{EDIFACT_ORDER[said.answer.code]}",
        f"DTM+137:{_day(said.at.date())}:102",
        *(
            [f"DTM+10:{_day(said.ship_on)}:102"]
            if said.ship_on and said.answer.code != REJECTED
            else []
        ),
        f"RFF+ON:{_released(said.theirs)}",
        *[
            f"NAD+{s[1][0]}+" + ":".join(_released(part) for part in s[2])
            for s in parties
            if len(s) > 2
        ],
        f"CUX+2:{said.currency}:9",
    ]
    for n, each in enumerate(said.answer.lines, 1):
        message += _edifact_line(n, each)
    message += ["UNS+S", f"CNT+2:{len(said.answer.lines)}"]
    message.append(f"UNT+{len(message) + 1}+1")
    syntax = ":".join(unb[1]) if len(unb) > 1 else "UNOC:3"
    sender, receiver = (
        (":".join(_released(p) for p in unb[i]) if len(unb) > i else "") for i in (3, 2)
    )
    rows = [
        "UNA:+.? ",
        f"UNB+{syntax}+{sender}+{receiver}+{said.at:%y%m%d}:{said.at:%H%M}+{said.control}",
        *message,
        f"UNZ+1+{said.control}",
    ]
    return ("'\n".join(rows) + "'\n").encode()


def _edifact_line(n: int, each: LineAnswer) -> list[str]:
    line = each.line
    key = _released(line.key) if line.key else str(n)
    rows = [f"LIN+{key}+{EDIFACT_LINE[each.code]}"]
    if line.code:
        rows.append(f"PIA+5+{_released(line.code)}:SA")
    rows.append(f"QTY+21:{line.ordered}")
    if now := each.accepted - each.later:
        rows.append(f"QTY+113:{now}")
    if each.later:
        rows.append(f"QTY+83:{each.later}")
    return [*rows, f"PRI+AAA:{line.price}"]


def _released(text: str) -> str:
    for mark in "?+:'":
        text = text.replace(mark, f"?{mark}")
    return text.replace("\r", " ").replace("\n", " ")


# UBL


def _ubl(said: Answered, original: bytes) -> bytes:
    root = Element(f"{{{UBL}OrderResponse-2}}OrderResponse")
    _put(root, "UBLVersionID", "2.1")
    _put(root, "ID", f"{said.ours}-{said.control}")
    _put(root, "SalesOrderID", said.ours)
    _put(root, "IssueDate", said.at.date().isoformat())
    _put(root, "IssueTime", said.at.strftime("%H:%M:%S"))
    _put(root, "OrderResponseCode", UBL_ORDER[said.answer.code])
    _put(root, "DocumentCurrencyCode", said.currency)
    _put(SubElement(root, f"{{{CAC}}}OrderReference"), "ID", said.theirs)
    order = root_of(original)
    for name in ("SellerSupplierParty", "BuyerCustomerParty"):
        found = order.find(f"{{{CAC}}}{name}")
        if found is not None:
            root.append(found)
    if said.ship_on and said.answer.code != REJECTED:
        period = SubElement(
            SubElement(root, f"{{{CAC}}}Delivery"), f"{{{CAC}}}PromisedDeliveryPeriod"
        )
        _put(period, "StartDate", said.ship_on.isoformat())
    for n, each in enumerate(said.answer.lines, 1):
        _ubl_line(root, n, each, said.currency)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _ubl_line(root: Element, n: int, each: LineAnswer, currency: str) -> None:
    line = each.line
    whole = SubElement(root, f"{{{CAC}}}OrderLine")
    node = SubElement(whole, f"{{{CAC}}}LineItem")
    _put(node, "ID", line.key or str(n))
    _put(node, "LineStatusCode", EDIFACT_LINE[each.code])
    _put(node, "Quantity", str(each.accepted)).set("unitCode", "C62")
    if each.later:
        _put(node, "MaximumBackorderQuantity", str(each.later)).set("unitCode", "C62")
    price = _put(SubElement(node, f"{{{CAC}}}Price"), "PriceAmount", line.price)
    price.set("currencyID", currency)
    item = SubElement(node, f"{{{CAC}}}Item")
    if line.code:
        _put(SubElement(item, f"{{{CAC}}}SellersItemIdentification"), "ID", line.code)
    reference = SubElement(whole, f"{{{CAC}}}OrderLineReference")
    _put(reference, "LineID", line.key or str(n))


def _put(node: Element, name: str, text: str) -> Element:
    child = SubElement(node, f"{{{CBC}}}{name}")
    child.text = text
    return child
