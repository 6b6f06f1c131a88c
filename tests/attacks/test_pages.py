"""Every parameter of every page, in its path, its query, its headers and its forms, filled with what is hostile."""

import inspect
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.test import Client

from erp.lists.page import list_by_name
from erp.wiring import LISTS
from tests.attacks.attacker import Attacker
from tests.attacks.pages import Form, Site, routes
from tests.attacks.plan import DEPTH, IS_FULL, SEED, is_left_out, some, some_of
from tests.attacks.routes import plain
from tests.attacks.values import CRAFTED, ENCODED, HEADERS
from tests.contract.world import MAKERS, World
from tests.relay import run_relay

pytestmark = pytest.mark.django_db

# How many of the hostile values a parameter, a field and a header of a page are given in a full run.
IN_QUERY, IN_FIELDS, IN_HEADERS = 1, 1, 1
IN_OFFICE = 1  # of a parameter or a field there: its hundred pages are all made alike


class Door:
    """Sends what is hostile to pages, with a token as a browser has it."""

    def __init__(self, browser: Client, attacker: Attacker) -> None:
        self.browser, self.attacker = browser, attacker
        browser.raise_request_exception = False
        browser.handler.enforce_csrf_checks = True
        browser.get("/accounts/password/reset/")  # gives the token
        self.token = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else ""

    def get(self, at: str, value: str, address: str, **headers: str) -> Any:
        return self._attack(at, value, lambda: self.browser.get(address, headers=headers))

    def post(self, at: str, value: str, address: str, fields: Sequence[tuple[str, str]]) -> None:
        """Post a form whose values are encoded already."""
        kept = [field for field in fields if field[0] != "csrfmiddlewaretoken"]
        token = ("csrfmiddlewaretoken", self.token)
        body = "&".join(f"{quote_plus(name)}={value}" for name, value in [token, *kept])
        answer = self._attack(
            at,
            value,
            lambda: self.browser.post(
                address,
                body,
                content_type="application/x-www-form-urlencoded",
                headers={"Referer": f"http://testserver{address[:100]}"},
            ),
        )
        if answer is not None and _is_shut_out(answer):
            self.attacker.miss(at, value, ["the form was not let in"])

    def _attack(self, at: str, value: str, send: Callable[[], Any]) -> Any:
        cookies = deepcopy(self.browser.cookies)  # a new password begins a new session

        def sent() -> Any:
            try:
                return send()
            finally:
                self.browser.cookies = deepcopy(cookies)

        return self.attacker.attack(at, value, sent, is_api=False)


def _is_shut_out(answer: Any) -> bool:
    return answer.status_code == 403 and not answer.streaming and b"CSRF" in answer.content


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


def hostile_path(route: str) -> Iterator[tuple[str, str, str]]:
    """(where, which value, address): a hostile word in place of each parameter of a route."""
    route = plain(route)
    for place in re.finditer(r"<(?:(\w+):)?(\w+)>", route):
        at = f"{route} <{place[2]}>"
        words = {"26 digits": "9" * 26, "0": "0"} if place[1] == "int" else ENCODED
        for value, word in some(words, 1, at, full=asked_of(route)):
            said = quote(word, safe="%").replace("+", "%20") or "%20"
            path = route[: place.start()] + said[:3000] + route[place.end() :]
            filled = re.sub(r"<(\w+:)?\w+>", lambda m: "1" if m[1] == "int:" else "x", path)
            yield at, value, f"/{filled}"


def asked_of(route: str) -> int:
    """How many hostile values a parameter of a page is given in a full run."""
    return IN_OFFICE if route.startswith("admin/") else IN_QUERY


def parameters(view: Any) -> tuple[set[str], set[str]]:
    """The names that a view's module reads of a query, and of a form."""
    module = inspect.getsource(inspect.getmodule(inspect.unwrap(view)) or re)
    read = re.findall(r"(GET|POST|data|params|asked)(?:\.get\w*\(|\[)\s*f?\"([\w\-]+)\"", module)
    return {name for of, name in read if of != "POST"}, {name for of, name in read if of == "POST"}


def filters_of(path: str) -> set[str]:
    """The filters of the list that is shown on a path."""
    pages = [page for page in map(list_by_name, LISTS) if page.path == path]
    return {name for page in pages for name in page.filters.base_filters}


