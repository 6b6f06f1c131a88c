"""No page answers with a failure: every address with hostile parameters, every form with hostile fields.

`DOORS=full` tries every value in every place; otherwise each place is given one or two, others in every place.
"""

import inspect
import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client

from erp.lists.page import list_by_name
from erp.wiring import LISTS
from tests.contract.pages import LEAVING, Form, Site, routes
from tests.contract.test_doors import CURSORS, cursor
from tests.contract.world import MAKERS, World
from tests.relay import run_relay

pytestmark = pytest.mark.django_db

IS_FULL = os.environ.get("DOORS") == "full"
SURROGATE = "%ED%A0%80"
# As they stand in an address or in a form.
HOSTILE = [
    SURROGATE,
    "%FF%FE",
    *(
        quote_plus(text)
        for text in (
            "\x00",
            "1" + "0" * 30,
            "-1" + "0" * 30,
            "2147483648",
            "9223372036854775808",
            "9" * 5000,
            "NaN",
            "-Infinity",
            "1e400",
            "1e-400",
            "0001-01-01",
            "9999-12-31",
            "0001-01-01T00:00",
            "9999-12-31T23:59",
            "9999-12-31T23:59:59-14:00",
            "2026-02-31",
            "²",
            "\u0663",
            "ßß",
            " \u200b",
            "a" * 100_000,
            "",
            "-1",
            "0",
            "1.5",
            "{}",
            "[]",
            "[[",
            "null",
            '"\\ud800"',
            '{"a": "\\u0000"}',
            '[{"quantity": 1e400, "sku": "\\ud800"}]',
            "../../etc/passwd",
            "//evil.example",
            "http://[",
            "%s%(x)s{0}",
            "ord_zzzzzzzzzzzz",
            "\r\nX: y",
        )
    ),
]


def some(values: Sequence[str], count: int, *of: object) -> Sequence[str]:
    """All of the values, or a few of them: which, the place says."""
    if IS_FULL:
        return values
    start = zlib.crc32(repr(of).encode())
    count = min(count, len(values))
    return [values[(start + 7 * n) % len(values)] for n in range(count)]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a call does is taken back, so that the next one finds the same."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # the durable one may stand within it
    with block:
        yield
        transaction.set_rollback(True)


class Door:
    """Sends what is hostile, and keeps what was answered by a failure."""

    def __init__(self, browser: Client) -> None:
        self.browser, self.failed = browser, list[str]()
        browser.raise_request_exception = False
        browser.handler.enforce_csrf_checks = True
        browser.get("/accounts/password/reset/")  # gives the token
        self.token = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else ""

    def get(self, address: str) -> None:
        self._judge(f"GET {address[:200]}", lambda: self.browser.get(address))

    def post(self, address: str, fields: Sequence[tuple[str, str]], what: str) -> None:
        """Post a form whose values are encoded already."""
        kept = [field for field in fields if field[0] != "csrfmiddlewaretoken"]
        token = ("csrfmiddlewaretoken", self.token)
        body = "&".join(f"{quote_plus(name)}={value}" for name, value in [token, *kept])
        self._judge(
            f"POST {address[:200]} {what}",
            lambda: self.browser.post(
                address,
                body,
                content_type="application/x-www-form-urlencoded",
                headers={"Referer": f"http://testserver{address[:100]}"},
            ),
        )

    def _judge(self, what: str, call: Callable[[], Any]) -> None:
        cookies = deepcopy(self.browser.cookies)  # a new password begins a new session
        try:
            with undone():
                answer = call()
                if answer.streaming:
                    list(answer.streaming_content)
        except Exception as error:  # what escapes the handler is a failure as well
            self.failed.append(f"{what}: {error!r}"[:600])
            return
        finally:
            self.browser.cookies = cookies
        if answer.status_code == 403 and not answer.streaming and b"CSRF" in answer.content:
            self.failed.append(f"{what}: the form was not let in")
        if answer.status_code >= 500:
            why = getattr(answer, "exc_info", None)
            self.failed.append(f"{what}: {answer.status_code} {why[1]!r}"[:600] if why else what)


def filled_world(api: Any) -> World:
    """A document behind every kind of page."""
    world = World(api)
    for noun in MAKERS:
        world.named(*(noun.split(" ", 1) if " " in noun and noun != "work lines" else (noun, "")))
    run_relay()
    return world


@pytest.fixture
def owner(api, shop, sign_in):
    filled_world(api)
    return sign_in()


PLAIN = [route for route, _view in routes() if "<" not in route and "(" not in route]


def hostile_path(route: str, example: str) -> Iterator[str]:
    """Addresses of a route with a hostile word in place of each parameter."""
    for place in re.finditer(r"<(?:(\w+):)?(\w+)>", route):
        words = ["9" * 26, "0"] if place[1] == "int" else HOSTILE
        for word in some(words, 1, route, place[2]):
            said = quote(word, safe="%").replace("+", "%20") or "%20"
            path = route[: place.start()] + said[:3000] + route[place.end() :]
            yield "/" + re.sub(r"<(\w+:)?\w+>", lambda m: "1" if m[1] == "int:" else "x", path)


