"""Two proposals of one person at the same moment: each small, together above the limit; one of them has to wait."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.db import connection, transaction

from erp.approvals.models import ApprovalKind, ApprovalLimit
from erp.once import perform
from inventory.models import PurchaseOrder, StockDocument, Supplier
from inventory.purchasing.actions.purchase import Wanted, draft_purchase
from inventory.stock.actions.adjust import write_off
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from orders.changes.actions.split import split_order
from orders.models import ChannelPolicy, Hold, Order
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder
from returns.models import Refund
from returns.refunds.actions.propose import propose_refund
from tests.architecture.locks import breaches, recorded
from tests.conftest import NOON, order_body
from tests.journeys.test_four_eyes import Cast

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = Decimal(100)
Step = Callable[[], Any]


@pytest.fixture
def cast(shop, sign_in) -> Cast:
    with transaction.atomic():
        return Cast(shop, sign_in)


def limit_everything() -> None:
    for kind in ApprovalKind.values:
        ApprovalLimit.objects.create(kind=kind, amount=LIMIT)


def at_once(first: Step, second: Step) -> None:
    """Do the second while the first is done and not committed yet; a lock makes it wait, nothing else does."""
    is_done, failed = threading.Event(), []

    def rival() -> None:
        try:
            is_done.wait(10)
            second()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=rival)
    thread.start()
    with recorded() as recorder, transaction.atomic(durable=True):
        first()
        is_done.set()
        thread.join(1)
    thread.join(20)
    assert not failed
    assert [found for steps in recorder.transactions for found in breaches(steps)] == []


def test_two_free_orders(cast):
    def place(name: str, by: Any, **more: Any) -> Any:
        body = order_body(lines=[{"sku": "TEA-001", "quantity": 1}], **more)
        incoming = msgspec.convert(body | {"external_id": name}, IncomingOrder)
        return perform(place_order, incoming=incoming, channel=cast.shop.web, by=by, now=NOON)

    ChannelPolicy.objects.update(duplicate_minutes=0)
    who = order_body()["customer"]
    place("known", cast.job, customer=who)
    limit_everything()

    def give(name: str, by: Any) -> Any:
        body = order_body(type="reissue", lines=[{"sku": "TEA-001", "quantity": 1}], customer=who)
        incoming = msgspec.convert(body | {"external_id": name}, IncomingOrder)
        return place_order(incoming=incoming, channel=cast.shop.web, by=by, now=NOON)

    at_once(
        lambda: give("one", cast.anna),
        lambda: perform(give, name="two", by=cast.anna_key),
    )
    assert Hold.objects.get().order.external_id == "two"
    assert Order.objects.get(external_id="one").status == "confirmed"


def test_one_sku_in_two_warehouses(cast):
    shop = cast.shop
    for warehouse in (shop.east, shop.south):
        perform(
            receive_stock,
            warehouse_id=warehouse.pk,
            changes=[Change(shop.mug.pk, 100, Decimal(10))],
            reference="opening",
            by=cast.job,
            now=NOON - timedelta(days=3),
        )
    ApprovalLimit.objects.create(kind="write_off", amount=150)
    given = {"changes": [Change(shop.mug.pk, 10)], "reason": "broken", "now": NOON}
    at_once(
        lambda: write_off(warehouse_id=shop.east.pk, by=cast.anna, **given),
        lambda: perform(write_off, warehouse_id=shop.south.pk, by=cast.anna_key, **given),
    )
    made = StockDocument.objects.filter(kind="write_off").order_by("pk")
    assert [(d.warehouse_id, d.status) for d in made] == [
        (shop.east.pk, "posted"),
        (shop.south.pk, "waiting"),
    ]


def test_refunds_of_two_parts_of_an_order(cast):
    body = order_body(lines=[{"sku": "TEA-001", "quantity": 8}])
    incoming = msgspec.convert(body, IncomingOrder)
    placed = perform(place_order, incoming=incoming, channel=cast.shop.web, by=cast.job, now=NOON)
    order = Order.objects.get(number=placed.number)
    units = {order.lines.get().pk: 4}
    perform(split_order, order_id=order.pk, units=units, reason="halves", by=cast.job, now=NOON)
    part = Order.objects.exclude(pk=order.pk).get()
    limit_everything()
    given = {"amount": Decimal(60), "reason": "goodwill", "now": NOON}
    at_once(
        lambda: propose_refund(order_id=order.pk, by=cast.anna, **given),
        lambda: perform(propose_refund, order_id=part.pk, by=cast.anna_key, **given),
    )
    made = Refund.objects.order_by("pk").values_list("order", "needs_second_person")
    assert list(made) == [(order.pk, False), (part.pk, True)]


def test_two_orders_to_a_supplier(cast):
    supplier = Supplier.objects.create(code="acme", name="Acme", currency="CNY")
    limit_everything()
    given = {
        "supplier_id": supplier.pk,
        "warehouse_id": cast.shop.east.pk,
        "wanted": [Wanted(cast.shop.mug.pk, 10, Decimal(6))],
        "now": NOON,
    }
    at_once(
        lambda: draft_purchase(by=cast.anna, **given),
        lambda: perform(draft_purchase, by=cast.anna_key, **given),
    )
    made = PurchaseOrder.objects.order_by("pk").values_list("needs_second_person", flat=True)
    assert list(made) == [False, True]


def test_without_a_limit_nobody_waits(cast):
    """Who writes off in one warehouse does not wait for their own change in another."""
    shop = cast.shop
    given = {"changes": [Change(shop.mug.pk, 1)], "reason": "broken", "by": cast.anna, "now": NOON}
    with recorded() as recorder, transaction.atomic(durable=True):
        write_off(warehouse_id=shop.east.pk, **given)
    held = {
        lock.table for steps in recorder.transactions for _sql, locks in steps for lock in locks
    }
    assert "inventory_stocklevel" in held
    assert "erp_actor" not in held