def queries(route: str, names: set[str]) -> Iterator[tuple[str, str, str]]:
    """(where, which value, query) of a page."""
    for name in some_of(sorted(names), 2, route):
        at = f"{route} ?{name}"
        for value, word in some(ENCODED, 1, at, full=asked_of(route)):
            yield at, value, f"?{quote_plus(name)}={word}"
    for value, word in some(CRAFTED, 1, f"{route} ?cursor", full=2):
        yield f"{route} ?cursor", value, f"?cursor={word}"
    yield f"{route} ?", "twice", "?" + "&".join(f"{n}=x&{n}=y" for n in sorted(names))


def knock(door: Door, site: Site, chosen: Callable[[str], bool]) -> int:
    """Try every route: its path, its query, its headers and its forms. Returns how many routes."""
    tried = 0
    for route, view in routes():
        if not chosen(route):
            continue
        tried += 1
        if is_left_out(route):
            continue
        with door.attacker.place():
            knock_on_route(door, site, route, view)
    return tried


def knock_on_route(door: Door, site: Site, route: str, view: Any) -> None:
    known = site.addresses.get(route) or [
        "/" + re.sub(r"<(\w+:)?\w+>", "1", plain(route)).lstrip("/")
    ]
    for at, value, address in hostile_path(route):
        door.get(at, value, address)
        if IS_FULL:
            door.post(at, value, address, [])
    in_query, in_form = parameters(view)
    names = in_query | site.asked.get(route, set()) | filters_of(known[0]) | {"q", "sort"}
    for at, value, query in queries(route, names - {"cursor"}):
        door.get(at, value, known[-1] + query)
    for name in some_of(list(HEADERS), 1, route) if not route.startswith("admin/") else ():
        at = f"{route} {name}:"
        for value, word in some(HEADERS[name], 1, at, full=IN_HEADERS):
            door.get(at, value, known[-1], **{name: word})
    forms = [form for form in site.forms.values() if form.route == route]
    forms.append(Form(route, known[-1], tuple((name, "1") for name in sorted(in_form))))
    for form in forms:
        knock_on_form(door, form)


