"""Rival versions: the same message is the same version however it is read, and another one is another."""

import itertools

import msgspec
import pytest

from orders.intake.edi import edifact, ubl, x12
from orders.intake.edi.versions import VERSIONS
from orders.intake.following.decisions.rivals import is_rival
from orders.models import ChannelOrder, Hold, Order
from tests.orders.intake.edi.test_versions import edifact_version, x12_version

UBL = (
    "<?xml version='1.0'?><Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID>"
    "<IssueDate>2026-03-01</IssueDate><Note>Ring twice</Note><DocumentCurrencyCode>EUR</DocumentCurrencyCode>"
    "<BuyerCustomerParty><Party><PartyName><Name>Shop</Name></PartyName><PostalAddress><StreetName>Road 1"
    "</StreetName><CityName>Bonn</CityName></PostalAddress></Party></BuyerCustomerParty><OrderLine><LineItem>"
    "<ID>1</ID><Quantity>{}</Quantity><Price><PriceAmount>5</PriceAmount></Price><Item>"
    "<SellersItemIdentification><ID>TEA-001</ID></SellersItemIdentification></Item></LineItem></OrderLine></Order>"
)
ORDERS = {
    "x12": (x12.read, lambda n: x12_version("00", n)),
    "edifact": (edifact.read, lambda n: edifact_version("9", n)),
    "ubl": (ubl.read, lambda n: UBL.format(n).encode()),
}
# The same order sent again: what may differ of it. Its rank is by the control number of its interchange.
SENT_AGAIN = {
    "x12": [(b"*0936*", b"*0937*"), (b"0001", b"0002"), (b"*2*X*", b"*3*X*"), (b"~", b"~\r\n")],
    "edifact": [(b":0936+", b":0937+"), (b"UNH+1", b"UNH+2"), (b"UNT+9+1", b"UNT+9+2")],
    "ubl": [(b"<OrderLine>", b"\n  <OrderLine>"), (b"'1.0'?>", b"'1.0'?><!-- again -->")],
}


def said_of(notation, body):
    (said,) = ORDERS[notation][0]("", body, currency="EUR")
    return said


@pytest.mark.parametrize("notation", sorted(ORDERS))
def test_a_message_has_one_fingerprint_however_it_is_sent(notation):
    _read, order = ORDERS[notation]
    message = said_of(notation, order(2)).message
    assert message
    again = order(2)
    for one, other in SENT_AGAIN[notation]:
        assert one in again
        again = again.replace(one, other)
    assert said_of(notation, again).message == message
    for other in (3, 4):
        assert said_of(notation, order(other)).message != message


def earlier(whole, **changed):
    """A whole as an earlier reader read it; what it did not know is absent."""
    kept = {**whole, **changed}
    return {name: value for name, value in kept.items() if value is not Ellipsis}


READ_OTHERWISE = [
    {"ship_not_before": ...},
    {"note": ..., "doubts": ...},
    {"note": "", "doubts": ["unit_of_measure:XX"]},
    {"ship_not_before": "2026-04-01", "note": "Ship not before 2026-04-01\nRing twice"},
    {"number": "", "customer_id": ""},
    {"billing_address": None},
]


@pytest.fixture
def handed(handed):
    """Messages of which nothing is left to ask."""

    def hand(body):
        assert handed(body).status == "processed"

    return hand


def times_held():
    return Hold.objects.filter(reason=VERSIONS).count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("notation", sorted(ORDERS))
class TestReadAnew:
    def test_the_same_order_again_holds_nothing_whatever_its_reader_has_learnt(
        self, handed, notation
    ):
        _read, order = ORDERS[notation]
        handed(order(2))
        whole = ChannelOrder.objects.get().said
        other_words = {"shipping_address": {**whole["shipping_address"], "line1": "ROAD 1"}}
        again = order(2)
        for message, more in (("", {}), (ChannelOrder.objects.get().message_digest, other_words)):
            for changed in READ_OTHERWISE:
                again = again.replace(*SENT_AGAIN[notation][0]) + b"\n"  # another delivery
                said = earlier(whole, **changed, **more)
                ChannelOrder.objects.update(said=said, message_digest=message)
                handed(again)
                assert times_held() == 0, changed
        assert Order.objects.count() == 1

    @pytest.mark.parametrize("is_kept", [True, False])
    def test_another_version_holds_once_however_it_is_read(self, handed, notation, is_kept):
        _read, order = ORDERS[notation]
        handed(order(2))
        if not is_kept:  # as before fingerprints were
            ChannelOrder.objects.update(message_digest="")
        handed(order(3))
        assert times_held() == 1
        Hold.objects.all().delete()
        handed(order(3) + b"\n")
        assert times_held() == 0
        handed(order(4))
        assert times_held() == 1
        told = ChannelOrder.objects.get()
        assert told.said["lines"][0]["quantity"] == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("version", [x12_version, edifact_version])
@pytest.mark.parametrize("arrival", list(itertools.permutations(range(3))))
def test_the_same_message_in_a_later_interchange_changes_nothing_but_its_rank(
    handed, version, arrival
):
    code = "00" if version is x12_version else "9"
    bodies = [
        version(code, 2, control="101"),
        version(code, 3, control="102"),
        version(code, 2, control="103"),
    ]
    handed(bodies[arrival[0]])
    kept = ChannelOrder.objects.get()
    ChannelOrder.objects.update(said={**kept.said, "ship_not_before": "2030-04-01"})
    if arrival[0] != 1:
        handed(bodies[2 - arrival[0]])
        assert not Hold.objects.filter(reason="date_changed").exists()
    for n in arrival[1:]:
        handed(bodies[n] + b"\n")
    first = 3 if arrival[0] == 1 else 2  # an original takes no other's place
    assert ChannelOrder.objects.get().said["lines"][0]["quantity"] == first


@pytest.mark.parametrize("notation", sorted(ORDERS))
def test_what_both_readings_state_counts_where_no_fingerprint_was_kept(notation):
    _read, order = ORDERS[notation]
    said = said_of(notation, order(2))
    whole = msgspec.json.decode(msgspec.json.encode(said.order))
    for changed in READ_OTHERWISE[:3]:
        assert not is_rival(said, earlier(whole, **changed), "")
    line = whole["lines"][0]
    for changed in (
        {"total": "1.00"},
        {"currency": "USD"},
        {"lines": [{**line, "quantity": 9}, *whole["lines"][1:]]},
        {"lines": [*whole["lines"], line]},
        {"shipping_address": {**whole["shipping_address"], "city": "Elsewhere"}},
    ):
        assert is_rival(said, earlier(whole, **changed), "")
        assert is_rival(said, earlier(whole, **changed), "of another")
        assert not is_rival(said, earlier(whole, **changed), said.message)
