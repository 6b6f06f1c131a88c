"""Every verb locks its rows in the order of docs/adr/0013, which is why rivals wait and never deadlock."""

import msgspec
import pytest
from django.db import connection, transaction
from django.utils import timezone

from erp.once import perform
from inventory.stock.actions.ledger import lock_levels
from orders.allocation.actions.priority import allocate_first
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import Wanted
from orders.changes.actions.merge import merge_orders, unmerge_order
from orders.changes.actions.split import split_order
from orders.models import ChannelPolicy, Hold, Order, OrderLine
from orders.order.actions.timeline import lock_order
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder, IncomingPayment
from tests.architecture.locks import breaches, recorded
from tests.conftest import order_body
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def watched():
    """Records what the test locks, and finds it in order when the test is over."""
    ChannelPolicy.objects.update(duplicate_minutes=0)
    with recorded() as recorder:
        yield recorder
    locked = {
        lock.table for steps in recorder.transactions for _sql, locks in steps for lock in locks
    }
    assert {"orders_order", "inventory_stocklevel"} <= locked, "the recorder sees nothing"
    assert [found for steps in recorder.transactions for found in breaches(steps)] == []


@pytest.fixture
def post(api):
    def send(path, body):
        answer = api.post(path, body)
        assert answer.status_code < 300, answer.content
        return answer.json()

    return send


def of(document):
    return Order.objects.get(number=document["number"])


def test_place_hold_pay_ship_return_refund(post, api, watched):
    order = post("orders", order_body(payment={"method": "unpaid"}))
    number = order["number"]
    post(f"orders/{number}/hold", {"kind": "review", "reason": "look"})
    post(f"orders/{number}/release", {})
    paid = {"method": "transfer", "reference": "p-1", "amount": order["totals"]["total"]}
    post(f"orders/{number}/payments", paid)
    run_relay()
    work = api.get("fulfillment-orders", order=number).json()["data"][0]
    post(f"fulfillment-orders/{work['id']}/pick", {})
    parcel = post(f"fulfillment-orders/{work['id']}/pack", {"weight_g": 800})
    post(f"shipments/{parcel['id']}/ship", {})
    run_relay()
    wanted = [{"sku": sku, "quantity": 1, "reason": "damaged"} for sku in ("TEA-001", "MUG-001")]
    back = post("returns", {"order": number, "lines": wanted})
    post(f"returns/{back['number']}/approve", {})
    post(f"returns/{back['number']}/receive", {})
    lines = [
        {"line": line["id"], "quantity": 1, "disposition": "restock"} for line in back["lines"]
    ]
    post(f"returns/{back['number']}/inspect", {"lines": lines})
    refund = post("refunds", {"return": back["number"]})
    post(f"refunds/{refund['number']}/approve", {})
    post(f"refunds/{refund['number']}/complete", {})
    run_relay()


def test_change_split_invoice_cancel(system, post, promote, watched):
    promote("ten", "percentage", percent=10, max_uses=100, coupon={"max_uses": 10})
    ChannelPolicy.objects.update(invoices="order", invoices_from=timezone.now())
    one = of(post("orders", order_body(coupon_codes=["TEN"])))
    two = of(post("orders", order_body(lines=[{"sku": "TEA-001", "quantity": 3}])))
    run_relay()

    def do(verb, **given):
        return perform(verb, by=system, now=timezone.now(), **given)

    tea = OrderLine.objects.get(order=two)
    do(change_order, order_id=two.pk, wanted=Wanted(units={tea.pk: 2}), reason="less")
    do(split_order, order_id=two.pk, units={tea.pk: 1}, reason="half of it first")
    run_relay()
    post(f"orders/{one.number}/cancel", {"reason": "changed mind"})
    run_relay()


def test_merge_and_unmerge(system, post, watched):
    body = order_body()
    one = of(post("orders", body))
    two = of(post("orders", order_body(customer=body["customer"])))
    given = {"by": system, "now": timezone.now()}
    perform(merge_orders, order_id=two.pk, other_ids=[one.pk], **given)
    perform(unmerge_order, order_id=one.pk, **given)


