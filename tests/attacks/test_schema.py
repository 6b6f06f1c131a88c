"""Calls that schemathesis makes of the API's own description, with a key sent as the description says."""

import re
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from erp.api.description import FILE
from tests.attacks.attacker import Attacker
from tests.attacks.plan import IS_FULL, SEED, some_of
from tests.contract.world import World

pytestmark = pytest.mark.django_db
load_all_checks()
EXAMPLES = 24 if IS_FULL else 2
CHECKS = [content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_path(FILE)


def operations() -> dict[str, Any]:
    """Those of the description, by name."""
    found = [result.ok() for result in SCHEMA.get_all_operations()]
    return {one.label: one for one in found}


ALL = operations()
ROOMS = sorted({name.split("/")[3] for name in ALL})


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_described_is_answered_as_described(room, world, attacker: Attacker):
    mine = [name for name in ALL if name.split("/")[3] == room]
    for name in some_of(mine, 2, f"schema {room}"):
        one = ALL[name]
        if "ApiKey" not in str(one.definition.raw.get("security")):
            continue
        named = {
            name: world.named(noun, one.path.rpartition("/")[2])
            for noun, name in re.findall(r"([\w-]+)/\{(\w+)\}", one.path)
        }
        with attacker.place():
            for mode in schemathesis.GenerationMode:
                tried(one, mode, named, world, attacker)


def tried(one: Any, mode: Any, named: dict[str, str], world: World, attacker: Attacker) -> None:
    """Make a number of calls of an operation, of good data or of bad, and judge the answers."""
    strategy = one.as_strategy(generation_mode=mode, path_parameters=named or None)
    at = f"{one.label} schemathesis {mode.value}"

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(case=strategy)
    def call(case: Any) -> None:
        if (request := prepared(case)) is None:
            return
        answer = attacker.attack(
            at, str(SEED), lambda: sent(world.api.client, request), is_api=True
        )
        if answer is None:
            return
        for check in CHECKS:
            try:
                case.validate_response(response_of(answer, request), checks=[check])
            except Exception as failure:  # a group of its own
                attacker.miss(at, str(SEED), [f"{check.__name__}: {str(failure)[:300]}"])

    call()


def prepared(case: Any) -> requests.PreparedRequest | None:
    """The request of a case; None of one that no client can send."""
    try:
        return requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    except (requests.RequestException, UnicodeError, ValueError):
        return None


def sent(client: Any, request: requests.PreparedRequest) -> Any:
    headers = {n: str(v) for n, v in request.headers.items() if n not in {"Content-Length"}}
    kind = headers.pop("Content-Type", "")
    headers.pop("Authorization", None)  # the client's own
    headers |= {"If-Match": "*"}
    headers.setdefault("Idempotency-Key", "schema")
    return client.generic(
        request.method, request.path_url, request.body or b"", content_type=kind, headers=headers
    )


def response_of(answer: Any, request: requests.PreparedRequest) -> schemathesis.Response:
    headers = {name.lower(): [value] for name, value in answer.headers.items()}
    return schemathesis.Response(answer.status_code, headers, answer.content, request, 0.0, False)


def test_a_key_is_needed_wherever_the_description_says_so(world, attacker: Attacker):
    for name, one in ALL.items():
        if not one.definition.raw.get("security"):
            continue
        attacker.inputs += 1
        path = re.sub(r"\{\w+\}", "x", one.path)
        if Client().generic(one.method.upper(), path).status_code != 401:
            attacker.miss(name, "no key", ["was answered"])
