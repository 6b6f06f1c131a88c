"""Goods get lost by signed rows alone, above the limit: every door to LOST, alone and mixed with the others."""

import ast
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from erp.access.models import Actor
from erp.approvals.actions import SecondPersonNeeded
from erp.approvals.models import ApprovalLimit
from erp.errors import Conflict, DomainError, Invalid
from fulfillment.shipping.actions import ship_order
from inventory.approvals.actions import approve_document, reject_document
from inventory.counting.actions.count import Counted, enter_count, start_count, submit_count
from inventory.models import (
    BinLevel,
    CostEntry,
    Place,
    StockDocument,
    StockMovement,
    Supplier,
    Warehouse,
)
from inventory.stock.actions.adjust import adjust_stock, write_off
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.move import Carry, move_stock
from inventory.stock.actions.receive import receive_stock
from inventory.stock.approvals import value_of
from inventory.transfers.actions import draft_transfer, receive_transfer, ship_transfer
from inventory.transfers.models import Transfer
from orders.models import Order, OrderLine, Price, PriceList
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder
from returns.models import ReturnAuthorization
from returns.rma.actions import (
    Verdict,
    approve_return,
    inspect_return,
    receive_return,
    request_return,
)
from returns.rma.wishes import Wish
from tests.architecture import guards
from tests.conftest import ApiClient, order_body
from tests.journeys.test_four_eyes import LIMIT, Cast, Stock, tried

pytestmark = pytest.mark.django_db
SOLD = 40  # units that came back of one order, for scrap


class Cups(Stock):
    """Cups that cost ten each: 500 on the shelf of one warehouse, 40 that came back in its quarantine."""

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.cast = cast
        ApprovalLimit.objects.all().delete()
        prices = PriceList.objects.get(code="retail")
        Price.objects.create(price_list=prices, sku=self.sku, amount=Decimal(20))
        body = order_body(lines=[{"sku": "CUP-001", "quantity": SOLD}])
        incoming = msgspec.convert(body, IncomingOrder)
        placed = tried(place_order, incoming=incoming, channel=cast.shop.web, by=cast.job)
        order = Order.objects.get(number=placed.number)
        tried(ship_order, order_id=order.pk, by=cast.job)
        wish = Wish(OrderLine.objects.get(order=order).pk, SOLD, "damaged")
        self.back = tried(request_return, order_id=order.pk, wishes=[wish], by=cast.job)
        tried(approve_return, return_id=self.back.pk, by=cast.job)
        there = {"return_id": self.back.pk, "warehouse_id": self.warehouse.pk}
        tried(receive_return, **there, by=cast.job)
        ApprovalLimit.objects.create(kind="write_off", amount=LIMIT)

    def lies(self, kind: str, warehouse: Any = None) -> int:
        levels = BinLevel.objects.filter(sku=self.sku, place__kind=kind)
        return sum(
            levels.filter(place__warehouse=warehouse or self.warehouse).values_list(
                "on_hand", flat=True
            )
        )

    def lost(self) -> int:
        rows = StockMovement.objects.filter(sku=self.sku, to_place__kind="lost")
        return sum(rows.values_list("quantity", flat=True))

    def waiting(self) -> StockDocument:
        return StockDocument.objects.get(status="waiting")


def by_write_off(cups: Cups, by: Actor, units: int) -> None:
    cups.write(write_off, by, units, reason="broken")


def by_adjustment(cups: Cups, by: Actor, units: int) -> None:
    cups.write(adjust_stock, by, -units, reason="gone")


def by_count(cups: Cups, by: Actor, units: int) -> None:
    here = {"warehouse_id": cups.warehouse.pk, "sku_ids": [cups.sku.pk]}
    made = tried(start_count, **here, by=by)
    line = made.lines.get()
    found = [Counted(line.place_id, cups.sku.pk, cups.lies("bin") - units)]
    tried(enter_count, count_id=made.pk, found=found, by=by)
    tried(submit_count, count_id=made.pk, by=by)


def sent(cups: Cups, by: Actor, units: int) -> Transfer:
    """A transfer under way: so many cups from where they are to the other warehouse."""
    ends = {"from_warehouse_id": cups.warehouse.pk, "to_warehouse_id": cups.cast.shop.south.pk}
    made = tried(draft_transfer, **ends, units={cups.sku.pk: units}, by=by)
    return tried(ship_transfer, transfer_id=made.pk, by=by)


def received(transfer: Transfer, by: Actor, units: int, close: bool = True) -> Transfer:
    line = transfer.lines.get()
    tried(
        receive_transfer,
        transfer_id=transfer.pk,
        units=[(line.pk, units)] if units else [],
        close=close,
        by=by,
    )
    transfer.refresh_from_db()
    return transfer


