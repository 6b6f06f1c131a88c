"""Every parameter, header, JSON leaf and body of every operation of the API, filled with what is hostile."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import quote

import pytest

from tests.attacks.attacker import Attacker
from tests.attacks.described import (
    OWN_NAME,
    Steps,
    described_leaves,
    places_of,
    pointer_of,
    reaching,
)
from tests.attacks.plan import some, some_of
from tests.attacks.values import BODIES, CRAFTED, HEADERS, LEAVES, TEXTS, UNREADABLE
from tests.contract.good import good_body
from tests.contract.operations import (
    OPERATIONS,
    SCHEMAS,
    Operation,
    at_place,
    changed,
    example,
    filled,
)
from tests.contract.world import World

pytestmark = pytest.mark.django_db

# (where, which value, how to send it, what is expected of the answer)
Attacks = Iterator[tuple[str, str, Callable[[], Any], str]]

# How many of the hostile values a leaf, a parameter and a header are given in a full run: others by each seed.
PER_LEAF, PER_PARAMETER, PER_HEADER = 5, 5, 1
# Of no field's kind: whoever reads a body as far as this leaf says that it stands there.
MISFIT = {"unheard of": [[None]]}
# What no key may do: its body is not read. People do it on pages, whose forms are attacked as well.
FOR_PEOPLE = {
    "post /api/v1/orders/{number}/verify-customer",
    "post /api/v1/customers/{customer}/erase",
    "post /api/v1/customers/{customer}/exemptions",
    "post /api/v1/customers/{customer}/exemptions/{exemption}/end",
    "post /api/v1/customers/{customer}/export",
    "post /api/v1/customers/{customer}/identities/{identity}/unverify",
    "post /api/v1/customers/{customer}/identities/{identity}/verify",
    "post /api/v1/customers/{customer}/terms/{proposal}/approve",
    "post /api/v1/customers/{customer}/terms/{proposal}/reject",
}
ROOMS = {
    room: list(those) for room, those in groupby(OPERATIONS, lambda one: one.path.split("/")[3])
}


def send(world: World, operation: Operation, path: str, body: bytes = b"", **headers: str) -> Any:
    """Call an operation as a program with a key does."""
    return world.api.client.generic(
        operation.method.upper(),
        path,
        body,
        content_type=headers.pop("content_type", "application/json"),
        headers={"Idempotency-Key": "attack", "If-Match": "*"} | headers,
    )


def good(operation: Operation, world: World) -> Any:
    if operation.body is None:
        return None
    return good_body(operation.path, example(operation.body, SCHEMAS), world)


def encoded(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


@pytest.mark.parametrize("room", ROOMS)
def test_no_answer_is_wrong(room, world, attacker: Attacker):
    for one in ROOMS[room]:
        path, body = filled(one.path, world.named), good(one, world)
        with attacker.place():
            for attack in (in_parameters, in_leaves, in_whole_bodies, in_headers):
                for at, value, sent, expected in attack(one, path, body, world):
                    attacker.attack(at, value, sent, is_api=" Host:" not in at, expected=expected)


def in_parameters(one: Operation, path: str, body: Any, world: World) -> Attacks:
    for at, value, address in addresses(one, path, world):
        yield at, value, partial(send, world, one, address, encoded(body)), ""


def in_leaves(one: Operation, path: str, body: Any, world: World) -> Attacks:
    for at, value, said, expected in bodies(one, body) if body is not None else ():
        yield at, value, partial(send, world, one, path, encoded(said)), expected


def in_whole_bodies(one: Operation, path: str, body: Any, world: World) -> Attacks:
    at = f"{one.name} body"
    for value, make in some(BODIES, 1, at) if body is not None else ():
        yield at, value, partial(send, world, one, path, make(encoded(body))), ""


def in_headers(one: Operation, path: str, body: Any, world: World) -> Attacks:
    for name in some_of(list(HEADERS), 1, one.name):
        at = f"{one.name} {name}:"
        for value, word in some(HEADERS[name], 1, at, full=PER_HEADER):
            sent = partial(send, world, one, path, encoded(body), **headed(name, word))
            yield at, value, sent, ""


def addresses(one: Operation, path: str, world: World) -> Iterator[tuple[str, str, str]]:
    """(where, which value, address) for each parameter of an operation."""
    for name in one.in_query:
        at = f"{one.name} ?{name}"
        for value, word in some(CRAFTED if name == "cursor" else TEXTS, 1, at, full=PER_PARAMETER):
            yield at, value, f"{path}?{quote(name)}={quote(word)}"
        yield at, "twice", f"{path}?{name}=1&{name}=x&{name}[]=2"
    for name in one.in_path:
        at = f"{one.name} {{{name}}}"
        for value, word in some(TEXTS, 1, at, full=PER_PARAMETER):
            said = one.path.replace(f"{{{name}}}", quote(word, safe="") or "%20")
            yield at, value, filled(said, world.named)
    yield f"{one.name} ?", "unknown", f"{path}?unheard_of=1&__proto__=x&{'a' * 500}=1"


def bodies(one: Operation, good: Any) -> Iterator[tuple[str, str, Any, str]]:
    """(where, which value, body, what is expected) for each leaf of an operation's body."""
    for steps in places_of(one, good):
        at = f"{one.name} {pointer_of(steps) or '/'}"
        body = reaching(good, steps, one.body or {})
        now = at_place(body, steps)
        if isinstance(now, list):
            yield at, "doubled", changed(body, steps, now * 2), ""
            yield at, "2,100 times", changed(body, steps, now * 2_100), ""
        for value, word in some(LEAVES, 1, at, full=PER_LEAF):
            expected = "" if value in UNREADABLE else "pointer"
            yield at, value, changed(body, steps, word), expected


def headed(name: str, word: str) -> dict[str, str]:
    return {"content_type": word} if name == "Content-Type" else {name: word}


@pytest.mark.parametrize("room", [room for room in ROOMS if any(o.body for o in ROOMS[room])])
def test_every_described_leaf_is_reached(room, world, attacker: Attacker):
    """A body that is refused before it is read as far as a leaf would let the hostile values there prove nothing."""
    for one in [o for o in ROOMS[room] if o.body is not None]:
        path, body = filled(one.path, world.named), good(one, world)
        with attacker.place():
            for steps in dict.fromkeys(described_leaves(one.body or {})):
                said = changed(reaching(body, steps, one.body or {}), steps, MISFIT)
                sent = partial(send, world, one, path, encoded(said))
                at = f"{one.name} {pointer_of(steps) or '/'}"
                answer = attacker.attack(at, "misfit", sent, is_api=True)
                if answer is not None and (why := not_reached(one, steps, answer)):
                    attacker.miss(at, "misfit", [why])


def not_reached(one: Operation, steps: Steps, answer: Any) -> str:
    """Why an answer does not show that a leaf was read; "" where it does, or where no key may have it read."""
    if one.name in FOR_PEOPLE:
        return "" if answer.status_code == 403 else f"{answer.status_code} to a key"
    # Of a mapping with names of the sender's own the decoder tells which mapping it is.
    where = pointer_of(steps[: steps.index(OWN_NAME)] if OWN_NAME in steps else steps)
    if answer.status_code < 300:
        return "taken, although nothing of its kind"
    pointers = [error["pointer"] for error in answer.json().get("errors", [])]
    if any(f"{said}/".startswith(f"{where}/") for said in pointers):
        return ""
    return f"{answer.status_code} at {pointers}: {answer.content[:200]!r}"


def test_every_operation_that_is_for_people_is_described():
    assert {one.name for one in OPERATIONS} >= FOR_PEOPLE
