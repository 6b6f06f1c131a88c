"""Parts of an order are cancelled at any stage: what was accepted never ships, and its money goes back."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from erp.errors import DomainError
from erp.once import perform
from fulfillment.models import FulfillmentOrder, Parcel
from fulfillment.packing.actions import pack_parcel
from fulfillment.picking.actions import pick_order
from fulfillment.shipping.actions import ship_order, ship_parcel
from inventory.models import Reservation
from orders.changes.actions import cancel as actions_cancel
from orders.changes.actions.cancel import cancel_units
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import Wanted
from orders.changes.actions.split import split_order
from orders.models import ChannelPolicy, Order, OrderLine
from returns.models import Refund
from tests.conftest import order_body
from tests.orders.races import at_once
from tests.orders.steps import do, heard_of
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(api):
    """Five teas, paid."""
    return heard_of(api, lines=[{"sku": "TEA-001", "quantity": 5}])


def tea(order):
    return OrderLine.objects.get(order=order, sku_code="TEA-001")


def line_id(api, order):
    return api.get(f"orders/{order.number}").json()["lines"][0]["id"]


def test_the_rest_of_a_partly_shipped_order(api, order, system, laws_hold):
    do(ship_order, system, order_id=order.pk, units={tea(order).pk: 2})
    total = order.total
    assert "cancel" in api.get(f"orders/{order.number}").json()["allowed_actions"]

    answer = api.post(f"orders/{order.number}/cancel", {"reason": "asked by phone"})
    run_relay()

    assert answer.status_code == 200, answer.content
    line = answer.json()["lines"][0]
    counted = ("ordered", "cancelled", "reserved", "shipped")
    assert [line[f"quantity_{name}"] for name in counted] == [5, 3, 0, 2]
    order.refresh_from_db()
    assert order.status == "confirmed"
    assert order.fulfillment_status == "fulfilled"
    refund = Refund.objects.get(order=order)
    assert refund.amount == total - order.total > 0
    assert not Reservation.objects.filter(holder_id=tea(order).pk, status="committed").exists()
    assert api.post("shipments", {"order": order.number}).status_code >= 400
    again = api.post(f"orders/{order.number}/cancel", {"reason": "again"}, key="again")
    assert again.status_code == 409
    assert again.json()["code"] == "already-shipped"
    assert "cancel" not in api.get(f"orders/{order.number}").json()["allowed_actions"]
    laws_hold()


@pytest.mark.parametrize("stage", ["planned", "picked", "packed"])
def test_a_part_by_lines_at_every_stage(api, order, system, laws_hold, stage):
    work = FulfillmentOrder.objects.get(order=order)
    if stage != "planned":
        do(pick_order, system, fulfillment_order_id=work.pk)
    parcel = None
    if stage == "packed":
        parcel = do(pack_parcel, system, fulfillment_order_id=work.pk)
    body = {"reason": "x", "lines": [{"line": line_id(api, order), "quantity": 2}]}

    answer = api.post(f"orders/{order.number}/cancel", body)

    assert answer.status_code == 200, answer.content
    if parcel is not None:  # before anybody has called the work off
        with pytest.raises(DomainError):
            perform(ship_parcel, parcel_id=parcel.pk, by=system, now=timezone.now())
    run_relay()
    do(ship_order, system, order_id=order.pk)
    line = tea(order)
    assert (line.quantity_cancelled, line.quantity_shipped) == (2, 3)
    order.refresh_from_db()
    assert Refund.objects.get(order=order).amount == order.payments.get().captured - order.total
    laws_hold()


def test_what_is_not_there_is_refused(api, order, system):
    line = line_id(api, order)
    do(ship_order, system, order_id=order.pk, units={tea(order).pk: 2})
    url = f"orders/{order.number}/cancel"
    for lines, status in (
        ([{"line": line, "quantity": 0}], 422),
        ([{"line": line, "quantity": 6}], 422),
        ([{"line": line, "quantity": 4}], 409),
        ([{"line": line, "quantity": 1}, {"line": line, "quantity": 1}], 422),
        ([{"line": "line_zzzzzz", "quantity": 1}], 422),
        ([], 422),
    ):
        answer = api.post(url, {"reason": "x", "lines": lines}, key=str(lines))
        assert answer.status_code == status, (lines, answer.content)
    assert tea(order).quantity_cancelled == 0


def test_all_of_it_by_lines_cancels_the_order(api, order, laws_hold):
    body = {"reason": "x", "lines": [{"line": line_id(api, order), "quantity": 5}]}

    answer = api.post(f"orders/{order.number}/cancel", body)
    run_relay()

    assert answer.json()["status"] == "cancelled"
    assert Refund.objects.get(order=order).amount == order.total
    laws_hold()


def test_cancelled_or_shipped_never_both(api, system, laws_hold):
    """Two units are cancelled while the parcel of all leaves: one of both is refused, whoever comes first."""
    ChannelPolicy.objects.update(duplicate_minutes=0)
    for _ in range(8):
        order = heard_of(api, lines=[{"sku": "TEA-001", "quantity": 3}])
        work = FulfillmentOrder.objects.get(order=order)
        do(pick_order, system, fulfillment_order_id=work.pk)
        parcel = do(pack_parcel, system, fulfillment_order_id=work.pk)

        def tried(action, **given):
            try:
                perform(action, by=system, now=timezone.now(), **given)
            except DomainError:
                return 0
            return 1

        done = at_once(
            [
                partial(
                    tried,
                    cancel_units,
                    order_id=order.pk,
                    units={tea(order).pk: 2},
                    reason="x",
                ),
                partial(tried, ship_parcel, parcel_id=parcel.pk),
            ]
        )

        assert done == {1: 1, 0: 1}
        line = tea(order)
        assert (line.quantity_cancelled, line.quantity_shipped) in {(2, 0), (0, 3)}
        run_relay()
        laws_hold()


def test_a_cancel_waits_for_the_parcel_that_is_leaving(api, order, system, monkeypatch):
    """The guard of the race above: without the order's lock the lines would be read before the parcel has left."""
    locked = []
    real = actions_cancel.lock_order
    monkeypatch.setattr(
        actions_cancel, "lock_order", lambda pk, *more: locked.append(pk) or real(pk, *more)
    )
    read = OrderLine.objects.filter

    def after_the_lock(*given, **named):
        assert locked, "lines are read under the order's lock"
        return read(*given, **named)

    monkeypatch.setattr(OrderLine.objects, "filter", after_the_lock)

    perform(
        cancel_units,
        order_id=order.pk,
        units={OrderLine.objects.get(order=order).pk: 1},
        reason="x",
        by=system,
        now=timezone.now(),
    )

    assert locked == [order.pk]


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        (cancel_units, lambda units: {"units": units, "reason": "x"}),
        (change_order, lambda units: {"wanted": Wanted(kept(units)), "reason": "x"}),
        (split_order, lambda units: {"units": units, "reason": "x"}),
    ],
)
def test_stock_of_all_lines_is_locked_at_once(api, shop, system, laws_hold, verb, given):
    """However many lines give units up, their levels are locked by one statement, in its order."""
    ChannelPolicy.objects.update(duplicate_minutes=0)
    locks, statements = [], []
    for skus in (["TEA-001"], ["POT-001", "TEA-001", "MUG-001"]):
        order = heard_of(api, lines=[{"sku": sku, "quantity": 3} for sku in skus])
        units = {line.pk: 1 for line in order.lines.all()}
        with CaptureQueriesContext(connection) as seen:
            perform(verb, order_id=order.pk, by=system, now=timezone.now(), **given(units))
        run_relay()
        locks.append(sum("inventory_lock_levels" in row["sql"] for row in seen))
        statements.append(len(seen))
    assert locks == [1, 1]
    assert verb is not cancel_units or statements[0] == statements[1]
    laws_hold()


