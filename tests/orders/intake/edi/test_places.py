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


def x12_order(head, lines, role="ST"):
    def place(name):
        if name is None:
            return ""
        return f"N1*{role}*Store {name}*92*{name}~N3*{STREETS[name]}~N4*Bonn**53111*DE~"

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


def named_by(order_of, role):
    return lambda head, lines: order_of(head, lines, role)


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
        f"<DocumentCurrencyCode>EUR</DocumentCurrencyCode>{buyer}{place(head)}{body}</Order>"
    )
    return ubl.read("", order.encode(), currency="EUR")[0].order


NOTATIONS = {
    "x12": (x12_order, "N1"),
    "edifact": (edifact_order, "NAD"),
    **{f"x12 {role}": (named_by(x12_order, role), "N1") for role in ("DA", "CN", "UC")},
    **{f"edifact {role}": (named_by(edifact_order, role), "NAD") for role in ("ST", "CN", "UC")},
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
        "<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID>"
        "<DocumentCurrencyCode>EUR</DocumentCurrencyCode><BuyerCustomerParty><Party>"
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


# Of each notation: roles of parties by whether they name where it goes, or who takes it in the end; others are neither.
ROLES = {"x12": ("ST", "DA", "CN", "UC", "SF"), "edifact": ("DP", "ST", "CN", "UC", "SF")}


@pytest.mark.parametrize("notation", sorted(ROLES))
def test_of_two_roles_where_it_goes_counts_before_who_takes_it_and_equals_agree(notation):
    first, second, *_rest = ROLES[notation]
    for one, other in itertools.permutations(ROLES[notation], 2):
        if notation == "x12":
            start = INTERCHANGE.decode().partition("N1*ST")[0]
            places = f"N1*{one}*A*92*A~N3*Lane 5~N4*Bonn~N1*{other}*B*92*B~N3*Quay 7~N4*Bonn~"
            body = f"{start}{places}PO1*1*1*EA*5**VP*A~SE*9*0001~"
            (said,) = x12.read("", body.encode(), currency="EUR")
        else:
            start = "UNB+UNOC:3+400:14+401:14+261120:1000+1'UNH+1+ORDERS:D:96A:UN'BGM+220+E-1+9'"
            places = f"NAD+{one}+A::9++A+Lane 5+Bonn'NAD+{other}+B::9++B+Quay 7+Bonn'"
            body = f"{start}{places}LIN+1++A'QTY+21:1'PRI+AAA:5'UNT+9+1'UNZ+1+1'"
            (said,) = edifact.read("", body.encode(), currency="EUR")
        found, named = said.order.shipping_address.line1, {one: "Lane 5", other: "Quay 7"}
        places = named.keys() & {first, second} or named.keys() & {"CN", "UC"}
        assert found in {named[role] for role in places}, (one, other)
        where = "N1" if notation == "x12" else "NAD"
        expected = [f"delivery_split:{where}"] if len(places) > 1 else []
        assert said.order.doubts == expected, (one, other)


def edifact_at(*, head="", lines=("",), party=""):
    """An order of the buyer in the office, with places of delivery before its lines and behind them."""
    start = "UNB+UNOC:3+400:14+401:14+261120:1000+1'UNH+1+ORDERS:D:96A:UN'BGM+220+E-1+9'"
    start += f"NAD+BY+HQ::9++Big Chain+{OFFICE}+Berlin++10115+DE'{party}{head}"
    body = "".join(f"LIN+{n}++A'QTY+21:1'PRI+AAA:5'{place}" for n, place in enumerate(lines, 1))
    return edifact.read("", f"{start}{body}UNT+9+1'UNZ+1+1'".encode(), currency="EUR")[0].order


HERE, THERE, AT_HQ = "LOC+7+S1::9:Store 1'", "LOC+7+S2::9'", "LOC+7+HQ::9'"


def test_a_place_of_delivery_alone_is_where_it_goes():
    """Its street is not told: nothing leaves until somebody has found it, and nothing goes to the office."""
    for order in (edifact_at(head=HERE), edifact_at(lines=(HERE, HERE))):
        assert (order.shipping_address.name, order.shipping_address.line1) == ("Store 1", "")
        assert order.doubts == []
    assert edifact_at(head=AT_HQ).shipping_address.line1 == OFFICE
    assert edifact_at(head="LOC+7'").shipping_address.line1 == OFFICE  # it says none
    assert edifact_at(head="LOC+9+S1::9'").shipping_address.line1 == OFFICE  # where it is loaded
    for several in (
        edifact_at(head=HERE, lines=(THERE,)),
        edifact_at(lines=(HERE, THERE)),
        edifact_at(lines=(HERE, "")),
    ):
        assert several.doubts == ["delivery_split:LOC"]
        assert several.shipping_address.line1 == ""


def test_who_gets_it_counts_before_the_place_of_delivery():
    party = "NAD+DP+S1::9++Store 1+Lane 5+Bonn++53111+DE'"
    for head, lines in ((HERE, ("",)), ("", (HERE, HERE))):
        order = edifact_at(head=head, lines=lines, party=party)
        assert (order.shipping_address.line1, order.doubts) == ("Lane 5", [])
