"""Records events in the caller's transaction and wakes the relay after the commit."""

import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

from erp.events.topics import known
from erp.wiring import SUBSCRIPTIONS

logger = logging.getLogger(__name__)
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quietly() -> Iterator[None]:
    """Record events without subscribers: the demo's past is not delivered to anyone."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def event_row(
    topic: str, subject: str, channel_id: int | None, facts: Mapping[str, object]
) -> dict[str, object]:
    """Compose an event with its subscribers, as the SQL functions take it. Raises UnknownTopic."""
    return {
        "topic": known(topic),
        "subject": subject,
        "channel_id": channel_id,
        "facts": facts,
        "subscribers": [] if _quiet.get() else list(SUBSCRIPTIONS.get(topic, ())),
    }


def record_event(topic: str, *, subject: str, channel_id: int | None, **facts: object) -> None:
    """Record that something happened, in the transaction that did it.

    topic     of the catalogue, `erp.events.topics`: "order.confirmed"
    subject   "<noun>:<primary key>"
    facts     ids and plain values only; a subscriber reads the rest from the database
    """
    record_events([event_row(topic, subject, channel_id, facts)])


def record_events(rows: Sequence[Mapping[str, object]]) -> None:
    """Record many events by one statement."""
    if not rows:
        return
    assert connection.in_atomic_block, "an event is recorded in the transaction it describes"
    with connection.cursor() as cursor:
        cursor.execute("SELECT erp_record_events(%s::jsonb)", [json.dumps(rows)])
    wake_relay_after_commit()


def wake_relay_after_commit() -> None:
    """After commit, hint that there is work. Losing the hint costs two seconds, never an event."""
    transaction.on_commit(_hints.give, robust=True)


def give_hint(task: str) -> None:
    """Send a task that beat sends anyway, now; a dead broker delays nobody."""
    _hints.give(task)


class _Hints:
    """Sends wake-ups from a thread of its own, so that a dead broker delays no request."""

    EVERY_S = 0.2  # at most one hint in this time
    PAUSE_S = 10.0  # after a failure

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._tasks: set[str] = set()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def give(self, task: str = "erp.tasks.relay") -> None:
        self._tasks.add(task)
        self._wanted.set()
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        from celery import current_app

        while self._wanted.wait():
            self._wanted.clear()
            try:
                while self._tasks:
                    current_app.send_task(self._tasks.pop(), expires=5, retry=False)
                time.sleep(self.EVERY_S)
            except Exception as error:
                logger.warning("The relay could not be woken: %s", error)
                time.sleep(self.PAUSE_S)


_hints = _Hints()
