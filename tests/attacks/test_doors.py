"""What has no form and no key: monitors, the API's description, signed links; and what a browser or a proxy adds."""

from collections.abc import Iterator
from functools import partial
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone
from django.utils.translation import trans_real

from erp.events.models import Heartbeat
from erp.web.health import CHECKS
from orders.models import ChannelPolicy, Order
from orders.order.links import choice_url, contact_url
from tests.attacks.attacker import Attacker
from tests.attacks.plan import some, some_of
from tests.attacks.test_pages import Door, queries
from tests.attacks.values import ENCODED, HEADERS, TEXTS
from tests.conftest import order_body

pytestmark = pytest.mark.django_db
TOKEN = "of-the-monitor"
DOCUMENTS = ("/api/schema/", "/api/docs/", "/api/nothing/of/it")
OPEN = (*CHECKS, *DOCUMENTS)
METHODS = ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")


def in_headers(at: str, names: list[str], full: int) -> Iterator[tuple[str, str, dict[str, str]]]:
    for name in names:
        for value, word in some(HEADERS[name], 1, f"{at} {name}:", full=full):
            yield f"{at} {name}:", value, {name: word}


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("who", ["stranger", "owner"])
def test_an_open_door_answers_whatever_is_sent(who, path, sign_in, attacker: Attacker):
    # Without a worker `/readyz` says 503, and that is right.
    Heartbeat.objects.create(name="worker", at=timezone.now())
    browser = sign_in() if who == "owner" else Client()
    browser.raise_request_exception = False
    is_api = path == DOCUMENTS[2]
    at = f"{who} {path}"
    with attacker.place():
        for _place, value, query in queries(at, {"format", "lang", "version", "q"}):
            sent = partial(browser.get, path + query)
            attacker.attack(f"{at} ?", value, sent, is_api=is_api)
        for place, value, headers in in_headers(at, list(HEADERS), full=2):
            sent = partial(browser.get, path, headers=headers)
            attacker.attack(place, value, sent, is_api=False)
        for method in METHODS:
            sent = partial(browser.generic, method, path, b'{"a": "\\u0000"}')
            attacker.attack(f"{at} method", method, sent, is_api=False)
        for value, word in some(ENCODED, 2, at):
            address = f"{path.rstrip('/')}/{quote(word[:3000], safe='%')}"
            attacker.attack(f"{at} below", value, partial(browser.get, address), is_api=False)


def test_metrics_are_told_to_whom_they_are_for_alone(settings, attacker: Attacker):
    """A wrong token is a stranger's on this machine as well; so is whoever comes by a proxy."""
    settings.METRICS_TOKEN = TOKEN
    browser = Client(raise_request_exception=False)
    with attacker.place():
        for value, word in some(HEADERS["Authorization"], 4, "metrics token"):
            for scheme in ("", "Bearer ", "bearer "):
                headers = {"Authorization": scheme + word, "X-Forwarded-For": "192.0.2.1"}
                sent = partial(browser.get, "/metrics", headers=headers)
                answer = attacker.attack("metrics token", value, sent, is_api=False)
                if answer is not None and answer.status_code not in {400, 401}:
                    attacker.miss("metrics token", value, [f"{answer.status_code}"])
        for name in ("X-Forwarded-For", "X-Real-IP", "Via"):
            for value, word in some(HEADERS[name], 3, f"metrics {name}:"):
                sent = partial(browser.get, "/metrics", headers={name: word})
                answer = attacker.attack(f"metrics {name}:", value, sent, is_api=False)
                if answer is not None and answer.status_code not in {400, 401}:
                    attacker.miss(f"metrics {name}:", value, [f"{answer.status_code}"])
    answer = browser.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200


COOKIES = (
    configured.SESSION_COOKIE_NAME,
    configured.CSRF_COOKIE_NAME,
    configured.LANGUAGE_COOKIE_NAME,
    "messages",
    "link",
)
PUBLIC = ("/accounts/login/", "/track/", "/track/W-1/", "/choose/", "/choose/W-1/")
SEEN = (*PUBLIC, "/settings/", "/admin/", "/api/v1/orders")


