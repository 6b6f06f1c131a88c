"""What partners take off, charge on top and state as tax: part of what the order comes to, or doubted by its name."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.intake.edi import edifact, ubl, x12
from orders.intake.messages.foreign_json import Unreadable
from tests.orders.intake.mutations import numbers, texts
from tests.orders.samples import INTERCHANGE


def of_x12(of_line=(), of_whole=(), behind=()):
    head, _po1, _rest = INTERCHANGE.decode().partition("N1*BY")
    rows = [*of_whole, "N1*ST*Tea House*92*C-9", "PO1*1*10*EA*9.00**VP*A", *of_line]
    rows += ["PO1*2*10*EA*1.00**VP*B", "CTT*2", *behind, "SE*9*0001", ""]
    (found,) = x12.read("", (head + "~".join(rows)).encode(), currency="EUR")
    return found.order


def of_edifact(of_line=(), of_whole=(), behind=()):
    head = "UNB+UNOC:3+400:14+401:14+261120:1000+1'UNH+1+ORDERS:D:96A:UN'BGM+220+E-1+9'"
    rows = ["NAD+BY+400::9++Shop+Street 1+Berlin++10115+DE", "CUX+2:EUR:9", *of_whole]
    rows += ["LIN+1++A", "QTY+21:10:PCE", "PRI+AAA:9.00", *of_line]
    rows += ["LIN+2++B", "QTY+21:10:PCE", "PRI+AAA:1.00", "UNS+S", *behind, "UNT+9+1", "UNZ+1+1"]
    (found,) = edifact.read("", (head + "'".join(rows) + "'").encode(), currency="EUR")
    return found.order


def of_ubl(of_line=(), of_whole=(), behind=()):
    def line(n, code, price, more):
        item = (
            f"<Item><SellersItemIdentification><ID>{code}</ID></SellersItemIdentification></Item>"
        )
        price = f"<Price><PriceAmount>{price}</PriceAmount></Price>"
        return f"<OrderLine><LineItem><ID>{n}</ID><Quantity>10</Quantity>{''.join(more)}{price}{item}</LineItem></OrderLine>"

    head = "<ID>U-1</ID><DocumentCurrencyCode>EUR</DocumentCurrencyCode>"
    body = head + "".join(of_whole) + "".join(behind)
    body += line(1, "A", "9.00", of_line) + line(2, "B", "1.00", ())
    body = f"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'>{body}</Order>"
    (found,) = ubl.read("", body.encode(), currency="EUR")
    return found.order


def adjusted(is_charge, amount, code="", reason=""):
    code = code and f"<AllowanceChargeReasonCode>{code}</AllowanceChargeReasonCode>"
    reason = reason and f"<AllowanceChargeReason>{reason}</AllowanceChargeReason>"
    said = f"<ChargeIndicator>{is_charge}</ChargeIndicator>{code}{reason}"
    return f"<AllowanceCharge>{said}<Amount>{amount}</Amount></AllowanceCharge>"


def taxed(amount):
    return f"<TaxTotal><TaxAmount>{amount}</TaxAmount></TaxTotal>"


def totals(**stated):
    rows = "".join(f"<{name}>{amount}</{name}>" for name, amount in stated.items())
    return f"<AnticipatedMonetaryTotal>{rows}</AnticipatedMonetaryTotal>"


def sums(order):
    """Taken off, charged beside goods, carriage, tax, total."""
    extra = sum(x.subtotal for x in order.lines if x.is_service)
    tax = sum((x.tax for x in order.lines), order.shipping_tax)
    return [sum(x.discount for x in order.lines), extra, order.shipping, tax, order.total]


# Goods of 100.00: 5.00 off the first line, 10.00 off all of it, 3.00 handling, 12.50 carriage, 19.10 tax.
AMOUNTS = {"line": "5.00", "off": "10.00", "handling": "3.00", "carriage": "12.50", "tax": "19.10"}
CENTS = {"line": "500", "off": "1000", "handling": "300", "carriage": "1250", "tax": "19.10"}


def whole_x12(a):
    whole = [f"SAC*A*F800*AB**{a['off']}*******02", f"SAC*C*D500***{a['handling']}"]
    whole += [f"SAC*C*D240***{a['carriage']}"]
    return of_x12([f"SAC*A*C310***{a['line']}"], whole, [f"TXI*VA*{a['tax']}", "AMT*TT*119.60"])


def whole_x12_before(a):
    whole = [f"ITA*A**F800****{a['off']}", f"ITA*C**D500****{a['handling']}"]
    whole += [f"ITA*C**D240*06***{a['carriage']}"]
    line = [f"ITA*A***02***{a['line']}*******C310"]
    return of_x12(line, whole, [f"SAC*C*H850***{a['tax']}", "AMT*TT*119.60"])


def whole_edifact(a):
    whole = ["ALC+A++++TD", f"MOA+8:{a['off']}", "ALC+C++6++HD", f"MOA+23:{a['handling']}"]
    whole += ["ALC+C++++FC::9:Carriage", f"MOA+23:{a['carriage']}"]
    behind = ["MOA+79:95.00", f"MOA+124:{a['tax']}", "MOA+259:15.50", "MOA+260:10.00"]
    line = ["MOA+203:85.00", "ALC+A++2++DI", f"MOA+204:{a['line']}"]
    return of_edifact(line, whole, [*behind, "MOA+86:119.60"])


def whole_ubl(a):
    whole = [adjusted("false", a["off"], "104"), adjusted("true", a["handling"], "HD")]
    whole += [adjusted("true", a["carriage"], "FC"), taxed(a["tax"])]
    line = ["<LineExtensionAmount>85.00</LineExtensionAmount>", adjusted("false", a["line"], "95")]
    stated = totals(
        LineExtensionAmount="95.00",
        TaxExclusiveAmount="100.50",
        TaxInclusiveAmount="119.60",
        AllowanceTotalAmount="10.00",
        ChargeTotalAmount="15.50",
        PayableAmount="119.60",
    )
    return of_ubl(line, whole, [stated])


WHOLE = {
    "x12": (whole_x12, CENTS),
    "x12 before 4010": (whole_x12_before, CENTS | {"tax": "1910"}),
    "edifact": (whole_edifact, AMOUNTS),
    "ubl": (whole_ubl, AMOUNTS),
}


@pytest.mark.parametrize("notation", WHOLE)
def test_what_is_taken_off_and_charged_is_what_the_order_comes_to(notation):
    read, amounts = WHOLE[notation]
    order = read(amounts)

    assert [Decimal(x) for x in ("15", "3", "12.5", "19.1", "119.6")] == sums(order)
    assert (order.differs, order.doubts) == (0, [])
    assert order.lines[0].discount > 5


@pytest.mark.parametrize(
    "order",
    [
        lambda: of_x12(["SAC*A*C310****3*10"]),
        lambda: of_x12(["SAC*A*C310******0.9**10"]),  # a rate, times a quantity
        lambda: of_edifact(["ALC+A++++DI", "PCD+1:10"]),
        lambda: of_edifact(["MOA+203:81", "ALC+A++++DI", "PCD+1:10", "MOA+8:9"]),
        lambda: of_edifact(["ALC+A++++DI", "RTE+1:0.9", "QTY+1:10"]),
        lambda: of_edifact(["ALC+A++++DI", "QTY+1:10", "RTE+1:90:100"]),
        lambda: of_edifact(["ALC+A++++DI", "MOA+8:9", "MOA+203:81"]),
    ],
)
def test_a_share_is_of_what_it_is_about(order):
    assert sums(order()) == [9, 0, 0, 0, 91]
    assert order().doubts == []


@pytest.mark.parametrize(
    "order",
    [
        lambda: of_x12(["TXI*VA**19"]),
        lambda: of_edifact(["TAX+7+VAT+++:::19"]),
        lambda: of_edifact(["TAX+7+VAT+++:::19", "MOA+124:17.1"]),
        lambda: of_ubl([taxed("17.1")]),
    ],
)
def test_a_tax_of_a_line_by_its_amount_or_its_rate(order):
    assert sums(order()) == [0, 0, 0, Decimal("17.1"), Decimal("117.1")]
    assert order().doubts == []


def test_a_rate_of_the_whole_is_of_what_has_none_of_its_own():
    order = of_edifact(["TAX+7+VAT+++:::7"], ["TAX+7+VAT+++:::19", "ALC+C++++FC", "MOA+23:10"])
    assert [line.tax for line in order.lines] == [Decimal("6.3"), Decimal("1.9")]
    assert (order.shipping_tax, order.total, order.doubts) == (Decimal("1.9"), Decimal("120.1"), [])


@pytest.mark.parametrize(
    ("order", "doubt"),
    [
        (lambda: of_x12((), ["SAC*A*ZZZZ***500"]), "allowance_unclear:ZZZZ"),
        (lambda: of_x12((), ["SAC*A*C310***500*******01"]), "allowance_unclear:C310"),  # bill back
        (lambda: of_x12((), ["SAC*R*C310***500"]), "allowance_unclear:C310"),
        (lambda: of_x12((), ["SAC*A*C310***-500"]), "allowance_unclear:C310"),
        (lambda: of_x12((), ["SAC*A*C310"]), "allowance_unclear:C310"),
        (lambda: of_x12((), ["SAC*A*C310****3*5", "SAC*A*I170****3*5"]), "allowance_unclear:C310"),
        (lambda: of_x12(["SLN*1**I*2*EA", "SAC*A*C310***500"]), "allowance_unclear:SLN"),
        (lambda: of_x12((), ["SAC*A*C310***99999"]), "allowance_unclear:>100%"),
        (lambda: of_edifact((), ["ALC+A++1++DI", "MOA+8:5"]), "allowance_unclear:DI"),
        (lambda: of_edifact((), ["ALC+Q++++DI", "MOA+8:5"]), "allowance_unclear:DI"),
        (lambda: of_edifact((), ["ALC+A", "MOA+8:5"]), "allowance_unclear:–"),
        (lambda: of_edifact(["MOA+8:5"]), "allowance_unclear:MOA 8"),
        (lambda: of_edifact(["ALC+A++++DI", "RTE+1:0.9"]), "allowance_unclear:DI"),
        (lambda: of_edifact(["ALC+A++++DI", "QTY+1:9", "RTE+1:1:0"]), "allowance_unclear:DI"),
        (lambda: of_edifact((), (), ["MOA+79:99"]), "totals_differ:goods"),
        (lambda: of_edifact((), (), ["MOA+260:5"]), "totals_differ:off"),
        (lambda: of_edifact((), (), ["MOA+77:90", "MOA+86:100"]), "totals_differ:total"),
        (lambda: of_edifact(["MOA+203:80"]), "line_differs:1"),
        (lambda: of_edifact(["MOA+203:90", "ALC+A++++DI", "MOA+8:5"]), "line_differs:1"),
        (lambda: of_edifact((), (), ["MOA+124:5", "MOA+150:6"]), "tax_differs"),
        (lambda: of_edifact(["MOA+124:5"], (), ["MOA+176:9"]), "tax_differs"),
        (lambda: of_ubl((), [adjusted("maybe", "5", "95")]), "allowance_unclear:95"),
        (lambda: of_ubl((), [adjusted("true", "5", "", "Gift")]), "allowance_unclear:Gift"),
        (lambda: of_ubl((), (), [totals(PrepaidAmount="50")]), "allowance_unclear:PrepaidAmount"),
        (lambda: of_ubl((), (), [totals(AllowanceTotalAmount="50")]), "totals_differ:off"),
        (lambda: of_ubl([taxed("5")], [taxed("50")]), "tax_differs"),
    ],
)
def test_what_is_not_plain_is_doubted_by_its_name(order, doubt):
    assert doubt in order().doubts


def test_a_charge_of_nothing_and_one_that_says_it_is_none_are_nothing():
    assert sums(of_x12((), ["SAC*N*B840***500", "SAC*C*G830***0"])) == [0, 0, 0, 0, 100]
    assert of_edifact((), ["ALC+C++6++FC::9", "MOA+23:0"]).doubts == []


def test_a_charge_beside_goods_is_no_line_of_goods():
    order = of_x12((), ["SAC*C*D500***300**********Handling"])
    assert [(x.name, x.is_service) for x in order.lines][-1] == ("Handling", True)


@pytest.mark.parametrize("wrong", ["abc", "1,2,3", "1e3", "9" * 30])
def test_an_amount_that_cannot_be_read_is_refused(wrong):
    for order in (
        lambda: of_x12((), [f"SAC*A*C310***{wrong}"]),
        lambda: of_x12((), (), [f"TXI*VA*{wrong}"]),
        lambda: of_edifact((), ["ALC+A++++DI", f"MOA+8:{wrong}"]),
        lambda: of_edifact((), ["ALC+A++++DI", f"PCD+1:{wrong}"]),
        lambda: of_ubl((), [adjusted("false", wrong, "95")]),
    ):
        with pytest.raises(Unreadable):
            order()


@given(
    off=st.integers(0, 9000),
    more=st.integers(0, 9000),
    freight=st.integers(0, 9000),
    tax=st.integers(0, 9000),
    wrong=st.integers(-500, 500),
)
def test_a_stated_total_is_kept_and_one_that_is_missed_is_named(off, more, freight, tax, wrong):
    due = Decimal(10000 - off + more + freight + tax)
    total = (due + wrong) / 100
    rows = [f"SAC*A*C310***{off}", f"SAC*C*D500***{more}", f"SAC*C*D240***{freight}"]
    order = of_x12((), rows, [f"TXI*VA*{tax / 100:.2f}", f"AMT*TT*{total:.2f}"])

    if order.total != total:  # a net one: exactly the tax is missing
        assert order.total == due / 100
        assert abs(total + Decimal(tax) / 100 - order.total) <= Decimal("0.02")
    elif abs(wrong) > 5:
        assert order.differs == Decimal(wrong) / 100
    assert (
        sum(x.subtotal - x.discount + x.tax for x in order.lines)
        + order.shipping
        + (order.shipping_tax)
        == order.total
    )


@pytest.mark.parametrize("notation", WHOLE)
@given(data=st.data())
def test_a_damaged_amount_is_held_refused_or_harmless(notation, data):
    read, amounts = WHOLE[notation]
    field = data.draw(st.sampled_from(sorted(amounts)))
    meant, at = amounts[field], data.draw(st.integers(0, 3))
    spoilt = texts(meant, at) | numbers(meant, at)
    kind = data.draw(st.sampled_from(sorted(spoilt)))
    try:
        order = read(amounts | {field: spoilt[kind]})
    except Unreadable:
        return

    is_held = bool(order.doubts) or order.differs != 0
    assert is_held or sums(order) == sums(read(amounts)), (field, kind, spoilt[kind])


@pytest.mark.parametrize("by", ["0.03", "-0.04", "0.50", "-0.99"])
@pytest.mark.parametrize("tax", ["0", "19"])
def test_what_a_total_is_rounded_by_is_part_of_what_is_paid_and_of_no_other_sum(by, tax):
    stated = totals(
        LineExtensionAmount="100.00",
        TaxExclusiveAmount="110.00",
        AllowanceTotalAmount="5.00",
        ChargeTotalAmount="15.00",
        TaxInclusiveAmount=str(110 + Decimal(tax)),
        PayableRoundingAmount=by,
        PayableAmount=str(110 + Decimal(tax) + Decimal(by)),
    )
    parts = [adjusted("false", "5", "95"), adjusted("true", "15", "FC")]
    order = of_ubl((), [*parts, taxed(tax)], [stated])
    assert (order.doubts, order.differs, order.total) == (
        [],
        0,
        110 + Decimal(tax) + Decimal(by),
    )


def category(code="", percent="", name="ClassifiedTaxCategory"):
    said = f"<ID>{code}</ID>" + (percent and f"<Percent>{percent}</Percent>")
    return f"<{name}>{said}</{name}>"


def subtotal(amount, percent, code="S"):
    return f"<TaxSubtotal><TaxAmount>{amount}</TaxAmount>{category(code, percent, 'TaxCategory')}</TaxSubtotal>"


def of_ubl_item(*categories, more=(), whole=()):
    """An order whose first line sells something in these categories of tax."""
    (found,) = ubl.read("", ubl_body(categories, more, whole), currency="EUR")
    return found.order


def ubl_body(categories, more, whole):
    code = "<SellersItemIdentification><ID>A</ID></SellersItemIdentification>"
    item = f"<Item>{code}{''.join(categories)}</Item>"
    line = f"<ID>1</ID><Quantity>10</Quantity>{''.join(more)}<Price><PriceAmount>9.00</PriceAmount></Price>{item}"
    body = "<ID>U-1</ID><DocumentCurrencyCode>EUR</DocumentCurrencyCode>" + "".join(whole)
    body += f"<OrderLine><LineItem>{line}</LineItem></OrderLine>"
    return f"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'>{body}</Order>".encode()


def due(order):
    return sum((x.tax for x in order.lines), order.shipping_tax)


VAT = "TAX+7+VAT+++:::"


@pytest.mark.parametrize(
    ("order", "tax"),
    [
        (lambda: of_edifact((), [f"{VAT}19", f"{VAT}7"]), "19"),
        (lambda: of_edifact((), [f"{VAT}7", f"{VAT}19"]), "19"),
        (lambda: of_edifact([f"{VAT}19", f"{VAT}7"]), "17.1"),
        (lambda: of_edifact([f"{VAT}7", f"{VAT}19"]), "17.1"),
        (lambda: of_edifact((), [f"{VAT}19", "MOA+124:19", f"{VAT}7"]), "19"),
        (lambda: of_edifact([f"{VAT}19", "MOA+124:17.1", f"{VAT}7"]), "17.1"),
        (lambda: of_edifact((), [f"{VAT}19", "MOA+124:19", f"{VAT}19", "MOA+124:19"]), "38"),
        (lambda: of_edifact((), ["ALC+C++++FC", "MOA+23:10", f"{VAT}19", f"{VAT}7"]), "1.9"),
        (lambda: of_x12(["TXI*VA**19", "TXI*VA**7"]), "17.1"),
        (lambda: of_x12((), ["TXI*VA**19", "TXI*VA**7"]), "19"),
        (lambda: of_x12(["TXI*ST*5", "TXI*CT**2"]), "5"),
        (lambda: of_ubl_item(category("S", "19"), category("S", "7")), "17.1"),
    ],
)
def test_two_rates_without_amounts_are_two_readings_and_the_dearer_one_is_kept(order, tax):
    assert "tax_differs" in order().doubts
    assert due(order()) == Decimal(tax)


@pytest.mark.parametrize(
    ("order", "tax"),
    [
        (lambda: of_edifact((), [f"{VAT}19", "MOA+124:17.1", f"{VAT}7", "MOA+124:.7"]), "17.8"),
        (lambda: of_edifact((), [f"{VAT}19", f"{VAT}7"], ["MOA+176:17.8"]), "17.8"),
        (lambda: of_edifact((), [f"{VAT}19"], [f"{VAT}19", "MOA+124:19"]), "19"),
        (lambda: of_edifact((), [f"{VAT}19", f"{VAT}19"]), "19"),
        (lambda: of_edifact((), (), ["MOA+176:19", f"{VAT}19", "MOA+124:19"]), "19"),
        (lambda: of_edifact([f"{VAT}19", "MOA+125:50", "MOA+124:9.5"]), "9.5"),
        (lambda: of_edifact((), [f"{VAT}19", "MOA+125:90"]), "17.1"),
        (lambda: of_x12(["TXI*ST**6", "TXI*CT**2"]), "7.2"),
        (lambda: of_x12((), ["TXI*VA**19"], ["TXI*VA**19"]), "19"),
        (lambda: of_x12((), ["TXI*VA**19*****50"]), "9.5"),
        (
            lambda: of_ubl_item(
                category("S", "19"),
                whole=[f"<TaxTotal><TaxAmount>17.1</TaxAmount>{subtotal('17.1', '19')}</TaxTotal>"],
            ),
            "17.1",
        ),
    ],
)
def test_taxes_with_their_amounts_add_up_and_one_that_is_told_twice_is_one(order, tax):
    assert order().doubts == []
    assert due(order()) == Decimal(tax)


CHARGED_TAX = category("S", "19", "TaxCategory")


def with_category(row, said):
    return row.replace("</AllowanceCharge>", f"{said}</AllowanceCharge>")


@pytest.mark.parametrize(
    "order",
    [
        lambda: of_edifact((), ["ALC+C++++FC", "MOA+23:10", f"{VAT}19"]),
        lambda: of_edifact((), ["ALC+C++++FC", f"{VAT}19", "MOA+23:10"]),
        lambda: of_edifact((), ["ALC+C++++HD", "MOA+23:10", f"{VAT}19"]),
        lambda: of_edifact((), ["ALC+C++++HD", "PCD+2:10", f"{VAT}19"]),
        lambda: of_edifact((), ["ALC+C++++FC", "MOA+23:10", f"{VAT}19", "MOA+124:1.9"]),
        lambda: of_edifact(["ALC+C++++FC", "MOA+23:10", f"{VAT}19"]),
        lambda: of_edifact(["ALC+C++++HD", "MOA+23:10", f"{VAT}19"]),
        lambda: of_ubl((), [with_category(adjusted("true", "10", "FC"), CHARGED_TAX)]),
        lambda: of_ubl((), [with_category(adjusted("true", "10", "HD"), CHARGED_TAX)]),
        lambda: of_ubl([with_category(adjusted("true", "10", "HD"), CHARGED_TAX)]),
        lambda: of_ubl((), [with_category(adjusted("true", "10", "HD"), taxed("1.9"))]),
    ],
)
def test_a_charge_is_taxed_by_its_own_rate(order):
    assert (order().doubts, due(order()), order().total) == ([], Decimal("1.9"), Decimal("111.9"))


@pytest.mark.parametrize(
    "order",
    [
        lambda: of_x12(["SAC*C*D500***1000", "TXI*VA**19"]),
        lambda: of_edifact([f"{VAT}19", "ALC+C++++HD", "MOA+23:10"]),
        lambda: of_ubl_item(category("S", "19"), more=[adjusted("true", "10", "HD")]),
    ],
)
def test_a_charge_with_a_line_is_taxed_by_the_rate_of_that(order):
    assert (order().doubts, due(order())) == ([], 19)


def test_a_charge_with_a_tax_leaves_what_the_whole_states_beside_it_to_the_goods():
    row = with_category(adjusted("true", "10", "FC"), CHARGED_TAX)
    order = of_ubl((), [row, taxed("20.9")])
    assert (order.doubts, due(order), order.shipping_tax) == ([], Decimal("20.9"), Decimal("1.9"))


def test_what_is_taken_off_the_whole_with_its_tax_is_taken_off_that_of_the_goods():
    row = with_category(adjusted("false", "10", "95"), CHARGED_TAX)
    order = of_ubl_item(category("S", "19"), whole=[row, taxed("15.2")])
    assert (order.doubts, due(order), order.total) == ([], Decimal("15.2"), Decimal("95.2"))


@pytest.mark.parametrize(
    "order",
    [
        lambda: of_edifact((), ["ALC+A++++DI", "MOA+8:10", f"{VAT}19"]),
        lambda: of_edifact((), [f"{VAT}7", "ALC+A++++DI", "MOA+8:10", f"{VAT}19"]),
        lambda: of_edifact(["ALC+A++++DI", "MOA+8:10", f"{VAT}19"]),
        lambda: of_edifact((), ["ALC+C++++FC", "MOA+23:10", f"{VAT}19", "MOA+124:5"]),
        lambda: of_edifact([f"{VAT}19", "MOA+124:5"]),
        lambda: of_edifact((), [f"{VAT}19", "MOA+124:5"]),
        lambda: of_edifact((), [f"{VAT}19", "MOA+125:50", "MOA+124:5"]),
        lambda: of_edifact(["TAX+7+VAT"]),
        lambda: of_ubl_item(category("S", "19"), more=[taxed("5")]),
        lambda: of_x12(["TXI*VA*5*19"]),
    ],
)
def test_a_tax_that_is_not_what_its_rate_says_is_doubted(order):
    assert "tax_differs" in order().doubts


@pytest.mark.parametrize("code", ["E", "Z", "O", "AE", "G", "K"])
@pytest.mark.parametrize(
    "order",
    [
        lambda code: of_edifact([f"{VAT}19+{code}"]),
        lambda code: of_edifact((), [f"{VAT}19+{code}"]),
        lambda code: of_edifact([f"TAX+7+VAT++++{code}", "MOA+124:17.1"]),
        lambda code: of_edifact((), ["ALC+C++++FC", "MOA+23:10", f"{VAT}19+{code}"]),
        lambda code: of_ubl_item(category(code, "19")),
        lambda code: of_ubl_item(category(code), more=[taxed("17.1")]),
        lambda code: of_ubl_item(
            whole=[
                f"<TaxTotal><TaxAmount>17.1</TaxAmount>{subtotal('17.1', '19', code)}</TaxTotal>"
            ]
        ),
        lambda code: of_ubl(
            (), [with_category(adjusted("true", "10", "FC"), category(code, "19", "TaxCategory"))]
        ),
    ],
)
def test_a_category_without_tax_and_a_tax_contradict_each_other(order, code):
    assert "tax_differs" in order(code).doubts
    assert due(order(code)) > 0


@pytest.mark.parametrize(
    "order",
    [
        lambda: of_edifact([f"{VAT}0+S"]),
        lambda: of_edifact(["TAX+7+VAT++++S"]),
        lambda: of_edifact((), ["TAX+7+VAT++++S", "MOA+124:0"]),
        lambda: of_ubl_item(category("S", "0")),
        lambda: of_ubl_item(category("S")),
        lambda: of_x12(["TXI*VA**19***1"]),  # exempt
        lambda: of_x12(["TXI*VA**0***2"]),  # not exempt
    ],
)
def test_a_category_with_tax_and_none_contradict_each_other(order):
    assert "tax_differs" in order().doubts


@pytest.mark.parametrize(
    "order",
    [
        lambda: of_edifact([f"{VAT}0+E"]),
        lambda: of_edifact(["TAX+7+VAT++++Z"]),
        lambda: of_edifact((), ["ALC+C++++FC", "MOA+23:10", "TAX+7+VAT++++E"]),
        lambda: of_ubl_item(category("AE", "0")),
        lambda: of_ubl_item(category("O")),
        lambda: of_ubl_item(category("E"), whole=[taxed("0")]),
        lambda: of_x12(["TXI*VA****1*1"]),
    ],
)
def test_what_nothing_is_due_in_has_no_tax_and_no_doubt(order):
    assert (order().doubts, due(order())) == ([], 0)


def share(amount, factor, base=""):
    said = f"<MultiplierFactorNumeric>{factor}</MultiplierFactorNumeric>"
    said += base and f"<BaseAmount>{base}</BaseAmount>"
    return with_category(adjusted("false", amount, "95"), said)


def stated_twice(amount, percent):
    """Something taken off 90.00 by its amount and its percentage, in each notation."""
    cents = int(Decimal(amount) * 100)
    return [
        lambda: of_x12([f"SAC*A*C310***{cents}*3*{percent}"]),
        lambda: of_x12([f"ITA*A***02***{cents}**{percent}*****C310"]),
        lambda: of_edifact(["ALC+A++++DI", f"PCD+1:{percent}", f"MOA+8:{amount}"]),
        lambda: of_edifact(["ALC+A++++DI", f"MOA+8:{amount}", f"PCD+1:{percent}"]),
        lambda: of_ubl([share(amount, percent)]),
        lambda: of_ubl([share(amount, Decimal(percent) / 100)]),
        lambda: of_ubl([share(amount, percent, "90")]),
    ]


@given(
    percent=st.decimals("0.5", "60", places=2),
    wrong=st.decimals("-20", "20", places=2).filter(lambda x: abs(x) > Decimal("0.05")),
)
def test_an_amount_that_is_not_its_percentage_is_doubted(percent, wrong):
    right = (90 * percent / 100).quantize(Decimal("0.01"))
    for order in stated_twice(right, percent):
        assert order().doubts == []
        assert order().lines[0].discount == right
    if 0 < right + wrong < 90 and abs(wrong + right - 100 * right) > 1:
        for order in stated_twice(right + wrong, percent):
            assert any(x.startswith("allowance_unclear:") for x in order().doubts)


@pytest.mark.parametrize(
    ("order", "is_doubted"),
    [
        (lambda: of_x12(["SAC*A*C310***100***0.9**10"]), True),
        (lambda: of_x12(["SAC*A*C310***900***0.9**10"]), False),
        (lambda: of_edifact(["ALC+A++++DI", "RTE+1:0.9", "QTY+1:10", "MOA+8:1"]), True),
        (lambda: of_edifact(["ALC+A++++DI", "MOA+8:9", "RTE+1:0.9", "QTY+1:10"]), False),
        (lambda: of_edifact(["ALC+A++++DI", "PCD+1:10", "MOA+25:50", "MOA+8:5"]), False),
        (lambda: of_edifact(["ALC+A++++DI", "PCD+1:10", "MOA+25:50", "MOA+8:9"]), True),
        (lambda: of_ubl([share("5", "10", "50")]), False),
        (lambda: of_ubl([share("9", "10", "50")]), True),
        (lambda: of_x12(["SAC*A*C310***900*3*10", "SAC*A*I170***405*3*5"]), False),
        (lambda: of_x12(["SAC*A*C310***900*3*10", "SAC*A*I170***450*3*5"]), False),
        (lambda: of_x12(["SAC*A*C310***3000*3*33.3"]), False),
    ],
)
def test_a_share_is_of_its_basis_and_a_rate_times_its_quantity(order, is_doubted):
    assert bool(order().doubts) == is_doubted


@pytest.mark.parametrize(
    ("of_line", "tax"),
    [
        (["ALC+C++++FC", "MOA+23:10", f"{VAT}19"], "20.9"),
        (["ALC+C++++FC", "MOA+23:10", f"{VAT}7"], "19.7"),
        (["ALC+C++++FC", "MOA+23:10", f"{VAT}0+E"], "19"),
        (["ALC+C++++FC", "MOA+23:10"], "20.9"),
        (["ALC+C++++HD", "MOA+23:10", f"{VAT}7"], "19.7"),
        (["ALC+C++++FC", "MOA+23:10", f"{VAT}7", "ALC+C++++FC", "MOA+23:10"], "21.6"),
        ([f"{VAT}0+E"], "1.9"),
        ([f"{VAT}0+E", "ALC+C++++HD", "MOA+23:10", f"{VAT}19"], "3.8"),
        ([f"{VAT}7"], "8.2"),
    ],
)
def test_a_rate_of_the_whole_leaves_alone_what_says_another_and_nothing_else(of_line, tax):
    order = of_edifact(of_line, [f"{VAT}19"])
    assert (order.doubts, due(order)) == ([], Decimal(tax))


def test_what_is_taken_off_the_whole_beside_taxes_by_amount_is_doubted():
    order = of_edifact([f"{VAT}19", "MOA+124:17.1"], ["ALC+A++++DI", "MOA+8:10", f"{VAT}19"])
    assert "tax_differs" in order.doubts
