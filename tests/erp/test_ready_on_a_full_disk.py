"""A disk without a byte left is seen by what /readyz writes, though a row can still be changed in place."""

import contextlib
import os
import tempfile
from pathlib import Path

import psycopg2
import pytest
from django.db import connections
from psycopg2.errors import DiskFull

from erp.web import health
from faults.injections.database import BALLAST, small_disk
from faults.injections.fault import CannotInject

DISK_MB = 24  # an empty database is some eight


@contextlib.contextmanager
def connected(database):
    """A superuser's connection, past Django."""
    host = connections["default"].get_connection_params()["host"]
    connection = psycopg2.connect(dbname=database, user="postgres", host=host)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@pytest.fixture
def disk():
    """A small disk, of which PostgreSQL's user has all; one of root's own."""
    folder = Path(tempfile.mkdtemp(prefix="tl-ready-"))
    try:
        with small_disk(folder, DISK_MB):
            with connected("postgres") as cursor:
                cursor.execute("SHOW data_directory")
                owner = Path(cursor.fetchone()[0]).stat()
            os.chown(folder, owner.st_uid, owner.st_gid)
            yield folder
    except CannotInject as why:
        pytest.skip(str(why))
    finally:
        folder.rmdir()


@pytest.fixture
def on_disk(disk):
    """A database that lies there, with the row that /readyz writes; its log lies elsewhere."""
    with connected("postgres") as cursor:
        cursor.execute(f"CREATE TABLESPACE tl_small LOCATION '{disk}'")
        try:
            cursor.execute("CREATE DATABASE tl_full TEMPLATE template0 TABLESPACE tl_small")
            with connected("tl_full") as inside:
                inside.execute("CREATE TABLE erp_heartbeat (name text PRIMARY KEY, at timestamptz)")
                inside.execute("CREATE TABLE orders (body text)")
                yield inside
            (disk / "ballast").unlink(missing_ok=True)
        finally:
            cursor.execute("DROP DATABASE IF EXISTS tl_full")
            cursor.execute("DROP TABLESPACE tl_small")


def fill(disk):
    with contextlib.suppress(OSError), (disk / "ballast").open("wb", buffering=0) as stream:
        while True:
            stream.write(b"\0" * BALLAST)


def write(cursor, statements=health.WRITES):
    cursor.execute("BEGIN")
    try:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("COMMIT")
    except psycopg2.Error:
        cursor.execute("ROLLBACK")
        raise


def test_a_full_disk_is_seen(on_disk, disk):
    write(on_disk)
    fill(disk)
    for _ in range(20):
        write(on_disk, health.WRITES[-1:])  # which alone was all that there was
    with pytest.raises(DiskFull):
        on_disk.execute("INSERT INTO orders SELECT repeat('x', 900) FROM generate_series(1, 50)")
    for _ in range(3):
        with pytest.raises(DiskFull):
            write(on_disk)

    (disk / "ballast").unlink()
    write(on_disk)
    on_disk.execute("INSERT INTO orders SELECT repeat('x', 900) FROM generate_series(1, 50)")
