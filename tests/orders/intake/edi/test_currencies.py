"""Currencies of purchase orders: an order has one, and an amount in another is never added to it."""

import pytest

from orders.intake.edi import x12
from orders.intake.messages.foreign_json import Unreadable
from tests.orders.intake.edi.test_notations import edifact_of, ubl_line, ubl_of, x12_of
from tests.orders.samples import INTERCHANGE

LINE = ("LIN+1++A", "QTY+21:2", "PRI+AAA:50")
OF_AN_ORDER = (
    ("ALC+C++++FC", "MOA+8:{}"),
    ("ALC+A+++1+TD", "MOA+204:{}"),
    *(
        (f"MOA+{kind}:{{}}",)
        for kind in ("9", "86", "79", "113", "124", "128", "131", "150", "176")
    ),
    ("TAX+7+VAT+++:::19+S", "MOA+125:{}"),
    ("MOA+999:{}",),  # of a kind that nobody reads
)
OF_A_LINE = (
    ("MOA+203:{}",),
    ("MOA+124:{}",),
    ("ALC+C++++FC", "MOA+23:{}"),
    ("ALC+A++++TD", "MOA+204:{}"),
    ("ALC+A++++TD", "PCD+1:5", "MOA+25:{}"),
)


@pytest.mark.parametrize("segments", [*OF_AN_ORDER, *OF_A_LINE], ids=" ".join)
class TestAmountsOfEdifact:
    def order(self, segments, amount):
        said = [segment.format(amount) for segment in segments]
        before = segments[0].startswith("ALC") and segments in OF_AN_ORDER
        end = () if segments in OF_A_LINE else ("UNS+S",)
        return edifact_of(*said, *LINE) if before else edifact_of(*LINE, *end, *said)

    def test_in_another_currency_hold(self, segments):
        for currency in ("USD", "JPY", "usd", "EURO"):
            with pytest.raises(Unreadable, match="two_currencies"):
                self.order(segments, f"10:{currency}")

    def test_in_the_orders_own_are_as_those_without(self, segments):
        plain = self.order(segments, "10")
        assert self.order(segments, "10:EUR") == self.order(segments, "10:eur") == plain


@pytest.mark.parametrize("segment", ["CUX+2:EUR:9+3:USD:4+1.1", "CUX+3:USD:4", "CUX+2:USD:9"])
@pytest.mark.parametrize("place", range(5))
def test_another_currency_anywhere_in_a_message_of_edifact_holds(segment, place):
    said = [*LINE, "UNS+S"]
    with pytest.raises(Unreadable, match="two_currencies"):
        edifact_of(*said[:place], segment, *said[place:])
    assert edifact_of(*said[:place], "CUX+2:EUR:9", *said[place:]).currency == "EUR"


X12_LINE, CHARGE = "PO1*1*2*EA*5**VP*A", "SAC*C*D240***500"


@pytest.mark.parametrize("currency", ["CUR*BY*USD", "CUR*SE*USD", "CUR*BY*EUR*1.1*SE*USD"])
@pytest.mark.parametrize("place", range(4))
def test_another_currency_anywhere_in_a_message_of_x12_holds(currency, place):
    said = [CHARGE, X12_LINE, CHARGE]
    with pytest.raises(Unreadable, match="two_currencies"):
        x12_of(*said[:place], currency, *said[place:])
    assert x12_of(*said[:place], "CUR*SE*EUR*1*BY*eur", *said[place:]).currency == "EUR"


@pytest.mark.parametrize("place", ["head", "charge", "line", "lines"])
def test_a_currency_of_a_charge_or_of_one_line_is_not_that_of_the_order(place):
    body = INTERCHANGE.replace(b"CUR*BY*EUR~", b"CUR*BY*USD~" if place == "head" else b"")
    if place == "charge":
        body = body.replace(b"PO1*1", b"SAC*C*D240***500~CUR*SE*USD~PO1*1")
    if place == "line":
        body = body.replace(b"~PO1*2", b"~CUR*SE*USD~PO1*2")
    if place == "lines":
        body = body.replace(b"~PO1*2", b"~CUR*SE*USD~PO1*2").replace(b"CTT*", b"CUR*SE*USD~CTT*")
    if place in {"head", "lines"}:
        assert x12.read("", body, currency="EUR")[0].order.currency == "USD"
        return
    with pytest.raises(Unreadable, match="two_currencies"):
        x12.read("", body, currency="EUR")


@pytest.mark.parametrize(
    "name",
    [
        "DocumentCurrencyCode",
        "PricingCurrencyCode",
        "RequestedInvoiceCurrencyCode",
        "PaymentCurrencyCode",
        "PaymentAlternativeCurrencyCode",
    ],
)
def test_another_currency_of_a_document_of_ubl_holds(name):
    head = "<DocumentCurrencyCode>EUR</DocumentCurrencyCode>"
    other = f"<{name}>USD</{name}>"
    for both in (head + other, other + head):
        with pytest.raises(Unreadable, match="two_currencies"):
            ubl_of(ubl_line(), both)
        assert ubl_of(ubl_line(), both.replace("USD", "EUR")).currency == "EUR"
