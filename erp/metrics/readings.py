"""Reads what the database knows of its own state and of the work that waits: a few statements, each by an index."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db import DatabaseError, connection, transaction

from erp.backlogs import Backlog
from erp.wiring import BACKLOGS, METRICS, resolve

MOST_COUNTED = 100_000  # rows of a queue, so that a backlog of millions is not walked through
TIMEOUT = "2s"


class Reading(NamedTuple):
    """One statement that measures: its rows are (name of a series, array of its labels, number or null)."""

    sql: str


class Measured(NamedTuple):
    """One value of a series."""

    name: str
    labels: Sequence[str]
    value: float


DATABASE = Reading(
    """
    SELECT 'database_size_bytes', '{}'::text[], pg_database_size(current_database())::float8
    UNION ALL SELECT 'database_connections_max', '{}', current_setting('max_connections')::float8
    UNION ALL SELECT 'database_wraparound_age', '{}', age(datfrozenxid)::float8
        FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT 'database_connections', ARRAY[coalesce(state, 'other')], count(*)
        FROM pg_stat_activity WHERE datname = current_database() GROUP BY coalesce(state, 'other')
    UNION ALL SELECT 'database_longest_transaction_seconds', '{}',
        coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8
        FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    UNION ALL SELECT 'database_xmin_age', '{}', coalesce(max(age(backend_xmin)), 0)::float8
        FROM pg_stat_activity WHERE datname = current_database()
    UNION ALL SELECT 'database_lock_waits', '{}', count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    UNION ALL SELECT 'database_standbys', '{}', count(*) FROM pg_stat_replication
    """
)
ARCHIVE = Reading(
    """
    SELECT 'wal_archive_failing', '{}'::text[],
        (coalesce(last_failed_time, '-infinity') > coalesce(last_archived_time, '-infinity'))::int::float8
        FROM pg_stat_archiver
    UNION ALL SELECT 'wal_archive_age_seconds', '{}',
        extract(epoch FROM now() - last_archived_time)::float8 FROM pg_stat_archiver
    UNION ALL SELECT 'database_slot_lag_bytes', '{}', coalesce(max(CASE WHEN pg_is_in_recovery() THEN 0
        ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) END), 0)::float8 FROM pg_replication_slots
    """
)
HOUSE = Reading(
    """
    SELECT 'queue_worker_age_seconds', ARRAY[substr(name, 7)], extract(epoch FROM now() - at)::float8
        FROM erp_heartbeat WHERE name LIKE 'queue:%%'
    UNION ALL SELECT 'worker_heartbeat_age_seconds', '{}', extract(epoch FROM now() - at)::float8
        FROM erp_heartbeat WHERE name = 'worker'
    UNION ALL SELECT 'schedule_failures', ARRAY[substr(name, 10)], failures
        FROM erp_heartbeat WHERE name LIKE 'schedule:%%'
    UNION ALL SELECT 'schedule_seconds', ARRAY[substr(name, 10)], seconds
        FROM erp_heartbeat WHERE name LIKE 'schedule:%%'
    UNION ALL SELECT 'schedule_age', ARRAY[substr(name, 10)], extract(epoch FROM now() - at)::float8
        FROM erp_heartbeat WHERE name LIKE 'schedule:%%'
    UNION ALL SELECT 'effects_paused', '{}',
        EXISTS (SELECT FROM erp_effectspause WHERE resumed_at IS NULL)::int
    UNION ALL SELECT 'backup_age_seconds', ARRAY[kind], coalesce(extract(epoch FROM now() - (
        SELECT began_at FROM erp_backuprun r WHERE r.kind = kinds.kind AND r.is_good
        ORDER BY began_at DESC LIMIT 1)), 'infinity')::float8 FROM unnest(ARRAY['backup', 'drill']) AS kinds (kind)
    UNION ALL (SELECT 'audit_broken', '{}', broken FROM erp_auditrun ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT 'audit_age_seconds', '{}',
        coalesce(extract(epoch FROM now() - (SELECT max(at) FROM erp_auditrun)), 'infinity')::float8
    """
)


def backlogs() -> list[Backlog]:
    """Every table of work that waits, in the order that pages show them."""
    return [resolve(name) for name in BACKLOGS]


def queue_reading() -> Reading:
    """How much waits in each queue, is late, was given up, and since when the first is due: entries of indexes."""
    return Reading(" UNION ALL ".join(_of_queue(backlog) for backlog in backlogs()))


def _of_queue(queue: Backlog) -> str:
    waiting, labels = f"FROM {queue.table} WHERE {queue.waiting}", f"ARRAY['{queue.name}']"
    late = f"{waiting} AND {queue.due} < now() - interval '{queue.late.total_seconds():.0f} s'"
    return " UNION ALL ".join(
        (
            f"SELECT 'queue_waiting', {labels}::text[], {_capped(waiting)}",
            f"SELECT 'queue_late', {labels}, {_capped(late)}",
            f"SELECT 'queue_parked', {labels}, {_capped(f'FROM {queue.table} WHERE {queue.parked}')}",
            f"SELECT 'queue_oldest_seconds', {labels}, greatest(0, coalesce({oldest(queue)}, 0))::float8",
        )
    )


def oldest(queue: Backlog) -> str:
    """SQL of how many seconds the first row of a queue is due, null where none waits."""
    rows = f"FROM {queue.table} WHERE {queue.waiting} ORDER BY {queue.due} LIMIT 1"
    return f"(SELECT extract(epoch FROM now() - {queue.due}) {rows})"


def _capped(rows: str) -> str:
    return f"(SELECT count(*) FROM (SELECT 1 {rows} LIMIT {MOST_COUNTED}) capped)::float8"


def readings() -> list[Reading]:
    """Everything that is asked of the database for one answer."""
    others = [reading for name in METRICS for reading in resolve(name).READINGS]
    return [DATABASE, ARCHIVE, HOUSE, queue_reading(), *others]


def measure() -> Iterator[Measured | None]:
    """Read all; None for each statement that failed or took longer than two seconds."""
    waiting = readings()
    while waiting:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{TIMEOUT}'")
                while waiting:
                    cursor.execute(waiting[0].sql, [])
                    yield from _measured(cursor.fetchall())
                    waiting.pop(0)
        except DatabaseError:
            if connection.connection is None or connection.connection.closed:
                raise
            waiting.pop(0)
            yield None


def _measured(rows: Sequence[tuple[str, Sequence[str], float | None]]) -> Iterator[Measured]:
    for name, labels, value in rows:
        if value is not None:
            yield Measured(name, labels, float(value))
