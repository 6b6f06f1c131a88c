"""The table of payment methods is what the API takes, and what it says is what happens."""

import re
from typing import get_args, get_type_hints

import pytest
from django.utils import translation

from orders.models import Order, Payment
from orders.placement.incoming import IncomingPayment
from orders.policies.payment_methods import AT_DESK, AWAIT_PAYMENT, METHODS, method_of
from tests.architecture import guards
from tests.conftest import order_body


def test_the_api_takes_every_method_and_no_other():
    assert set(get_args(get_type_hints(IncomingPayment)["method"])) == set(METHODS)
    assert set(AT_DESK) == {m.code for m in METHODS.values() if m.at_desk}
    assert not method_of("barter").awaits_payment


def test_sql_names_no_method():
    """What follows from a method is handed to SQL by what the table says."""
    for path in (guards.ROOT / "orders").glob("*/sql/*.sql"):
        said = set(re.findall(r"payment_method\s*(?:=|<>|IN)\s*\(?'(\w+)'", path.read_text()))
        assert said == set(), path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", METHODS)
def test_an_order_waits_for_its_money_where_the_method_says_so(api, shop, code):
    method = METHODS[code]
    payment = {"method": code} | ({"reference": "pay_1"} if method.is_paid_ahead else {})
    answer = api.post("orders", order_body(payment=payment))

    assert answer.status_code == 201, answer.content
    order = Order.objects.get()
    assert order.payment_status == ("paid" if method.is_paid_ahead else "unpaid")
    waits = (code in AWAIT_PAYMENT and not method.is_paid_ahead) or method.uses_credit  # not agreed
    assert order.status == ("pending" if waits else "confirmed")


@pytest.mark.django_db(transaction=True)
def test_money_that_came_ahead_has_its_reference(api, shop):
    for code, method in METHODS.items():
        answer = api.post("orders", order_body(payment={"method": code}))
        assert (answer.status_code == 422) == method.is_paid_ahead


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "name"), [("en", "Prepaid"), ("zh-hans", "预付")])
def test_the_order_page_calls_a_payment_by_its_name(api, sign_in, language, name):
    number = api.post(
        "orders", order_body(payment={"method": "prepaid", "reference": "pay_9"})
    ).json()["number"]
    client = sign_in()
    client.cookies["django_language"] = language

    page = client.get(f"/orders/{number}/").content.decode()
    assert f"<dt>{name} " in page
    assert "<dt>prepaid" not in page


def test_a_tender_is_called_by_its_method_else_as_it_was_stated():
    with translation.override("en"):
        assert Payment(method="cod").method_name == "Cash on delivery"
        assert Payment(method="manual").method_name == "Recorded by hand"
        assert Payment(method="WeChat").method_name == "WeChat"
