"""Risk of fraud: providers are asked or tell us, and an order waits, goes on or is declined."""

import base64
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from erp.leases import lease
from orders.models import Hold, Order, RiskCheck, RiskProvider
from orders.order.tasks import end_holds
from orders.risk import decisions as risk_decisions
from orders.risk import gateway as risk_gateway
from orders.risk.actions import CHECKS
from orders.risk.minfraud import Unavailable, score_order
from orders.risk.tasks import ask_about_risk
from tests.conftest import order_body
from tests.servers import Server, serving

pytestmark = pytest.mark.django_db(transaction=True)


class MinFraud(Server):
    """The Score service as its documentation describes it."""

    asked: list[dict] = []
    status, answer = 200, {}

    def reply(self):
        cls = type(self)
        given = base64.b64decode(self.headers["Authorization"][6:]).decode()
        cls.asked.append(json.loads(self.body()))
        status, answer = cls.status, cls.answer
        if given != "42:license" or self.path != "/minfraud/v2.0/score":
            status, answer = 401, {"code": "AUTHORIZATION_INVALID", "error": "no"}
        self.say(status, answer)


@pytest.fixture
def minfraud(settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    MinFraud.asked, MinFraud.status = [], 200
    MinFraud.answer = scored(5)
    with serving(MinFraud, "/minfraud/v2.0/score") as url:
        yield url


def scored(score, action="accept", reference="5bc5d6c2-b2c8-40af-87f4-6d61af86b6ae"):
    return {
        "id": reference,
        "risk_score": score,
        "funds_remaining": 10,
        "queries_remaining": 1000,
        "disposition": {"action": action, "reason": "default"},
        "warnings": [],
        "risk_score_reasons": [
            {
                "multiplier": 45,
                "reasons": [
                    {"code": "ANONYMOUS_IP", "reason": "Risk due to IP being an Anonymous IP"}
                ],
            }
        ],
    }


@pytest.fixture
def provider(shop, minfraud):
    return RiskProvider.objects.create(
        channel=shop.web,
        kind="minfraud",
        url=minfraud,
        account="42",
        secret="license",
        hold_from=30,
        decline_from=80,
    )


def state(number):
    order = Order.objects.get(number=number)
    holds = Hold.objects.filter(order=order, released_at=None).order_by("pk")
    return order.status, [(hold.kind, hold.reason) for hold in holds]


class TestAsking:
    def test_a_low_score_lets_it_go_on(self, api, provider):
        number = api.post("orders", order_body()).json()["number"]
        assert state(number) == ("pending", [("fraud", "risk_unknown")])

        ask_about_risk()

        assert state(number) == ("confirmed", [])
        (said,) = MinFraud.asked
        assert said["event"]["transaction_id"] == number
        assert said["shipping"]["country"] == "CN"
        assert said["order"]["currency"] == "CNY"
        assert said["email"]["domain"] == "example.com"
        decision = api.get(f"orders/{number}/decisions").json()["data"][-1]
        assert (decision["kind"], decision["outcome"]) == ("risk", {"outcome": "accept"})
        assert decision["inputs"]["reasons"] == ["Risk due to IP being an Anonymous IP"]
        ask_about_risk()
        assert len(MinFraud.asked) == 1

    def test_a_high_one_waits_for_a_person_who_may_let_it_go(self, api, provider):
        MinFraud.answer = scored(45)
        number = api.post("orders", order_body()).json()["number"]

        ask_about_risk()

        assert state(number) == ("pending", [("fraud", "risk_high")])
        api.post(f"orders/{number}/release", {})
        assert state(number) == ("confirmed", [])

    def test_advice_alone_holds_and_never_declines(self, api, provider):
        MinFraud.answer = scored(1, "reject")
        number = api.post("orders", order_body()).json()["number"]

        ask_about_risk()

        assert state(number) == ("pending", [("fraud", "risk_high")])

    def test_above_the_limit_it_is_cancelled_and_its_stock_free(self, api, provider, shop):
        MinFraud.answer = scored(99, "reject")
        number = api.post("orders", order_body()).json()["number"]

        ask_about_risk()

        assert state(number)[0] == "cancelled"
        assert not Order.objects.get(number=number).lines.filter(quantity_reserved__gt=0).exists()

    def test_who_does_not_answer_is_asked_again_then_a_person_decides(self, api, provider):
        MinFraud.status, MinFraud.answer = 503, {"code": "BUSY"}
        number = api.post("orders", order_body()).json()["number"]
        check = RiskCheck.objects.get()

        for _ in range(10):
            RiskCheck.objects.filter(status="pending").update(due_at=timezone.now())
            risk_gateway.ask_providers(now=timezone.now())

        check.refresh_from_db()
        assert (check.status, check.attempts) == ("parked", 6)
        assert "503" in check.error
        assert len(MinFraud.asked) == 6
        assert state(number) == ("pending", [("fraud", "risk_unknown")])

    def test_where_silence_lets_it_go_it_goes_on_after_the_window(self, api, provider):
        RiskProvider.objects.update(on_silence="release", window_hours=2)
        MinFraud.status = 503
        number = api.post("orders", order_body()).json()["number"]
        hold = Hold.objects.get(order__number=number)
        assert abs(hold.until - timezone.now() - timedelta(hours=2)) < timedelta(minutes=1)

        Hold.objects.update(until=timezone.now() - timedelta(seconds=1))
        end_holds()

        assert state(number) == ("confirmed", [])

    def test_a_wrong_key_is_not_tried_for_ever(self, api, provider):
        RiskProvider.objects.update(secret="wrong")
        api.post("orders", order_body())

        ask_about_risk()

        check = RiskCheck.objects.get()
        assert (check.status, check.attempts) == ("parked", 1)
        assert "AUTHORIZATION_INVALID" in check.error

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"id": "x"},
            {"id": "x", "risk_score": "a"},
            {"id": "x", "risk_score": 101},
            {"id": "x", "risk_score": "NaN"},
        ],
    )
    def test_an_answer_without_a_score_is_none(self, minfraud, answer):
        MinFraud.answer = answer
        order = {
            "number": "1",
            "placed_at": "2026-03-02T04:00:00Z",
            "amount": Decimal(1),
            "currency": "CNY",
            "email": "",
            "shipping": {},
            "billing": {},
            "lines": [],
        }
        with pytest.raises(Unavailable):
            score_order(order, url=minfraud, account="42", secret="license")


