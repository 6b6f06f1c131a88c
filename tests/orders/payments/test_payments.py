"""Money by a provider: asked for once, captured when parcels leave, given back; what it says must match."""

import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from erp.money import rounded
from erp.once import perform
from orders.changes.actions.cancel import cancel_units
from orders.models import (
    Hold,
    Order,
    Payment,
    PaymentCall,
    PaymentIntent,
    PaymentProvider,
    ProviderEvent,
)
from orders.order.actions.holds import release_order
from orders.payments import decisions as payments_decisions
from orders.payments.actions.intents import warn_of_ending
from orders.payments.actions.overdue import balances_to_remind
from orders.payments.gateway import send_calls
from orders.payments.providers import stripe
from orders.payments.tasks import ask_payment_providers
from returns.models import Refund
from tests.conftest import order_body
from tests.orders.steps import do
from tests.relay import run_relay
from tests.servers import Server, serving

pytestmark = pytest.mark.django_db(transaction=True)


SECRET = "whsec_test"


class Stripe(Server):
    """Answers as Stripe does: the same key is the same thing, however often it is sent."""

    made: dict = {}
    asked: list = []
    down = False
    refuses = ""

    def reply(self):
        fields = self.form()
        key = self.headers["Idempotency-Key"]
        Stripe.asked.append((self.path, fields, key, self.headers["Authorization"]))
        if Stripe.down:
            self.say(503, {})
            return
        if Stripe.refuses and Stripe.refuses in self.path:
            self.say(402, {"error": {"code": "card_declined", "type": "card_error"}})
            return
        if key not in Stripe.made:
            n = len(Stripe.made) + 1
            Stripe.made[key] = (self.path, fields, f"pi_{n}")
        name = Stripe.made[key][2]
        if self.path.startswith("/v1/payment_intents/"):
            name = self.path.split("/")[3]
        self.say(200, {"id": name, "object": "payment_intent", "client_secret": f"{name}_secret"})


