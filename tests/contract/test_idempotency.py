"""A key is claimed before anything is looked up: a repeated call gets its answer, whatever has changed since."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.contract.good import NOT_NOW, good_body
from tests.contract.operations import SCHEMAS, WITH_BODIES, call, example, filled

pytestmark = pytest.mark.django_db(transaction=True)

# These change nothing, and have no key.
ASKING = ("/quotes", "/preview", "/parse")
ONCE = [one for one in WITH_BODIES if not one.path.endswith(ASKING)]


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    said: list[str] = []

    def note(execute, sql, *rest):
        said.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield said


def said_in(answer):
    """An answer without the id of its request."""
    document = json.loads(answer.content)
    document.pop("request_id", None)
    return document


@pytest.mark.parametrize("operation", ONCE, ids=lambda one: one.name)
def test_a_repeated_call_gets_its_answer_and_nothing_is_asked_before(operation, api, world):
    path = filled(operation.path, world.named)
    good = good_body(operation.path, example(operation.body, SCHEMAS), world)
    body = json.dumps(good)

    with statements() as said:
        first = call(api, operation, path, body, "once")
    again = call(api, operation, path, body, "once")

    assert "erp_actor_of_key" in said[0]
    refused = NOT_NOW.get(operation.name)
    assert refused == 403 or "erp_once_claim" in said[1], said[1]
    assert (again.status_code, said_in(again)) == (first.status_code, said_in(first))
    assert refused or again["Idempotent-Replayed"] == "true"