def kept(units):
    lines = OrderLine.objects.in_bulk(units)
    return {pk: lines[pk].quantity_ordered - count for pk, count in units.items()}


def test_work_in_two_parcels_keeps_the_one_that_left(api, order, system, laws_hold):
    work = FulfillmentOrder.objects.get(order=order)
    do(pick_order, system, fulfillment_order_id=work.pk)
    units = {work.lines.get().pk: 2}
    first = do(pack_parcel, system, fulfillment_order_id=work.pk, units=units)
    second = do(pack_parcel, system, fulfillment_order_id=work.pk)
    do(ship_parcel, system, parcel_id=first.pk)

    do(cancel_units, system, order_id=order.pk, reason="x")

    states = dict(Parcel.objects.values_list("pk", "status"))
    assert states == {first.pk: "shipped", second.pk: "cancelled"}
    line = tea(order)
    assert (line.quantity_cancelled, line.quantity_shipped) == (3, 2)
    assert Refund.objects.get(order=order).amount > Decimal(0)
    assert Order.objects.get(pk=order.pk).fulfillment_status == "fulfilled"
    laws_hold()


def test_cancelling_what_is_not_paid_lets_the_rest_go(api, make_client, shop, system, laws_hold):
    """An order that waits for money moves once what is left of it is paid."""
    lines = [{"sku": "TEA-001", "quantity": 2}, {"sku": "MUG-001", "quantity": 1}]
    number = api.post(
        "orders", order_body(lines=lines, payment={"method": "unpaid", "reference": ""})
    ).json()["number"]
    order = Order.objects.get(number=number)
    assert order.status == "pending"
    mug = OrderLine.objects.get(order=order, sku_code="MUG-001")
    part = {"amount": str(order.total - mug.total), "currency": "CNY"}
    api.post(f"orders/{number}/payments", {"method": "bank", "reference": "p", "amount": part})

    do(cancel_units, system, order_id=order.pk, units={mug.pk: 1}, reason="x")

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    laws_hold()


def test_a_partly_refunded_order_does_not_wait_for_money(api, system, laws_hold):
    number = api.post("orders", order_body()).json()["number"]
    held = api.post(f"orders/{number}/hold", {"kind": "review", "reason": "x"}).json()
    Order.objects.filter(number=number).update(status="pending", confirmed_at=None)
    body = {"order": number, "amount": {"amount": "1.00", "currency": "CNY"}, "reason": "goodwill"}
    refund = api.post("refunds", body).json()["number"]
    api.post(f"refunds/{refund}/approve", {})
    api.post(f"refunds/{refund}/complete", {})
    assert api.get(f"orders/{number}").json()["payment_status"] == "part_refunded"

    api.post(f"orders/{number}/release", {"hold": held["holds"][0]["id"]})

    assert api.get(f"orders/{number}").json()["status"] == "confirmed"
    laws_hold()
