"""Steps of an order's life that a test takes on its way to what it is about."""

from uuid import uuid4

from django.utils import timezone

from erp.once import perform
from inventory.models import PurchaseLine, PurchaseOrder, Supplier
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from orders.models import Order
from orders.order.actions.holds import hold_order
from tests.conftest import order_body
from tests.relay import run_relay


def placed(client, **changes) -> Order:
    """An order just placed, before anybody hears of it."""
    answer = client.post("orders", order_body(**changes))
    assert answer.status_code == 201, answer.content
    return Order.objects.get(number=answer.json()["number"])


def heard_of(client, **changes) -> Order:
    """An order placed, with what follows from its events done."""
    order = placed(client, **changes)
    run_relay()
    order.refresh_from_db()
    return order


def copies_of(order, count, **changes) -> list[Order]:
    """Orders like one, without anything that belongs to it, with other numbers."""
    copies = [Order.objects.get(pk=order.pk) for _copy in range(count)]
    for row in copies:
        row.pk, row.number, row.external_id = None, uuid4().hex[:20], uuid4().hex
        for name, value in changes.items():
            setattr(row, name, value)
    return Order.objects.bulk_create(copies)


def do(action, by, **given):
    """Perform an action now, with what follows from its events; what it returned."""
    done = perform(action, by=by, now=timezone.now(), **given)
    run_relay()
    return done


def hold(order, by, kind="review") -> None:
    perform(hold_order, order_id=order.pk, kind=kind, reason="look", by=by, now=timezone.now())


def expect_pots(shop, by, units, on) -> None:
    """Pots that a supplier was asked for and is to bring on a day."""
    supplier, _new = Supplier.objects.get_or_create(code="s", name="S")
    purchase = PurchaseOrder.objects.create(
        number="P1",
        supplier=supplier,
        warehouse=shop.east,
        status="sent",
        currency="CNY",
        created_at=timezone.now(),
        expected_on=on,
        by=by,
    )
    PurchaseLine.objects.create(
        purchase=purchase,
        sku=shop.pot,
        warehouse=shop.east,
        quantity=units,
        quantity_incoming=units,
        unit_price=1,
        expected_on=on,
    )


def receive_pots(shop, by, units) -> None:
    """Pots that have come, with what follows for the orders that wait."""
    do(
        receive_stock,
        by,
        warehouse_id=shop.east.pk,
        changes=[Change(shop.pot.pk, units)],
        reference="PO-2",
    )
