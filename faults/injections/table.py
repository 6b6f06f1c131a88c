"""Names every fault on one page."""

import signal

from faults.injections import database, killed, outside
from faults.injections.fault import PROXIED, SMALL_DISK, Fault

FAULTS = (
    Fault("none", "nothing: what the load alone shows", outside.nothing),
    Fault("postgres-killed", "all of PostgreSQL by kill -9", killed.killed("postgres"), times=2),
    Fault(
        "postgres-stopped",
        "PostgreSQL by a fast stop; the supervisor starts it again",
        killed.killed("postgres", signal.SIGINT, whole=False),
        times=2,
    ),
    Fault("backend-killed", "one process of PostgreSQL", killed.one_backend_killed, times=3),
    Fault("backends-ended", "pg_terminate_backend of all", killed.backends_ended, times=3),
    Fault("postgres-frozen", "PostgreSQL by SIGSTOP", killed.frozen("postgres"), 5.0),
    Fault("connections-exhausted", "others hold every one", database.connections_exhausted, 5.0),
    Fault(
        "long-transaction", "locks scarce stock, holds back xmin", database.long_transaction, 8.0
    ),
    Fault(
        "idle-in-transaction", "a client locks orders and sleeps", database.idle_in_transaction, 8.0
    ),
    Fault("two-migrators", "migrate, twice at once, under load", database.migrated_meanwhile),
    Fault("backup", "a backup and its drill, under load", database.backed_up_meanwhile),
    Fault("valkey-killed", "Valkey by kill -9", killed.killed("valkey"), times=2),
    Fault("valkey-frozen", "Valkey by SIGSTOP", killed.frozen("valkey"), 8.0),
    Fault("valkey-flushed", "FLUSHALL", outside.valkey_flushed, times=5),
    Fault("web-killed", "gunicorn's master by kill -9", killed.killed("web", whole=False)),
    Fault(
        "web-child-killed", "a child of gunicorn by kill -9", killed.child_killed("web"), times=4
    ),
    Fault("web-stopped", "gunicorn by SIGTERM", killed.killed("web", signal.SIGTERM, whole=False)),
    Fault("web-reloaded", "gunicorn by SIGHUP", killed.signalled("web", signal.SIGHUP)),
    Fault("web-frozen", "web by SIGSTOP", killed.frozen("web"), 5.0),
    Fault("worker-killed", "the worker by kill -9", killed.killed("worker"), times=2),
    Fault("worker-child-killed", "a child of the worker", killed.child_killed("worker"), times=4),
    Fault(
        "slow-worker-killed", "the slow worker by kill -9", killed.killed("slow-worker"), times=2
    ),
    Fault("beat-killed", "the scheduler by kill -9", killed.killed("beat"), times=2),
    Fault("worker-frozen", "the worker by SIGSTOP", killed.frozen("worker"), 8.0),
    Fault("two-beats", "a second scheduler", killed.two_beats, 10.0),
    Fault("two-ups", "a second `up` on the folder", killed.two_ups),
    Fault("receivers-dead", "no receiver listens", outside.receivers_dead, 6.0),
    Fault("receivers-slow", "receivers take 4 s", outside.receivers_slow, 6.0),
    Fault("receivers-failing", "a receiver refuses half of it", outside.receivers_failing, 20.0),
    Fault("clock-ahead", "a worker's clock 3 h ahead", outside.clock_jumped(3), 8.0),
    Fault("clock-behind", "a worker's clock 2 days behind", outside.clock_jumped(-48), 8.0),
    Fault("everything-killed", "every process by kill -9, started again", killed.everything_killed),
    Fault("stopped-and-started", "SIGTERM of `up`, started again", killed.stopped_and_started),
    Fault("receiver-returns", "a dead receiver comes back", outside.receiver_returns),
    Fault(
        "postgres-cut",
        "its connections reset, refused",
        outside.way("postgres", lambda p: p.cut()),
        3.0,
        2,
        PROXIED,
    ),
    Fault(
        "postgres-silent",
        "answers nothing, then goes on",
        outside.way("postgres", lambda p: p.silent()),
        5.0,
        1,
        PROXIED,
    ),
    Fault(
        "postgres-lost",
        "what was under way never arrives",
        outside.way("postgres", lambda p: p.lost()),
        5.0,
        1,
        PROXIED,
    ),
    Fault(
        "postgres-slow",
        "25 ms later, each way",
        outside.way("postgres", lambda p: p.slow(0.025)),
        8.0,
        1,
        PROXIED,
    ),
    Fault(
        "valkey-cut",
        "its connections reset, refused",
        outside.way("valkey", lambda p: p.cut()),
        6.0,
        1,
        PROXIED,
    ),
    Fault(
        "valkey-silent",
        "answers nothing, then goes on",
        outside.way("valkey", lambda p: p.silent()),
        8.0,
        1,
        PROXIED,
    ),
    Fault(
        "valkey-slow",
        "100 ms later, each way",
        outside.way("valkey", lambda p: p.slow(0.1)),
        8.0,
        1,
        PROXIED,
    ),
    Fault("disk-full", "not a byte left for data and log", database.disk_full, 15.0, 1, SMALL_DISK),
)
BY_NAME = {fault.name: fault for fault in FAULTS}
