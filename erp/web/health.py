"""Reports whether the process is alive and ready to serve."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from erp.backlogs import Backlog
from erp.celery import QUICK, SLOW
from erp.clocks import why_not_to_work
from erp.metrics.readings import backlogs, oldest
from erp.wiring import resolve

STALE_S = 60


def livez(request: HttpRequest) -> JsonResponse:
    """Respond 200 while the process lives."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Respond 503 until the database takes writes and migrations are current, and the worker was there once.

    What is lost or late later is 200 with what is degraded: orders are still taken. It writes each time, a row and a
    megabyte that is thrown away: a database whose disk is full still answers what it is asked.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            if cursor.fetchone()[0]:
                return _unready("The database is read-only.")
            if not _migrated():
                return _unready("Migrations are not current.")
            with transaction.atomic():
                for statement in WRITES:
                    cursor.execute(statement)
            looked = _looked(cursor)
        found = _judged(looked)
    except (DatabaseError, InterfaceError):
        return _unready("The database does not answer, or takes no writes.")
    if looked.beat_s is None:
        return _unready("The worker has not beaten yet.")
    names = [name for name, is_so in found.items() if is_so]
    return JsonResponse({"status": "degraded" if names else "ok", "degraded": names})


def degraded() -> dict[str, bool]:
    """What could be wrong, and whether it is: the two kinds of worker, each queue inside the house, the clock."""
    with connection.cursor() as cursor:
        return _judged(_looked(cursor))


class Looked(NamedTuple):
    """Seconds since the worker's last beat, since each queue was last said to be served, that each row is due."""

    beat_s: float | None
    served_s: Mapping[str, float]
    due_s: Mapping[str, float | None]
    is_paused: bool


# To change one row in place needs no room: on a full disk it went well, and /readyz said 200 while every order, which
# needs new pages, was answered 503. So a megabyte goes into a temporary file as well, on the disk of the tables: more
# than an order adds to (PostgreSQL adds to a table up to 64 pages at a time). PostgreSQL removes it when the statement
# ends: no dead rows as of an insert that is rolled back, whose pages would be used again instead of new ones, no
# rows of the catalogue as of a temporary table, nothing in the log; and it goes by a pooler of transactions.
WRITES = (
    "SELECT set_config('work_mem', '64kB', true), set_config('temp_tablespaces', '', true)",
    "SELECT count(*) FROM unnest(array_fill(repeat('x', 2048), ARRAY[512]))",
    "INSERT INTO erp_heartbeat (name, at) VALUES ('readyz', now()) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
)
# Queues whose work is done in the house, or leaves it by workers of ours.
WATCHED = ("inbox", "outbox", "mail", "webhooks", "jobs")
WORKERS = {"worker": QUICK, "slow-worker": SLOW}


@lru_cache(maxsize=1)
def _watched() -> Mapping[str, Backlog]:
    return {queue.name: queue for queue in backlogs() if queue.name in WATCHED}


def _looked(cursor: CursorWrapper) -> Looked:
    """Look at heartbeats, and at the first row of each queue: an entry of an index each."""
    firsts = ", ".join(f"'{name}', {oldest(queue)}" for name, queue in _watched().items())
    cursor.execute(
        f"""
        SELECT (SELECT extract(epoch FROM now() - at) FROM erp_heartbeat WHERE name = 'worker'),
            (SELECT json_object_agg(substr(name, 7), extract(epoch FROM now() - at))
             FROM erp_heartbeat WHERE name LIKE 'queue:%%'),
            json_build_object({firsts}),
            EXISTS (SELECT FROM erp_effectspause WHERE resumed_at IS NULL)
        """,
        [],
    )
    beat, served, due, is_paused = cursor.fetchone()
    return Looked(beat, served or {}, due, is_paused)


def _judged(found: Looked) -> dict[str, bool]:
    """Whether a worker is lost (one of its queues is served by nobody), a queue is late, our clock is off."""
    lost = {
        name: any(found.served_s.get(queue, STALE_S + 1) > STALE_S for queue in queues)
        for name, queues in WORKERS.items()
    }
    lost["worker"] |= found.beat_s is None or found.beat_s > STALE_S
    late = {
        name: (found.due_s.get(name) or 0) > queue.late.total_seconds()
        and not (queue.leaves and found.is_paused)
        for name, queue in _watched().items()
    }
    return lost | late | {"clock": bool(why_not_to_work())}


CHECKS: Mapping[str, str] = {
    "/livez": "erp.web.health.livez",
    "/readyz": "erp.web.health.readyz",
    "/metrics": "erp.web.metrics.metrics",
}


class HealthChecks:
    """Answers health checks before anything else looks at the request.

    Whoever asks names the host by its address, which is no host that orders are taken under: with the public
    name in ALLOWED_HOSTS the check of a composition was refused with 400, and the web never became healthy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        check = CHECKS.get(request.path)
        return resolve(check)(request) if check else self.get_response(request)


def _unready(why: str) -> JsonResponse:
    return JsonResponse(
        {"status": "unready", "detail": why}, status=503, headers={"Retry-After": "2"}
    )


@lru_cache(maxsize=1)
def _known_true() -> dict[str, bool]:
    return {}


def _migrated() -> bool:
    known = _known_true()
    if not known.get("migrated"):
        executor = MigrationExecutor(connection)
        known["migrated"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return known["migrated"]
