"""One thing has one name: what nobody sees around an identifier makes no second of it, at no door."""

import importlib
import pkgutil
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

import fulfillment
import inventory
import orders
import returns
from erp.files import RawRow
from erp.identifiers import Identified, identifiers_of
from erp.visible import identifier
from inventory.catalogue.codes import StockLine
from inventory.counting.actions.count import Counted
from inventory.floor.scans import Label, Row
from inventory.purchasing.verbs import ArrivedLine
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.move import Carry
from inventory.stock.actions.ship import Departure
from inventory.stock.document_api import MoveLine
from orders.intake.edi.versions import external_id_of
from orders.intake.files.layouts import LAYOUTS, Reader
from orders.intake.files.remittances import RemittanceReader
from orders.intake.files.rows import Reading, Survey
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.statements import StatedMoney, Statement
from orders.intake.shops import shopify, woocommerce
from orders.models import Order, RiskCheck
from orders.payments.providers import stripe
from orders.risk.minfraud import answer_of
from tests.conftest import order_body
from tests.orders.intake.mutations import FIELDS, READERS
from tests.orders.shops import body_of

MARKS = (
    " ", "\t", "\xa0", "\u3000", "\u2009", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad",
    "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u034f", "\u180e", "\u3164", "\ufe0f",
    "\U000e0101",
)  # fmt: skip
IN_DATABASE = (" ", "\xa0", "\u200b", "\ufeff", "\u00ad", "\u202e", "\ufe0f")


def around(text):
    return [*(f"{mark}{text}" for mark in MARKS), *(f"{text}{mark}" for mark in MARKS)]


@given(st.text("A0-é", min_size=1), st.text(MARKS), st.text(MARKS))
def test_what_is_around_it_is_no_part_of_it(name, before, behind):
    assert identifier(f"{before}{name}{behind}") == identifier(name)


@given(st.text(max_size=8), st.text(max_size=8))
def test_cleaned_it_is_clean_and_two_that_are_seen_to_differ_stay_two(one, other):
    assert identifier(identifier(one)) == identifier(one)
    if one.isascii() and other.isascii() and one.isalnum() and other.isalnum():
        assert (identifier(one) == identifier(other)) == (one == other)


def test_a_letter_and_its_accent_are_one_however_they_were_typed():
    assert identifier("CAFE\u0301-1") == identifier("CAF\u00c9-1")


def _structs():
    for app in (orders, returns, fulfillment, inventory):
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    waiting = [msgspec.Struct]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        yield kind


def test_every_struct_with_an_identifier_cleans_it():
    found = [kind for kind in _structs() if kind is not msgspec.Struct and identifiers_of(kind)]
    assert len(found) > 10
    assert [kind.__name__ for kind in found if not issubclass(kind, Identified)] == []


# Each reads something with an identifier in it, and gives what is kept of it.
def _history(name):
    header = ("external_id", "sku", "name", "quantity", "placed_at", "unit_price", "customer_id")
    reader = Reader(LAYOUTS["throughline"], "past.csv", header, ZoneInfo("UTC"))
    sold = reader.understand(
        RawRow("past.csv", 2, (name, name, "Tea", "1", "2026-01-01 10:00:00", "3", name))
    )
    assert sold.document == sold.sku == sold.customer
    return sold.document


def _remittance(name):
    columns = {"remittance": "ref", "order": "order", "amount": "cod", "tracking": "awb"}
    reading = Reading(columns, "CNY", ZoneInfo("UTC"))
    survey = Survey("r.csv", 1, tuple(columns.values()), {}, frozenset(), 1, 1)
    said, _wrong = RemittanceReader(reading, survey).read(
        RawRow("r.csv", 2, (name, name, "5.00", name))
    )
    assert said.reference == f"{said.order}:{said.order}"
    return said.order


def _shop(name):
    raw = msgspec.json.encode({**body_of(), "id": name, "admin_graphql_api_id": name})
    return shopify.read("orders/create", raw, currency="USD")[0].external_id


def _woo(name):
    raw = msgspec.json.encode({"id": name})
    return woocommerce.read("order.deleted", raw, currency="USD")[0].external_id


def _statement(name):
    said = Statement(external_id=name, alias=name, captures={name: StatedMoney(Decimal(1))})
    assert said.alias == said.external_id == next(iter(said.captures))
    return said.external_id


def _order(notation):
    def kept(name):
        said = READERS[notation]({**FIELDS, "number": name})[0]
        return said.external_id, said.order.external_id, said.order.number

    return kept