def knock_on_form(door: Door, form: Form) -> None:
    """Post a form as it stands, with each field hostile or missing, with all of them, with rows twice, empty."""
    route, action = form.route, form.action
    good = [(name, quote_plus(value)) for name, value in form.fields]
    names = list(dict.fromkeys(name for name, _value in good if name != "csrfmiddlewaretoken"))
    door.post(f"{route} form", "as it stands", action, good)
    is_office_page = route.startswith("admin/")
    most = IN_OFFICE if is_office_page else IN_FIELDS
    for name in some_of(names, 1, route):
        at = f"{route} /{name}"
        if DEPTH == 1 and zlib.crc32(at.encode()) % (3 if is_office_page else 2) == SEED % 2:
            continue
        for value, word in some(ENCODED, 1, at, full=most):
            door.post(at, value, action, [(n, word if n == name else old) for n, old in good])
        if not is_office_page or zlib.crc32(at.encode()) % 4 == SEED % 4:
            door.post(at, "missing", action, [(n, old) for n, old in good if n != name])
    for value, word in some(ENCODED, 1, f"{route} all", full=most):
        door.post(f"{route} all", value, action, [(n, word) for n, _value in good])
    if not names:
        return
    door.post(f"{route} form", "empty", action, [])
    door.post(f"{route} form", "twice", action, good * 2)
    many = max(2, 900 // len(names)) if IS_FULL else 30
    door.post(f"{route} form", "many", action, [(n, v) for n, v in good for _ in range(many)][:900])


def is_dashboard(route: str) -> bool:
    return not route.startswith(("admin/", "accounts/"))


def is_of(room: str) -> Callable[[str], bool]:
    """Whether a route belongs to a part of the dashboard: by the first word of its path."""

    def is_ours(route: str) -> bool:
        return is_dashboard(route) and route.partition("/")[0] in ROOMS[room]

    return is_ours


# The parts of the dashboard, so that two processes share a full run; a sample is one walk.
FIRST = sorted({route.partition("/")[0] for route, _view in routes() if is_dashboard(route)})
APART = ["orders", "stock", "settings"]
ROOMS = {
    **{word: [word] for word in APART if IS_FULL},
    "rest": [word for word in FIRST if not IS_FULL or word not in APART],
}


def is_office(part: int) -> Callable[[str], bool]:
    """Whether a route is of a part of the back office: of no table, of a few tables, or in a full run of each."""

    def is_ours(route: str) -> bool:
        if not route.startswith("admin/"):
            return False
        table = "/".join(route.split("/")[1:3])
        return table in tables_of(part) or (table not in OFFICE and part == 0)

    return is_ours


def tables_of(part: int) -> Sequence[str]:
    return some_of(OFFICE[part::PARTS], 3, "admin")


OFFICE = sorted(
    {
        "/".join(route.split("/")[1:3])
        for route, _view in routes()
        if route.startswith("admin/") and route.count("/") > 2
    }
)
PARTS = 4 if IS_FULL else 1


def is_anybodys(route: str) -> bool:
    return route.startswith(("accounts/", "track/", "choose/"))


@pytest.mark.parametrize("room", ROOMS)
def test_the_dashboard(room, owner, attacker):
    door = Door(owner, attacker)
    seeds = [f"/{route}".replace("//", "/") for route in PLAIN if is_dashboard(route)]
    site = Site(owner, seeds, is_of(room))
    assert site.failed == []
    if not IS_FULL:
        reached = {route for route, _view in routes() if is_dashboard(route)} & set(site.addresses)
        assert len(reached) > 90, sorted(reached)
        assert len(site.forms) > 60

    assert knock(door, site, is_of(room)) > 20
    assert owner.get("/").status_code == 200  # signed in to the end


@pytest.mark.parametrize("part", range(PARTS))
def test_the_back_office(part, owner, attacker):
    door = Door(owner, attacker)
    seeds = ["/admin/", *(f"/admin/{table}/" for table in tables_of(part))]
    site = Site(owner, seeds, is_office(part))
    assert site.failed == []
    assert len(site.addresses) > (len(OFFICE) // PARTS if IS_FULL else 3)

    assert knock(door, site, is_office(part)) > (25 if IS_FULL else 8)
    assert owner.get("/admin/").status_code == 200  # signed in to the end


def test_pages_for_anybody(api, attacker):
    filled_world(api)
    stranger = Client()
    door = Door(stranger, attacker)
    seeds = ["/accounts/login/", "/accounts/password/reset/", "/track/", "/choose/"]
    site = Site(stranger, seeds, is_anybodys)
    assert site.failed == []

    assert knock(door, site, is_anybodys) > 10


def test_the_pages_of_an_account(owner, attacker):
    """The same as of somebody who has signed in: password, second factors, linked accounts, signing out."""
    door = Door(owner, attacker)
    seeds = [f"/{route}" for route in PLAIN if route.startswith("accounts/")]
    site = Site(owner, seeds, is_anybodys)
    assert site.failed == []

    mine = [route for route, _view in routes() if route.startswith("accounts/")]
    assert knock(door, site, set(some_of(mine, 12, "accounts")).__contains__) > 10
    assert owner.get("/").status_code == 200  # signed in to the end


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_health_check_is_answered_whatever_the_host(path, client, settings):
    settings.ALLOWED_HOSTS = ["orders.example.com"]

    assert client.get(path, headers={"Host": "127.0.0.1:8000"}).status_code in {200, 503}
    assert client.get("/accounts/login/", headers={"Host": "127.0.0.1"}).status_code == 400


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/track/", {"number": "\x00", "contact": "x"}),
        ("/accounts/login/", {"login": "\x00", "password": "\x00"}),
        ("/orders/new/", {"channel": "web", "sku": ["\x00"], "quantity": ["1"]}),
        ("/customers/x/change/", {"note": "\x00"}),
    ],
)
def test_no_form_with_nul_is_answered_by_a_failure(path, form, sign_in, client):
    for browser in (client, sign_in()):
        answer = browser.post(path, form)
        assert answer.status_code == 400, answer.content[:300]
        assert "U+0000" in answer.content.decode()


@pytest.mark.parametrize("said", [r'{"id": "\ud800"}', r'"\uDFff"', r'{"\ud83d\ude00": 1}'])
def test_no_security_keys_answer_with_half_a_character_is_answered_by_a_failure(
    said, sign_in, client
):
    for browser in (client, sign_in()):
        answer = browser.post("/accounts/2fa/webauthn/add/", {"name": "k", "credential": said})
        assert answer.status_code == 400, answer.content[:300]
