"""Reports whether the process is alive and ready to serve."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

STALE = timedelta(seconds=60)


def livez(request: HttpRequest) -> JsonResponse:
    """Respond 200 while the process lives."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Respond 503 until the database takes writes and migrations are current, and the worker was there once.

    What is lost or late later is 200 with what is degraded: orders are still taken. It writes a row each time: a
    database whose disk is full still answers what it is asked.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            if cursor.fetchone()[0]:
                return _unready("The database is read-only.")
            if not _migrated():
                return _unready("Migrations are not current.")
            cursor.execute(WRITE)
            cursor.execute(LATE, [timezone.now()])
            beat, late = cursor.fetchone()
    except DatabaseError:
        return _unready("The database does not answer, or takes no writes.")
    if beat is None:
        return _unready("The worker has not beaten yet.")
    degraded = ["worker"] if timezone.now() - beat > STALE else []
    degraded += [name for name, since in late.items() if since and since > LATEST_S[name]]
    return JsonResponse({"status": "degraded" if degraded else "ok", "degraded": degraded})


WRITE = """
INSERT INTO erp_heartbeat (name, at) VALUES ('readyz', now()) ON CONFLICT (name) DO UPDATE SET at = excluded.at
"""
# How long the first of each queue has been due, in seconds: an entry of an index each.
LATE = """
SELECT (SELECT at FROM erp_heartbeat WHERE name = 'worker'), json_build_object(
    'outbox', (SELECT extract(epoch FROM now.at - min(due_at)) FROM erp_eventdelivery WHERE status = 'pending'),
    'mail', (SELECT extract(epoch FROM now.at - min(due_at)) FROM erp_message WHERE status = 'waiting'))
FROM (SELECT %s::timestamptz AS at) now
"""
LATEST_S = {"outbox": 60, "mail": 300}


CHECKS: Mapping[str, Callable[[HttpRequest], JsonResponse]] = {"/livez": livez, "/readyz": readyz}


class HealthChecks:
    """Answers health checks before anything else looks at the request.

    Whoever asks names the host by its address, which is no host that orders are taken under: with the public
    name in ALLOWED_HOSTS the check of a composition was refused with 400, and the web never became healthy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        check = CHECKS.get(request.path)
        return check(request) if check else self.get_response(request)


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
