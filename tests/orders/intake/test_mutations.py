"""Messages with one field damaged: never cheaper, shorter, further along or somebody else's without a word.

`MUTATIONS=20000` tries as many; every run tries a few hundred.
"""

import os
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.files import RawRow
from erp.visible import is_blank, seen
from orders.customers.contacts import address_findings
from orders.intake.edi import edifact, ubl, x12
from orders.intake.files.headings import suggested
from orders.intake.files.orders import OrderReader
from orders.intake.files.rows import Reading, grouped, survey
from orders.intake.mail.email_orders import Catalogue, Good, read_email_order
from orders.intake.messages.foreign_json import Unreadable

MUTATIONS = int(os.environ.get("MUTATIONS", "300"))
many = settings(max_examples=MUTATIONS, deadline=None, suppress_health_check=[HealthCheck.too_slow])

FIELDS = {
    "number": "PO-17",
    "date": "20260301",
    "currency": "EUR",
    "name": "Tea House Berlin",
    "street": "Hauptstr. 1",
    "city": "Berlin",
    "code": "10115",
    "country": "DE",
    "sku1": "TEA-001",
    "quantity1": "12",
    "unit1": "EA",
    "price1": "1250.50",
    "sku2": "4006381333931",
    "quantity2": "1000",
    "unit2": "EA",
    "price2": "9",
    "count": "2",
    "total": "24006.00",
}
NUMBERS = {"quantity1", "quantity2", "price1", "price2", "total", "count"}


def as_x12(f):
    return (
        "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *260301*0936*U*00401*000000055*0*T*>~"
        f"GS*PO*BUYER*SELLER*20260301*1041*2*X*004010~ST*850*0001~BEG*00*SA*{f['number']}**{f['date']}~CUR*BY*{f['currency']}~"
        f"N1*ST*{f['name']}*92*C-9~N3*{f['street']}~N4*{f['city']}**{f['code']}*{f['country']}~PER*BD*Ann*EM*ann@tea.example~"
        f"PO1*1*{f['quantity1']}*{f['unit1']}*{f['price1']}**VP*{f['sku1']}~"
        f"PO1*2*{f['quantity2']}*{f['unit2']}*{f['price2']}**UP*{f['sku2']}~CTT*{f['count']}~AMT*TT*{f['total']}~"
        "SE*12*0001~GE*1*2~IEA*1*000000055~"
    ).encode()


def as_edifact(f):
    return (
        f"UNA:+.? 'UNB+UNOC:3+400:14+401:14+261120:1000+1'UNH+1+ORDERS:D:96A:UN'BGM+220+{f['number']}+9'DTM+137:{f['date']}:102'"
        f"NAD+DP+400::9++{f['name']}+{f['street']}+{f['city']}++{f['code']}+{f['country']}'COM+ann@tea.example:EM'CUX+2:{f['currency']}:9'"
        f"LIN+1++{f['sku1']}'QTY+21:{f['quantity1']}:{f['unit1']}'PRI+AAA:{f['price1']}'"
        f"LIN+2++{f['sku2']}'QTY+21:{f['quantity2']}:{f['unit2']}'PRI+AAA:{f['price2']}'"
        f"UNS+S'MOA+128:{f['total']}'CNT+2:{f['count']}'UNT+16+1'UNZ+1+1'"
    ).encode()


def as_ubl(f):
    def line(n):
        return (
            f"<OrderLine><LineItem><ID>{n}</ID><Quantity unitCode='{f[f'unit{n}']}'>{f[f'quantity{n}']}</Quantity>"
            f"<Price><PriceAmount>{f[f'price{n}']}</PriceAmount></Price>"
            f"<Item><SellersItemIdentification><ID>{f[f'sku{n}']}</ID></SellersItemIdentification></Item></LineItem></OrderLine>"
        )

    address = (
        f"<PostalAddress><StreetName>{f['street']}</StreetName><CityName>{f['city']}</CityName><PostalZone>{f['code']}</PostalZone>"
        f"<Country><IdentificationCode>{f['country']}</IdentificationCode></Country></PostalAddress>"
    )
    day = f"{f['date'][:4]}-{f['date'][4:6]}-{f['date'][6:]}" if f["date"] else ""
    return (
        f"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>{f['number']}</ID><IssueDate>{day}</IssueDate>"
        f"<DocumentCurrencyCode>{f['currency']}</DocumentCurrencyCode><LineCountNumeric>{f['count']}</LineCountNumeric>"
        f"<BuyerCustomerParty><Party><PartyName><Name>{f['name']}</Name></PartyName>{address}"
        "<Contact><ElectronicMail>ann@tea.example</ElectronicMail></Contact></Party></BuyerCustomerParty>"
        f"<AnticipatedMonetaryTotal><PayableAmount>{f['total']}</PayableAmount></AnticipatedMonetaryTotal>{line(1)}{line(2)}</Order>"
    ).encode()


HEADINGS = {
    "number": "order number",
    "currency": "currency",
    "name": "shipping name",
    "street": "address1",
    "city": "city",
    "code": "zip",
    "country": "country",
    "sku": "sku",
    "quantity": "quantity",
    "unit": "uom",
    "price": "unit price",
    "total": "total",
    "status": "financial status",
    "email": "email",
}


