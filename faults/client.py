"""Calls the API as a careful shop does: one key an operation, the same again until there is an answer."""

import http.client
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from faults.journal import Journal

LATE_S = 10.0  # for an answer; then the connection is given up
AGAIN = frozenset({409, 429})  # somebody else is at it: with the same key, again


class Answer(NamedTuple):
    """What came back: a status with its document, or why nothing did."""

    status: int
    document: Any
    how: str = ""


class Client:
    """A connection of its own, and a journal that knows of everything it asks for.

    patience_s   how long one operation is asked for, again and again
    rudeness     the share of calls that it hangs up on before the answer, and of answers that it asks for twice
    """

    def __init__(
        self, port: int, journal: Journal, *, patience_s: float = 60.0, rudeness: float = 0.05
    ) -> None:
        self.port, self.journal = port, journal
        self.patience_s, self.rudeness = patience_s, rudeness
        self._connection: http.client.HTTPConnection | None = None

    def perform(
        self,
        kind: str,
        path: str,
        body: object,
        asked: Mapping[str, Any],
        read: Callable[[Any], Mapping[str, Any]],
        *,
        secret: str,
        key: str = "",
    ) -> tuple[str, Mapping[str, Any]]:
        """Ask for something until it is answered; return how it came out and what was said.

        read   makes of an answer's document what the journal keeps of it
        """
        key = key or uuid.uuid4().hex
        data = json.dumps(body).encode()
        op = self.journal.invoke(kind, key, asked)
        deadline, lost = time.monotonic() + self.patience_s, False
        while True:
            answer = self.call("POST", path, data, secret, key)
            if answer.status in {200, 201}:
                said = dict(read(answer.document)) | self._asked_again(
                    path, data, secret, key, answer
                )
                self.journal.ended(op, "ok", said)
                return "ok", said
            code = str((answer.document or {}).get("code", "")) if answer.status else answer.how
            if not self._is_worth_another(answer, code):
                # What was asked when nobody heard the answer may still have come after this refusal.
                outcome = "unknown" if lost else "fail"
                self.journal.ended(op, outcome, {"code": code})
                return outcome, {"code": code}
            self.journal.tried(op, answer.how or str(answer.status))
            lost = lost or answer.how in {"dropped", "late", "hung-up"}
            if time.monotonic() > deadline:
                self.journal.ended(op, "unknown", {"code": code})
                return "unknown", {"code": code}
            time.sleep(random.uniform(0.05, 0.25))

    def look(
        self,
        kind: str,
        path: str,
        asked: Mapping[str, Any],
        read: Callable[[Any], Mapping[str, Any]],
        *,
        secret: str,
    ) -> Mapping[str, Any] | None:
        """Read something once; None where there was no answer."""
        op = self.journal.invoke(kind, "", asked)
        answer = self.call("GET", path, None, secret, "", rude=False)
        if answer.status != 200:
            self.journal.tried(op, answer.how or str(answer.status))
            self.journal.ended(op, "fail", {})
            return None
        said = read(answer.document)
        self.journal.ended(op, "ok", said)
        return said

    def _is_worth_another(self, answer: Answer, code: str) -> bool:
        if not answer.status or answer.status >= 500 or answer.status == 429:
            return True
        return answer.status == 409 and code == "in-progress"

    def _asked_again(
        self, path: str, data: bytes, secret: str, key: str, first: Answer
    ) -> dict[str, Any]:
        """Ask for what was answered once more, now and then: the answer has to be the same one."""
        if random.random() >= self.rudeness:
            return {}
        again = self.call("POST", path, data, secret, key, rude=False)
        if again.status in {200, 201} and again.document != first.document:
            return {"differs": again.document}
        return (
            {"refused_again": again.status}
            if 400 <= again.status < 500 and again.status not in AGAIN
            else {}
        )

    def call(
        self,
        method: str,
        path: str,
        data: bytes | None,
        secret: str,
        key: str,
        *,
        rude: bool = True,
    ) -> Answer:
        """Send one request; whatever goes wrong with the connection is an answer too."""
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=LATE_S
                )
            self._connection.request(method, f"/api/v1/{path}", data, headers)
            if rude and key and random.random() < self.rudeness:
                self.hang_up()
                return Answer(0, None, "hung-up")
            response = self._connection.getresponse()
            raw = response.read()
        except TimeoutError:
            self.hang_up()
            return Answer(0, None, "late")
        except (OSError, http.client.HTTPException):
            self.hang_up()
            return Answer(0, None, "dropped")
        try:
            return Answer(response.status, json.loads(raw))
        except ValueError:
            return Answer(response.status, {"code": "not-json"})

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
