"""Numbers, dates and units of purchase orders as partners write them: read by the whole message, or named."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.intake.edi import edifact, ubl, x12
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.statements import check_moments
from tests.orders.samples import INTERCHANGE


def x12_of(*segments: str):
    body = INTERCHANGE.decode().partition("PO1*")[0] + "~".join(segments) + "~SE*9*0001~"
    (statement,) = x12.read("", body.encode(), currency="EUR")
    return statement.order


def edifact_of(*segments: str, una: str = "UNA:+.? '"):
    head = f"{una}UNB+UNOC:3+400:14+401:14+261120:1000+1'UNH+1+ORDERS:D:96A:UN'"
    head += "" if segments[0].startswith("BGM") else "BGM+220+E-1+9'"
    head += "NAD+BY+400::9++Shop+Street 1+Berlin++10115+DE'CUX+2:EUR:9'"
    body = head + "".join(f"{segment}'" for segment in segments) + "UNT+9+1'UNZ+1+1'"
    (statement,) = edifact.read("", body.encode(), currency="EUR")
    return statement.order


def ubl_of(lines: str, head: str = "<DocumentCurrencyCode>EUR</DocumentCurrencyCode>"):
    body = f"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID>{head}{lines}</Order>"
    (statement,) = ubl.read("", body.encode(), currency="CNY")
    return statement.order


def ubl_line(quantity="<Quantity unitCode='EA'>2</Quantity>", price="<PriceAmount>5</PriceAmount>"):
    item = "<Item><SellersItemIdentification><ID>A</ID></SellersItemIdentification></Item>"
    return f"<OrderLine><LineItem><ID>1</ID>{quantity}<Price>{price}</Price>{item}</LineItem></OrderLine>"


def only(order):
    (line,) = order.lines
    return line.quantity, line.unit_price, line.subtotal


@pytest.mark.parametrize(
    ("price", "una", "read"),
    [
        ("1.234,50", "UNA:+,? '", "1234.50"),
        ("1.234,50", "UNA:+.? '", "1234.50"),
        ("1234.50", "UNA:+,? '", "1234.50"),
        ("1,5", "UNA:+.? '", "1.5"),
        ("1.234", "UNA:+.? '", "1.234"),  # no standard groups digits
        ("1,234", "UNA:+,? '", "1.234"),
    ],
)
def test_a_price_in_the_notation_of_its_message(price, una, read):
    order = edifact_of("LIN+1++A", "QTY+21:2:PCE", f"PRI+AAA:{price}", una=una)

    assert only(order)[:2] == (2, Decimal(read))


def test_what_could_be_two_numbers_is_decided_by_the_others_of_the_message():
    lines = ("LIN+1++A", "QTY+21:1.000:PCE", "PRI+AAA:1.250,50")

    assert only(edifact_of(*lines))[:2] == (1000, Decimal("1250.50"))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("1,234", "number_ambiguous"),
        ("12,50,1", "number_unreadable"),
        ("O.50", "number_unreadable"),
        ("1e3", "number_unreadable"),
        ("9" * 30, "number_unreadable"),
        ("-1", "price_below_zero"),
    ],
)
def test_a_price_that_cannot_be_read_is_named(number, code):
    for read in (
        lambda: edifact_of("LIN+1++A", "QTY+21:2:PCE", f"PRI+AAA:{number}"),
        lambda: x12_of(f"PO1*1*2*EA*{number}**VP*A"),
        lambda: ubl_of(ubl_line(price=f"<PriceAmount>{number}</PriceAmount>")),
    ):
        with pytest.raises(Unreadable) as refused:
            read()
        assert refused.value.code == code


@pytest.mark.parametrize("number", ["", "two", "0", "1.5", "1,000"])
def test_a_quantity_that_cannot_be_read_never_drops_its_line(number):
    good = ("LIN+2++B", "QTY+21:1:PCE", "PRI+AAA:1")
    with pytest.raises(Unreadable):
        edifact_of("LIN+1++A", f"QTY+21:{number}:PCE", "PRI+AAA:1", *good)
    with pytest.raises(Unreadable):
        x12_of(f"PO1*1*{number}*EA*1**VP*A", "PO1*2*1*EA*1**VP*B")
    with pytest.raises(Unreadable):
        ubl_of(ubl_line(f"<Quantity>{number}</Quantity>") + ubl_line())


@pytest.mark.parametrize(
    ("segments", "read"),
    [
        (("PO1*1*10*CA*60.00*PE*VP*A", "PO4*12*1*EA"), (120, 60, 7200)),
        (("PO1*1*10*CA*60.00**VP*A", "PO4*12"), (120, 5, 600)),
        (("PO1*1*2*CA*60.00**VP*A", "PO4*4" + "*" * 13 + "6"), (48, Decimal("2.5"), 120)),
        (("PO1*1*3*DZ*24**VP*A",), (36, 2, 72)),
        (("PO1*1*200*EA*50*HP*VP*A",), (200, Decimal("0.5"), 100)),
        (("PO1*1*10*EA*5**VP*A", "PO4*12"), (10, 5, 50)),
    ],
)
def test_cases_of_x12_are_pieces_where_the_message_says_how_many(segments, read):
    order = x12_of(*segments)

    assert (only(order), order.doubts) == (read, [])


@pytest.mark.parametrize(
    ("segments", "read"),
    [
        (("QTY+21:3:CT", "QTY+59:12", "PRI+AAA:60.00"), (36, 5, 180)),
        (("QTY+21:3:CT", "QTY+52:12:PCE", "PRI+AAA:60.00:::1:PCE"), (36, 60, 2160)),
        (("QTY+21:200:PCE", "PRI+AAA:50:::100:PCE"), (200, Decimal("0.5"), 100)),
        (("QTY+21:2:DZN", "PRI+AAA:24"), (24, 2, 48)),
    ],
)
def test_cases_of_edifact(segments, read):
    order = edifact_of("LIN+1++A", *segments)

    assert (only(order), order.doubts) == (read, [])


@pytest.mark.parametrize("unit", ["CA", "CT", "BX", "PK", "PF", "KGM", "PR", "SET"])
def test_a_unit_that_nobody_can_count_is_named(unit):
    doubt = [f"unit_of_measure:{unit}"]
    assert x12_of(f"PO1*1*10*{unit}*6**VP*A").doubts == doubt
    assert edifact_of("LIN+1++A", f"QTY+21:10:{unit}", "PRI+AAA:6").doubts == doubt
    assert ubl_of(ubl_line(f"<Quantity unitCode='{unit}'>10</Quantity>")).doubts == doubt


def test_packs_and_base_quantities_of_ubl():
    pack = "<Quantity unitCode='CT'>2</Quantity>"
    line = ubl_line(pack).replace("<Item>", "<Item><PackSizeNumeric>6</PackSizeNumeric>")
    assert only(ubl_of(line)) == (12, Decimal("0.8333"), 10)
    per_hundred = "<PriceAmount>50</PriceAmount><BaseQuantity unitCode='EA'>100</BaseQuantity>"
    assert only(ubl_of(ubl_line(price=per_hundred)))[1] == Decimal("0.5")
    with pytest.raises(Unreadable):
        ubl_of(ubl_line(price="<PriceAmount>50</PriceAmount><BaseQuantity>0</BaseQuantity>"))


def test_the_currency_of_an_element_without_children_counts():
    total = "<AnticipatedMonetaryTotal><PayableAmount currencyID='EUR'>10</PayableAmount></AnticipatedMonetaryTotal>"
    assert ubl_of(ubl_line(), total).currency == "EUR"
    marked = "<PriceAmount currencyID='USD'>5</PriceAmount>"
    assert ubl_of(ubl_line(price=marked), "").currency == "USD"
    for head in (total, "<DocumentCurrencyCode>EUR</DocumentCurrencyCode>"):
        with pytest.raises(Unreadable, match="two_currencies"):
            ubl_of(ubl_line(price=marked), head)
    with pytest.raises(Unreadable, match="no_currency"):
        ubl_of(ubl_line(), "<DocumentCurrencyCode>EURO</DocumentCurrencyCode>")


def test_what_a_message_says_of_itself_is_held_against_it():
    line = "PO1*1*2*EA*5**VP*A"
    assert x12_of(line, "CTT*1").doubts == []
    assert x12_of(line, "CTT*2").doubts == ["line_count_differs"]
    assert edifact_of("LIN+1++A", "QTY+21:1", "UNS+S", "CNT+2:3").doubts == ["line_count_differs"]
    assert edifact_of("DTM+137:20261350:102", "LIN+1++A", "QTY+21:1").doubts == ["not_a_date"]
    (taken_back,) = x12.read("", INTERCHANGE.replace(b"BEG*00", b"BEG*01"), currency="EUR")
    assert (taken_back.external_id, taken_back.order) == ("BUYER:PO-17", None)
    assert taken_back.cancelled is not None


def test_a_country_is_never_cut_to_another_one():
    for said, code in (("AUT", "AT"), ("DEU", "DE"), ("276", "DE"), ("Austria", "AT"), ("?", "")):
        body = INTERCHANGE.replace(b"10115*DE", b"10115*" + said.encode())
        (statement,) = x12.read("", body, currency="EUR")
        assert statement.order.shipping_address.country == code, said


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1251", "Иван Пример и сыновья"),
        ("cp1252", "Jürgen Müller GmbH"),
        ("gb18030", "杭州测试有限公司"),
        ("cp949", "주식회사 김민수 서울특별시"),
        ("cp1250", "Jiří Dvořák"),
        ("utf-8", "JÃ¼rgen"),
    ],
)
def test_an_alphabet_is_read_right_or_asked_about(encoding, name):
    body = INTERCHANGE.decode().replace("Tea House Berlin", name).encode(encoding)
    (statement,) = x12.read("", body, currency="EUR")

    order = statement.order
    is_right = order.shipping_address.name == name and name != "JÃ¼rgen"
    assert is_right or "encoding_doubtful" in order.doubts


def test_what_may_be_no_order_or_no_wanted_line_is_doubted():
    line = ("LIN+1++A", "QTY+21:1")
    assert edifact_of(*line).doubts == []
    for bgm in ("220+E-1+7", "220+E-1+27", "220+E-1+77", "226+E-1+9", "231+E-1+9", "310+E-1+9"):
        (found,) = edifact_of(f"BGM+{bgm}", *line).doubts
        assert found.startswith("function_unclear:BGM")
    for purpose in ("07", "77", "ZZ"):
        body = INTERCHANGE.replace(b"BEG*00", f"BEG*{purpose}".encode())
        (statement,) = x12.read("", body, currency="EUR")
        assert statement.order.doubts == [f"function_unclear:BEG {purpose}"]
    for action in "27":
        assert edifact_of(f"LIN+1+{action}+A", "QTY+21:1").doubts == ["line_not_wanted:1"]
    for status, doubts in (("Cancelled", ["line_not_wanted:1"]), ("Added", [])):
        stated = ubl_line().replace(
            "<ID>1</ID>", f"<ID>1</ID><LineStatusCode>{status}</LineStatusCode>"
        )
        assert ubl_of(stated).doubts == doubts


def test_an_order_whose_validity_has_ended_is_refused():
    head = "<DocumentCurrencyCode>CNY</DocumentCurrencyCode>"
    head += "<ValidityPeriod><EndDate>2026-03-05</EndDate></ValidityPeriod>"
    body = f"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID>{head}{ubl_line()}</Order>"
    statements = ubl.read("", body.encode(), currency="CNY")
    check_moments(statements, datetime(2026, 3, 5, tzinfo=UTC))
    with pytest.raises(Unreadable, match="validity_ended"):
        check_moments(statements, datetime(2026, 3, 9, tzinfo=UTC))
    with pytest.raises(Unreadable, match="validity_unreadable"):
        ubl.read("", body.replace("2026-03-05", "20269999").encode(), currency="CNY")


def test_what_a_line_states_twice_is_doubted_and_the_net_price_counts():
    net, gross = "PRI+AAA:9", "PRI+AAB:10"
    for prices in ((gross, net), (net, gross)):
        order = edifact_of("LIN+1++A", "QTY+21:2", *prices)
        assert only(order) == (2, 9, 18)
        assert order.doubts == ["price_unclear:PRI 1"]
    assert edifact_of("LIN+1++A", "QTY+21:2", net, "PRI+AAB:9").doubts == []
    assert edifact_of("LIN+1++A", "QTY+21:2", "QTY+192:1").doubts == ["quantity_unclear:QTY 1 192"]
    with pytest.raises(Unreadable, match="two_currencies"):
        edifact_of("CUX+2:USD:9", "LIN+1++A", "QTY+21:2")


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (lambda: x12_of("PO1*1*2*EA*5**VP*A\x001", "CTT*1"), "A\ufffd1"),
        (lambda: edifact_of("LIN+1++A\x001:SA", "QTY+21:2:PCE", "PRI+AAA:5"), "A\ufffd1"),
    ],
)
def test_a_character_that_was_lost_is_named(found, kept):
    order = found()
    assert "encoding_doubtful" in order.doubts
    assert [line.code for line in order.lines] == [kept]


def test_a_quantity_of_which_a_character_was_lost_is_none():
    for read in (
        lambda: x12_of("PO1*1*1\x000*EA*5**VP*A", "CTT*1"),
        lambda: edifact_of("LIN+1++A:SA", "QTY+21:1\x000:PCE", "PRI+AAA:5"),
    ):
        with pytest.raises(Unreadable):
            read()


def test_two_bytes_a_character_are_no_lost_ones():
    body = INTERCHANGE.decode().encode("utf-16-le")
    assert x12.read("", body, currency="EUR") == x12.read("", INTERCHANGE, currency="EUR")
