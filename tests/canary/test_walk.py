"""Who is shown what of one person: every page, paper, file and operation, for every role and kind of key."""

import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from erp.access.key_purposes import PURPOSES
from erp.access.models import Channel, Company
from erp.access.roles import rights_of
from erp.messages.models import Message
from erp.wiring import LISTS
from orders.customers import readers
from orders.models import PersonalDataLook
from orders.order.links import tracking_url
from tests.attacks.pages import Site, route_of
from tests.attacks.test_pages import PLAIN, is_dashboard
from tests.canary.declared import (
    ASK,
    CHANNELS,
    CLEAR,
    DECLARED_MASKED,
    KEYS,
    PACK,
    PURPOSES_SEE,
    ROLES,
    undeclared,
)
from tests.canary.person import FILE, SHOP, WEB, seen_in, text_of
from tests.canary.planted import Planted, exported

pytestmark = pytest.mark.django_db

FOUND_BY = ("/palette/", "/search/", "/orders/new/customers/", "/orders/", "/customers/")


class Watched:
    """A browser that notes what of the person stands in each answer."""

    def __init__(self, browser: Any) -> None:
        self.browser, self.seen, self.reached = browser, defaultdict[str, set[str]](set), set[str]()

    def get(self, path: str, **more: Any) -> Any:
        answer = self.browser.get(path, **more)
        self.seen[path] |= seen_in(text_of(answer))
        if answer.status_code == 200:
            self.reached.add(path)
        return answer

    def by_route(self) -> Iterator[tuple[str, str, set[str]]]:
        """(route, path, what was seen)."""
        for path, seen in self.seen.items():
            yield route_of(path), path, seen


@pytest.fixture
def owner(sign_in):
    return sign_in()


@pytest.fixture
def planted(api, shop, system, owner, caplog):
    caplog.set_level(logging.DEBUG)
    return Planted(api, shop, system, owner)


def crawled(planted: Planted, owner: Any) -> Watched:
    """Every page of the dashboard, and the papers and files that it leads to, as an owner sees them."""
    watched = Watched(owner)
    seeds = [f"/{route}".replace("//", "/") for route in PLAIN if is_dashboard(route)]
    numbers = (planted.packed, planted.shipped, planted.held, planted.told)
    seeds += [f"{path}?q=quintessa" for path in FOUND_BY]
    seeds += [f"/orders/{number}/" for number in numbers]
    seeds += [f"/orders/{planted.held}/edit/address/", f"/orders/new/?copy={planted.held}"]
    seeds += ["/admin/", "/admin/orders/blockedcontact/", "/settings/messages/confirmed/preview/"]
    Site(watched, seeds, is_dashboard)
    return watched


def walked(browser: Any, paths: list[str], role: str, declared: Any = None) -> list[str]:
    """What somebody is shown on these paths that nobody has declared."""
    watched, hits = Watched(browser), []
    for path in paths:
        watched.get(path)
    for route, path, seen in watched.by_route():
        more = undeclared(route, role, seen, *([declared] if declared else []))
        hits += [f"{role} {path}: {sorted(more)}"] if more else []
    return hits


def test_nobody_is_shown_what_is_not_declared(planted, owner, sign_in, caplog):
    """A page on which an owner sees nothing of the person has nothing to show to anybody else."""
    crawl = crawled(planted, owner)
    assert len(crawl.reached) > 100
    telling = sorted(path for path, seen in crawl.seen.items() if seen)
    routes = {route_of(path) for path in telling}
    assert len(routes) > 20, sorted(routes)
    browsers = {role: sign_in(role, f"walker-{role}") for role in ROLES if role != "owner"}
    browsers["owner"] = owner
    files = [name for name in LISTS if seen_in(exported(owner, name))]
    assert {"orders", "review", "customers", "drafts"} <= set(files)

    hits = [hit for role in ROLES for hit in walked(browsers[role], telling, role)]
    hits += [
        f"{role} export of {name}: {sorted(more)}"
        for role in ROLES
        for name in files
        if (more := undeclared("export", role, seen_in(exported(browsers[role], name))))
    ]
    assert seen_in(exported(browsers["service"], "customers", "xlsx")) > {"web.mail"}
    anybody = Client()
    public = [
        tracking_url(number, 0).partition("//")[2].partition("/")[2]
        for number in (planted.shipped,)
    ]
    hits += walked(anybody, [*telling, *(f"/{path}" for path in public)], "nobody")
    assert hits == []

    assert {
        record.getMessage() for record in caplog.records if seen_in(record.getMessage())
    } == set()
    assert {
        message.pk
        for message in Message.objects.filter(template="notice")
        if seen_in(f"{message.subject} {message.text} {message.html}")
    } == set()
    recorded(browsers)
    masked_for_all(browsers, telling, files)


