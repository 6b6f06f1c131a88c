"""Calls the API as a careful shop does: one key an operation, the same again until there is an answer."""

import http.client
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from faults.journal import Journal

LATE_S = 10.0  # for an answer; then the connection is given up
AGAIN = frozenset({409, 429})  # somebody else is at it: with the same key, again


class Answer(NamedTuple):
    """What came back: a status with its document, or why nothing did."""

    status: int
    document: Any
    how: str = ""


class Came(NamedTuple):
    """How a call came out in the end.

    again     what was wrong when it was asked for once more: "differs", "refused_again"
    is_lost   a try before the last brought no answer
    """

    outcome: str
    document: Any
    code: str = ""
    again: Mapping[str, Any] = MappingProxyType({})
    is_lost: bool = False


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
        op = self.journal.invoke(kind, key, asked)
        came = self._until_answered(op, path, json.dumps(body).encode(), secret, key)
        said: Mapping[str, Any] = {"code": came.code}
        if came.outcome == "ok":
            said = {**read(came.document), **came.again}
        self.journal.ended(op, came.outcome, said)
        return came.outcome, said

    def perform_all(
        self,
        kind: str,
        path: str,
        body: object,
        wanted: Sequence[tuple[str, Mapping[str, Any]]],
        read: Callable[[Any], Sequence[tuple[str, Mapping[str, Any]]]],
        *,
        secret: str,
    ) -> list[Mapping[str, Any]]:
        """Ask for many things in one call until it is answered; return what was said of those that happened.

        wanted   what the journal keeps of each: its key, and what is asked
        read     makes of an answer's document how each came out, and what the journal keeps of it
        """
        key = uuid.uuid4().hex
        ops = self.journal.invoke_all(kind, wanted)
        came = self._until_answered(ops[0], path, json.dumps(body).encode(), secret, key)
        ends: list[tuple[str, Mapping[str, Any]]]
        ends = [(came.outcome, {"code": came.code})] * len(ops)
        if came.outcome == "ok":
            ends = list(read(came.document))
            ends[0] = (ends[0][0], {**ends[0][1], **came.again})
        if came.is_lost:  # what was asked when nobody heard the answer may have come all the same
            ends = [("unknown" if outcome == "fail" else outcome, said) for outcome, said in ends]
        self.journal.all_ended(
            (op, outcome, said) for op, (outcome, said) in zip(ops, ends, strict=True)
        )
        return [said for outcome, said in ends if outcome == "ok"]

    def _until_answered(self, op: int, path: str, data: bytes, secret: str, key: str) -> "Came":
        """Send a request until there is an answer to rely on; tries that brought none are in the journal."""
        deadline, lost = time.monotonic() + self.patience_s, False
        while True:
            answer = self.call("POST", path, data, secret, key)
            if answer.status in {200, 201}:
                again = self._asked_again(path, data, secret, key, answer)
                return Came("ok", answer.document, again=again, is_lost=lost)
            code = str((answer.document or {}).get("code", "")) if answer.status else answer.how
            if not self._is_worth_another(answer, code):
                # What was asked when nobody heard the answer may still have come after this refusal.
                return Came("unknown" if lost else "fail", None, code, is_lost=lost)
            self.journal.tried(op, answer.how or str(answer.status))
            lost = lost or answer.how in {"dropped", "late", "hung-up"}
            if time.monotonic() > deadline:
                return Came("unknown", None, code, is_lost=True)
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
