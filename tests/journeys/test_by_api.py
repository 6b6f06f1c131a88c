"""The whole life of one order by the API: placed, shipped, delivered, returned, refunded."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from erp.messages.models import Message
from erp.messages.send import send_due_messages
from inventory.models import StockLevel
from orders.models import Order
from tests.conftest import order_body
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_from_placing_to_refund(api, laws_hold, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    order = api.post("orders", order_body()).json()
    number = order["number"]
    run_relay()

    work = api.get("fulfillment-orders", order=number).json()["data"][0]
    assert work["status"] == "released"
    assert api.post(f"fulfillment-orders/{work['id']}/pick", {}).json()["status"] == "picked"
    parcel = api.post(f"fulfillment-orders/{work['id']}/pack", {"weight_g": 800}).json()
    shipped = api.post(f"shipments/{parcel['id']}/ship", {})
    assert shipped.status_code == 200, shipped.json()
    assert api.get(f"orders/{number}").json()["fulfillment_status"] == "fulfilled"
    laws_hold()

    now = timezone.now()
    scans = [
        {"id": "3", "state": "delivered", "at": (now - timedelta(minutes=1)).isoformat()},
        {"id": "1", "state": "in_transit", "at": (now - timedelta(minutes=3)).isoformat()},
    ]
    tracked = api.post(f"tracking/{parcel['tracking_number']}", {"events": scans}).json()
    again = api.post(f"tracking/{parcel['tracking_number']}", {"events": scans}).json()
    assert tracked | {"results": []} == again | {"results": []}
    assert tracked["status"] == "delivered"
    assert api.get(f"orders/{number}").json()["status"] == "completed"

    wanted = {
        "order": number,
        "lines": [{"sku": "TEA-001", "quantity": 1, "reason": "damaged"}],
    }
    authorization = api.post("returns", wanted).json()
    rma = authorization["number"]
    assert api.post(f"returns/{rma}/approve", {}).json()["status"] == "approved"
    assert api.post(f"returns/{rma}/receive", {}).json()["status"] == "received"
    line = {"line": authorization["lines"][0]["id"], "quantity": 1, "disposition": "restock"}
    inspected = api.post(f"returns/{rma}/inspect", {"lines": [line]})
    assert inspected.json()["status"] == "inspected", inspected.json()

    refund = api.post("refunds", {"return": rma}).json()
    assert refund["amount"] == {"amount": "39.90", "currency": "CNY"}
    api.post(f"refunds/{refund['number']}/approve", {})
    assert api.post(f"refunds/{refund['number']}/complete", {}).json()["status"] == "completed"
    read = api.get(f"orders/{number}").json()
    assert (read["payment_status"], read["return_status"]) == ("part_refunded", "returned")
    assert sum(level.on_hand for level in StockLevel.objects.all()) == 85 - 3 + 1

    run_relay()
    assert send_due_messages(now=timezone.now() + timedelta(seconds=1)) == 4
    assert [m.template for m in Message.objects.order_by("pk")] == [
        "confirmed",
        "shipped",
        "delivered",
        "refunded",
    ]
    assert "ld+json" in mail.outbox[1].alternatives[0][0]
    assert number in mail.outbox[0].subject
    laws_hold()


def test_an_accepted_cancel_never_ships(api, laws_hold):
    number = api.post("orders", order_body()).json()["number"]
    run_relay()
    work = api.get("fulfillment-orders", order=number).json()["data"][0]
    api.post(f"fulfillment-orders/{work['id']}/pick", {})
    parcel = api.post(f"fulfillment-orders/{work['id']}/pack", {}).json()

    api.post(f"orders/{number}/cancel", {"reason": "changed mind"})
    answer = api.post(f"shipments/{parcel['id']}/ship", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "order-stopped")
    run_relay()
    refund = api.get("refunds", order=number).json()["data"][0]
    assert (refund["status"], refund["reason"]) == ("proposed", "cancelled")
    assert sum(level.reserved for level in StockLevel.objects.all()) == 0
    laws_hold()


def test_partial_shipments_and_no_more_than_there_is(api, laws_hold):
    order = api.post("orders", order_body()).json()
    lines = [{"sku": "TEA-001", "quantity": 1}]

    first = api.post("shipments", {"order": order["number"], "lines": lines})
    too_many = api.post(
        "shipments", {"order": order["number"], "lines": [{"sku": "TEA-001", "quantity": 2}]}
    )
    rest = api.post("shipments", {"order": order["number"], "tracking_number": "SF123"})

    assert first.status_code == 201, first.json()
    assert too_many.status_code == 422
    assert rest.json()["tracking_number"] == "SF123"
    assert Order.objects.get().fulfillment_status == "fulfilled"
    laws_hold()


def test_more_cannot_come_back_than_was_shipped(api):
    order = api.post("orders", order_body()).json()
    api.post("shipments", {"order": order["number"]})
    wanted = {"order": order["number"], "lines": [{"sku": "TEA-001", "quantity": 2}]}

    assert api.post("returns", wanted).status_code == 201
    refused = api.post("returns", wanted)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/lines/0/quantity"


def test_no_more_money_goes_back_than_came(api, laws_hold):
    order = api.post("orders", order_body()).json()
    amount = {"amount": "100.00", "currency": "CNY"}
    first = api.post("refunds", {"order": order["number"], "amount": amount}).json()
    api.post(f"refunds/{first['number']}/approve", {})
    api.post(f"refunds/{first['number']}/complete", {})

    assert api.post("refunds", {"order": order["number"], "amount": amount}).status_code == 422
    laws_hold()
