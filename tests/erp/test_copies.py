"""Of copies of the cluster as many are kept as are wanted, with the log they need; a log that is not kept is told."""

import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from erp.backups import copies, tasks
from erp.backups.copies import ARCHIVER, copy_is_due, first_segment, forget_old_copies
from erp.backups.point_in_time import copy_cluster, recover
from erp.backups.queries import folder_name
from erp.embedded.engines import DATABASE, Engines
from erp.web.alerts import watch

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
PAUSES = "CREATE TABLE erp_effectspause (id bigserial, at timestamptz, restored_of timestamptz, resumed_at timestamptz)"


@pytest.fixture
def folder():
    """A folder that PostgreSQL's own user may reach."""
    path = Path(tempfile.mkdtemp(prefix="tl-copies-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def cluster(folder):
    engines = Engines(folder / "live", archive=folder / "archive")
    engines.start_database()
    say(engines, f"{PAUSES}; ALTER TABLE erp_effectspause OWNER TO throughline_owner")
    yield engines
    engines.stop()
    engines.remove()


def say(engines, statement):
    connection = psycopg2.connect(dbname=DATABASE, user="postgres", host=str(engines.sockets))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def until(condition):
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come")


def test_the_log_before_the_oldest_copy_left_goes_and_what_is_left_restores(cluster, folder):
    archive = folder / "archive"
    dsn = f"user=postgres dbname=postgres host={cluster.sockets}"
    made = []
    for _ in range(3):
        say(cluster, "CREATE TABLE IF NOT EXISTS mark (n int); INSERT INTO mark VALUES (1)")
        made.append(copy_cluster(archive, dsn, now=datetime.now(UTC)))
        time.sleep(1.1)
        say(cluster, "SELECT pg_switch_wal()")
    (moment,) = say(cluster, "SELECT clock_timestamp()")
    say(cluster, "INSERT INTO mark VALUES (2)")
    say(cluster, "SELECT pg_switch_wal()")
    (last,) = say(cluster, "SELECT pg_walfile_name(pg_current_wal_lsn() - 1)")
    until(lambda: (archive / f"{last}.gz").exists())

    needed = first_segment(made[1])
    gone = forget_old_copies(archive, keep=2)
    assert made[0].name in gone
    assert not made[0].exists()
    left = [p.name[:24] for p in archive.glob("*.gz")]
    assert needed in left
    assert min(left)[8:] >= needed[8:]
    assert len(gone) > 1
    recover(archive, folder / "again", moment=moment)
    Engines(folder / "again").remove()


def test_a_copy_that_does_not_say_what_it_needs_keeps_the_log(folder):
    for days in (0, 1):
        (folder / "base" / folder_name(NOW - timedelta(days=days))).mkdir(parents=True)
    (folder / f"{'0' * 24}.gz").touch()
    assert forget_old_copies(folder, keep=1) == [folder_name(NOW - timedelta(days=1))]
    assert (folder / f"{'0' * 24}.gz").exists()


def test_the_newest_copy_is_always_kept(folder):
    (folder / "base" / folder_name(NOW)).mkdir(parents=True)
    assert forget_old_copies(folder, keep=0) == []


def test_a_command_that_does_not_keep_the_log_is_seen(cluster):
    say(cluster, "SELECT pg_switch_wal()")
    until(lambda: say(cluster, "SELECT archived_count FROM pg_stat_archiver") > (0,))
    assert say(cluster, ARCHIVER) == (True, True)
    archive = cluster.archive
    archive.rename(f"{archive}-away")
    say(cluster, "CREATE TABLE more (n int)")
    say(cluster, "SELECT pg_switch_wal()")
    until(lambda: say(cluster, ARCHIVER) == (True, False))
    Path(f"{archive}-away").rename(archive)
    until(lambda: say(cluster, ARCHIVER) == (True, True))


@pytest.mark.django_db(transaction=True)
def test_the_schedule_copies_once_a_week_where_a_log_is_kept(shop, settings, folder, monkeypatch):
    started = []
    monkeypatch.setattr(tasks, "start_command", lambda *command: started.append(command))
    settings.WAL_ARCHIVE_DIR = str(folder)
    monkeypatch.delenv("ERP_EMBEDDED", raising=False)
    tasks.back_up_nightly()
    assert started == []  # a timer does it, with a role of its own
    monkeypatch.setenv("ERP_EMBEDDED", "1")
    tasks.back_up_nightly()
    tasks.back_up_nightly()
    assert started == [("copy_cluster", "--forget")]
    (folder / "base" / folder_name(NOW)).mkdir(parents=True)
    assert not copy_is_due(folder, NOW + timedelta(days=6))
    assert copy_is_due(folder, NOW + timedelta(days=7))


@pytest.mark.django_db(transaction=True)
def test_staff_hear_of_a_log_that_is_not_kept_and_of_old_copies(
    shop, settings, folder, monkeypatch
):
    def told():
        return {f.kind for f in watch(NOW)} & {"log_not_kept", "copy_old"}

    assert told() == set()
    monkeypatch.setattr("erp.web.alerts.log_is_kept", lambda: False)
    settings.WAL_ARCHIVE_DIR = str(folder)
    assert told() == {"log_not_kept", "copy_old"}
    (folder / "base" / folder_name(NOW - copies.OLD)).mkdir(parents=True)
    assert told() == {"log_not_kept"}

    def not_ours(_folder):
        raise PermissionError

    monkeypatch.setattr(copies, "backups_in", not_ours)
    assert told() == {"log_not_kept", "copy_old"}
