"""Nobody reaches what is another channel's or role's: by path, body, filter, method, header or unnamed field."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import get_resolver

from erp.access.models import Channel
from orders.models import ChannelPolicy
from tests.architecture.test_rights import OPEN, PAGES, routes, sample
from tests.attacks.attacker import Attacker
from tests.attacks.described import described_leaves
from tests.attacks.pages import LEAVING
from tests.attacks.plan import some, some_of
from tests.attacks.test_operations import encoded, good, send
from tests.conftest import order_body
from tests.contract.good import NOT_NOW
from tests.contract.operations import (
    OPERATIONS,
    WITH_BODIES,
    Operation,
    at_place,
    changed,
    filled,
    leaves,
)
from tests.contract.world import MAKERS, World

pytestmark = pytest.mark.django_db

# Two channels

CANARY = "Quetzalcoatl"
# What every channel of the company shares: goods, suppliers, and (customers) whose rights have tests of their own.
SHARED = {"skus", "suppliers", "purchase-orders", "transfers", "counts", "documents", "customers"}
SHARED_PATHS = re.compile(
    r"^/api/v1/(skus|products|availability|stock|suppliers|purchase|analytics|allotments|addresses|customers|events)"
)


class Channels:
    """A victim with a document of every kind, and a key of another channel with as many of its own."""

    def __init__(self, make_client: Any, shop: Any) -> None:
        policy = ChannelPolicy.objects.get(channel=shop.web)
        other = Channel.objects.create(
            code="other", name="Other", kind="storefront", currency="CNY"
        )
        ChannelPolicy.objects.create(channel=other, price_list=policy.price_list, review="record")
        self.victim, self.thief = World(make_client()), World(make_client(channel=other))
        self.victim.buyer = order_body()["customer"] | {
            "name": CANARY,
            "email": "q@quetzal.example",
        }
        for noun in MAKERS:
            if noun.partition(" ")[0] not in {"drafts", "work"} and " " not in noun:
                self.victim.named(noun, "")
        for noun in SHARED - {"customers"}:
            self.thief.made[noun] = self.victim.named(noun, "")
        number = self.thief.post("orders", order_body())["number"]
        parcel = {"order": number, "tracking_number": "T-1"}
        self.thief.made["shipped"] = {"order": number} | self.thief.post("shipments", parcel)
        self.thief.made["drafts"] = "drf_x"  # letters come to the victim's channel alone

    def ids(self) -> set[str]:
        """What the victim's documents are called."""
        found = {str(name) for noun, name in self.victim.made.items() if isinstance(name, str)}
        order = self.victim.order
        return found | {
            order["id"],
            order["number"],
            order["external_id"],
            CANARY,
            "q@quetzal.example",
        }


@pytest.fixture
def channels(make_client, shop) -> Channels:
    return Channels(make_client, shop)


def is_bound(one: Operation) -> bool:
    return not SHARED_PATHS.match(one.path)


def test_another_channels_documents_are_not_there(channels, attacker: Attacker):
    for one in [o for o in OPERATIONS if is_bound(o) and o.in_path]:
        theirs = filled(one.path, channels.victim.named)
        if theirs == filled(one.path, lambda _noun, _verb: "x"):
            continue
        body = encoded(good(one, channels.victim))
        with attacker.place():
            answer = attacker.attack(
                one.name,
                "another channel's",
                partial(send, channels.thief, one, theirs, body),
                is_api=True,
            )
            # What no key may do is refused before it is looked for.
            refused = {404} if answer is None or NOT_NOW.get(one.name) != 403 else {403, 404}
            if answer is not None and answer.status_code not in refused:
                attacker.miss(one.name, "another channel's", [f"{answer.status_code}"])


