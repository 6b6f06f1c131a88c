"""Sends what is hostile, judges every answer, and takes back whatever it did."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.utils import DatabaseError
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from tests.attacks.plan import IS_FULL, KEPT, SEED, WERE_WRONG
from tests.attacks.routes import route_reached
from tests.attacks.rows import changed, fingerprint
from tests.attacks.verdicts import SLOW_S, body_of, misses

Send = Callable[[], Any]
USUAL = 2  # as long as it works itself, a process waits for the database beside it
LOG = os.environ.get(
    "ATTACKS_LOG"
)  # a file that is told of each as it is found: a full run takes minutes


@contextmanager
def undone() -> Iterator[Any]:
    """A block whose rows are taken back at its end, unless its `keep` is called."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # the durable one may stand within it
    kept = list[bool]()
    with block:
        yield lambda: kept.append(True)
        is_broken = (
            connection.connection.get_transaction_status() == TRANSACTION_STATUS_INERROR
            or connection.needs_rollback
        )
        transaction.set_rollback(is_broken or not kept)


class Attacker:
    """Counts what was sent, and keeps what was answered wrongly.

    What is accepted is taken back at once, so that each attack finds the same. What is refused is left: at the end
    of a place the database has to be as it was.
    """

    def __init__(self) -> None:
        self.inputs, self.missed, self.slowest = 0, list[str](), 0.0
        self.began, self.worked = time.monotonic(), time.process_time()
        self.codes, self.reached = dict[int, int](), set[str]()
        self.refused = list[tuple[str, str, Send]]()
        self.before = dict[str, tuple[int, int]]()

    @contextmanager
    def place(self) -> Iterator[None]:
        """A number of attacks after which nothing may have changed."""
        self.before, self.refused = fingerprint(), []
        with undone():
            yield
            if found := changed(self.before):
                self._who_changed(found)

    def attack(self, at: str, value: str, send: Send, *, is_api: bool, expected: str = "") -> Any:
        """Send once; what is wrong with the answer is noted by place and value.

        expected   what the answer has to be beside, as one of EXPECTED
        """
        self.inputs += 1
        answer, body, took_s, escaped = self._sent(send)
        for _again in range(2):  # slow once may be the machine's doing
            if took_s > SLOW_S:
                took_s = min(took_s, self._sent(send)[2])
        self.slowest = max(self.slowest, took_s)
        wrong = [f"took {took_s:.1f} s"] if took_s > SLOW_S else []
        if answer is None:
            self.miss(at, value, [escaped, *wrong])
            return None
        self.codes[answer.status_code] = self.codes.get(answer.status_code, 0) + 1
        self.reached.add(route_reached(answer.wsgi_request))
        wrong += misses(answer, body, is_api=is_api)
        if expected and (said := EXPECTED[expected](answer, at)):
            wrong.append(said)
        if wrong:
            self.miss(at, value, wrong)
        if answer.status_code >= 400 and answer.wsgi_request.method == "POST":
            self.refused.append((at, value, send))
        return answer

    def _sent(self, send: Send) -> tuple[Any, bytes, float, str]:
        """(answer or None, its body, seconds, what escaped)."""
        began = time.monotonic()
        try:
            with undone() as keep:
                answer = send()
                body = body_of(answer)
                if answer.status_code < 400:
                    connection.check_constraints()  # as at the end of a transaction of its own
                else:
                    keep()
        except Exception as error:  # what escapes the handler is a failure as well
            return None, b"", self._alone(time.monotonic() - began), repr(error)[:600]
        return answer, body, self._alone(time.monotonic() - began), ""

    def _alone(self, took_s: float) -> float:
        """About what it would have taken on a machine that does nothing else: by how much of one this run had."""
        passed, worked = time.monotonic() - self.began, time.process_time() - self.worked
        return took_s * min(1.0, USUAL * worked / passed)

    def _who_changed(self, found: list[str]) -> None:
        """Send again, one by one, what was refused, to find which changed something."""
        for at, value, send in self.refused[:3000]:
            with undone():
                self._sent(send)
                try:
                    said = changed(self.before)
                except DatabaseError:
                    continue
            if said:
                self.miss(at, value, [f"refused, and changed {', '.join(said)}"])
                return
        self.missed.append(f"something refused changed {', '.join(found)}")

    def miss(self, at: str, value: str, wrong: list[str]) -> None:
        """Note an answer that is wrong; a full run keeps it for every run to come."""
        self.missed.append(f"{at} = {value}: {'; '.join(wrong)}"[:700])
        if LOG:
            with Path(LOG).open("a") as file:
                file.write(self.missed[-1] + "\n")
        if IS_FULL and value not in WERE_WRONG.get(at, ()):
            WERE_WRONG.setdefault(at, []).append(value)
            with KEPT.open("a") as file:
                file.write(json.dumps({"at": at, "value": value}, ensure_ascii=False) + "\n")

    def verdict(self) -> str:
        """Nothing, or what was missed and how to try it again."""
        if not self.missed:
            return ""
        many = "\n".join(self.missed[:200])
        return f"{len(self.missed)} of {self.inputs} (ATTACKS_SEED={SEED}):\n{many}"


def _points_at_the_field(answer: Any, at: str) -> str:
    """A body that cannot be read for a value says where the value is."""
    said = answer.json() if answer.status_code == 400 else {}
    if said.get("code") != "malformed-request":
        return ""
    return "" if any(e["pointer"] for e in said["errors"]) else f"points nowhere: {said['detail']}"


EXPECTED: dict[str, Callable[[Any, str], str]] = {"pointer": _points_at_the_field}
