"""Burdens PostgreSQL with what other people do to it: locks, open transactions, too many of them, no room."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2

from faults.injections.fault import CannotInject, Missed
from faults.seed import SCARCE
from faults.world import NotWhole, World, wait_for

BALLAST = 1 << 20


@contextlib.contextmanager
def connections_exhausted(world: World) -> Iterator[None]:
    """Somebody opens every connection that there is, those of the application's that are ended as well."""
    held: list[Any] = []
    try:
        for _round in range(5):
            _open_all(world, held)
            ours = [connection.get_backend_pid() for connection in held]
            world.rows(OTHERS_ENDED, [ours])
        _open_all(world, held)
        yield
    finally:
        for connection in held:
            connection.close()
    world.wait_until_whole()


OTHERS_ENDED = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'throughline' AND pid <> ALL (%s)
"""


def _open_all(world: World, held: list[Any]) -> None:
    """Open connections until there are no more."""
    for _n in range(200):
        try:
            held.append(world.connect("throughline"))
        except psycopg2.OperationalError:
            return
    raise Missed("there was no end of connections")


@contextlib.contextmanager
def long_transaction(world: World) -> Iterator[None]:
    """A transaction writes, and holds locks on scarce goods; no event that came after it can be read meanwhile."""
    connection = world.connect()
    connection.autocommit = False
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_current_xact_id()::text) FROM inventory_stocklevel l"
                " JOIN inventory_sku s ON s.id = l.sku_id WHERE s.code = %s",
                [SCARCE[0]],
            )
            cursor.execute(
                "SELECT l.part FROM inventory_stocklevel l JOIN inventory_sku s ON s.id = l.sku_id"
                " WHERE s.code = %s FOR UPDATE OF l",
                [SCARCE[0]],
            )
            if not cursor.fetchall():
                raise Missed("there was nothing to lock")
        yield
    finally:
        connection.rollback()
        connection.close()


@contextlib.contextmanager
def idle_in_transaction(world: World) -> Iterator[None]:
    """A client locks the newest orders and does nothing more, until PostgreSQL ends it or it goes away."""
    connection = world.connect("throughline")
    connection.autocommit = False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute(
                "SELECT id FROM orders_order ORDER BY id DESC LIMIT 10 FOR UPDATE SKIP LOCKED"
            )
            if not cursor.fetchall():
                raise Missed("there was no order to lock")
        yield
    finally:
        with contextlib.suppress(psycopg2.Error):
            connection.rollback()
        connection.close()


@contextlib.contextmanager
def migrated_meanwhile(world: World) -> Iterator[None]:
    """Two operators run the migrations of a running product at once."""
    codes: list[str] = []

    def migrate() -> None:
        done = world.manage_quietly("migrate", "-v0")
        codes.append("" if done.returncode == 0 else done.stderr[-300:])

    both = [threading.Thread(target=migrate) for _n in range(2)]
    for thread in both:
        thread.start()
    yield
    for thread in both:
        thread.join(120)
    if len(codes) != 2 or any(codes):
        raise NotWhole(f"a migration failed: {codes}")


@contextlib.contextmanager
def backed_up_meanwhile(world: World) -> Iterator[None]:
    """A backup is made of the running product, and restored elsewhere by a drill."""
    folder = world.folder / f"backup-{time.monotonic_ns()}"
    folder.mkdir()
    done = world.manage_quietly("backup", str(folder))
    if done.returncode:
        raise NotWhole(f"the backup failed: {done.stderr[-500:]}")
    yield
    (made,) = folder.rglob("manifest.json")
    drilled = world.manage_quietly("drill", str(made.parent))
    if drilled.returncode:
        raise NotWhole(f"the drill failed: {(drilled.stdout + drilled.stderr)[-500:]}")


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of its own in memory. Raises CannotInject where nobody may mount one."""
    if os.geteuid() != 0:
        raise CannotInject("only root can mount a small disk")
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotInject(f"nothing can be mounted: {error}") from error
    if done.returncode:
        raise CannotInject(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        wait_for(lambda: _unmounted(folder), 30, "the small disk is unmounted")


def _unmounted(folder: Path) -> bool:
    return subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def disk_full(world: World) -> Iterator[None]:
    """The disk of the data fills up to its last byte, and is freed."""
    ballast = world.data / "ballast"
    try:
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as stream:
            while True:
                stream.write(b"\0" * BALLAST)
        found = os.statvfs(world.data)
        if found.f_bavail * found.f_frsize > 2 * BALLAST:
            raise Missed("the disk did not fill up")
        yield
    finally:
        ballast.unlink(missing_ok=True)
    world.wait_until_whole()