def parameters(view: Any) -> tuple[set[str], set[str]]:
    """The names that a view's module reads of a query, and of a form."""
    module = inspect.getsource(inspect.getmodule(inspect.unwrap(view)) or re)
    read = re.findall(r"(GET|POST|data|params|asked)(?:\.get\w*\(|\[)\s*f?\"([\w\-]+)\"", module)
    return {name for of, name in read if of != "POST"}, {name for of, name in read if of == "POST"}


def filters_of(path: str) -> set[str]:
    """The filters of the list that is shown on a path."""
    pages = [page for page in map(list_by_name, LISTS) if page.path == path]
    return {name for page in pages for name in page.filters.base_filters}


def queries(route: str, names: set[str]) -> Iterator[str]:
    for name in some(sorted(names), 3, route, "names"):
        for word in some(HOSTILE, 1, route, name):
            yield f"?{quote_plus(name)}={word}"
    for said in some([cursor(one) for one in CURSORS], 1, route, "cursor"):
        yield f"?cursor={said}"
    yield f"?sort={some(HOSTILE, 1, route, 'sort')[0]}&" + "&".join(f"{n}=x&{n}=y" for n in names)


def knock(door: Door, site: Site, chosen: Callable[[str], bool]) -> int:
    """Try every route: its parameters in the path and in the query, and its forms. Returns how many routes."""
    tried = 0
    for route, view in routes():
        if not chosen(route) or f"/{route}" in LEAVING:
            continue
        tried += 1
        known = site.addresses.get(route) or ["/" + re.sub(r"<(\w+:)?\w+>", "1", route).lstrip("/")]
        for address in hostile_path(route, known[0]):
            door.get(address)
            if IS_FULL:
                door.post(address, [], "nothing")
        in_query, in_form = parameters(view)
        names = in_query | site.asked.get(route, set()) | filters_of(known[0]) | {"q", "sort"}
        for query in queries(route, names - {"cursor"}):
            door.get(known[-1] + query)
        forms = [form for form in site.forms.values() if form.route == route]
        forms.append(Form(route, known[-1], tuple((name, "1") for name in sorted(in_form))))
        for form in forms:
            knock_on_form(door, form)
    return tried


def knock_on_form(door: Door, form: Form) -> None:
    """Post a form as it stands, with each field hostile, with all of them, and with every row twice."""
    good = [(name, quote_plus(value)) for name, value in form.fields]
    names = list(dict.fromkeys(name for name, _value in good if name != "csrfmiddlewaretoken"))
    door.post(form.action, good, "as it stands")
    for name in some(names, 1, form.route, "fields") if names else []:
        for word in some(HOSTILE, 1, form.route, name):
            said = [(n, word if n == name else value) for n, value in good]
            door.post(form.action, said, f"{name}={word[:40]}")
    for word in some(HOSTILE, 1, form.route, "all"):
        door.post(form.action, [(n, word) for n, _value in good], f"all={word[:40]}")
    if names:
        door.post(form.action, good * 2, "twice")
        many = max(2, 900 // len(names)) if IS_FULL else 30
        door.post(form.action, [(n, v) for n, v in good for _ in range(many)][:900], "many")


def is_dashboard(route: str) -> bool:
    return not route.startswith(("admin/", "accounts/"))


def is_office(route: str) -> bool:
    """The back office's pages: of a third of its tables, which are all made alike, or of all."""
    if not route.startswith("admin/"):
        return False
    table = "/".join(route.split("/")[1:3])
    return IS_FULL or "<" in table or not table or zlib.crc32(table.encode()) % 3 == 0


def is_anybodys(route: str) -> bool:
    return route.startswith(("accounts/", "track/", "choose/"))


def test_no_page_of_the_dashboard_answers_with_a_failure(owner):
    door = Door(owner)
    site = Site(
        owner,
        [f"/{route}".replace("//", "/") for route in PLAIN if is_dashboard(route)],
        is_dashboard,
    )
    assert site.failed == []
    reached = {route for route, _view in routes() if is_dashboard(route)} & set(site.addresses)
    assert len(reached) > 90, sorted(reached)
    assert len(site.forms) > 60

    assert knock(door, site, is_dashboard) > 150
    assert owner.get("/").status_code == 200  # signed in to the end
    assert door.failed == [], "\n".join(door.failed)


def test_no_page_of_the_back_office_answers_with_a_failure(owner):
    door = Door(owner)
    site = Site(owner, ["/admin/"], is_office)
    assert site.failed == []
    assert len(site.addresses) > len(admin.site._registry) // (1 if IS_FULL else 4)

    assert knock(door, site, is_office) > (100 if IS_FULL else 30)
    assert owner.get("/admin/").status_code == 200  # signed in to the end
    assert door.failed == [], "\n".join(door.failed)


def test_no_page_for_anybody_answers_with_a_failure(api):
    filled_world(api)
    stranger = Client()
    door = Door(stranger)
    site = Site(
        stranger,
        ["/accounts/login/", "/accounts/password/reset/", "/track/", "/choose/"],
        is_anybodys,
    )
    assert site.failed == []

    assert knock(door, site, is_anybodys) > 10
    assert door.failed == [], "\n".join(door.failed)
