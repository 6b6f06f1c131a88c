"""The customer's choice where goods are short: asked by a signed link, done at once, once."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from erp.messages.models import Message
from erp.once import perform
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from orders.models import ChannelPolicy, ChoiceOffer, Order, Substitute
from orders.order.links import choice_signer, choice_url, tracking_signer
from orders.order.tasks import end_holds
from tests.conftest import order_body
from tests.orders.steps import expect_pots
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


LINES = [
    {"sku": "POT-001", "quantity": 7},
    {"sku": "TEA-001", "quantity": 1},
]  # two pots too many


@pytest.fixture
def asked(shop):
    ChannelPolicy.objects.filter(channel=shop.web).update(
        accepts_backorders=True, short_stock="ask"
    )


@pytest.fixture
def order(api, asked):
    return place(api)


def place(api, **changes):
    answer = api.post("orders", order_body(**{"lines": LINES} | changes))
    return Order.objects.get(number=answer.json()["number"])


def state(order):
    order.refresh_from_db()
    return order.status, [h.reason for h in order.holds.filter(released_at=None)]


def units(order):
    return {
        line.sku_code: (
            line.quantity_ordered - line.quantity_cancelled,
            line.quantity_backordered,
        )
        for line in order.lines.all()
    }


def page_of(order):
    return f"/choose/?t={choice_signer().sign(order.number)}"


def answer(order, client=None, whole="ship", verb="confirm", **lines):
    known = {line.sku_code[:3].lower(): line.pk for line in order.lines.all()}
    said = {f"line-{known[name]}": value for name, value in lines.items()}
    return opened(order, client).post(
        f"/choose/{order.number}/", said | {"whole": whole, "verb": verb}
    )


def opened(order, client=None):
    """A browser that has followed the link of an order's question."""
    browser = client or Client()
    browser.get(page_of(order))
    return browser


class TestAsked:
    def test_as_it_is_placed_by_mail(self, order, laws_hold, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert state(order) == ("pending", ["choice_open"])
        offer = ChoiceOffer.objects.get(order=order)
        assert offer.until.date() == (timezone.now() + timedelta(days=3)).date()
        run_relay()
        message = Message.objects.get(subject_ref=f"order:{order.pk}")
        assert message.template == "choice"
        assert choice_url(order.number, 0) in message.text
        assert not mail.outbox
        laws_hold()

    def test_what_is_there_is_shipped_and_the_rest_comes(self, order, laws_hold):
        assert answer(order).status_code == 302
        assert state(order) == ("confirmed", [])
        assert units(order) == {"POT-001": (7, 2), "TEA-001": (1, 0)}
        assert answer(order).status_code == 410  # once
        laws_hold()

    def test_waiting_for_everything_ends_with_the_last_unit(self, order, shop, system, laws_hold):
        answer(order, whole="wait")
        assert state(order) == ("pending", ["waits_for_all"])
        perform(
            receive_stock,
            warehouse_id=shop.east.pk,
            changes=[Change(shop.pot.pk, 2)],
            reference="PO-2",
            by=system,
            now=timezone.now(),
        )
        run_relay()
        assert state(order) == ("confirmed", [])
        laws_hold()

    def test_cancelling_what_is_missing(self, order, laws_hold):
        total = order.total
        shown = answer(order, verb="look", pot="cancel")
        assert "258.00" in shown.content.decode() or "¥258" in shown.content.decode()
        assert units(order)["POT-001"] == (7, 2)
        answer(order, pot="cancel")
        assert units(order) == {"POT-001": (5, 0), "TEA-001": (1, 0)}
        assert state(order) == ("confirmed", [])
        assert order.total == total - 2 * Decimal(129)
        run_relay()
        assert order.refunds.get().amount == 258
        laws_hold()

    def test_what_was_shown_is_what_is_done(self, order):
        line = order.lines.get(sku_code="POT-001")
        form = {
            f"line-{line.pk}": "cancel",
            "whole": "ship",
            "verb": "confirm",
            "total": "1.00",
        }
        assert opened(order).post(f"/choose/{order.number}/", form).status_code == 409
        assert state(order) == ("pending", ["choice_open"])

    def test_swapping_for_what_was_said_to_do(self, order, shop, laws_hold):
        Substitute.objects.create(sku=shop.pot, by=shop.mug)
        page = Client().get(page_of(order), follow=True).content.decode()
        assert 'value="swap:MUG-001"' in page
        assert answer(order, pot="swap:TEA-001").status_code == 422
        answer(order, pot="swap:MUG-001")
        assert units(order) == {"POT-001": (5, 0), "TEA-001": (1, 0), "MUG-001": (2, 0)}
        assert state(order) == ("confirmed", [])
        laws_hold()

    def test_nothing_left_is_a_cancelled_order(self, api, asked, laws_hold):
        place(api, lines=[{"sku": "POT-001", "quantity": 5}])
        order = place(api, lines=[{"sku": "POT-001", "quantity": 3}])
        answer(order, pot="cancel")
        assert state(order) == ("cancelled", [])
        laws_hold()

    def test_silence_ships_what_is_there(self, order):
        order.holds.update(until=timezone.now())
        ChoiceOffer.objects.update(until=timezone.now())
        end_holds()
        assert state(order) == ("confirmed", [])
        assert answer(order).status_code == 410

    def test_goods_that_come_meanwhile_settle_it(self, order, shop, system):
        perform(
            receive_stock,
            warehouse_id=shop.east.pk,
            changes=[Change(shop.pot.pk, 9)],
            reference="PO-2",
            by=system,
            now=timezone.now(),
        )
        run_relay()
        assert state(order) == ("confirmed", [])
        assert ChoiceOffer.objects.get().status == "ended"


class TestPolicies:
    def test_waiting_for_all_by_policy(self, api, shop):
        ChannelPolicy.objects.update(accepts_backorders=True, short_stock="complete")
        assert state(place(api)) == ("pending", ["waits_for_all"])

    def test_staff_ask_themselves(self, api, shop, sign_in, laws_hold):
        ChannelPolicy.objects.update(accepts_backorders=True)
        order = place(api)
        assert state(order) == ("confirmed", [])
        client = sign_in("service")
        assert (
            f"/orders/{order.number}/offer_choice/"
            in client.get(f"/orders/{order.number}/").content.decode()
        )
        client.post(f"/orders/{order.number}/offer_choice/")
        assert state(order) == ("confirmed", ["choice_open"])
        answer(order, pot="cancel")
        assert state(order) == ("confirmed", [])
        client.post(f"/orders/{order.number}/offer_choice/")
        assert state(order) == ("confirmed", [])  # nothing is short any more
        laws_hold()


class TestPage:
    def test_only_its_own_link_opens_it(self, order):
        for token in ("", "x", order.number, tracking_signer().sign(order.number)):
            assert Client().get(f"/choose/?t={token}").status_code == 404
        page = Client().get(page_of(order), follow=True)
        assert page.status_code == 200
        assert page["X-Robots-Tag"] == "noindex"
        assert answer(order, whole="never").status_code == 422
        assert state(order) == ("pending", ["choice_open"])

    def test_it_says_when_goods_are_expected_in_the_customers_language(self, order, shop, system):
        Order.objects.update(language="zh-hans")
        day = timezone.now().date() + timedelta(days=9)
        expect_pots(shop, system, 9, day)
        page = Client().get(page_of(order), follow=True).content.decode()
        assert "部分商品暂时缺货" in page
        assert re.search(rf"{day.month}月{day.day}日", page)
