"""What callers from outside sent once and should not have been able to: each is refused, and nothing is half done."""

import pytest
from django.test import Client

from erp.once import Answer, perform_answered
from erp.verbs import Done
from orders.models import Hold, Order, OrderEvent
from orders.order.actions.holds import hold_order
from orders.order.actions.undo import undo_hold
from tests.conftest import NOON, order_body

pytestmark = pytest.mark.django_db(transaction=True)


def placed(api, **said):
    answer = api.post("orders", order_body(**said))
    assert answer.status_code == 201, answer.content
    return answer.json()


@pytest.mark.parametrize(
    "until",
    [
        "9999-12-31T23:59:59-12:00",
        "9999-12-31T23:59:59Z",
        "2099-01-01T00:00:00",
        "2099-01-01T00:00:00+23:59",
    ],
)
def test_a_hold_until_a_moment_that_cannot_be(api, until):
    number = placed(api)["number"]

    refused = api.post(
        f"orders/{number}/hold", {"kind": "review", "reason": "x", "until": until}, key=None
    )

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/until"
    assert not Hold.objects.exists()
    assert api.get("orders").status_code == api.get(f"orders/{number}").status_code == 200


@pytest.mark.parametrize("due", ["9999-12-31T23:59:59Z", "2099-01-01T00:00:00+16:00"])
def test_a_balance_due_at_a_moment_that_cannot_be(api, due):
    refused = api.post("orders", order_body(balance_due_at=due))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/balance_due_at"


def test_one_moment_that_cannot_be_leaves_the_rest_of_a_batch(api):
    far = order_body(balance_due_at="9999-12-31T23:59:59Z")
    rows = api.post("orders/bulk", {"orders": [order_body(), far, order_body()]}).json()["data"]
    assert [row["status"] for row in rows] == [201, 422, 201]
    assert rows[1]["problem"]["errors"][0]["pointer"] == "/balance_due_at"


def test_what_cannot_be_answered_is_not_done(api, system):
    """Without a key the answer was made after the commit: it said that nothing had changed."""
    order = Order.objects.get(number=placed(api)["number"])

    def answer(_done: object) -> Answer:
        raise OverflowError("cannot be shown")

    with pytest.raises(OverflowError):
        perform_answered(
            hold_order,
            answer=answer,
            order_id=order.pk,
            kind="review",
            reason="x",
            by=system,
            now=NOON,
        )
    assert not Hold.objects.exists()
    assert not OrderEvent.objects.filter(kind="hold.opened").exists()


def test_an_address_that_grows_when_it_is_kept(api):
    customer = {"name": "Li", "email": "İ" * 60 + "@" + "İ" * 170 + ".com", "phone": ""}
    refused = api.post("orders", order_body(customer=customer))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/customer/email"


class TestTwins:
    def test_an_order_that_is_known_stands_in_a_batch_again_and_again(self, api):
        body = order_body()
        number = api.post("orders", body).json()["number"]
        turned = dict(reversed(body.items()))

        answer = api.post("orders/bulk", {"orders": [body, body, turned]}).json()["data"]

        assert [row["status"] for row in answer] == [200, 200, 200]
        assert {row["order"]["number"] for row in answer} == {number}

    def test_one_that_was_refused_says_nothing_of_the_next(self, api):
        body = order_body()
        wrong = body | {"shipping_service": "by owl"}

        answer = api.post("orders/bulk", {"orders": [wrong, body, wrong]}).json()["data"]

        assert [row["status"] for row in answer] == [422, 201, 409]

    def test_another_content_under_an_id_that_was_just_taken(self, api):
        body = order_body()
        answer = api.post("orders/bulk", {"orders": [body, body | {"note": "x"}]}).json()["data"]
        assert [row["status"] for row in answer] == [201, 409]


class TestChanges:
    def line(self, order):
        return order["lines"][0]["id"]

    @pytest.mark.parametrize(
        ("total", "pointer"),
        [
            ({"amount": "zzz", "currency": "CNY"}, "/total/amount"),
            ({"amount": "1e3", "currency": "CNY"}, "/total/amount"),
            ({"amount": "1.00", "currency": "USD"}, "/total/currency"),
        ],
    )
    def test_a_total_that_cannot_be_read_guards_still(self, api, total, pointer):
        order = placed(api)
        wanted = {
            "lines": [{"line": self.line(order), "quantity": 1}],
            "reason": "x",
            "total": total,
        }
        refused = api.post(f"orders/{order['number']}/changes", wanted, **{"If-Match": "*"})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == pointer

    @pytest.mark.parametrize("verb", ["changes", "split"])
    def test_a_line_that_is_named_twice(self, api, verb):
        order = placed(api)
        lines = [{"line": self.line(order), "quantity": n} for n in (1, 2)]
        refused = api.post(
            f"orders/{order['number']}/{verb}", {"lines": lines, "reason": "x"}, **{"If-Match": "*"}
        )
        assert refused.status_code == 422
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
            ("/lines/1/line", "repeated")
        ]


def test_a_long_reason_is_taken_back(api, system):
    order = Order.objects.get(number=placed(api)["number"])
    arguments = {"kind": "review", "reason": "long " * 60}
    hold_order(order_id=order.pk, by=system, now=NOON, **arguments)

    undo_hold(order_id=order.pk, done=Done(before={}, arguments=arguments), by=system, now=NOON)

    assert not Hold.objects.filter(released_at=None).exists()


def test_a_page_that_went_stale_says_so_in_the_readers_words(api, sign_in):
    number = placed(api)["number"]
    api.post(f"orders/{number}/cancel", {"reason": "x"})
    client: Client = sign_in()
    client.cookies["django_language"] = "zh-hans"

    answer = client.post(f"/orders/{number}/hold/", {"kind": "review", "reason": "x"}, follow=True)

    page = answer.content.decode()
    assert "无法“暂停”：当前状态已变为“已取消”。" in page


@pytest.mark.parametrize(
    "amount", ["1_0", "１０", "9" * 5000, "1e3", "0x10", "NaN", " 1", "1.", ""]
)
def test_an_amount_that_is_no_plain_decimal(api, amount):
    number = placed(api, payment={"method": "on_account"})["number"]
    said = {"reference": "r", "amount": {"amount": amount, "currency": "CNY"}, "method": "card"}
    for verb in ("payments", "authorisations"):
        answer = api.post(f"orders/{number}/{verb}", said)
        assert answer.status_code == 422, answer.content
    assert api.post("orders", order_body(payment=said | {"method": "prepaid"})).status_code == 422


def test_a_form_that_lacks_a_field_names_it_in_the_readers_words(api, sign_in):
    number = placed(api)["number"]
    client: Client = sign_in()
    client.cookies["django_language"] = "zh-hans"

    page = client.post(f"/orders/{number}/seal/", {}, follow=True).content.decode()

    assert "缺失或无法识别" in page
    assert "Object missing" not in page
