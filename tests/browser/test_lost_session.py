"""A session that ends while somebody types: after signing in they are where they were, and so is what they typed."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.browser.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.browser
def test_what_was_typed_is_back_after_signing_in_again(chromium, live_server, shop, owner):
    visitor = Visitor(chromium, live_server.url, "en")
    visitor.sign_in()
    page = visitor.page
    page.goto(f"{visitor.base}/orders/new/")
    page.fill("[name=name]", "Ann Lee")
    page.fill("[name=note]", "Ring twice")
    Session.objects.all().delete()

    form = page.locator("form:has([name=note])")
    form.evaluate("form => { form.noValidate = true; }")  # half of it is typed so far
    form.locator("button.primary").last.click()
    page.wait_for_url("**/accounts/login/**")
    page.fill("[name=login]", "owner")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/orders/new/")

    assert page.input_value("[name=name]") == "Ann Lee"
    assert page.input_value("[name=note]") == "Ring twice"
    page.wait_for_selector(".toast:has-text('What you typed is back')")
    page.goto(f"{visitor.base}/orders/new/")
    assert page.input_value("[name=name]") == ""  # it is put back once
    assert visitor.complaints == []


@pytest.mark.parametrize(
    ("came_from", "back_to"),
    [
        ("http://testserver/orders/new/?copy=1", "/orders/new/?copy=1"),
        ("https://elsewhere.example/orders/new/", "/"),
        ("", "/"),
    ],
)
def test_a_form_leads_back_to_the_page_it_was_sent_from(db, came_from, back_to):
    """Its own address may know no GET: whoever came back to it met a 405."""
    answer = Client().post("/orders/SO1/hold/", headers={"Referer": came_from} if came_from else {})

    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?next={back_to.replace('?', '%3F').replace('=', '%3D')}")
