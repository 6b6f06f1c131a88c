"""Changes tables beside people who work: one migrator at a time, and short waits that readers do not notice.

Whoever waits for a table's lock has everybody who comes later wait behind them, readers too. So a migration gives up
after a tenth of a second, lets the others pass, and tries again.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

KEY = 7_265_001  # of the lock that a migrator holds; within one database
LOCK_TIMEOUT_MS = 100
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
LOCK_NOT_AVAILABLE = "55P03"
# Its short `deadlock_timeout` makes the migrator the one who is ended where the application waits for it as well.
DEADLOCK = "40P01"
Say = Callable[[str], object]


@contextmanager
def only_migrator(alias: str, *, patience_s: float, say: Say) -> Iterator[BaseDatabaseWrapper]:
    """Hold the lock of the one who migrates, in a session of its own, which ends with whoever held it.

    Raises CommandError where another one holds it for longer than `patience_s`.
    """
    guard = connections[alias].copy()
    deadline = time.monotonic() + patience_s
    try:
        told = False
        while not _ask(guard, "SELECT pg_try_advisory_lock(%s)", KEY):
            if time.monotonic() > deadline:
                raise CommandError(
                    f"Another one migrates since {patience_s:.0f} s; nothing was done."
                )
            if not told:
                say("Another one migrates; waiting for it.")
                told = True
            time.sleep(FIRST_PAUSE_S)
        yield guard
    finally:
        guard.close()


def in_short_waits(
    alias: str,
    work: Callable[[], object],
    *,
    guard: BaseDatabaseWrapper,
    patience_s: float,
    say: Say,
) -> None:
    """Do work that changes tables; begin it again, later each time, where somebody's lock is in its way.

    work   what may be done again from the start: what of it was committed is found done
    Raises CommandError where it is still in the way after `patience_s`, or where it cannot be done again.
    """
    deadline, pause = time.monotonic() + patience_s, FIRST_PAUSE_S
    while True:
        with Watch(guard, _backend_of(connections[alias])) as watch, _short_waits(alias):
            try:
                work()
                return
            except OperationalError as failure:
                if getattr(failure.__cause__, "pgcode", "") not in {LOCK_NOT_AVAILABLE, DEADLOCK}:
                    raise
                refused = str(failure).partition("\n")[0]
        _refuse_to_repeat(alias)
        if time.monotonic() > deadline:
            raise CommandError(f"Gave up after {patience_s:.0f} s. {watch.said or refused}")
        say(f"{watch.said or refused} Again in {pause:.1f} s.")
        time.sleep(pause * random.uniform(0.7, 1.3))
        pause = min(LONGEST_PAUSE_S, pause * 1.6)


class Watch:
    """Sees, from another session, whom a session waits for; its own word on it comes after the wait is over."""

    def __init__(self, guard: BaseDatabaseWrapper, pid: int) -> None:
        self.guard, self.pid = guard, pid
        self.said = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self.guard.inc_thread_sharing()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.guard.dec_thread_sharing()

    def _look(self) -> None:
        while not self._over.wait(LOCK_TIMEOUT_MS / 1000 / 3):
            if row := _ask(self.guard, BLOCKED, self.pid, self.pid):
                self.said = str(row)


# Rights: pg_read_all_stats shows how long; without it at least who.
BLOCKED = """
SELECT format('%%s waits for %%s', coalesce(
    (SELECT relation::regclass::text FROM pg_locks WHERE pid = %s AND NOT granted AND relation IS NOT NULL LIMIT 1),
    'A row'), string_agg(format('process %%s (%%s, %%s%%s)', a.pid, a.usename,
    coalesce(nullif(a.application_name, ''), 'unnamed'),
    ', ' || a.state || ' since ' || to_char(a.xact_start, 'HH24:MI:SS TZ')), ', ') || '.')
FROM unnest(pg_blocking_pids(%s)) AS blocking (pid) JOIN pg_stat_activity a ON a.pid = blocking.pid
HAVING count(*) > 0
"""


@contextmanager
def _short_waits(alias: str) -> Iterator[None]:
    """Wait for locks briefly within the body.

    An autovacuum in the way is ended by who waits, but only after `deadlock_timeout`, a second at first: a shorter wait
    would find it there at every try. Who may set it is said in docs/docker/roles.sh.
    """
    limits = {"lock_timeout": f"{LOCK_TIMEOUT_MS}ms"}
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('deadlock_timeout', 'SET')")
        if cursor.fetchone()[0]:
            limits["deadlock_timeout"] = f"{LOCK_TIMEOUT_MS // 2}ms"
    before = _set(alias, limits)
    try:
        yield
    finally:
        _set(alias, before)


def _set(alias: str, limits: Mapping[str, str]) -> dict[str, str]:
    """Set limits of a session; return what they were."""
    before = {}
    with connections[alias].cursor() as cursor:
        for name, value in limits.items():
            cursor.execute("SELECT current_setting(%s)", [name])
            (before[name],) = cursor.fetchone()
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
    return before


def _refuse_to_repeat(alias: str) -> None:
    """Raise CommandError where the next migration is not one transaction: what it did half stays half."""
    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan and not plan[0][0].atomic:
        raise CommandError(
            f"{plan[0][0]} waited too long for a lock. It is not one transaction:"
            " look at what it did before you run it again."
        )


def _backend_of(connection: BaseDatabaseWrapper) -> int:
    return int(str(_ask(connection, "SELECT pg_backend_pid()")))


def _ask(connection: BaseDatabaseWrapper, statement: str, *values: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return row[0] if row else None
