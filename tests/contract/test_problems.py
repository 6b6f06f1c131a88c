"""Every refusal is a problem document of a type that the documentation lists, and the documentation lists no other."""

import re
from collections.abc import Iterator
from html import unescape
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.text import capfirst

from erp.api.problem_types import PROBLEM_TYPES, title_of
from erp.api.problems import FRAMEWORK
from erp.errors import DomainError
from tests.architecture import guards
from tests.conftest import order_body
from tests.contract.operations import OPERATIONS, Operation, call, filled

pytestmark = pytest.mark.django_db

PAGE = (guards.ROOT / "docs/api.md").read_text()
ROW = re.compile(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (\d{3}(?:, \d{3})*) \| .+ \|$", re.MULTILINE)


LINE = re.compile(
    r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (\d{3}(?:, \d{3})*) \| (.+) \|$", re.MULTILINE
)


def listed() -> Iterator[tuple[str, int]]:
    for codes, statuses in ROW.findall(PAGE):
        for code in re.findall(r"[a-z-]{3,}", codes):
            yield from ((code, int(status)) for status in statuses.split(", "))


LISTED = set(listed())


def refusals(kind: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Every refusal that the product knows."""
    yield kind
    for one in kind.__subclasses__():
        yield from refusals(one)


def check(answer: Any, status: int | None = None) -> None:
    """An answer is a problem as the documentation has it."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content)
    assert status in {None, answer.status_code}, answer.content
    assert answer["Content-Type"] == "application/problem+json", answer.content
    said = answer.json()
    assert {"type", "title", "status", "code", "detail", "errors"} <= said.keys()
    assert said["status"] == answer.status_code
    assert said["type"] == f"/docs/problems/{said['code']}"
    assert (said["code"], said["status"]) in LISTED, said
    assert said["title"]
    assert said["detail"]
    for error in said["errors"]:
        assert error.keys() == {"pointer", "code", "detail"}, error
        assert error["pointer"] == "" or error["pointer"][0] in "/?", error


def test_the_documentation_lists_what_there_is():
    import_module(settings.ROOT_URLCONF)  # what no test before has asked for is known too
    known = {(kind.code, kind.status) for kind in refusals() if kind.__module__[:5] != "tests"}
    known |= {(code, status) for status, code in FRAMEWORK.values()}

    assert known - LISTED == set(), "not in docs/api.md"
    assert LISTED - known == set(), "in docs/api.md, and nowhere else"


def test_the_registry_is_what_the_documentation_lists():
    kept = {(c, s) for c, kind in PROBLEM_TYPES.items() for s in kind.statuses if s < 500}
    assert kept == LISTED
    said = {
        code: when.replace("`", "")
        for codes, _statuses, when in LINE.findall(PAGE)
        for code in re.findall(r"[a-z-]{3,}", codes)
    }
    with translation.override("en"):
        assert said == {c: kind.when for c, kind in PROBLEM_TYPES.items() if kind.statuses[0] < 500}
    assert {"internal", "unavailable"} == set(PROBLEM_TYPES) - set(said)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_type_of_a_problem_leads_to_its_page(language):
    listed = Client().get("/docs/problems/").content.decode()
    for code, kind in PROBLEM_TYPES.items():
        answer = Client(headers={"Accept-Language": language}).get(f"/docs/problems/{code}")
        assert answer.status_code == 200, code
        page = unescape(answer.content.decode())
        with translation.override(language):
            for words in (title_of(code), kind.when, kind.advice):
                assert capfirst(str(words)) in page, code
                assert language == "en" or re.search("[\u4e00-\u9fff]", str(words)), words
        assert f"<code>{code}</code>" in page
        assert all(str(status) in page for status in kind.statuses), code
        assert f'href="/docs/problems/{code}"' in listed


@pytest.mark.parametrize("code", ["nothing", "internal/x", "Conflict", "conflict/", "ü"])
def test_what_is_no_type_has_no_page(code):
    assert Client().get(f"/docs/problems/{code}").status_code == 404


def path_of(operation: Operation) -> str:
    return filled(operation.path, lambda _noun, _verb: "x")


def resource_of(operation: Operation) -> str:
    return operation.path.removeprefix("/api/v1/").partition("/")[0]


@pytest.mark.parametrize("resource", sorted({resource_of(one) for one in OPERATIONS}))
def test_what_is_refused_is_a_problem_that_is_listed(resource, api):
    for operation in OPERATIONS:
        if resource_of(operation) == resource:
            check_refusals(operation, api)


def check_refusals(operation: Operation, api: Any) -> None:
    """Whatever of an operation is refused is said as it has to be."""
    path, method = path_of(operation), operation.method.upper()
    stranger = Client()
    check(stranger.generic(method, path), 401)
    check(stranger.generic(method, path, headers={"Authorization": "Bearer nobody"}), 401)
    check(api.client.generic("TRACE", path), 405)
    for body in ("", "{", "[]", "7", '"x"', '{"unheard_of": 1}', '{"lines": [7]}'):
        answer = call(api, operation, path, body, f"{operation.name}{body}"[:200])
        if answer.status_code >= 400:
            check(answer)
    if operation.body is not None:
        keyed = {"Idempotency-Key": operation.name, "If-Match": "*"}
        answer = api.client.generic(
            method, path, "<x/>", content_type="application/xml", headers=keyed
        )
        if answer.status_code >= 400:
            check(answer)
    if method == "GET":
        for query in ("cursor=!", "limit=0", "unheard_of=1", "limit=x", "q=%00"):
            answer = api.client.get(f"{path}?{query}")
            if answer.status_code >= 400:
                check(answer)


def test_the_refusals_of_a_life_are_problems_that_are_listed(api, make_client):
    body = order_body()
    check(api.post("orders", body, key=None), 400)
    placed = api.post("orders", body, key="k1")
    number = placed.json()["number"]
    check(api.post("orders", body | {"note": "x"}, key="k1"), 422)
    check(api.post("orders", body | {"note": "x"}), 409)
    many = order_body(lines=[{"sku": "TEA-001", "quantity": 5000}])
    check(api.post("orders", many), 409)
    check(api.post(f"orders/{number}/changes", {}), 428)
    check(api.post(f"orders/{number}/changes", {"reason": "x"}, **{"If-Match": '"99"'}), 412)
    check(api.post("orders", "x" * 6_000_000), 413)
    check(api.get("nowhere"), 404)
    check(api.get("events", after="evt_zzzzzzzzzz"), 410)
    check(make_client(scopes=["inventory.view"]).get("orders"), 403)
    assert api.post(f"orders/{number}/cancel", {"reason": "x"}).status_code == 200
    check(api.post(f"orders/{number}/cancel", {"reason": "y"}), 409)
    limited = make_client(rate_per_minute=1)
    limited.get("orders")
    answer = limited.get("orders")
    check(answer, 429)
    assert int(answer["Retry-After"]) > 0