class TestTelling:
    """A provider, or the merchant's own model, tells us by the API."""

    def say(self, api, number, score, reference="r-1", **more):
        body = {"source": "model", "reference": reference, "score": score} | more
        return api.post(f"orders/{number}/risk-assessments", body)

    def test_it_holds_a_confirmed_order_and_the_newest_word_counts(self, api, shop):
        number = api.post("orders", order_body()).json()["number"]
        assert state(number) == ("confirmed", [])

        assert self.say(api, number, 70, reasons=["card tested"]).status_code == 200
        assert state(number) == ("confirmed", [("fraud", "risk_high")])
        self.say(api, number, 70)
        assert RiskCheck.objects.count() == 1
        self.say(api, number, 75, "r-2")
        assert state(number) == ("confirmed", [("fraud", "risk_high")])
        self.say(api, number, 2, "r-3", recommendation="accept")
        assert state(number) == ("confirmed", [])

    def test_an_order_waits_for_who_tells(self, api, shop):
        RiskProvider.objects.create(channel=shop.web, kind="pushed")
        number = api.post("orders", order_body()).json()["number"]
        ask_about_risk()
        assert state(number) == ("pending", [("fraud", "risk_unknown")])

        api.post(
            f"orders/{number}/risk-assessments",
            {"source": "pushed", "reference": "a", "score": 3.5},
        )

        assert state(number) == ("confirmed", [])
        check = RiskCheck.objects.get()
        assert (check.status, check.score, check.reference) == ("done", Decimal("3.50"), "a")

    def test_what_has_left_is_not_called_back(self, api, shop, system):
        RiskProvider.objects.create(channel=shop.web, kind="pushed", decline_from=50)
        number = api.post("orders", order_body()).json()["number"]
        self.say(api, number, 1)
        Order.objects.get(number=number).lines.update(quantity_reserved=0, quantity_shipped=1)

        self.say(api, number, 90, "late")

        assert state(number) == ("confirmed", [])
        assert RiskCheck.objects.filter(reference="late").exists()

    def test_a_law_sees_a_score_that_nobody_judged(self, api, shop, laws_hold):
        number = api.post("orders", order_body()).json()["number"]
        self.say(api, number, 1)
        laws_hold()

        order = Order.objects.get(number=number)
        RiskCheck.objects.create(
            order=order,
            source="model",
            reference="x",
            status="done",
            score=9,
            done_at=timezone.now(),
        )

        with pytest.raises(AssertionError, match="risk_answers_are_judged"):
            laws_hold()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"score": 101}, "/score"),
            ({"recommendation": "maybe"}, "/recommendation"),
            ({"reference": " "}, "/reference"),
            ({"source": ""}, "/source"),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_field(self, api, changes, field):
        number = api.post("orders", order_body()).json()["number"]
        body = {"source": "m", "reference": "r", "score": 1} | changes
        answer = api.post(f"orders/{number}/risk-assessments", body)
        assert answer.status_code == 422
        assert [e["pointer"] for e in answer.json()["errors"]] == [field]
        assert not RiskCheck.objects.exists()


@given(
    st.decimals(0, 100, places=2),
    st.sampled_from(["", *risk_decisions.RECOMMENDATIONS]),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_a_higher_score_never_leads_to_less(score, advice, hold_from, more):
    order = {risk_decisions.ACCEPT: 0, risk_decisions.REVIEW: 1, risk_decisions.DECLINE: 2}
    decline_from = min(100, hold_from + more)

    def outcome(value):
        return order[
            risk_decisions.judge(
                risk_decisions.Scored(value, advice, hold_from, decline_from)
            ).outcome
        ]

    assert outcome(score) <= outcome(min(Decimal(100), score + 1))
    judged = risk_decisions.judge(risk_decisions.Scored(score, advice, hold_from, None))
    assert judged.outcome != risk_decisions.DECLINE
    assert judged.reasons


def test_asked_by_many_at_once_each_order_is_asked_about_once(api, provider):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    for _ in range(6):
        api.post("orders", order_body())

    def ask(_):
        try:
            return lease(CHECKS, now=timezone.now(), limit=20)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        leased = [pk for found in pool.map(ask, range(4)) for pk in found]
    assert sorted(leased) == sorted(RiskCheck.objects.values_list("pk", flat=True))