@pytest.mark.parametrize("name", COOKIES)
def test_no_cookie_fails_a_page_or_signs_anybody_in(name, shop, attacker: Attacker):
    browser = Client(raise_request_exception=False)
    known = _catalogues()
    with attacker.place():
        for path in SEEN:
            for value, word in some(TEXTS, 2, f"{path} {name}="):
                cookie = f"{name}={word.encode().decode('latin-1')[:4000]}"
                sent = partial(browser.get, path, headers={"Cookie": cookie})
                answer = attacker.attack(f"{path} {name}=", value, sent, is_api=False)
                if answer is None or path in PUBLIC:
                    continue
                if answer.status_code not in {302, 400, 401}:
                    attacker.miss(f"{path} {name}=", value, [f"{answer.status_code}"])
    assert _catalogues() <= known | {"en", "en-us", "zh-hans"}


@pytest.mark.parametrize("path", ["/accounts/login/", "/track/", "/api/v1/orders", "/metrics"])
def test_what_a_proxy_says_of_the_caller_fails_nothing(path, shop, settings, attacker: Attacker):
    settings.TRUSTED_PROXIES = 1
    browser = Client(raise_request_exception=False)
    names = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded"]
    form = {"login": "olga", "password": "x", "number": "x", "contact": "x@example.com"}
    at = f"behind a proxy {path}"
    with attacker.place():
        for place, value, headers in in_headers(at, [*names, "Host", "X-Request-Id"], full=5):
            sent = partial(browser.post, path, form, headers=headers)
            answer = attacker.attack(place, value, sent, is_api=False)
            if answer is not None and answer.get("X-Request-Id", "").strip("0123456789abcdef"):
                attacker.miss(place, value, [f"says {answer['X-Request-Id']!r}"])


# Signed links


@pytest.fixture
def signed(api, shop) -> dict[str, tuple[str, dict[str, str]]]:
    """The links that a customer gets: to follow an order, and to choose about what is short."""
    ChannelPolicy.objects.filter(channel=shop.web).update(
        accepts_backorders=True, short_stock="ask"
    )
    lines = [{"sku": "POT-001", "quantity": 7}, {"sku": "TEA-001", "quantity": 1}]
    body = order_body(lines=lines)
    made = api.post("orders", body).json()
    order = Order.objects.get(number=made["number"])
    line = order.lines.get(sku_code="POT-001").pk
    links = {
        "/track/": (
            contact_url(order.number, 0, body["customer"]["email"]),
            {"verb": "confirm"},
        ),
        "/choose/": (
            choice_url(order.number, 0),
            {"verb": "confirm", "whole": "lines", f"line-{line}": "cancel", "total": "1.00"},
        ),
    }
    return {path: (urlsplit(url).query, form) for path, (url, form) in links.items()}


@pytest.mark.parametrize("path", ["/track/", "/choose/"])
def test_a_signed_link_with_anything_in_it(path, signed, attacker: Attacker):
    query, form = signed[path]
    door = Door(Client(), attacker)
    names = dict(part.split("=", 1) for part in query.split("&"))
    fields = [(name, quote(value)) for name, value in form.items()]
    opened = door.browser.get(f"{path}?{query}", follow=True)
    assert opened.status_code == 200
    page = opened.request["PATH_INFO"]
    with attacker.place():
        for name, good in names.items():
            at = f"signed {path} ?{name}"
            hostile = dict(ENCODED) | {
                "cut": good[:-1],
                "longer": good + "A",
                "signature alone": good[good.rfind("%3A") :],
                "twice": f"{good}&{name}={good}x",
            }
            for value, word in some(hostile, 3, at):
                said = "&".join(f"{n}={word if n == name else v}" for n, v in names.items())
                door.get(at, value, f"{path}?{said}")
                door.post(at, value, f"{path}?{said}", fields)
        for name in form:
            at = f"signed {path} /{name}"
            for value, word in some(ENCODED, 3, at):
                said_fields = [(n, word if n == name else v) for n, v in fields]
                door.post(at, value, page, said_fields)
        for value, word in some(ENCODED, 3, f"signed {path} cookie"):
            door.get(f"signed {path} cookie", value, page, cookie=f"link=token%3D{word}")
        for name in some_of(list(HEADERS), 3, f"signed {path}"):
            for value, word in some(HEADERS[name], 1, f"signed {path} {name}:", full=5):
                door.get(f"signed {path} {name}:", value, f"{path}?{query}", **{name: word})


def _catalogues() -> set[str]:
    """The languages whose catalogues this process keeps."""
    return set(trans_real._translations)  # type: ignore[attr-defined]  # the stubs leave it out
