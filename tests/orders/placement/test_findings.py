"""Findings of intake: the same order twice, blocked contacts; and orders that nobody pays."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from erp.messages.models import Message
from inventory.models import StockLevel
from orders.customers.contacts import Address, address_key, normal_contact
from orders.models import BlockedContact, ChannelPolicy, Order
from orders.payments.actions.overdue import unpaid_to_expire, unpaid_to_remind
from orders.payments.tasks import age_unpaid
from tests.conftest import order_body
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)


def findings(number):
    review = Order.objects.get(number=number).decision_set.get(kind="review")
    return {f["code"]: f.get("params", {}) for f in review.inputs["findings"]}


class TestDoubles:
    def test_the_same_goods_for_the_same_customer_soon_again(self, api):
        customer = {"name": "Li", "email": "li@tea.example", "phone": ""}
        first = api.post("orders", order_body(customer=customer)).json()["number"]
        again = api.post("orders", order_body(customer=customer)).json()["number"]
        other = api.post(
            "orders", order_body(customer=customer, lines=[{"sku": "TEA-001", "quantity": 1}])
        ).json()["number"]

        assert findings(first) == {}
        assert findings(again) == {"possible_duplicate": {"names": [first]}}
        assert findings(other) == {}

    def test_later_or_cancelled_it_is_none_and_where_doubt_holds_it_holds(self, api, shop):
        customer = {"name": "Li", "email": "li@tea.example", "phone": ""}
        first = api.post("orders", order_body(customer=customer)).json()["number"]
        Order.objects.update(placed_at=timezone.now() - timedelta(minutes=61))
        late = api.post("orders", order_body(customer=customer)).json()
        assert findings(late["number"]) == {}

        api.post(f"orders/{late['number']}/cancel", {"reason": "x"})
        assert findings(api.post("orders", order_body(customer=customer)).json()["number"]) == {}

        ChannelPolicy.objects.update(review="hold")
        held = api.post("orders", order_body(customer=customer)).json()
        assert [(h["kind"], h["reason"]) for h in held["holds"]] == [
            ("duplicate", "possible_duplicate")
        ]
        assert first


class TestBlocked:
    @pytest.mark.parametrize(
        ("kind", "value", "changes"),
        [
            (
                "email",
                "Bad@X.example",
                {"customer": {"name": "x", "email": "bad@x.example", "phone": ""}},
            ),
            (
                "phone",
                "138 0000 9999",
                {"customer": {"name": "x", "email": "", "phone": "+8613800009999"}},
            ),
            ("address", "CN, 200040, 南京西路1号", {}),
        ],
    )
    def test_a_blocked_contact_holds_whoever_uses_it(self, api, kind, value, changes):
        BlockedContact.objects.create(kind=kind, value=normal_contact(kind, value))

        order = api.post("orders", order_body(**changes)).json()

        assert [(h["kind"], h["reason"]) for h in order["holds"]] == [("fraud", "contact_blocked")]
        assert findings(order["number"])["contact_blocked"] == {"names": [kind]}

    def test_it_is_kept_in_the_admin(self, shop, sign_in):
        client: Client = sign_in("owner")
        answer = client.post(
            "/admin/orders/blockedcontact/add/",
            {"kind": "email", "value": " Bad@X.example ", "reason": "x"},
        )
        assert answer.status_code == 302
        assert BlockedContact.objects.get().value == "bad@x.example"

    def test_an_address_is_the_same_however_it_is_spaced(self):
        one = Address(name="a", line1="1 Main St.", country="US", postal_code="62704")
        other = Address(name="b", line1="1 main  st", country="US", postal_code="62704")
        assert address_key(one) == address_key(other)


class TestUnpaid:
    def unpaid(self, api, hours):
        number = api.post("orders", order_body(payment={"method": "unpaid"})).json()["number"]
        Order.objects.filter(number=number).update(
            placed_at=timezone.now() - timedelta(hours=hours)
        )
        return Order.objects.get(number=number)

    def test_reminded_once_then_expired_and_its_stock_is_free(self, api, shop, laws_hold):
        ChannelPolicy.objects.update(remind_unpaid_hours=2, expire_unpaid_hours=24)
        young, late, old = (self.unpaid(api, hours) for hours in (1, 3, 25))
        paid = self.unpaid(api, 30)
        api.post(
            f"orders/{paid.number}/payments",
            {
                "method": "card",
                "reference": "p",
                "amount": {"amount": f"{paid.total:.2f}", "currency": "CNY"},
            },
        )
        now = timezone.now()
        assert unpaid_to_remind(now=now) == [old.pk, late.pk]
        assert unpaid_to_expire(now=now) == [old.pk]
        before = sum(StockLevel.objects.values_list("reserved", flat=True))

        age_unpaid()
        age_unpaid()
        relay_all()

        states = dict(Order.objects.values_list("pk", "status"))
        assert (states[young.pk], states[late.pk], states[old.pk], states[paid.pk]) == (
            "pending",
            "pending",
            "expired",
            "confirmed",
        )
        assert sum(StockLevel.objects.values_list("reserved", flat=True)) == before - 3
        reminders = Message.objects.filter(template="unpaid")
        assert [m.subject_ref for m in reminders] == [f"order:{late.pk}"]  # the expired is not told
        laws_hold()

    def test_nobody_is_reminded_where_the_channel_does_not_say_so(self, api, shop):
        self.unpaid(api, 1000)
        assert unpaid_to_remind(now=timezone.now()) == []
        assert unpaid_to_expire(now=timezone.now()) == []
