"""Where goods go: to the one place that is named for all of them, or a person looks; never to another."""

import itertools

import pytest

from orders.intake.edi import edifact, ubl, x12
from orders.intake.edi.destinations import is_named, settle_place
from orders.intake.edi.parties import Party
from orders.intake.edi.purchases import Item, Purchase
from tests.orders.samples import INTERCHANGE

OFFICE = "Office Road 1"
STREETS = {"A": "Store Lane 5", "B": "Quay 7"}


def x12_order(head, lines):
    def place(name):
        if name is None:
            return ""
        return f"N1*ST*Store {name}*92*{name}~N3*{STREETS[name]}~N4*Bonn**53111*DE~"

    start = INTERCHANGE.decode().partition("N1*ST")[0]
    start += f"N1*BY*Big Chain*92*HQ~N3*{OFFICE}~N4*Berlin**10115*DE~{place(head)}"
    body = "".join(f"PO1*{n}*1*EA*5**VP*A~{place(name)}" for n, name in enumerate(lines, 1))
    return x12.read("", f"{start}{body}SE*9*0001~".encode(), currency="EUR")[0].order


def edifact_order(head, lines, role="DP"):
    def place(name):
        if name is None:
            return ""
        return f"NAD+{role}+{name}::9++Store {name}+{STREETS[name]}+Bonn++53111+DE'"

    start = "UNB+UNOC:3+400:14+401:14+261120:1000+1'UNH+1+ORDERS:D:96A:UN'BGM+220+E-1+9'"
    start += f"NAD+BY+HQ::9++Big Chain+{OFFICE}+Berlin++10115+DE'CUX+2:EUR:9'{place(head)}"
    body = "".join(
        f"LIN+{n}++A'QTY+21:1'PRI+AAA:5'{place(name)}" for n, name in enumerate(lines, 1)
    )
    return edifact.read("", f"{start}{body}UNT+9+1'UNZ+1+1'".encode(), currency="EUR")[0].order


def edifact_reached(head, lines):
    return edifact_order(head, lines, role="UC")


def ubl_order(head, lines):
    def place(name):
        if name is None:
            return ""
        address = f"<StreetName>{STREETS[name]}</StreetName><CityName>Bonn</CityName>"
        return f"<Delivery><DeliveryAddress>{address}</DeliveryAddress></Delivery>"

    buyer = (
        "<BuyerCustomerParty><Party><PartyName><Name>Big Chain</Name></PartyName><PostalAddress>"
        f"<StreetName>{OFFICE}</StreetName></PostalAddress></Party></BuyerCustomerParty>"
    )
    item = "<Price><PriceAmount>5</PriceAmount></Price><Item><Name>A</Name></Item>"
    body = "".join(
        f"<OrderLine><LineItem><ID>{n}</ID><Quantity>1</Quantity>{place(name)}{item}</LineItem></OrderLine>"
        for n, name in enumerate(lines, 1)
    )
    order = (
        "<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID>"
        f"{buyer}{place(head)}{body}</Order>"
    )
    return ubl.read("", order.encode(), currency="EUR")[0].order


NOTATIONS = {
    "x12": (x12_order, "N1"),
    "edifact": (edifact_order, "NAD"),
    "edifact, whom it reaches": (edifact_reached, "NAD"),
    "ubl": (ubl_order, "Delivery"),
}


@pytest.mark.parametrize("notation", sorted(NOTATIONS))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_goods_go_where_they_are_said_to_or_nowhere(notation, count):
    order_of, where = NOTATIONS[notation]
    for head, *lines in itertools.product([None, "A", "B"], repeat=count + 1):
        order = order_of(head, lines)
        named = {head, *lines} - {None}
        is_clear = len(named) == 1 and (head is not None or None not in lines)
        case = (head, lines)
        if not named:
            assert (order.shipping_address.line1, order.doubts) == (OFFICE, []), case
        elif is_clear:
            assert (order.shipping_address.line1, order.doubts) == (STREETS[named.pop()], []), case
        else:
            assert order.doubts == [f"delivery_split:{where}"], case
            assert order.shipping_address.line1 in {STREETS[name] for name in named}, case


def test_a_place_that_is_named_without_its_address_is_nobody_elses():
    head = INTERCHANGE.decode().partition("N1*ST")[0]
    head += f"N1*BY*Big Chain*92*HQ~N3*{OFFICE}~N4*Berlin**10115*DE~"
    for place, street in (
        ("N1*ST**92*0005", ""),
        ("N1*ST*Store 5", ""),
        ("N1*ST**92*HQ", OFFICE),
        ("N1*ST", OFFICE),
    ):
        for body in (f"{place}~PO1*1*1*EA*5**VP*A", f"PO1*1*1*EA*5**VP*A~{place}"):
            (said,) = x12.read("", f"{head}{body}~SE*9*0001~".encode(), currency="EUR")
            assert said.order.shipping_address.line1 == street


FULL = Party(name="Store 5", number="5", line1="Lane 1", city="Bonn")


@pytest.mark.parametrize(
    ("parties", "is_one"),
    [
        ([FULL, Party(number="5")], True),
        ([Party(number="5"), Party(name="STORE  5"), FULL], True),
        ([FULL, Party(line1="lane 1", city="Bonn")], True),
        ([FULL, Party(number="6")], False),
        ([FULL, Party(name="Store 5", number="5", line1="Lane 2", city="Bonn")], False),
        ([Party(number="5"), Party(name="Store 5")], False),  # who knows?
        ([FULL, Party(phone="1")], True),  # says nothing of a place
    ],
)
def test_mentions_of_one_place_agree_in_what_they_state(parties, is_one):
    for order in itertools.permutations(parties):
        named = [party for party in order if is_named(party)]
        purchase = Purchase("1", items=[Item(str(n), None) for n in range(len(named))])
        unnamed = [(0, party) for party in order if not is_named(party)]
        purchase.places = [*enumerate(named, 1), *unnamed]
        settle_place(purchase, "N1")
        assert purchase.doubts == ([] if is_one else ["delivery_split:N1"])
        if is_one:
            assert purchase.ship_to.line1.casefold() == "lane 1"


def test_an_address_of_ubl_in_lines_alone_is_one():
    order = ubl_order("A", [None])
    assert order.shipping_address.line1 == STREETS["A"]
    lines = "<AddressLine><Line>Gate 3</Line></AddressLine>"
    body = (
        "<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID><BuyerCustomerParty><Party>"
        f"<PostalAddress><StreetName>{OFFICE}</StreetName></PostalAddress></Party></BuyerCustomerParty>"
        f"<Delivery><DeliveryAddress>{lines}</DeliveryAddress></Delivery><OrderLine><LineItem><ID>1</ID>"
        "<Quantity>1</Quantity><Price><PriceAmount>5</PriceAmount></Price><Item><Name>A</Name></Item>"
        "</LineItem></OrderLine></Order>"
    )
    (said,) = ubl.read("", body.encode(), currency="EUR")
    assert said.order.shipping_address.line1 == "Gate 3"


@pytest.mark.parametrize("role", ["BY", "BT", "OB"])
def test_who_buys_is_said_before_the_lines(role):
    order = INTERCHANGE.replace(b"PID*", f"N1*{role}*Store 9*92*9~N3*Elsewhere~PID*".encode())
    (plain,), (said,) = (x12.read("", x, currency="EUR") for x in (INTERCHANGE, order))
    assert said.order == plain.order
