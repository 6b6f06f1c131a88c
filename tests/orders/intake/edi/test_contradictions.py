"""What a document says twice, or of itself: it is held and named, and never is one of two taken in silence."""

import pytest

from orders.intake.edi import ubl
from orders.intake.messages.foreign_json import Unreadable
from tests.orders.intake.edi.test_notations import edifact_of, ubl_line, ubl_of

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
