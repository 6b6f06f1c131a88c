"""The API's description is a file that is current, is served with its ETag, and says how a key is sent."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from erp.api import schema
from erp.api.description import FILE
from erp.management.commands.openapi import document

WRITTEN = json.loads(FILE.read_text())
OPERATIONS = [
    (path, method, said)
    for path, methods in WRITTEN["paths"].items()
    for method, said in methods.items()
]


def test_the_file_is_current(capfd):
    assert FILE.read_text() == document(), "run `make openapi`"
    assert capfd.readouterr().err == ""  # nothing that could not be described


def test_serving_it_builds_nothing(monkeypatch):
    def fail(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("built anew")

    monkeypatch.setattr(schema.SchemaGenerator, "get_schema", fail)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: Client().get("/api/schema/"), range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].content == FILE.read_bytes()
    assert "max-age=300" in answers[0]["Cache-Control"]
    again = Client().get("/api/schema/", headers={"If-None-Match": answers[0]["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().post("/api/schema/").status_code == 405


def test_every_operation_says_how_a_key_is_sent():
    schemes = WRITTEN["components"]["securitySchemes"]
    assert schemes["ApiKey"] == {"type": "http", "scheme": "bearer"}
    for path, method, said in OPERATIONS:
        named = {name for one in said.get("security", []) for name in one}
        assert named <= schemes.keys()
        assert named or "webhooks" in path, (method, path)


def test_operations_have_names_of_their_own():
    names = [said["operationId"] for _path, _method, said in OPERATIONS]
    assert len(names) == len(set(names))
    assert not [name for name in names if name[-2:] in {"_2", "_3"}]


@pytest.mark.parametrize("name", ["Problem", "Page"])
def test_what_all_answers_share_is_described_once(name):
    assert name in WRITTEN["components"]["schemas"]
    assert FILE.stat().st_size < 1_000_000
