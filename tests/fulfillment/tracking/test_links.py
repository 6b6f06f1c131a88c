"""A tracking link ends, can be withdrawn, and does not stay in the address bar."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Order
from orders.order.links import choice_url, contact_url, order_of_link, tracking_signer, tracking_url
from orders.order.messages import order_context
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(api):
    return Order.objects.get(number=api.post("orders", order_body()).json()["number"])


def path_of(url):
    return "/" + url.split("/", 3)[3]


def shown(url, browser=None):
    """What a browser that follows a link is answered in the end."""
    return (browser or Client()).get(path_of(url), follow=True).status_code


def test_it_leaves_the_address_bar_and_the_page_goes_on_without_it(order):
    browser = Client()

    opened = browser.get(path_of(contact_url(order.number, 0, "li.na@example.com")))

    at = f"/track/{order.number}/"
    assert (opened.status_code, opened["Location"]) == (302, at)
    kept = browser.cookies["link"]
    assert (kept["path"], kept["httponly"], kept["samesite"]) == (at, True, "Lax")
    page = browser.get(at)
    assert page.status_code == 200
    assert f"Order {order.number}" in page.content.decode()
    assert tracking_signer().sign(order.number) not in page.content.decode()


def test_whoever_looks_for_another_order_has_forgotten_the_first(order):
    browser = Client()
    shown(tracking_url(order.number, 0), browser)
    wrong = browser.post("/track/", {"number": order.number, "contact": "who@example.com"})
    assert "with this number and contact" in wrong.content.decode()

    left = browser.get(f"/track/{order.number}/?another")

    assert left["Location"] == "/track/"
    assert browser.cookies["link"]["max-age"] == 0
    assert order.number not in browser.get("/track/").content.decode()


def test_staff_withdraw_what_was_given_out_and_the_next_message_brings_a_new_one(order, sign_in):
    browser = Client()
    before = order_context(order.pk)["tracking_url"]
    assert shown(before, browser) == 200

    service = sign_in("service")
    answer = service.post(f"/orders/{order.number}/withdraw_links/")

    assert answer.status_code in {200, 302}
    assert shown(before) == 404
    gone = browser.get(f"/track/{order.number}/")
    assert gone.status_code == 404
    assert "does not work any more" in gone.content.decode()
    assert browser.cookies["link"]["max-age"] == 0, "the browser forgets it"
    assert shown(order_context(order.pk)["tracking_url"]) == 200
    assert shown(choice_url(order.number, 0)) == 404
    assert shown(choice_url(order.number, 1)) == 200
    page = service.get(f"/orders/{order.number}/timeline/").content.decode()
    assert "Tracking links withdrawn" in page


@pytest.mark.parametrize(
    ("ended", "placed", "status"),
    [(None, 729, 200), (None, 731, 404), (179, 900, 200), (181, 182, 404)],
)
def test_it_ends(order, ended, placed, status):
    now = timezone.now()
    Order.objects.update(
        placed_at=now - timedelta(days=placed),
        ended_at=now - timedelta(days=ended) if ended else None,
    )

    assert shown(tracking_url(order.number, 0)) == status
    said = {"number": order.number, "contact": order.addresses.first().email}
    found = Client(REMOTE_ADDR=f"203.0.113.{placed % 250}").post("/track/", said)
    assert found.status_code == (302 if status == 200 else 404)


@pytest.mark.parametrize(
    "token", ["", ":", "x", "{number}", "{number}~1:{signature}", "~:x", "\x00"]
)
def test_a_token_that_nobody_signed_is_no_link(order, token):
    signature = tracking_signer().signature(order.number)

    said = token.format(number=order.number, signature=signature)

    assert order_of_link(tracking_signer(), said, timezone.now()) is None


def test_a_link_of_one_kind_opens_no_other(order):
    token = tracking_url(order.number, 0).partition("?t=")[2]
    assert Client().get("/choose/", {"t": token}).status_code == 404


@pytest.mark.parametrize("room", ["track", "choose"])
def test_a_link_opens_the_page_of_its_own_order_alone(order, api, room):
    """The cookie of one order's page, sent to another's, showed the first one there."""
    other = api.post("orders", order_body()).json()["number"]
    url = {"track": tracking_url, "choose": choice_url}[room](order.number, 0)
    browser = Client()
    browser.get(path_of(url))

    answer = browser.get(f"/{room}/{other}/", follow=True)

    assert order.number not in answer.content.decode()
    assert other not in answer.content.decode()


def test_a_page_without_its_link_leads_to_where_orders_are_found(order):
    answer = Client().get(f"/track/{order.number}/")
    assert (answer.status_code, answer["Location"]) == (302, "/track/")
    assert Client().get(f"/choose/{order.number}/").status_code == 404


@pytest.mark.parametrize("room", ["track", "choose"])
def test_what_an_address_says_is_never_a_header(room, db):
    answer = Client().get(f"/{room}/x%0d%0aSet-Cookie:%20a=b;%20Path=/")
    assert answer.cookies["link"]["path"] == f"/{room}/x%0D%0ASet-Cookie%3A%20a%3Db%3B%20Path%3D/"


def test_the_signature_of_a_withdrawn_link_confirms_no_address(order, sign_in):
    """With a new link, which whoever states the order's contact gets, it made a stranger the customer."""
    email = order.addresses.first().email
    old = contact_url(order.number, 0, email).partition("&c=")[2]
    sign_in("service").post(f"/orders/{order.number}/withdraw_links/")
    new = tracking_url(order.number, 1).partition("?t=")[2]
    browser = Client()

    page = browser.get("/track/", {"t": new, "c": old}, follow=True)
    browser.post(page.request["PATH_INFO"], {"verb": "confirm"})

    assert 'value="confirm"' not in page.content.decode()
    order.refresh_from_db()
    assert order.customer_proof != "link"
    mine = contact_url(order.number, 1, email)
    assert 'value="confirm"' in Client().get(path_of(mine), follow=True).content.decode()