def by_transfer(cups: Cups, by: Actor, units: int) -> None:
    received(sent(cups, by, units), by, 0)


def by_scrap(cups: Cups, by: Actor, units: int) -> ReturnAuthorization:
    verdict = Verdict(cups.back.lines.get().pk, units, "scrap")
    there = {"return_id": cups.back.pk, "warehouse_id": cups.warehouse.pk}
    return tried(inspect_return, **there, verdicts=[verdict], by=by)


# What makes movements of stock: the ways by which it moves goods to LOST, or why it moves none there.
WAYS: dict[str, Any] = {
    "inventory/stock/actions/adjust.py:post_document": [by_write_off, by_adjustment],
    "inventory/counting/actions/count.py:_post": [by_count],
    "inventory/transfers/actions.py:_out_of_transit": [by_transfer],
    "returns/rma/actions.py:_movements": [by_scrap],
    "inventory/transfers/actions.py:ship_transfer": "from bins to what is in transit",
    "inventory/stock/actions/move.py:move_stock": "between MOVABLE places of one warehouse",
    "inventory/stock/actions/receive.py:_post_arrivals": "from suppliers to places of a warehouse",
    "inventory/stock/actions/ship.py:ship_stock": "from bins to customers",
    "inventory/stock/actions/ledger.py:movement": "makes what those above ask it for",
}
DOORS = [way for ways in WAYS.values() if not isinstance(ways, str) for way in ways]


def makers() -> set[str]:
    """Every function of the product that makes a movement of stock: "path:function"."""
    found = set()
    for path in guards.modules(*guards.APPS):
        for function in ast.walk(guards.tree_of(path)):
            if isinstance(function, ast.FunctionDef) and any(map(is_making, ast.walk(function))):
                found.add(f"{guards.relative(path)}:{function.name}")
    return found


def is_making(node: ast.AST) -> bool:
    """Whether it is `movement(…)`, `partial(movement, …)`, `StockMovement(…)`, or the row is created in place."""
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    names = [called] + ([ast.unparse(node.args[0])] if called == "partial" else [])
    return bool({*names} & {"movement", "StockMovement", "StockMovement.objects.create"})


def test_every_way_that_goods_move_by_is_known():
    """A new way to move goods says here whether it can lose them, and then is tried with the others below."""
    assert makers() == set(WAYS)
    for path in (path for app in guards.APPS for path in (guards.ROOT / app).rglob("*.sql")):
        assert "insert into inventory_stockmovement" not in path.read_text().lower(), path


@pytest.fixture
def cups(cast: Cast) -> Cups:
    return Cups(cast)


@pytest.fixture
def cast(shop, sign_in) -> Cast:
    return Cast(shop, sign_in)


@pytest.mark.parametrize("door", DOORS)
def test_nobody_loses_alone_what_is_above_the_limit(cups, laws_hold, door):
    door(cups, cups.cast.anna, 11)
    assert cups.lost() == 0
    laws_hold()


@pytest.mark.parametrize("door", DOORS)
def test_up_to_the_limit_one_person_loses_goods_as_before(cups, laws_hold, door):
    door(cups, cups.cast.anna, 10)
    assert cups.lost() == 10
    laws_hold()


@pytest.mark.parametrize("second", DOORS)
@pytest.mark.parametrize("first", DOORS)
def test_what_one_person_loses_by_any_door_counts_together(cups, first, second):
    first(cups, cups.cast.anna, 6)
    second(cups, cups.cast.anna_key, 6)
    assert cups.lost() == 6
    second(cups, cups.cast.ben, 6)  # somebody else's is their own
    assert cups.lost() == 12


@pytest.mark.parametrize("door", DOORS)
def test_a_warehouses_own_limit_holds_too(cups, door):
    ApprovalLimit.objects.all().delete()
    Warehouse.objects.update(approval_over=50)
    door(cups, cups.cast.anna, 5)
    door(cups, cups.cast.anna, 6)
    assert cups.lost() == 5


STEPS = st.lists(
    st.tuples(
        st.sampled_from(DOORS),
        st.sampled_from(["anna", "anna_key", "anna_other_key"]),
        st.integers(1, 12),
        st.booleans(),
    ),
    min_size=3,
    max_size=8,
)


@settings(
    max_examples=12, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck)
)
@given(steps=STEPS)
def test_no_sequence_by_one_person_loses_more_than_the_limit(cups, steps):
    """Through whatever doors, with whatever keys, approving whatever waits."""
    with transaction.atomic():
        for door, who, units, approves in steps:
            by = getattr(cups.cast, who)
            try:
                door(cups, by, units)
                for document in StockDocument.objects.filter(status="waiting") if approves else ():
                    tried(approve_document, document_id=document.pk, by=by)
            except DomainError:
                continue
        assert cups.lost() * 10 <= LIMIT
        transaction.set_rollback(True)


