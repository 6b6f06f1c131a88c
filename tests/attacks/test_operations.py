"""Every parameter, header, JSON leaf and body of every operation of the API, filled with what is hostile."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import quote

import pytest

from tests.attacks.attacker import Attacker
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
    leaves,
)
from tests.contract.world import World

pytestmark = pytest.mark.django_db

# (where, which value, how to send it, what is expected of the answer)
Attacks = Iterator[tuple[str, str, Callable[[], Any], str]]

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
        for value, word in some(HEADERS[name], 1, at, full=7):
            sent = partial(send, world, one, path, encoded(body), **headed(name, word))
            yield at, value, sent, ""


def addresses(one: Operation, path: str, world: World) -> Iterator[tuple[str, str, str]]:
    """(where, which value, address) for each parameter of an operation."""
    for name in one.in_query:
        at = f"{one.name} ?{name}"
        for value, word in some(CRAFTED if name == "cursor" else TEXTS, 1, at):
            yield at, value, f"{path}?{quote(name)}={quote(word)}"
        yield at, "twice", f"{path}?{name}=1&{name}=x&{name}[]=2"
    for name in one.in_path:
        at = f"{one.name} {{{name}}}"
        for value, word in some(TEXTS, 1, at):
            said = one.path.replace(f"{{{name}}}", quote(word, safe="") or "%20")
            yield at, value, filled(said, world.named)
    yield f"{one.name} ?", "unknown", f"{path}?unheard_of=1&__proto__=x&{'a' * 500}=1"


def bodies(one: Operation, body: Any) -> Iterator[tuple[str, str, Any, str]]:
    """(where, which value, body, what is expected) for each leaf of an operation's body."""
    for steps in leaves(body):
        at = f"{one.name} /{'/'.join(map(str, steps))}"
        now = at_place(body, steps)
        if isinstance(now, list):
            yield at, "doubled", changed(body, steps, now * 2), ""
            yield at, "2,100 times", changed(body, steps, now * 2_100), ""
        for value, word in some(LEAVES, 1, at):
            expected = "" if value in UNREADABLE else "pointer"
            yield at, value, changed(body, steps, word), expected


def headed(name: str, word: str) -> dict[str, str]:
    return {"content_type": word} if name == "Content-Type" else {name: word}
