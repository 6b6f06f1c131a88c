"""Nobody does what is not theirs to do by an unnamed field, a method, a header or a page without its token."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.urls import get_resolver

from tests.architecture.test_rights import OPEN, PAGES, routes, sample
from tests.attacks.attacker import Attacker
from tests.attacks.described import described_leaves
from tests.attacks.pages import LEAVING
from tests.attacks.plan import some_of
from tests.attacks.test_operations import encoded, good, send
from tests.contract.operations import (
    OPERATIONS,
    WITH_BODIES,
    at_place,
    changed,
    filled,
)

pytestmark = pytest.mark.django_db

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