DOORS = {
    **{notation: _order(notation) for notation in READERS},
    "history": _history,
    "remittance": _remittance,
    "shopify": _shop,
    "woocommerce": _woo,
    "statement": _statement,
    "minfraud": lambda name: answer_of(msgspec.json.encode({"risk_score": 1, "id": name})).reference,
    "stripe": lambda name: stripe.read(
        msgspec.json.encode({"id": name, "type": "x", "data": {"object": {}}})
    ).external_id,
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_readers_keep_one_name(door):
    for name in around("4507894"):
        assert DOORS[door](name) == DOORS[door]("4507894"), (door, ascii(name))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mark", IN_DATABASE, ids=ascii)
class TestTheApi:
    def test_an_order_comes_once(self, api, mark):
        body = order_body()
        marked = body | {"external_id": f"{mark}{body['external_id']}{mark}"}
        first = api.post("orders", body).json()["number"]
        again = api.post("orders", marked)
        bulk = api.post("orders/bulk", {"orders": [marked, marked | {"note": "another"}]})

        assert (again.status_code, again.json()["number"]) == (200, first)
        assert [row["status"] for row in bulk.json()["data"]] == [200, 409]
        assert api.get("orders", external_id=marked["external_id"]).json()["data"][0]["number"] == first  # fmt: skip
        assert Order.objects.count() == 1

    def test_a_payment_pays_once(self, api, mark):
        body = order_body()
        reference = body["payment"]["reference"]
        api.post("orders", body)
        marked = {"method": "prepaid", "reference": reference + mark}
        second = api.post("orders", order_body(payment=marked))

        assert (second.status_code, second.json()["code"]) == (409, "payment-reference-used")

    def test_a_tender_is_recorded_once(self, api, mark):
        number = api.post("orders", order_body(payment={"method": "unpaid"})).json()["number"]
        due = {"method": "manual", "amount": {"amount": "1.00", "currency": "CNY"}}
        answers = [
            api.post(f"orders/{number}/payments", {**due, "reference": f"{around}receipt-7"})
            for around in ("", mark)
        ]
        assert [answer.status_code for answer in answers] == [200, 409], answers[0].content

    def test_a_score_counts_once(self, api, make_client, mark):
        number = api.post("orders", order_body()).json()["number"]
        for name in ("s-1", f"s-1{mark}", f"{mark}s-1"):
            api.post(
                f"orders/{number}/risk-assessments",
                {"source": "shield", "reference": name, "score": 5},
            )
        assert RiskCheck.objects.filter(status="done").count() == 1

    def test_a_scan_is_told_once(self, api, mark):
        body = order_body(lines=[{"sku": "TEA-001", "quantity": 1}])
        number = api.post("orders", body).json()["number"]
        parcel = api.post("shipments", {"order": f"{mark}{number}"}).json()["tracking_number"]
        said = {"state": "in_transit", "at": timezone.now().isoformat()}
        answers = [
            api.post(f"tracking/{parcel}", {"events": [{**said, "id": name}]}).json()["results"][0]
            for name in ("e1", f"e1{mark}", f"{mark}e1")
        ]
        assert [row["result"] for row in answers] == ["accepted", "duplicate", "duplicate"]


class TestLotsAndSerials:
    """A lot and a serial number are one, whatever nobody sees around them, at each door of the stock."""

    def test_every_struct_and_record_that_names_one_cleans_it(self):
        names = {"lot", "serial", "serials"}
        structs = [kind for kind in _structs() if names & {*kind.__struct_fields__}]
        assert len(structs) >= 4
        for kind in structs:
            assert names & {*kind.__struct_fields__} <= {*identifiers_of(kind)}, kind
        for kind in (Change, Counted, Carry, Departure, Label, Row):
            assert "__post_init__" in vars(kind), kind

    def test_they_are_kept_clean(self):
        for name in (*around("L-7"), *around("CAFE\u0301")):
            plain = identifier(name)
            assert Change(1, 1, lot=name, serials=(name,)).lot == plain
            assert Change(1, 1, serials=(name,)).serials == (plain,)
            assert Departure(1, 1, 1, serials=(name,)).serials == (plain,)
            assert Carry(1, 1, 1, 2, serials=(name,)).serials == (plain,)
            assert Counted(1, 1, 1, name).lot == plain
            assert Row("A", "Tea", 1, name, serials=(name,)).serials == (plain,)
            assert Label("A", lot=name).lot == plain
            body = msgspec.json.encode(
                {"sku": "A", "quantity": 1, "lot": name, "serials": [name], "from": "B", "to": "C"}
            )
            for kind in (StockLine, MoveLine, ArrivedLine):
                fields = {f.encode_name for f in msgspec.structs.fields(kind)}
                said = {k: v for k, v in msgspec.json.decode(body).items() if k in fields}
                line = msgspec.convert(said, kind)
                assert (line.lot, line.serials) == (plain, [plain])


@pytest.mark.parametrize("blank", ["", " ", "\u200b", " \u200b\u2060", "\u3164", "\ufeff"])
def test_what_shows_nothing_is_nobodys_order_id(blank):
    """All orders whose id shows nothing were versions of one order, or failed in a list that was empty."""
    with pytest.raises(Unreadable) as refused:
        Statement(external_id=blank)
    assert refused.value.code == "no_id"
    with pytest.raises(Unreadable):
        external_id_of("BUYER", blank)
