"""A key is claimed before anything is looked up: a repeated call gets its answer, whatever has changed since.

What is called is what the attacks change one value of: a hostile value in a body that would be refused anyhow tells
nothing, so each has to be accepted as it stands.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.contract.good import NOT_NOW, good_body
from tests.contract.operations import SCHEMAS, WITH_BODIES, call, example, filled

pytestmark = pytest.mark.django_db(transaction=True)

ASKING = ("/quotes", "/preview", "/parse")  # these change nothing, and have no key


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


@pytest.mark.parametrize("operation", WITH_BODIES, ids=lambda one: one.name)
def test_a_repeated_call_gets_its_answer_and_nothing_is_asked_before(operation, api, world):
    path = filled(operation.path, world.named)
    good = good_body(operation.path, example(operation.body, SCHEMAS), world)
    body = json.dumps(good)

    with statements() as said:
        first = call(api, operation, path, body, "once")
    refused = NOT_NOW.get(operation.name)
    assert first.status_code == refused if refused else first.status_code < 300, first.content
    assert "erp_actor_of_key" in said[0]
    if path.endswith(ASKING):
        return
    again = call(api, operation, path, body, "once")
    assert refused == 403 or "erp_once_claim" in said[1], said[1]
    assert (again.status_code, said_in(again)) == (first.status_code, said_in(first))
    assert refused or again["Idempotent-Replayed"] == "true"