def test_another_channels_documents_cannot_be_named_in_a_body(channels, attacker: Attacker):
    for one in [o for o in WITH_BODIES if is_bound(o) or "/stock/" not in o.path]:
        own, theirs = good(one, channels.thief), good(one, channels.victim)
        path = filled(one.path, channels.thief.named)
        with attacker.place():
            for steps, said in crossed(own, theirs, channels.ids()):
                at = f"{one.name} /{'/'.join(map(str, steps))}"
                answer = attacker.attack(
                    at,
                    "another channel's",
                    partial(send, channels.thief, one, path, encoded(said)),
                    is_api=True,
                )
                if answer is not None and answer.status_code < 400:
                    attacker.miss(
                        at, "another channel's", [f"{answer.status_code} {answer.content!r}"]
                    )


def crossed(own: Any, theirs: Any, ids: set[str]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The thief's body with one name of the victim's in it."""
    for steps in leaves(own):
        try:
            said = at_place(theirs, steps)
        except (KeyError, IndexError):
            continue
        named = said if isinstance(said, list) else [said]
        if said != at_place(own, steps) and any(isinstance(n, str) and n in ids for n in named):
            yield steps, changed(own, steps, said)


def test_no_filter_shows_another_channels_documents(channels, attacker: Attacker):
    secrets = [CANARY.encode(), b"q@quetzal.example", channels.victim.order["id"].encode()]
    ids = {name: name for name in sorted(channels.ids())}
    for one in [o for o in OPERATIONS if o.method == "get" and is_bound(o) and not o.in_path]:
        for name in one.in_query:
            for value, word in some(ids, 1, f"{one.name} ?{name} ids"):
                address = f"{one.path}?{quote(name)}={quote(word)}"
                answer = attacker.attack(
                    f"{one.name} ?{name}",
                    value,
                    partial(send, channels.thief, one, address),
                    is_api=True,
                )
                found = [
                    s
                    for s in secrets
                    if answer is not None and s in answer.content and s.decode() != word
                ]
                if found:
                    attacker.miss(f"{one.name} ?{name}", value, [f"shows {found}"])


def test_another_channels_cursor_shows_nothing_of_it(channels, attacker: Attacker):
    for _n in range(2):
        channels.victim.post("orders", order_body(customer=channels.victim.buyer))
    for one in [o for o in OPERATIONS if "cursor" in o.in_query and is_bound(o) and not o.in_path]:
        page = send(channels.victim, one, f"{one.path}?limit=1").json()
        if not page["next_cursor"]:
            continue
        address = f"{one.path}?cursor={page['next_cursor']}"
        answer = attacker.attack(
            f"{one.name} ?cursor",
            "another channel's",
            partial(send, channels.thief, one, address),
            is_api=True,
        )
        if answer is not None and CANARY.encode() in answer.content:
            attacker.miss(f"{one.name} ?cursor", "another channel's", ["shows it"])


# Fields that are nobody's to give

INTERNAL = [
    "id",
    "pk",
    "number",
    "status",
    "state",
    "payment_status",
    "fulfillment_status",
    "return_status",
    "total",
    "subtotal",
    "tax",
    "discount",
    "paid",
    "refunded",
    "price",
    "unit_price_override",
    "cost",
    "currency_rate",
    "channel",
    "channel_id",
    "actor",
    "actor_id",
    "by",
    "user_id",
    "is_staff",
    "is_superuser",
    "is_active",
    "role",
    "scopes",
    "rights",
    "version",
    "created_at",
    "placed_at",
    "approved_by",
    "approved_at",
    "public_id",
    "company",
    "tenant",
    "history_by",
    "__class__",
    "_state",
    "pk__in",
]


def test_no_operation_takes_a_field_that_is_not_its_own(world, attacker: Attacker):
    assert len(INTERNAL) >= 28
    for one in WITH_BODIES:
        body, path = good(one, world), filled(one.path, world.named)
        if not isinstance(body, dict):
            continue
        described = set(described_leaves(one.body)) if one.body else set()
        with attacker.place():
            for name in some_of([n for n in INTERNAL if n not in body], 2, f"{one.name} internal"):
                for steps in inside(body):
                    here = at_place(body, steps) if steps else body
                    if name in here or name in NAMED_SO or (one.name, steps) == IN_ROWS:
                        continue
                    if (*steps, name) in described:
                        continue
                    at = f"{one.name} /{'/'.join(map(str, (*steps, name)))}"
                    said = changed(body, steps, here | {name: True})
                    answer = attacker.attack(
                        at, "internal", partial(send, world, one, path, encoded(said)), is_api=True
                    )
                    if answer is not None and answer.status_code < 400 and steps[:1] not in FREE:
                        attacker.miss(at, "internal", [f"{answer.status_code}"])


# A mapping whose names are the sender's own; and names that some body knows.
FREE = {("metadata",), ("custom",)}
IN_ROWS = (
    "post /api/v1/orders/bulk",
    ("orders", 0),
)  # it answers 200, and says of each row why it was refused
NAMED_SO = {"state", "id", "status", "discount", "version", "by", "number"}


def inside(body: Any) -> Iterator[tuple[str | int, ...]]:
    """Where in a body objects stand: itself, and each that it holds first."""
    yield ()
    for name, value in body.items():
        if isinstance(value, dict) and (name,) not in FREE:
            yield (name,)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield (name, 0)


# Methods

METHODS = ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "get", "")


def test_no_other_method_does_anything(world, attacker: Attacker, sign_in):
    browser = sign_in()
    browser.raise_request_exception = False
    described = {one.path: set[str]() for one in OPERATIONS}
    for one in OPERATIONS:
        described[one.path].add(one.method.upper())
    paths = {path: filled(path, world.named) for path in described}
    with attacker.place():
        for path, known in described.items():
            for method in some_of(METHODS, 2, path):
                if method.upper() in known or not method:
                    continue
                answer = attacker.attack(
                    f"{path} method",
                    method,
                    partial(world.api.client.generic, method, paths[path]),
                    is_api=method != "OPTIONS",
                )
                if (
                    answer is not None
                    and answer.status_code < 400
                    and method != "OPTIONS"
                    and not (method == "HEAD" and "GET" in known)
                ):
                    attacker.miss(f"{path} method", method, [f"{answer.status_code}"])
        for route in PAGES:
            for method in some_of(METHODS[:8], 1, route):
                attacker.attack(
                    f"{route} method",
                    method,
                    partial(browser.generic, method, sample(route), headers={"X-CSRFToken": "x"}),
                    is_api=False,
                )


def test_no_header_makes_a_get_a_post(world, attacker: Attacker):
    names = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
    for one in [o for o in WITH_BODIES if o.method == "post"]:
        path, body = filled(one.path, world.named), encoded(good(one, world))
        with attacker.place():
            for name in some_of(names, 1, one.name):
                sent = partial(
                    world.api.client.generic,
                    "GET",
                    f"{path}?_method=POST",
                    body,
                    content_type="application/json",
                    headers={name: "POST", "Idempotency-Key": "k", "If-Match": "*"},
                )
                answer = attacker.attack(f"{one.name} override", name, sent, is_api=True)
                if answer is not None and answer.status_code == 201:
                    attacker.miss(f"{one.name} override", name, ["was done"])


# Pages


def test_no_page_takes_a_post_without_its_token(sign_in, attacker: Attacker):
    browser = sign_in()
    browser.handler.enforce_csrf_checks = True
    posted = [
        r
        for r in [*PAGES, *OPEN]
        if f"/{r}" not in LEAVING and "livez" not in r and "readyz" not in r
    ]
    posted += [
        r for r in routes(get_resolver()) if r.startswith(("admin/", "accounts/")) and "(" not in r
    ]
    with attacker.place():
        for route in posted:
            for value, headers in TOKENS.items():
                answer = attacker.attack(
                    f"{route} token",
                    value,
                    partial(
                        browser.post, sample(route), {"csrfmiddlewaretoken": "x"}, headers=headers
                    ),
                    is_api=False,
                )
                if answer is not None and answer.status_code not in {403, 404, 405}:
                    attacker.miss(f"{route} token", value, [f"{answer.status_code}"])


TOKENS = {
    "none": {},
    "foreign": {"Origin": "https://evil.example", "Referer": "https://evil.example/"},
}