# A transfer


def test_what_a_transfer_misses_stays_in_transit_until_somebody_else_approves(cups, laws_hold):
    cast, south = cups.cast, cups.cast.shop.south
    transfer = received(sent(cups, cast.anna, 30), cast.anna, 10)
    assert (transfer.status, cups.lost(), cups.lies("in_transit", south)) == (
        "part_received",
        0,
        20,
    )
    laws_hold()
    document = cups.waiting()
    assert (document.cause_type, document.cause_id) == ("transfer", str(transfer.pk))
    with pytest.raises(SecondPersonNeeded):
        tried(approve_document, document_id=document.pk, by=cast.anna_key)
    tried(approve_document, document_id=document.pk, by=cast.ben)
    transfer.refresh_from_db()
    assert (transfer.status, transfer.closed_at is None) == ("closed", False)
    assert (transfer.lines.get().quantity_lost, transfer.lines.get().quantity_incoming) == (20, 0)
    assert (cups.lost(), cups.lies("in_transit", south)) == (20, 0)
    laws_hold()


def test_what_is_not_written_off_is_received_after_all(cups, laws_hold):
    cast, south = cups.cast, cups.cast.shop.south
    transfer = received(sent(cups, cast.anna, 30), cast.anna, 0)
    assert transfer.status == "shipped"
    tried(reject_document, document_id=cups.waiting().pk, by=cast.ben)
    laws_hold()
    assert (received(transfer, cast.anna, 30).status, cups.lies("bin", south)) == ("received", 30)
    laws_hold()


def test_goods_that_turn_up_withdraw_the_write_off(cups, laws_hold):
    """Else it would write off what lies on the shelf by now."""
    cast = cups.cast
    transfer = received(sent(cups, cast.anna, 30), cast.anna, 0)
    with pytest.raises(Conflict):
        received(transfer, cast.anna, 0)
    first = cups.waiting()
    received(transfer, cast.anna, 15)
    first.refresh_from_db()
    assert (first.status, transfer.status) == ("rejected", "part_received")
    assert cups.waiting().lines.get().quantity_change == -15
    assert received(transfer, cast.anna, 8).status == "closed"  # seven are not above the limit
    assert (cups.lost(), StockDocument.objects.filter(status="waiting").count()) == (7, 0)
    laws_hold()


def test_two_write_offs_of_one_transfer_do_not_wait(cups):
    received(sent(cups, cups.cast.anna, 30), cups.cast.anna, 0)
    document = cups.waiting()
    document.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        document.save()


@pytest.mark.parametrize("action", [adjust_stock, write_off])
def test_what_is_in_transit_is_not_changed_past_its_transfer(cups, action):
    sent(cups, cups.cast.anna, 30)
    south = cups.cast.shop.south.pk
    transit = Place.objects.get(kind="in_transit", warehouse=south).pk
    changes = [Change(cups.sku.pk, 3, None, transit)]
    with pytest.raises(Invalid) as refused:
        tried(action, warehouse_id=south, changes=changes, reason="x", by=cups.cast.anna)
    assert [error.code for error in refused.value.errors] == ["in-transit"]


# A return


def test_scrap_stays_in_quarantine_until_somebody_else_approves(cups, laws_hold):
    cast = cups.cast
    by_scrap(cups, cast.anna, 30)
    assert (cups.lost(), cups.lies("quarantine")) == (0, SOLD)
    assert cups.back.lines.get().quantity_inspected == 30
    laws_hold()
    document = cups.waiting()
    with pytest.raises(SecondPersonNeeded):
        tried(approve_document, document_id=document.pk, by=cast.anna)
    tried(approve_document, document_id=document.pk, by=cast.ben)
    assert (cups.lost(), cups.lies("quarantine")) == (30, SOLD - 30)
    laws_hold()


def test_scrap_that_is_refused_is_moved_from_quarantine(cups, laws_hold):
    by_scrap(cups, cups.cast.anna, 30)
    tried(reject_document, document_id=cups.waiting().pk, by=cups.cast.ben)
    places = Place.objects.filter(warehouse=cups.warehouse)
    ends = (places.get(kind="quarantine").pk, places.get(kind="bin", code="MAIN").pk)
    carry = Carry(cups.sku.pk, 30, *ends)
    tried(move_stock, warehouse_id=cups.warehouse.pk, carries=[carry], by=cups.cast.anna)
    assert (cups.lost(), cups.lies("quarantine")) == (0, SOLD - 30)
    laws_hold()