def test_goods_that_are_short(shop, system, make_client, watched):
    desk = make_client(shop.desk)
    lines = [{"sku": "POT-001", "quantity": 5}, {"sku": "TEA-001", "quantity": 40}]
    first = desk.post("orders", order_body(lines=lines)).json()
    urgent = of(desk.post("orders", order_body(lines=lines[:1])).json())
    run_relay()
    perform(allocate_first, order_id=urgent.pk, by=system, now=timezone.now())
    run_relay()
    desk.post(f"orders/{first['number']}/cancel", {"reason": "changed mind"})
    run_relay()


@pytest.mark.parametrize("customer", ["new", "known", "on account"])
def test_placing_again_after_a_rival(shop, system, promote, customer):
    promote("ten", "percentage", percent=10, max_uses=100, coupon={"max_uses": 10})
    promote("all", "percentage", percent=5, max_uses=100)
    incoming = msgspec.convert(order_body(coupon_codes=["TEN"]), IncomingOrder)
    given = {"channel": shop.web, "by": system, "now": timezone.now()}
    if customer != "new":
        ChannelPolicy.objects.update(duplicate_minutes=0)
        before = msgspec.structs.replace(incoming, external_id="before", coupon_codes=[])
        perform(place_order, incoming=before, **given)
    if customer == "on account":
        payment = IncomingPayment(method="on_account")
        incoming = msgspec.structs.replace(incoming, external_id="owed", payment=payment)
    else:
        payment = IncomingPayment(method="prepaid", reference="pay-again")
        incoming = msgspec.structs.replace(incoming, external_id="again", payment=payment)
    with recorded() as recorder, transaction.atomic(durable=True):
        assert place_order(incoming=incoming, **given, attempt=2).number

    assert breaches(recorder.transactions[0]) == []


def test_whoever_waits_gives_up(shop):
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)


class TestTheRecorderSees:
    """One breach each."""

    @pytest.fixture
    def orders(self, api):
        ChannelPolicy.objects.update(duplicate_minutes=0)
        for _ in range(2):
            api.post("orders", order_body())
        first, second = Order.objects.order_by("pk")
        put_on_hold(api, first)
        return first, second

    def locked(self, *steps):
        with recorded() as recorder, transaction.atomic(durable=True):
            for step in steps:
                step()
        return [found.partition(":")[0] for found in breaches(recorder.transactions[0])]

    def test_stock_before_the_order(self, shop, orders):
        level = (shop.tea.pk, shop.east.pk)
        found = self.locked(lambda: lock_levels([level]), lambda: lock_order(orders[0].pk))
        assert found == [
            f"orders_order ({orders[0].pk},) after inventory_stocklevel ({level[0]}, {level[1]}, 0)"
        ]

    def test_orders_by_falling_id(self, orders):
        first, second = orders
        found = self.locked(lambda: lock_order(second.pk), lambda: lock_order(first.pk))
        assert found == [f"orders_order ({first.pk},) after orders_order ({second.pk},)"]
        assert self.locked(lambda: lock_order(first.pk), lambda: lock_order(second.pk)) == []

    def test_levels_by_falling_sku(self, shop, orders):
        def lock(sku):
            return lambda: lock_levels([(sku.pk, shop.east.pk)])

        assert self.locked(lock(shop.tea), lock(shop.mug)) == []
        assert len(self.locked(lock(shop.mug), lock(shop.tea))) == 1

    def test_a_row_of_an_order_without_it(self, orders):
        found = self.locked(lambda: list(Hold.objects.select_for_update().order_by("pk")))
        assert found == [f"orders_hold ({Hold.objects.get().pk},) without its order"]

    def test_a_row_that_is_written_without_a_lock_before(self, orders):
        found = self.locked(lambda: Hold.objects.update(reason="x"))
        assert found == [f"orders_hold ({Hold.objects.get().pk},) without its order"]


def put_on_hold(api, order):
    answer = api.post(f"orders/{order.number}/hold", {"kind": "review", "reason": "look"})
    assert answer.status_code == 200