@pytest.fixture
def provider(shop, settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    Stripe.made, Stripe.asked, Stripe.down, Stripe.refuses = {}, [], False, ""
    with serving(Stripe) as url:
        yield PaymentProvider.objects.create(
            channel=shop.web,
            kind="stripe",
            url=url,
            account="acct_1",
            secret="sk_test",
            webhook_secret=SECRET,
        )


def unpaid(api, **changes):
    order = api.post("orders", order_body(payment={"method": "unpaid"}, **changes)).json()
    return Order.objects.get(number=order["number"])


def say(
    api,
    kind,
    intent,
    amount,
    *,
    event="",
    currency="cny",
    account="acct_1",
    secret=SECRET,
    at=None,
    field="",
):
    _what, name = stripe.EVENTS.get(kind, ("", field))
    thing = {
        "id": intent,
        "object": "payment_intent",
        "currency": currency,
        (field or name or "x"): amount,
    }
    if kind.startswith("charge"):
        thing |= {"id": "ch_1", "object": "charge", "payment_intent": intent}
    body = json.dumps(
        {
            "id": event or f"evt_{kind}_{amount}",
            "type": kind,
            "account": account,
            "data": {"object": thing},
        }
    ).encode()
    stamp = int(at if at is not None else time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return api.client.post(
        "/api/v1/channels/web/payment-webhooks",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": f"t={stamp},v1=00,v1={digest}"},
    )


def state(order):
    order.refresh_from_db()
    holds = Hold.objects.filter(order=order, released_at=None).order_by("pk")
    return order.status, order.payment_status, [h.reason for h in holds]


def authorised(api, order):
    intent = api.post(f"orders/{order.number}/payment-intents", {}).json()
    amount = int(Decimal(intent["amount"]["amount"]) * 100)
    said = say(api, "payment_intent.amount_capturable_updated", intent["external_id"], amount)
    assert said.json()["outcome"] == "done"
    return intent


class TestLife:
    def test_authorised_then_captured_parcel_by_parcel(self, api, provider, system, laws_hold):
        order = unpaid(api)
        assert state(order) == ("pending", "unpaid", [])

        intent = authorised(api, order)

        assert intent["client_secret"] == f"{intent['external_id']}_secret"
        path, fields, _key, secret = Stripe.asked[0]
        assert (path, secret) == ("/v1/payment_intents", "Bearer sk_test")
        assert (fields["amount"], fields["currency"], fields["capture_method"]) == (
            "11680",
            "cny",
            "manual",
        )
        assert fields["metadata[order]"] == order.number
        assert state(order) == ("confirmed", "authorised", [])
        run_relay()
        mug = order.lines.get(sku_code="MUG-001")
        answer = api.post(
            "shipments", {"order": order.number, "lines": [{"sku": "MUG-001", "quantity": 1}]}
        )
        assert answer.status_code == 201, answer.content
        run_relay()
        ask_payment_providers()
        assert Stripe.asked[-1][0] == f"/v1/payment_intents/{intent['external_id']}/capture"
        assert Stripe.asked[-1][1] == {
            "amount_to_capture": "3700",
            "final_capture": "false",
        }  # the mug, and shipping
        assert mug.total == 25
        assert state(order)[1] == "part_paid"
        api.post("shipments", {"order": order.number})
        run_relay()
        ask_payment_providers()
        assert Stripe.asked[-1][1] == {"amount_to_capture": "7980"}
        assert state(order)[1] == "paid"
        say(api, "payment_intent.succeeded", intent["external_id"], 11680)
        assert Payment.objects.get().captured == Decimal("116.80")
        assert PaymentIntent.objects.get().status == "captured"
        payment = api.get(f"orders/{order.number}/payments").json()["data"][0]
        assert [e["kind"] for e in payment["events"]] == ["authorise", "capture", "capture"]
        laws_hold()

    def test_a_deposit_is_captured_at_once_and_the_balance_as_goods_leave(
        self, api, provider, laws_hold
    ):
        due = (timezone.now() + timedelta(days=3)).isoformat()
        order = unpaid(api, balance_due_at=due)
        part = {"amount": {"amount": "20.00", "currency": "CNY"}}
        deposit = api.post(f"orders/{order.number}/payment-intents", part).json()
        assert deposit["amount"] == part["amount"]
        again = api.post(f"orders/{order.number}/payment-intents", part).json()
        assert again["id"] == deposit["id"]
        say(api, "payment_intent.amount_capturable_updated", deposit["external_id"], 2000)
        ask_payment_providers()
        assert Stripe.asked[-1][0] == f"/v1/payment_intents/{deposit['external_id']}/capture"
        assert state(order) == ("pending", "part_paid", [])
        assert balances_to_remind(now=timezone.now() + timedelta(days=3)) == [order.pk]
        rest = authorised(api, order)
        assert rest["amount"]["amount"] == "96.80"
        assert state(order)[0] == "confirmed"
        run_relay()
        api.post("shipments", {"order": order.number})
        run_relay()
        ask_payment_providers()
        assert state(order)[1] == "paid"
        assert [p.captured for p in Payment.objects.order_by("pk")] == [
            Decimal(20),
            Decimal("96.80"),
        ]
        laws_hold()

    @pytest.mark.parametrize("amount", ["0", "116.81", "-1", "x"])
    def test_no_more_than_is_due_is_asked_for(self, api, provider, amount):
        order = unpaid(api)
        body = {"amount": {"amount": amount, "currency": "CNY"}}
        answer = api.post(f"orders/{order.number}/payment-intents", body)
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"][0]["pointer"] == "/amount"
        assert not PaymentIntent.objects.exists()

    def test_cancelled_it_is_voided(self, api, provider, laws_hold):
        order = unpaid(api)
        intent = authorised(api, order)
        api.post(f"orders/{order.number}/cancel", {"reason": "x"})
        run_relay()
        ask_payment_providers()
        assert Stripe.asked[-1][0] == f"/v1/payment_intents/{intent['external_id']}/cancel"
        assert state(order) == ("cancelled", "voided", [])
        assert not Refund.objects.exists()
        laws_hold()

    @pytest.mark.parametrize("first", ["cancelled", "shipped"])
    def test_what_a_cancelled_part_leaves_authorised_is_voided_once(
        self, api, provider, system, laws_hold, first
    ):
        """Whichever comes first: the rest of the order leaves, or the part of it is cancelled."""
        order = unpaid(api)
        intent = authorised(api, order)
        run_relay()
        tea = order.lines.get(sku_code="TEA-001")
        void = f"/v1/payment_intents/{intent['external_id']}/cancel"

        def cancel():
            units = {tea.pk: tea.quantity_ordered}
            do(cancel_units, system, order_id=order.pk, units=units, reason="x")

        def ship():
            lines = [{"sku": "MUG-001", "quantity": 1}]
            assert api.post("shipments", {"order": order.number, "lines": lines}).status_code == 201
            run_relay()
            ask_payment_providers()
            run_relay()
            ask_payment_providers()

        steps = [cancel, ship] if first == "cancelled" else [ship, cancel]
        steps[0]()
        ask_payment_providers()
        assert void not in [asked[0] for asked in Stripe.asked]
        steps[1]()
        run_relay()
        ask_payment_providers()

        order.refresh_from_db()
        payment = Payment.objects.get()
        assert payment.captured == order.total == Decimal("37.00")
        assert payment.voided == payment.authorised - payment.captured > 0
        assert [asked[0] for asked in Stripe.asked].count(void) == 1
        assert state(order)[1:] == ("paid", [])
        say(api, "payment_intent.canceled", intent["external_id"], 11680)
        run_relay()
        ask_payment_providers()
        assert [asked[0] for asked in Stripe.asked].count(void) == 1
        laws_hold()

    def test_a_refused_capture_keeps_what_is_authorised(self, api, provider, system):
        order = unpaid(api)
        authorised(api, order)
        run_relay()
        tea = order.lines.get(sku_code="TEA-001")
        do(cancel_units, system, order_id=order.pk, units={tea.pk: 1}, reason="x")
        Stripe.refuses = "/capture"
        api.post("shipments", {"order": order.number})
        run_relay()
        ask_payment_providers()
        run_relay()
        ask_payment_providers()
        assert Payment.objects.get().voided == 0
        assert not PaymentCall.objects.filter(kind="void").exists()

    def test_a_refund_goes_through_the_provider(self, api, provider, laws_hold):
        PaymentProvider.objects.update(capture="at_once")
        order = unpaid(api)
        intent = api.post(f"orders/{order.number}/payment-intents", {}).json()
        assert Stripe.asked[0][1]["capture_method"] == "automatic"
        say(api, "payment_intent.succeeded", intent["external_id"], 11680)
        assert state(order) == ("confirmed", "paid", [])
        api.post(f"orders/{order.number}/cancel", {"reason": "x"})
        run_relay()
        refund = Refund.objects.get()
        number = api.post(f"refunds/{refund.number}/approve", {})
        assert number.status_code == 200
        run_relay()
        refund.refresh_from_db()
        assert refund.status == "submitted"
        ask_payment_providers()
        assert Stripe.asked[-1][:2] == (
            "/v1/refunds",
            {"payment_intent": intent["external_id"], "amount": "11680"},
        )
        run_relay()
        refund.refresh_from_db()
        assert (refund.status, state(order)[1]) == ("completed", "refunded")
        laws_hold()

    def test_a_tender_authorised_elsewhere(self, api, system, laws_hold):
        order = unpaid(api)
        body = {
            "method": "card",
            "reference": "auth1",
            "amount": {"amount": "100.00", "currency": "CNY"},
        }
        api.post(f"orders/{order.number}/authorisations", body)
        assert state(order) == ("pending", "authorised", [])  # it does not cover all
        api.post(
            f"orders/{order.number}/authorisations",
            body | {"reference": "auth2", "amount": {"amount": "16.80", "currency": "CNY"}},
        )
        assert state(order)[:2] == ("confirmed", "authorised")
        run_relay()
        api.post("shipments", {"order": order.number})
        run_relay()
        timeline = [e["kind"] for e in api.get(f"orders/{order.number}/events").json()["data"]]
        assert timeline.count("payment.capture_due") == 2
        first, second = api.get(f"orders/{order.number}/payments").json()["data"]
        path = f"orders/{order.number}/payments/{first['id']}"
        more = {"reference": "c0", "amount": {"amount": "100.01", "currency": "CNY"}}
        assert api.post(f"{path}/capture", more).json()["code"] == "not-capturable"
        assert api.post(f"{path}/capture", {"reference": "c1"}).status_code == 200
        assert state(order)[1] == "part_paid"
        assert api.post(f"{path}/void", {"reference": "v1"}).status_code == 409
        other = f"orders/{order.number}/payments/{second['id']}"
        assert api.post(f"{other}/void", {"reference": "v2"}).status_code == 200
        assert (
            api.post(
                f"orders/{order.number}/payments/pay_zzzz/void", {"reference": "v"}
            ).status_code
            == 404
        )
        laws_hold()


class TestTrust:
    def test_one_intent_however_often_it_is_asked_for(self, api, provider):
        order = unpaid(api)

        def one(_n):
            try:
                return api.post(f"orders/{order.number}/payment-intents", {}).json()["id"]
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            names = set(pool.map(one, range(8)))

        assert len(names) == 1
        assert PaymentIntent.objects.count() == 1
        assert len({key for _p, _f, key, _s in Stripe.asked}) == 1

    def test_a_provider_that_is_down_is_asked_again_under_the_same_key(self, api, provider):
        order = unpaid(api)
        Stripe.down = True
        intent = api.post(f"orders/{order.number}/payment-intents", {}).json()
        assert (intent["status"], intent["external_id"]) == ("created", "")
        Stripe.down = False
        assert send_calls(now=timezone.now()) == 0  # not yet
        PaymentCall.objects.update(due_at=timezone.now())
        ask_payment_providers()
        assert PaymentIntent.objects.get().status == "open"
        assert len({key for _p, _f, key, _s in Stripe.asked}) == 1

    def test_a_refused_capture_holds_what_has_not_left(self, api, provider):
        order = unpaid(api)
        authorised(api, order)
        run_relay()
        api.post("shipments", {"order": order.number, "lines": [{"sku": "MUG-001", "quantity": 1}]})
        run_relay()
        Stripe.refuses = "/capture"
        ask_payment_providers()
        assert state(order)[2] == ["payment_not_taken"]
        assert PaymentCall.objects.get(kind="capture").status == "parked"
        assert api.post("shipments", {"order": order.number}).status_code == 409

    @pytest.mark.parametrize(
        ("changes", "outcome"),
        [
            ({"amount": 11679}, "mismatch"),
            ({"amount": 11681}, "mismatch"),
            ({"currency": "usd"}, "mismatch"),
            ({"amount": "11680"}, "mismatch"),
            ({"amount": None}, "mismatch"),
            ({"amount": -11680}, "mismatch"),
            ({"currency": "cnyx"}, "mismatch"),
            ({"currency": ""}, "mismatch"),
            ({"account": "acct_2"}, "mismatch"),
            ({"intent": "pi_other"}, "ignored"),
            ({"kind": "charge.dispute.created"}, "done"),
            ({"kind": "customer.created", "field": "x"}, "ignored"),
        ],
    )
    def test_what_does_not_match_is_no_money(self, api, provider, changes, outcome):
        order = unpaid(api)
        intent = api.post(f"orders/{order.number}/payment-intents", {}).json()["external_id"]
        said = {
            "kind": "payment_intent.amount_capturable_updated",
            "intent": intent,
            "amount": 11680,
        }
        said |= changes

        answer = say(api, said.pop("kind"), said.pop("intent"), said.pop("amount"), **said)

        assert (answer.status_code, answer.json()["outcome"]) == (200, outcome)
        assert not Payment.objects.exists()
        assert state(order)[0] == "pending"
        reasons = {
            "mismatch": ["payment_mismatch"],
            "done": ["payment_disputed"],
            "ignored": [],
        }
        assert state(order)[2] == reasons[outcome]
        assert ProviderEvent.objects.count() == 1  # kept, whatever it was

    @pytest.mark.parametrize(
        "kind", ["charge.dispute.created", "payment_intent.amount_capturable_updated"]
    )
    def test_a_second_one_after_the_first_was_looked_at_holds_again(
        self, api, provider, system, kind
    ):
        order = unpaid(api)
        intent = api.post(f"orders/{order.number}/payment-intents", {}).json()["external_id"]
        for n in range(2):
            for part in "ab":  # of another amount: a mismatch, where it is money
                say(api, kind, intent, 11679, event=f"evt_{n}{part}")
            assert len(state(order)[2]) == 1
            do(release_order, system, order_id=order.pk)
            assert state(order)[2] == []

    def test_the_same_event_sixteen_times_is_one_payment(self, api, provider, laws_hold):
        order = unpaid(api)
        intent = api.post(f"orders/{order.number}/payment-intents", {}).json()["external_id"]

        def one(n):
            try:
                kinds = ("payment_intent.amount_capturable_updated", "payment_intent.succeeded")
                return say(api, kinds[n % 2], intent, 11680).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(one, range(32)))

        assert set(statuses) <= {200, 500, 409}
        for kind in ("payment_intent.amount_capturable_updated", "payment_intent.succeeded"):
            assert say(api, kind, intent, 11680).status_code == 200  # as it sends again what failed
        payment = Payment.objects.get()
        assert (payment.authorised, payment.captured) == (Decimal("116.80"), Decimal("116.80"))
        assert state(order) == ("confirmed", "paid", [])
        laws_hold()

    def test_only_what_is_signed_now_is_read(self, api, provider):
        for changes in (
            {"secret": "other"},
            {"at": time.time() - 600},
            {"at": time.time() + 600},
        ):
            answer = say(api, "payment_intent.succeeded", "pi_1", 1, **changes)
            assert answer.status_code == 401
        PaymentProvider.objects.update(webhook_secret="")
        assert say(api, "payment_intent.succeeded", "pi_1", 1, secret="").status_code == 401
        assert not ProviderEvent.objects.exists()
        assert api.client.get("/api/v1/channels/web/payment-webhooks").status_code == 405
        assert say_to(api, "nowhere").status_code == 404

    def test_money_that_comes_after_a_cancel_is_given_back(self, api, provider, laws_hold):
        order = unpaid(api)
        intent = api.post(f"orders/{order.number}/payment-intents", {}).json()["external_id"]
        api.post(f"orders/{order.number}/cancel", {"reason": "x"})
        say(api, "payment_intent.amount_capturable_updated", intent, 11680)
        run_relay()
        ask_payment_providers()
        assert state(order) == ("cancelled", "voided", [])
        assert Stripe.asked[-1][0].endswith("/cancel")
        laws_hold()

    def test_an_authorisation_that_ends_is_seen_in_time(self, api, provider, system):
        order = unpaid(api)
        authorised(api, order)
        assert perform(warn_of_ending, now=timezone.now(), by=system) == 0
        soon = timezone.now() + timedelta(days=6, hours=1)
        assert perform(warn_of_ending, now=soon, by=system) == 1
        assert perform(warn_of_ending, now=soon, by=system) == 0
        assert state(order)[2] == ["authorisation_ends"]
        do(release_order, system, order_id=order.pk)
        assert perform(warn_of_ending, now=soon, by=system) == 0, "it was looked at"
        later = soon + timedelta(days=5)
        PaymentIntent.objects.update(authorised_until=later + timedelta(hours=20))
        assert perform(warn_of_ending, now=later, by=system) == 1, "another end"

    def test_without_a_provider_or_a_debt_there_is_no_intent(self, api, provider):
        paid = api.post("orders", order_body()).json()["number"]
        assert api.post(f"orders/{paid}/payment-intents", {}).status_code == 409
        PaymentProvider.objects.update(is_active=False)
        assert api.post(f"orders/{unpaid(api).number}/payment-intents", {}).status_code == 409


def say_to(api, code):
    return api.client.post(
        f"/api/v1/channels/{code}/payment-webhooks", b"{}", content_type="application/json"
    )


@given(st.binary(max_size=300))
def test_whatever_is_posted_is_read_or_not(body):
    news = stripe.read(body)
    assert news is None or news.amount is None or isinstance(news.amount, Decimal)


amounts = st.integers(1, 10**6).map(lambda n: Decimal(n) / 100)


@given(
    st.lists(st.tuples(amounts, st.integers(1, 9)), min_size=1, max_size=5),
    amounts,
    st.integers(0, 10**6),
    st.sampled_from(["CNY", "JPY", "KWD"]),
)
def test_captures_of_all_parcels_come_to_the_total(lines, shipping, seed, currency):
    random = Random(seed)
    lines = [(rounded(total, currency), wanted) for total, wanted in lines]
    shipping = rounded(shipping, currency)
    total = sum((t for t, _n in lines), shipping)
    shipped, captured = [0] * len(lines), Decimal(0)
    while any(n < wanted for n, (_t, wanted) in zip(shipped, lines, strict=True)):
        for i, (_t, wanted) in enumerate(lines):
            shipped[i] += random.randint(0, wanted - shipped[i])
        now = payments_decisions.due(
            [
                payments_decisions.LineShipped(t, wanted, n)
                for n, (t, wanted) in zip(shipped, lines, strict=True)
            ],
            shipping=shipping,
            total=total,
            captured=captured,
            currency=currency,
            rounded=rounded,
        )
        assert now >= 0
        captured += now
        assert captured <= total
    assert captured == total
