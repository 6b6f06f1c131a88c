"""What a document says twice, or of itself: it is held and named, and never is one of two taken in silence."""

import pytest

from orders.intake.edi import edifact, ubl, x12
from orders.intake.messages.foreign_json import Unreadable
from tests.orders.intake.edi.test_notations import edifact_of, only, ubl_line, ubl_of, x12_of
from tests.orders.samples import INTERCHANGE

EUR = "<DocumentCurrencyCode>EUR</DocumentCurrencyCode>"
TOTAL = "<AnticipatedMonetaryTotal><PayableAmount>10</PayableAmount></AnticipatedMonetaryTotal>"
DELIVERY = (
    "<Delivery><DeliveryAddress><StreetName>Street 1</StreetName><CityName>Berlin</CityName>"
    "</DeliveryAddress></Delivery>"
)
ORDER = (
    f"<IssueDate>2026-03-01</IssueDate>{EUR}<BuyerCustomerParty><Party><EndpointID>B-1</EndpointID>"
    f"</Party></BuyerCustomerParty>{DELIVERY}<TaxTotal><TaxAmount>0</TaxAmount></TaxTotal>{TOTAL}"
) + ubl_line()

SAID_TWICE = {
    "Quantity": "<Quantity unitCode='EA'>{}</Quantity>",
    "Price": "<Price>{}</Price>",
    "PriceAmount": "<PriceAmount>{}</PriceAmount>",
    "PayableAmount": "<PayableAmount>{}</PayableAmount>",
    "AnticipatedMonetaryTotal": "<AnticipatedMonetaryTotal>{}</AnticipatedMonetaryTotal>",
    "TaxAmount": "<TaxAmount>{}</TaxAmount>",
    "Item": "<Item>{}</Item>",
    "SellersItemIdentification": "<SellersItemIdentification>{}</SellersItemIdentification>",
    "IssueDate": "<IssueDate>{}</IssueDate>",
    "EndpointID": "<EndpointID>{}</EndpointID>",
    "BuyerCustomerParty": "<BuyerCustomerParty>{}</BuyerCustomerParty>",
    "CityName": "<CityName>{}</CityName>",
    "LineItem": "<LineItem>{}</LineItem>",
    "ID": "<ID>{}</ID>",
}
NUMBERS = {"Quantity", "PriceAmount", "PayableAmount", "TaxAmount"}


def test_the_order_itself_is_read():
    assert ubl_of(ORDER, "").doubts == []


@pytest.mark.parametrize("name", sorted(SAID_TWICE))
def test_what_ubl_says_twice_is_named(name):
    start = ORDER.index(f"<{name}>") if f"<{name}>" in ORDER else ORDER.index(f"<{name} ")
    for other in (SAID_TWICE[name].format("7"), SAID_TWICE[name].format("")):
        with pytest.raises(Unreadable, match="said_twice"):
            ubl_of(ORDER[:start] + other + ORDER[start:], "")


@pytest.mark.parametrize("inside", ["3<x>3</x>5", "<x>3</x>35", "<x>3</x>", "3<x/>35", "335<x/>"])
@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_a_number_with_elements_in_it_is_named(name, inside):
    before, _start, rest = ORDER.partition(f"<{name}")
    attributes, _end, rest = rest.partition(">")
    after = rest.partition("</")[2]
    with pytest.raises(Unreadable, match="text_between_elements"):
        ubl_of(f"{before}<{name}{attributes}>{inside}</{after}", "")


def test_text_between_elements_is_named_but_for_extensions_and_comments():
    with pytest.raises(Unreadable, match="text_between_elements"):
        ubl_of(ORDER.replace("<Item>", "<Item>not this one"), "")
    extension = "<UBLExtensions>a<b>c</b>d<ID>1</ID><ID>2</ID></UBLExtensions>"
    assert ubl_of(extension + ORDER.replace(">2<", "><!--x-->2<?y z?><"), "") == ubl_of(ORDER, "")