def recorded(browsers: dict[str, Any]) -> None:
    """Whoever was shown what is masked for them stands in the log, with what they opened and why."""
    looks: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for look in PersonalDataLook.objects.all():
        role = next((r for r, b in browsers.items() if b.actor.pk == look.by_id), "")
        looks[role].add((look.subject.partition(":")[0], re.sub(r"[\d-]+$", "", look.why)))
    papers = {("parcel", "label"), ("parcel", "packing-slip")}
    for role in PACK:
        assert papers <= looks[role], (role, looks[role])
    for role in ASK:
        assert {("order", "confirmation"), ("draft", "")} <= looks[role], (role, looks[role])
        assert any(kind == "order" and why.startswith("INV") for kind, why in looks[role])
    exports = {("job", "export orders "), ("job", "export customers ")}
    for role in CLEAR:
        assert exports <= looks[role], (role, looks[role])
    for role in ("buyer", "analyst", "auditor"):
        assert not looks[role]


def masked_for_all(browsers: dict[str, Any], telling: list[str], files: list[str]) -> None:
    """Where the company masks for all, who sees contacts elsewhere sees them when they ask."""
    Company.objects.update_or_create(pk=1, defaults={"masks_contacts": True})
    hits = [hit for role in CLEAR for hit in walked(browsers[role], telling, role, DECLARED_MASKED)]
    hits += walked(
        browsers["picker"], [p for p in telling if "fulfillment" in p], "picker", DECLARED_MASKED
    )
    for name in files:
        seen = seen_in(exported(browsers["owner"], name))
        more = undeclared("export", "owner", seen, DECLARED_MASKED)
        hits += [f"owner export of {name}: {sorted(more)}"] if more else []
    assert hits == []


# Keys


