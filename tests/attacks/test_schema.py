"""Calls that schemathesis makes of the API's own description, with a key sent as the description says."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from erp.wsgi import application
from tests.attacks.attacker import Attacker, undone
from tests.attacks.plan import IS_FULL, SEED, some_of
from tests.contract.world import World

pytestmark = pytest.mark.django_db
load_all_checks()
EXAMPLES = 24 if IS_FULL else 2
CHECKS = [content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_wsgi("/api/schema/", application)


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
        with attacker.place():
            for mode in schemathesis.GenerationMode:
                for wrong in tried(one, mode, world, attacker):
                    attacker.miss(f"{name} schemathesis {mode.value}", str(SEED), [wrong])


def tried(one: Any, mode: Any, world: World, attacker: Attacker) -> Iterator[str]:
    """What was answered wrongly to a number of calls of an operation."""
    wrong = list[str]()
    key = world.api.client.headers["Authorization"]
    named = {
        name: world.named(noun, one.path.rpartition("/")[2])
        for noun, name in re.findall(r"([\w-]+)/\{(\w+)\}", one.path)
    }
    strategy = one.as_strategy(generation_mode=mode, path_parameters=named or None)

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
        attacker.inputs += 1
        try:
            with undone():
                headers = {"Authorization": key, "Idempotency-Key": "schema", "If-Match": "*"}
                answer = case.call(headers=headers)
        except Exception as escaped:  # what escapes the handler is a failure as well
            wrong.append(repr(escaped)[:300])
            return
        if answer.status_code >= 500:
            wrong.append(f"{answer.status_code} {answer.content[:200]!r}")
            return
        for check in CHECKS:
            try:
                case.validate_response(answer, checks=[check])
            except Exception as failure:  # a group of its own
                wrong.append(f"{check.__name__}: {str(failure)[:300]}")

    call()
    yield from dict.fromkeys(wrong)


def test_a_key_is_needed_wherever_the_description_says_so(world, attacker: Attacker):
    for name, one in ALL.items():
        if not one.definition.raw.get("security"):
            continue
        attacker.inputs += 1
        path = dict.fromkeys(re.findall(r"\{(\w+)\}", one.path), "x")
        case = one.Case(method=one.method, path_parameters=path)
        with undone():
            if case.call().status_code != 401:
                attacker.miss(name, "no key", ["was answered"])