@pytest.mark.parametrize(
    ("head", "doubts"),
    [
        *((f"<CopyIndicator>{x}</CopyIndicator>", []) for x in ("false", "0", "False")),
        *(
            (f"<CopyIndicator>{x}</CopyIndicator>", ["function_unclear:CopyIndicator"])
            for x in ("true", "1", "TRUE", "yes")
        ),
        *((f"<OrderTypeCode>{x}</OrderTypeCode>", []) for x in ("105", "220", "224")),
        *(
            (f"<OrderTypeCode>{x}</OrderTypeCode>", [f"function_unclear:OrderTypeCode {x}"])
            for x in ("221", "226", "227", "402", "Blanket")
        ),
    ],
)
def test_what_may_be_no_order_is_doubted(head, doubts):
    assert ubl_of(head + ORDER, "").doubts == doubts


@pytest.mark.parametrize("day", ["0001-01-01", "1800-03-01", "2026-02-30", "9999-12-31"])
def test_a_day_that_no_order_has_is_doubted(day):
    assert ubl_of(ORDER.replace("2026-03-01", day), "").doubts == ["not_a_date"]


def test_a_tax_below_nought_is_named():
    below = ORDER.replace("<TaxAmount>0<", "<TaxAmount>-10<")
    more = "<TaxTotal><TaxAmount>20</TaxAmount></TaxTotal>"
    line = ORDER.replace("<Price>", "<TotalTaxAmount>-1</TotalTaxAmount><Price>")
    for body in (below, more + below, line):
        with pytest.raises(Unreadable, match="price_below_zero"):
            ubl_of(body, "")
    lines = ("LIN+1++A", "QTY+21:2", "PRI+AAA:50")
    for segments in ((*lines, "UNS+S", "MOA+124:-10"), (*lines, "MOA+124:-10")):
        with pytest.raises(Unreadable, match="price_below_zero"):
            edifact_of(*segments)


def test_elements_of_any_depth_are_looked_at():
    deep = "<Note>" * 20_000 + "</Note>" * 20_000
    assert ubl_of(deep + ORDER, "") is not None
    with pytest.raises(Unreadable, match="text_between_elements"):
        ubl_of(deep.replace("></", ">a<b/></") + ORDER, "")


def test_a_cancellation_that_names_two_orders_is_named():
    two = "<OrderReference><ID>1</ID></OrderReference><OrderReference><ID>2</ID></OrderReference>"
    body = "<OrderCancellation xmlns='urn:oasis:names:specification:ubl:OrderCancellation-2'>"
    with pytest.raises(Unreadable, match="said_twice"):
        ubl.read("", f"{body}{two}</OrderCancellation>".encode(), currency="CNY")


@pytest.mark.parametrize(
    ("price", "segments", "read", "doubts"),
    [
        ("", ["CTP**NET*1.00"], 1, []),
        ("", ["CTP***1.00"], 1, []),
        ("", ["CTP*WS*UCP*1.00*1*EA"], 1, []),
        ("", ["CTP**RES*9.99", "CTP**NET*1.00"], 1, []),
        ("", ["CTP**NET*1.00", "CTP**NET*1.00"], 1, []),
        ("", ["CTP**NET*1.00", "CTP**NET*2.00"], 1, ["price_unclear:CTP 1 NET"]),
        ("", ["CTP**NET*1.00*1*CA"], 1, ["price_unclear:CTP 1 NET"]),
        ("", ["CTP**NET*1.00***DIS*.5"], None, ["price_unclear:CTP 1 NET"]),
        ("", ["CTP**LPR*1.00"], None, ["price_unclear:CTP 1 LPR"]),
        ("", ["CTP**RES*9.99"], None, []),
        ("5", ["CTP**RES*9.99"], 5, []),
        ("5", ["CTP**LPR*9.99"], 5, []),
        ("5", ["CTP**NET*5.00"], 5, []),
        ("5", ["CTP**NET*1.00"], 5, ["price_unclear:CTP 1 NET"]),
        ("5", ["CTP***1.00"], 5, ["price_unclear:CTP 1"]),
    ],
)
def test_a_price_beside_a_line_of_x12_is_read_or_doubted(price, segments, read, doubts):
    order = x12_of(f"PO1*1*2*EA*{price}**VP*A", *segments)

    (line,) = order.lines
    assert line.is_unpriced == (read is None)
    assert line.unit_price == (read or 0)
    assert order.doubts == doubts