# What is shown


def test_pages_and_api_say_that_a_write_off_waits(cups):
    cast = cups.cast
    transfer = received(sent(cups, cast.anna, 30), cast.anna, 0)
    by_scrap(cups, cast.anna, 30)
    client = ApiClient(cast.anna_secret)
    for api, page, document in (
        (f"stock/transfers/{transfer.number}", f"/stock/transfers/{transfer.number}/", "transfer"),
        (f"returns/{cups.back.number}", f"/returns/{cups.back.number}/", "return"),
    ):
        pk = StockDocument.objects.get(cause_type=document).pk
        path = f"/stock/documents/{pk}/"
        (told,) = client.get(api).json()["write_offs"]
        assert told["status"] == "waiting"
        listed = client.get(f"stock/documents/{told['id']}/approve")
        assert listed.status_code == 405  # it is an address that there is
        shown = cast.anna_browser.get(page).content.decode()
        assert path in shown
        assert "until another person approves it" in shown
        assert page in cast.ben_browser.get(path).content.decode()
        cast.ben_browser.post(f"{path}approve/")
        assert client.get(api).json()["write_offs"] == [told | {"status": "posted"}]
    transfer.refresh_from_db()
    assert transfer.status == "closed"


def test_whoever_closes_a_transfer_is_told_that_it_waits(cups):
    transfer = sent(cups, cups.cast.anna, 30)
    path = f"/stock/transfers/{transfer.number}/receive/"
    said = cups.cast.anna_browser.post(path, {"close": "1"}, follow=True).content.decode()
    assert "waits for another person" in said
    path = f"/returns/{cups.back.number}/inspect/"
    line = cups.back.lines.get().pk
    form = {f"inspect-{line}": "30", f"disposition-{line}": "scrap"}
    said = cups.cast.anna_browser.post(path, form, follow=True).content.decode()
    assert "wait for another person" in said


@pytest.mark.parametrize("path", ["stock/transfers", "returns"])
def test_lists_ask_for_write_offs_once(cups, django_assert_max_num_queries, path):
    for _n in range(4):
        received(sent(cups, cups.cast.anna, 30), cups.cast.anna, 0)
    client = ApiClient(cups.cast.anna_secret)
    with django_assert_max_num_queries(14):
        rows = client.get(path).json()["data"]
    assert rows
    assert connection.vendor == "postgresql"


def receive(shop, *goods: tuple[int, int]) -> None:
    """Receive pots: so many for so much each."""
    said = {"warehouse_id": shop.east.pk, "reference": "x", "by": shop.system}
    for units, cost in goods:
        changes = [Change(shop.pot.pk, units, Decimal(cost))]
        with transaction.atomic():
            receive_stock(changes=changes, now=timezone.now(), **said)


def test_a_cost_that_was_watered_down_makes_no_loss_small(api, shop, laws_hold):
    """Whoever received a hundred thousand units for a tenth of a cent first wrote off alone what was dear."""
    receive(shop, (50, 100))
    for kind in ("write_off", "adjustment", "purchase"):
        ApprovalLimit.objects.create(kind=kind, amount=Decimal(500))
    Supplier.objects.create(code="S", name="S", currency="CNY")
    cheap = {"sku": "POT-001", "quantity": 100_000, "unit_price": "0.001"}
    order = {"supplier": "S", "warehouse": "east", "lines": [cheap]}
    number = api.post("purchase-orders", order).json()["number"]
    for verb, body in (
        ("approve", {}),
        ("send", {}),
        ("receive", {"lines": [{"sku": "POT-001", "good": 100_000}]}),
    ):
        answer = api.post(f"purchase-orders/{number}/{verb}", body)
        assert answer.status_code == 200, answer.content

    lost = {"warehouse": "east", "lines": [{"sku": "POT-001", "quantity": 50}], "reason": "broken"}
    assert api.post("stock/write-offs", lost).json()["status"] == "waiting"
    laws_hold()


def test_the_highest_cost_of_a_month_is_what_each_moment_had(shop):
    """As replayed from the entries themselves."""
    receive(shop, (5, 10), (7, 100), (100, 1), (3, 40))
    quantity, value, averages = 0, Decimal(0), []
    for entry in CostEntry.objects.filter(sku=shop.pot).order_by("pk"):
        quantity, value = quantity + entry.quantity, value + entry.value
        averages.append(value / quantity)
    now = timezone.now()
    assert round(value_of([shop.pot.pk], now)[shop.pot.pk], 6) == round(max(averages), 6)
    later = value_of([shop.pot.pk], now + timedelta(days=31))[shop.pot.pk]
    assert round(later, 6) == round(averages[-1], 6)
