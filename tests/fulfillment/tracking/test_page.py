"""Public tracking: by number and contact, and not by guessing."""

import time
from itertools import count

import pytest
from django.db.models import F
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import trans_real

from erp import rates
from fulfillment.tracking.views import _still_ordered
from orders.models import Order, OrderLine
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


_minutes = count(int(time.time() // 60) + 10)


@pytest.fixture(autouse=True)
def a_minute_of_its_own(monkeypatch):
    """Each test counts its tries in one whole minute that no other test uses."""
    now = next(_minutes) * 60.0
    monkeypatch.setattr(rates.time, "time", lambda: now)


def test_guessing_is_slow(api):
    body = order_body()
    number = api.post("orders", body).json()["number"]
    wrong = {"number": number, "contact": "someone@example.com"}
    right = {"number": number, "contact": body["customer"]["email"]}
    guesser = Client(REMOTE_ADDR="203.0.113.7")

    guesses = [guesser.post("/track/", wrong).status_code for _ in range(12)]

    assert guesses == [404] * 10 + [429] * 2
    assert guesser.post("/track/", right).status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.8").post("/track/", right).status_code == 302


def test_guessing_from_many_addresses_is_slow_too():
    wrong = {"number": "X-1", "contact": "someone@example.com"}

    guesses = [
        Client(REMOTE_ADDR=f"203.0.113.{n}").post("/track/", wrong).status_code for n in range(32)
    ]

    assert guesses == [404] * 30 + [429] * 2


@pytest.mark.parametrize(("proxies", "answers"), [(0, 429), (1, 404)])
def test_behind_our_proxy_each_customer_has_his_own_tries(settings, proxies, answers):
    """What stands left of our own proxies' addresses is whatever the caller wrote."""
    settings.TRUSTED_PROXIES = proxies
    wrong = {"number": "X-1", "contact": "someone@example.com"}
    proxy = Client(REMOTE_ADDR="203.0.113.99")
    for n in range(10):
        proxy.post(
            "/track/",
            wrong | {"number": f"Y-{proxies}-{n}"},
            HTTP_X_FORWARDED_FOR=f"{n}, 198.51.100.1",
        )

    other = proxy.post("/track/", wrong, HTTP_X_FORWARDED_FOR="1, 198.51.100.2")
    same = proxy.post("/track/", wrong, HTTP_X_FORWARDED_FOR="1, 198.51.100.1")

    assert (other.status_code, same.status_code) == (answers, 429)


def test_a_wrong_contact_and_a_wrong_number_are_answered_alike(api):
    number = api.post("orders", order_body()).json()["number"]
    wrong = {"contact": "gmail.com", "name": "x"}
    there, nowhere = (
        Client(REMOTE_ADDR=f"203.0.113.{100 + n}").post("/track/", wrong | {"number": named})
        for n, named in enumerate((number, "SO-NONE"))
    )

    assert (there.status_code, nowhere.status_code) == (404, 404)
    pages = [answer.content.split(b"csrfmiddlewaretoken")[0] for answer in (there, nowhere)]
    assert pages[0] == pages[1]


def test_what_was_cancelled_is_no_longer_what_was_ordered(api):
    body = order_body()
    placed = api.post("orders", body).json()
    order = Order.objects.get(number=placed["number"])
    first, second = order.lines.order_by("position")
    OrderLine.objects.filter(pk=first.pk).update(
        quantity_ordered=7, quantity_cancelled=4, quantity_reserved=0, quantity_backordered=3
    )
    gone = {"quantity_cancelled": F("quantity_ordered")}
    gone |= {"quantity_reserved": 0, "quantity_backordered": 0}
    OrderLine.objects.filter(pk=second.pk).update(**gone)

    lines = _still_ordered(order)

    assert [line.pk for line in lines] == [first.pk]
    page = render_to_string("fulfillment/tracking/track.html", {"order": order, "lines": lines})
    assert "× 3" in page
    assert "× 7" not in page
    order.lines.update(**gone)
    assert len(_still_ordered(order)) == 2  # of an order that was cancelled whole


@pytest.mark.parametrize("path", ["/track/", "/choose/"])
def test_no_cookie_makes_the_house_speak_a_language_it_does_not_have(path, db):
    """Django keeps a catalogue for every name it is told, for ever: strangers' cookies filled the memory."""
    known = set(trans_real._translations)
    for n in range(5):
        Client().get(path, headers={"Cookie": f"django_language=xx-{n}"})
    answer = Client().get(path, headers={"Cookie": "django_language=zh-hans"})

    assert set(trans_real._translations) <= known | {"en", "zh-hans"}
    assert 'lang="zh-hans"' in answer.content.decode()
