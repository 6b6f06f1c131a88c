"""A call to a provider that is parked may have been done there, and may be replayed: it never moves money twice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from erp.errors import Conflict
from erp.once import perform
from erp.parked.jobs import replay_all
from erp.parked.queries import backlog_named
from orders.models import Payment, PaymentCall, PaymentProvider
from orders.payments.actions.authorise import capture_payment
from orders.payments.actions.provider_calls import replay_calls
from orders.payments.gateway import send_calls
from returns.models import Refund
from tests.orders.payments.test_payments import Stripe, authorised, provider, say, unpaid
from tests.relay import run_relay

__all__ = ["provider"]
pytestmark = pytest.mark.django_db(transaction=True)


def send_until_parked() -> None:
    """The provider answers 503 each time; whether it has done what it was asked nobody knows."""
    Stripe.down, now = True, timezone.now()
    for n in range(9):
        send_calls(now=now + timedelta(hours=2 * n))
    Stripe.down = False
    assert PaymentCall.objects.filter(status="parked").count() == 1


def replay(system) -> int:
    ids = list(PaymentCall.objects.filter(status="parked").values_list("pk", flat=True))
    count = perform(replay_calls, ids=ids, by=system, now=timezone.now())
    send_calls(now=timezone.now())
    return count


def ship(api, order, *skus: str) -> None:
    lines = {"lines": [{"sku": sku, "quantity": 1} for sku in skus]} if skus else {}
    answer = api.post("shipments", {"order": order.number} | lines)
    assert answer.status_code == 201, answer.content
    run_relay()


def captures() -> list[tuple[str, Decimal]]:
    rows = PaymentCall.objects.filter(kind="capture").order_by("pk")
    return list(rows.values_list("status", "amount"))


@pytest.fixture
def shipped(api, provider):
    """Of 116.80 that are authorised the mug has left, and its 37.00 could not be captured."""
    order = unpaid(api)
    intent = authorised(api, order)
    run_relay()
    ship(api, order, "MUG-001")
    send_until_parked()
    return order, intent


def test_a_capture_that_the_provider_tells_of_is_done(api, system, shipped, laws_hold):
    _order, intent = shipped
    say(api, "payment_intent.succeeded", intent["external_id"], 3700)
    assert replay(system) == 0
    assert Payment.objects.get().captured == 37
    assert captures() == [("done", 37)]
    laws_hold()


def test_the_next_parcel_s_capture_is_its_own_alone(api, system, shipped):
    order, _intent = shipped
    assert api.post(f"orders/{order.number}/release", {}).status_code == 200
    ship(api, order)
    assert captures() == [("parked", 37), ("due", Decimal("79.80"))]
    assert replay(system) == 1
    assert Payment.objects.get().captured == Decimal("116.80")


def test_a_capture_of_what_is_owed_no_more_is_not_sent_again(system, shipped):
    taken = {"payment_id": Payment.objects.get().pk, "amount": Decimal(37), "reference": "by hand"}
    perform(capture_payment, **taken, by=system, now=timezone.now())
    asked = len(Stripe.asked)
    with pytest.raises(Conflict, match="more than its order owes by now"):
        replay(system)
    with pytest.raises(Conflict, match="more than its order owes by now"):
        replay_all(backlog_named("payment_calls"), by=system)
    assert len(Stripe.asked) == asked
    assert captures() == [("parked", 37)]


@pytest.fixture
def refund(api, provider):
    """An order that was paid and cancelled, whose refund the provider did not answer for."""
    PaymentProvider.objects.update(capture="at_once")
    order = unpaid(api)
    intent = api.post(f"orders/{order.number}/payment-intents", {}).json()
    say(api, "payment_intent.succeeded", intent["external_id"], 11680)
    api.post(f"orders/{order.number}/cancel", {"reason": "x"})
    run_relay()
    refund = Refund.objects.get()
    assert api.post(f"refunds/{refund.number}/approve", {}).status_code == 200
    run_relay()
    return refund


def test_a_refund_that_is_settled_by_hand_is_not_paid_by_the_provider_as_well(
    api, system, refund, laws_hold
):
    """Finance paid it by bank; whoever replayed all that was parked paid it again."""
    send_until_parked()
    answer = api.post(f"refunds/{refund.number}/complete", {"reason": "paid by bank instead"})
    assert answer.status_code == 200, answer.content
    run_relay()
    asked = len(Stripe.asked)
    assert replay(system) == 0
    assert len(Stripe.asked) == asked
    assert Payment.objects.get().refunded == Decimal("116.80")
    laws_hold()


def test_a_refund_that_is_under_way_is_not_settled_by_hand(api, refund):
    assert PaymentCall.objects.filter(kind="refund", status="due").exists()
    answer = api.post(f"refunds/{refund.number}/complete", {"reason": "by bank"})
    assert answer.status_code == 409
    assert "wait for its answer" in answer.content.decode()
