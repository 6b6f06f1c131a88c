"""Customers on the public pages, in a real browser: what they choose is done, what they look for is found."""

import pytest
from playwright.sync_api import expect

from orders.models import ChannelPolicy, Order
from orders.order.links import choice_signer, tracking_url
from tests.browser.visitor import Visitor
from tests.conftest import order_body

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_customer_cancels_what_is_missing(chromium, live_server, api, shop):
    ChannelPolicy.objects.update(accepts_backorders=True, short_stock="ask")
    body = order_body(lines=[{"sku": "POT-001", "quantity": 7}])
    order = Order.objects.get(number=api.post("orders", body).json()["number"])
    visitor = Visitor(chromium, live_server.url, "en", width=390)
    page = visitor.page

    page.goto(f"{live_server.url}/choose/?t={choice_signer().sign(order.number)}")
    assert page.url == f"{live_server.url}/choose/{order.number}/"
    page.get_by_label("Cancel the item").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Your refund")).to_be_visible()
    page.get_by_role("button", name="Confirm my choice").click()
    expect(page.get_by_text("Thank you. We will take care of it.")).to_be_visible()

    assert order.lines.get().quantity_ordered == 5
    assert Order.objects.get(pk=order.pk).status == "confirmed"
    assert visitor.complaints == []
    visitor.context.close()


def test_a_customer_finds_an_order_by_number_and_postal_code(chromium, live_server, api):
    number = api.post("orders", order_body()).json()["number"]
    visitor = Visitor(chromium, live_server.url, "en", width=390)
    page = visitor.page
    page.goto(f"{live_server.url}/track/")
    page.get_by_label("Order number").fill(number)
    page.get_by_label("E-mail, phone or postal code").fill("200040")
    page.get_by_label("Recipient's name").fill("李娜")
    page.get_by_role("button", name="Find my order").click()
    expect(page.get_by_role("heading", name=f"Order {number}")).to_be_visible()
    visitor.context.close()


def test_a_link_is_followed_and_leaves_the_address_bar(chromium, live_server, api):
    order = Order.objects.get(number=api.post("orders", order_body()).json()["number"])
    visitor = Visitor(chromium, live_server.url, "en", width=390)
    page = visitor.page
    page.goto(f"{live_server.url}/track/?{tracking_url(order.number, 0).partition('?')[2]}")
    expect(page.get_by_role("heading", name=f"Order {order.number}")).to_be_visible()
    assert page.url == f"{live_server.url}/track/{order.number}/"
    page.reload()
    expect(page.get_by_role("heading", name=f"Order {order.number}")).to_be_visible()
    page.get_by_role("link", name="Track another order").click()
    expect(page.get_by_label("Order number")).to_be_visible()
    assert visitor.complaints == []
    visitor.context.close()
