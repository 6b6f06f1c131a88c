"""Names every series that `/metrics` shows, with its labels. No label holds personal data, and each has few values."""

from collections.abc import Mapping
from typing import NamedTuple

PREFIX = "throughline_"
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
TASK_BUCKETS = (0.05, 0.25, 1.0, 5.0, 20.0, 60.0, 240.0)


class Series(NamedTuple):
    """One series: what it says, and by what it is told apart."""

    help: str
    labels: tuple[str, ...] = ()


# Counted where it happens, added up over all processes and machines (erp/metrics/tally.py).
COUNTERS: Mapping[str, Series] = {
    "http_requests": Series(
        "Requests answered, by route and class of status.", ("door", "route", "method", "status")
    ),
    "orders_placed": Series(
        "Orders taken in, by channel and the status they began in.", ("channel", "outcome")
    ),
    "orders_refused": Series(
        "Orders not taken in, by channel and the code of the refusal.", ("channel", "code")
    ),
    "tasks": Series("Runs of background tasks, by how they ended.", ("task", "outcome")),
    "sandbox_refusals": Series(
        "Foreign files whose reader was ended, by what it used too much of.", ("reason",)
    ),
    "rows_failed": Series("Rows of periodic work that raised, by the work.", ("round",)),
    "security_events": Series("Security events, by their kind.", ("kind",)),
    "api_calls_limited": Series("Calls of API keys refused by their rate."),
    "api_keys_refused": Series("Calls with a key that is unknown, revoked or expired."),
}
HISTOGRAMS: Mapping[str, tuple[Series, tuple[float, ...]]] = {
    "http_request_duration": (
        Series("Seconds until a request was answered.", ("door", "route")),
        BUCKETS,
    ),
    "task_duration": (Series("Seconds that a background task ran.", ("task",)), TASK_BUCKETS),
}
# Read when they are asked for (erp/metrics/readings.py and the modules that erp.wiring.METRICS names).
GAUGES: Mapping[str, Series] = {
    "up": Series("Whether a part answers: database, valkey.", ("part",)),
    "scrape_complete": Series("Whether everything could be read; 0: some series are missing."),
    "scrape_seconds": Series("Seconds that reading took."),
    "degraded": Series("What /readyz says is late or lost.", ("what",)),
    "queue_waiting": Series("Rows that wait in a queue; 100,000 stands for more.", ("queue",)),
    "queue_late": Series("Rows that are due for longer than their queue should take.", ("queue",)),
    "queue_oldest_seconds": Series("For how long the first row of a queue is due.", ("queue",)),
    "queue_parked": Series("Rows given up after all their tries.", ("queue",)),
    "broker_messages": Series("Hints that wait in the broker.", ("queue",)),
    "queue_worker_age_seconds": Series("Since a worker said that it serves a queue.", ("queue",)),
    "worker_heartbeat_age_seconds": Series("Since a worker last did what is due every 5 s."),
    "schedule_late_seconds": Series(
        "How much longer ago than its period a schedule's task last ran.", ("schedule",)
    ),
    "schedule_failures": Series("Failures in a row of a schedule's task.", ("schedule",)),
    "schedule_seconds": Series("How long a schedule's task took when it last ran.", ("schedule",)),
    "database_size_bytes": Series("Size of the database."),
    "database_connections": Series("Connections to the database, by state.", ("state",)),
    "database_connections_max": Series("Connections that the server allows."),
    "database_longest_transaction_seconds": Series("Age of the oldest open transaction."),
    "database_xmin_age": Series("Transactions since the oldest snapshot still held."),
    "database_wraparound_age": Series("Age of the oldest unfrozen transaction id."),
    "database_lock_waits": Series("Sessions that wait for a lock."),
    "database_standbys": Series("Standbys connected."),
    "database_slot_lag_bytes": Series("Log kept for the replication slot furthest behind."),
    "wal_archive_failing": Series("Whether archiving the log failed since it last succeeded."),
    "wal_archive_age_seconds": Series("Since a segment of the log was archived; absent: never."),
    "backup_age_seconds": Series("Since the last good backup, and the last good drill.", ("kind",)),
    "backup_configured": Series("Whether backups are made by themselves (BACKUP_DIR)."),
    "effects_paused": Series("Whether nothing may leave this installation."),
    "audit_broken": Series("Invariants that did not hold when they were last proved."),
    "audit_age_seconds": Series("Since all invariants were last proved."),
    "connection_failures": Series(
        "Failures in a row of a shop's or a mailbox's connection.", ("kind", "channel")
    ),
    "circuit_open": Series("Whether a connection is left alone for now.", ("kind", "channel")),
    "payment_calls_stuck": Series("Calls to payment providers due for ten minutes or parked."),
    "valkey_memory_bytes": Series("Memory that Valkey uses."),
    "disk_free_bytes": Series("Free space where this process keeps its files."),
    "build": Series("Always 1; the version is its label.", ("version",)),
}