def read_file(f):
    """Two rows of one order."""
    header = tuple(HEADINGS.values())
    rows = [RawRow("orders.csv", 1, header)]
    for n in (1, 2):
        said = {**f, "status": f.get("status", "pending"), "email": "ann@tea.example"}
        said |= {name: f[f"{name}{n}"] for name in ("sku", "quantity", "unit", "price")}
        rows.append(RawRow("orders.csv", n + 1, tuple(said[name] for name in HEADINGS)))
    reading = Reading(suggested(header), "EUR", ZoneInfo("Europe/Berlin"), country="DE")
    surveyed = survey(rows, reading)
    found = [
        OrderReader(reading, surveyed).read(group) for group in grouped(rows, surveyed, reading)
    ]
    if any(statement is None for statement, _defects in found):
        raise Unreadable("rejected")
    return [statement for statement, _defects in found]


READERS = {
    "x12": lambda f: x12.read("", as_x12(f), currency="EUR"),
    "edifact": lambda f: edifact.read("", as_edifact(f), currency="EUR"),
    "ubl": lambda f: ubl.read("", as_ubl(f), currency="EUR"),
    "file": read_file,
}


def is_held(order):
    """Whether something about an order holds it for a person: what its reader doubts, and what placing finds."""
    address = order.shipping_address
    return bool(
        order.doubts
        or abs(order.differs) > Decimal("0.05")
        or any(line.is_unpriced or not line.code for line in order.lines)
        or is_blank(address.name)
        or is_blank(address.line1)
        or address_findings(address)
    )


def what(order):
    """What an order comes to, and whose it is."""
    address = order.shipping_address
    return (
        order.currency,
        order.total,
        sum(line.quantity for line in order.lines),
        [seen(line.code) for line in order.lines],
        [seen(x) for x in (address.name, address.line1, address.city, address.country)],
    )


def damaged(text, kind, at):
    """A field as somebody, or some program, spoils it; no other right value is among it."""
    at = min(at, len(text))
    whole, _point, cents = text.partition(".")
    grouped_whole = f"{int(whole):,}" if whole.isdecimal() else whole
    return {
        "blank": "",
        "letter": f"{text[:at]}O{text[at:]}",
        "power": f"{text}E3",
        "minus": f"-{text}",
        "comma": text.replace(".", ","),
        "german": grouped_whole.replace(",", ".") + (f",{cents}" if cents else ""),
        "english": grouped_whole + (f".{cents}" if cents else ""),
        "two marks": f"{text}.0.0",
        "unseen": f"{text[:at]}\u200b{text[at:]}",
        "wide": "".join(chr(ord(c) + 0xFEE0) if c.isdecimal() else c for c in text),
        "huge": "9" * 30,
        "lost": "\ufffd" + text,
        "nan": "NaN",
        "words": "a few",
        "case": "CT",
    }[kind]


ON_NUMBERS = (
    "blank",
    "letter",
    "power",
    "minus",
    "comma",
    "german",
    "english",
    "two marks",
    "unseen",
    "wide",
    "huge",
    "nan",
    "words",
)
ON_TEXTS = ("blank", "unseen", "lost")


@pytest.mark.parametrize("notation", sorted(READERS))
@many
@given(field=st.sampled_from(sorted(FIELDS)), data=st.data())
def test_one_damaged_field_is_held_refused_or_harmless(notation, field, data):
    kinds = ON_NUMBERS if field in NUMBERS else ("case", *ON_TEXTS) if "unit" in field else ON_TEXTS
    kind = data.draw(st.sampled_from(kinds))
    spoilt = FIELDS | {field: damaged(FIELDS[field], kind, data.draw(st.integers(0, 8)))}
    (base,) = READERS[notation](FIELDS)
    assert not is_held(base.order)
    try:
        found = READERS[notation](spoilt)
    except Unreadable:
        return
    orders = [statement.order for statement in found]
    if any(map(is_held, orders)):
        return
    assert [what(order) for order in orders] == [what(base.order)], (field, kind, spoilt[field])
    assert [s.paid for s in found] == [0]


@pytest.mark.parametrize("status", ["pa1d", "paid?", "PAID\u200b!", "refund", "0"])
def test_a_state_that_nobody_knows_is_not_the_best_one(status):
    (found,) = read_file(FIELDS | {"status": status})
    assert found.paid == 0
    assert is_held(found.order)


SHOP = Catalogue([Good("POT-009", "Teapot"), Good("MUG-007", "Mug"), Good("TEA-018", "Tea")])


@many
@given(
    st.sampled_from(["3", "2", "5", "POT-009", "MUG-007", "TEA-018"]),
    st.sampled_from(ON_NUMBERS),
    st.integers(0, 8),
)
def test_one_damaged_word_of_a_letter_is_named(word, kind, at):
    text = "Please send 3 x POT-009, 2 x MUG-007 and 5 x TEA-018 to us."
    plain = read_email_order(text, SHOP, date(2026, 3, 1))
    letter = read_email_order(
        text.replace(word, damaged(word, kind, at), 1), SHOP, date(2026, 3, 1)
    )

    asked = {line.sku: line.quantity for line in plain.lines}
    assert asked == {"POT-009": 3, "MUG-007": 2, "TEA-018": 5}
    if {line.sku: line.quantity for line in letter.lines} != asked:
        assert {issue.code for issue in letter.issues} - {"address_missing"}, (word, kind)