def test_a_price_of_x12_that_cannot_be_read_is_named():
    for written, code in (("x", "number_unreadable"), ("-1", "price_below_zero")):
        with pytest.raises(Unreadable, match=code):
            x12_of("PO1*1*2*EA***VP*A", f"CTP**NET*{written}")


def test_a_price_of_edifact_of_another_kind_is_doubted_where_it_is_the_only_one():
    lines = ("LIN+1++A", "QTY+21:2")
    assert edifact_of(*lines, "PRI+AAE:9").doubts == ["price_unclear:PRI 1 AAE"]
    for prices in (("PRI+AAE:9", "PRI+AAA:5"), ("PRI+AAA:5", "PRI+AAE:9")):
        order = edifact_of(*lines, *prices)
        assert (only(order), order.doubts) == ((2, 5, 10), [])


@pytest.mark.parametrize(
    ("purpose", "kind", "is_clear"),
    [
        *(("00", kind, True) for kind in ("SA", "NE", "DS", "RO", "RE", "OS", "")),
        *(("00", kind, False) for kind in ("BK", "SP", "BE", "CN", "ST", "IN", "CP", "ZZ")),
        ("05", "CP", True),
        ("05", "BK", False),
    ],
)
def test_a_kind_of_order_of_x12_that_may_be_none_is_doubted(purpose, kind, is_clear):
    body = INTERCHANGE.replace(b"BEG*00*SA", f"BEG*{purpose}*{kind}".encode())
    (statement,) = x12.read("", body, currency="EUR")

    expected = [] if is_clear else [f"function_unclear:BEG {purpose} {kind}"]
    assert statement.order.doubts == expected


EDIFACT = (
    "UNB+UNOC:3+400:14+401:14+261120:1000+1'UNH+1+{}:D:96A:UN'{}NAD+BY+400::9++Shop+Street 1+Berlin++10115+DE'"
    "LIN+1++A'QTY+21:2'PRI+AAA:5'UNT+9+1'UNZ+1+1'"
)


@pytest.mark.parametrize("kind", ["ORDERS", "ORDCHG"])
def test_two_beginnings_of_one_message_of_edifact_are_named(kind):
    body = EDIFACT.format(kind, "BGM+220+E-1+9'BGM+220+E-2+9'")
    with pytest.raises(Unreadable, match="said_twice"):
        edifact.read("", body.encode(), currency="EUR")


@pytest.mark.parametrize("other", ["BEG*00*SA*OTHER**20260301", "BEG*00*SA*PO-17**20260301"])
def test_two_beginnings_of_one_message_of_x12_are_named(other):
    body = INTERCHANGE.replace(b"CUR*", other.encode() + b"~CUR*")
    with pytest.raises(Unreadable, match="said_twice"):
        x12.read("", body, currency="EUR")


def test_two_dates_of_one_message_of_edifact_are_named():
    lines = ("LIN+1++A", "QTY+21:2")
    first = "DTM+137:20260301:102"
    for same in (first, "DTM+137:202603010000:203"):
        assert edifact_of(first, same, *lines).doubts == []
    for other in ("DTM+137:20260302:102", "DTM+137:20261399:102"):
        with pytest.raises(Unreadable, match="said_twice"):
            edifact_of(first, other, *lines)


@pytest.mark.parametrize("kind", ["11", "12", "113"])
def test_what_edifact_says_is_paid_ahead_is_doubted(kind):
    lines = ("LIN+1++A", "QTY+21:2", "PRI+AAA:50", "UNS+S")
    assert edifact_of(*lines, f"MOA+{kind}:0").doubts == []
    order = edifact_of(*lines, f"MOA+{kind}:100")
    assert order.doubts == [f"allowance_unclear:MOA {kind}"]
    assert order.total == 100
