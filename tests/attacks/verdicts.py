"""What an answer may never be, whatever was asked."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.attacks.values import ELEMENT

SLOW_S = 2.0
LEAKS = re.compile(
    rb"Traceback \(most recent|psycopg2?\.|django\.(db|core|utils)\.|site-packages/|\.py\", line"
    rb"|SELECT .{1,400}? FROM |INSERT INTO |UPDATE .{1,200}? SET |DETAIL: |CONTEXT: |relation \\?\""
    rb"|pg_catalog|root:x:0:0|<class '|object at 0x"
)
PROBLEM = {"type", "title", "status", "code", "detail", "errors"}
OURS = {"", "testserver"}


def body_of(answer: Any) -> bytes:
    """All that was answered, of a file too."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def misses(answer: Any, body: bytes, *, is_api: bool) -> Iterator[str]:
    """What is wrong with an answer."""
    if answer.status_code >= 500:
        why = getattr(answer, "exc_info", None)
        yield f"{answer.status_code} {why[1]!r}" if why else f"{answer.status_code} {body[:200]!r}"
    kind = answer.get("Content-Type", "")
    if kind.startswith(("text/", "application/json", "application/problem")) and (
        found := LEAKS.search(body)
    ):
        yield f"tells of its inside: {body[max(0, found.start() - 60) : found.end() + 60]!r}"
    if kind.startswith("text/html") and ELEMENT in body:
        at = body.index(ELEMENT)
        yield f"shows the canary raw: {body[max(0, at - 100) : at + 60]!r}"
    if "X-Injected" in answer.headers:
        yield "lets a header in"
    if urlsplit(answer.get("Location", "")).netloc not in OURS:
        yield f"leads to {answer['Location']}"
    if is_api and answer.status_code >= 400:
        yield from _no_problem(answer)


def _no_problem(answer: Any) -> Iterator[str]:
    if answer.get("Content-Type") != "application/problem+json":
        yield f"{answer.status_code} as {answer.get('Content-Type')}"
        return
    if answer.wsgi_request.method == "HEAD":
        return
    said = answer.json()
    if not said.keys() >= PROBLEM or said["status"] != answer.status_code:
        yield f"no whole problem: {said}"