def endpoints(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """The path of every operation of the API."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from endpoints(entry, path)
        elif isinstance(entry, URLPattern) and path.startswith("api/v1/"):
            yield path.removeprefix("api/v1/")


def calls(planted: Planted) -> list[tuple[str, dict[str, str]]]:
    """Every operation that reads, on documents of both channels; lists with all that they can be asked for."""
    world = planted.world
    named = {
        "orders": [planted.packed, planted.shipped, planted.held, planted.told, planted.filed],
        "customers": [planted.customer, planted.file_customer],
        "channels": ["web", planted.shopify.code, "file"],
        "shipments": [planted.parcel, planted.shipment],
        "tracking": ["CANARY-1"],
        "returns": [planted.returned],
        "refunds": [planted.refund],
        "drafts": [row["id"] for row in planted.api.get("drafts").json()["data"]],
        "webhook-endpoints": [world.named("webhook-endpoints", "")],
        "skus": ["TEA-001"],
    }
    asked = []
    for path in endpoints():
        paths = [path]
        while unfilled := [one for one in paths if "<" in one]:
            for one in unfilled:
                paths.remove(one)
                head, _open, rest = one.partition("<")
                noun, tail = head.strip("/").rpartition("/")[2], rest.partition(">")[2]
                paths += [f"{head}{name}{tail}" for name in named.get(noun, ["x"])]
        asked += [(one, dict[str, str]()) for one in paths]
    for number in named["orders"]:
        asked.append((f"orders/{number}", {"expand": "shipments,returns"}))
    day = {"start_date": "01/01/2020 00:00", "end_date": "01/01/2099 00:00"}
    asked += [(f"channels/{c}/shipstation", {"action": "export"} | day) for c in named["channels"]]
    for person in (WEB, SHOP, FILE):
        asked += [
            ("customers", {"email": person.mail}),
            ("customers", {"phone": person.phone}),
            ("orders", {"customer_email": person.mail}),
            ("orders", {"q": person.name}),
        ]
    return asked


def test_a_key_is_shown_what_its_own_channel_was_told(planted, make_client):
    everything = rights_of("api_client")
    without = sorted(everything - {"customers.contact", "customers.reveal"})
    unpacking = [right for right in without if not right.startswith("fulfillment.")]
    keys = {
        "own": make_client(),
        "other": make_client(planted.shopify),
        "packing": make_client(scopes=without),
        "masked": make_client(scopes=[*unpacking, "fulfillment.view", "fulfillment.pick"]),
    }
    hits, reached, shown = [], set(), defaultdict[str, set[str]](set)
    for name, client in keys.items():
        for path, asked in calls(planted):
            answer = client.get(path, **asked)
            seen = seen_in(text_of(answer))
            shown[name] |= seen
            if answer.status_code == 200:
                reached.add((name, path))
            if more := seen - KEYS[name]:
                hits.append(f"{name} {path} {asked}: {sorted(more)}")
    assert hits == []
    assert len(reached) > 120, len(reached)
    assert {"web.name", "web.mail", "web.phone", "letter.mail"} <= shown["own"]
    assert {"shop.name", "shop.mail", "web.phone"} <= shown["other"]
    assert {"web.street", "web.name"} <= shown["packing"]
    assert {"note", "return_note"} <= shown["masked"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_key_of_each_purpose_is_shown_what_it_is_for(planted, make_client, purpose):
    hits, shown, reached = [], set[str](), 0
    for code, told in CHANNELS.items():
        client = make_client(Channel.objects.get(code=code), purpose=purpose)
        for path, asked in calls(planted):
            answer = client.get(path, **asked)
            seen = seen_in(text_of(answer))
            shown |= seen
            reached += answer.status_code == 200
            if more := seen - (told & PURPOSES_SEE[purpose]):
                hits.append(f"{code} {path} {asked}: {sorted(more)}")
    assert hits == []
    assert reached > 5
    clear = {"web.name", "web.mail", "shop.mail", "file.mail", "file_note", "file_id"}
    expected = {
        "warehouse": {"web.name", "web.street", "web.phone"},
        "finance": {"note"},
        "read": {"note", "file_note"},
        "carrier": set[str](),
    }
    assert expected.get(purpose, clear) <= shown


def test_a_key_finds_nobody_by_what_another_channel_was_told(planted, make_client):
    own, other = make_client(), make_client(planted.shopify)

    def found(client: Any, **asked: str) -> list[Any]:
        return client.get("customers", **asked).json()["data"]

    assert found(own, email=SHOP.mail) == found(other, email=WEB.mail) == []
    assert own.get("orders", customer_email=SHOP.mail).json()["data"] == []
    (mine,), (theirs,) = found(own, email=WEB.mail), found(other, email=SHOP.mail)
    assert mine["id"] == theirs["id"]
    assert (mine["name"], mine["emails"], mine["phones"]) == (WEB.name, [WEB.mail], [WEB.phone])
    assert (theirs["name"], theirs["emails"], theirs["phones"]) == (
        SHOP.name,
        [SHOP.mail],
        [SHOP.phone],
    )
    assert found(other, phone=WEB.phone) == [theirs]  # which both were told


# The walk itself

MASKS = {
    "name": "/orders/",
    "email": "/customers/",
    "phone": "/customers/",
    "address": "/fulfillment/{work}/",
    "invoice_details": "/orders/{order}/",
    "words": "/jobs/{job}/",
}


def test_the_walk_finds_each_mask_that_is_taken_out(planted, sign_in, monkeypatch):
    from erp.jobs.models import Job
    from orders.models import Order

    order = Order.objects.get(number=planted.packed)
    job = Job.objects.get(kind="orders")
    places = {"order": order.number, "work": order.fulfillment_orders.get().pk, "job": job.pk}
    auditor = sign_in("auditor")
    for name, path in MASKS.items():
        path = path.format(**places)
        assert walked(auditor, [path], "auditor") == []
        with monkeypatch.context() as patch:
            patch.setattr(readers.Reader, name, lambda _reader, *said: said[-1])
            assert walked(auditor, [path], "auditor") != [], name
