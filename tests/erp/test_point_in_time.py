"""A moment named beforehand is restored exactly: what was before is there, what came after is not."""

import gzip
import io
import shutil
import subprocess
import tarfile
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError, call_command

from erp.backups.point_in_time import (
    NotRecovered,
    Recovered,
    _check_version,
    _unpack,
    base_for,
    copy_cluster,
    recover,
    without_password,
)
from erp.embedded.engines import DATABASE, OWNER_ROLE, Engines

PAUSES = "CREATE TABLE erp_effectspause (id bigserial, at timestamptz, restored_of timestamptz, resumed_at timestamptz)"


@pytest.fixture
def folder(tmp_path_factory):
    """A folder that PostgreSQL's own user may reach."""
    path = Path(tempfile.mkdtemp(prefix="tl-pitr-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def cluster(folder):
    engines = Engines(folder / "live", archive=folder / "archive")
    engines.start_database()
    say(engines, PAUSES)
    say(engines, "CREATE TABLE mark (n int)")
    yield engines
    engines.stop()
    engines.remove()


def say(engines, statement, user=OWNER_ROLE):
    connection = psycopg2.connect(dbname=DATABASE, user=user, host=str(engines.sockets))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def moment_after(engines, n):
    """Insert a mark; a moment when it is there and nothing later is."""
    say(engines, f"INSERT INTO mark SELECT generate_series({n}, {n} + 999)")
    time.sleep(0.05)
    ((at,),) = say(engines, "SELECT clock_timestamp()")
    time.sleep(0.05)
    return at


def keep_log(engines):
    say(engines, "SELECT pg_switch_wal()", user="postgres")
    for _ in range(200):
        ((waiting,),) = say(
            engines,
            "SELECT count(*) FROM pg_ls_dir('pg_wal/archive_status') f WHERE f LIKE '%.ready'",
            user="postgres",
        )
        if not waiting:
            return
        time.sleep(0.1)
    raise AssertionError("the log was not kept")


def test_a_moment_named_beforehand_is_restored_exactly(cluster, folder):
    archive = folder / "archive"
    say(cluster, "INSERT INTO mark VALUES (0)")
    dsn = f"user=postgres dbname=postgres host={cluster.sockets}"
    base = copy_cluster(archive, dsn, now=datetime.now(UTC))
    time.sleep(1.1)  # copies are named by the second
    first = moment_after(cluster, 1000)
    second = moment_after(cluster, 2000)
    say(cluster, "DROP TABLE mark")
    keep_log(cluster)

    for moment, rows in ((first, 1001), (second, 2001)):
        into = folder / f"then-{rows}"
        outcome = recover(archive, into, moment=moment)
        print(f"{rows} rows in {outcome.seconds:.1f} s")
        then = Engines(into)
        assert not then.sockets.exists()
        then.start_database()
        try:
            assert say(then, "SELECT count(*) FROM mark") == [(rows,)]
            assert say(then, "SELECT restored_of, resumed_at FROM erp_effectspause") == [
                (moment, None)
            ]
            say(then, "INSERT INTO mark VALUES (-1)")
        finally:
            then.stop()
            then.remove()
    assert outcome.base == base.name
    assert {p.stat().st_mode & 0o777 for p in archive.glob("*.gz")} == {0o600}
    assert {p.stat().st_mode & 0o777 for p in base.iterdir()} == {0o600}

    with pytest.raises(NotRecovered, match="The kept log ends before that moment"):
        recover(archive, folder / "later", moment=datetime.now(UTC) + timedelta(days=1))
    assert not (folder / "later").exists()


def test_a_segment_that_is_kept_is_not_overwritten(cluster, folder):
    keep_log(cluster)
    kept = sorted((folder / "archive").glob("*.gz"))
    with gzip.open(kept[0]) as segment:
        assert len(segment.read()) == 16 * 1024 * 1024


def packed(folder: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(folder / "x.tar.gz", "w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return folder / "x.tar.gz"


def member(name, kind=tarfile.REGTYPE, leads_to=""):
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.size = kind, leads_to, int(kind == tarfile.REGTYPE)
    return found


def test_a_copy_is_unpacked_by_a_python_without_filters(folder, monkeypatch):
    """Debian 12 brings one, and whoever went back to a moment there met a TypeError."""
    monkeypatch.delattr(tarfile, "data_filter")
    good = packed(folder, member("base", tarfile.DIRTYPE), member("base/1"))
    with tarfile.open(good) as archive:
        _unpack(archive, folder / "there")
    assert (folder / "there/base/1").read_bytes() == b"x"
    for bad in (
        member("../x"),
        member("/x"),
        member("l", tarfile.SYMTYPE, "/etc"),
        member("f", tarfile.FIFOTYPE),
    ):
        with tarfile.open(packed(folder, bad)) as archive, pytest.raises(tarfile.TarError):
            _unpack(archive, folder / "there")


def test_a_copy_of_another_postgresql_is_refused(folder):
    (folder / "PG_VERSION").write_text("15\n")
    with pytest.raises(NotRecovered, match=r"of PostgreSQL 15.*your own server"):
        _check_version(folder)


def test_no_password_stands_in_a_list_of_processes():
    dsn, more = without_password("host=127.0.0.1 user=copies password='a b\\'c'")
    assert "password" not in dsn
    assert more == {"PGPASSWORD": "a b'c"}
    assert without_password("host=/run user=x")[1] == {}


def test_what_cannot_be_reached_is_said(folder):
    with pytest.raises(NotRecovered, match="none at all"):
        base_for(folder, datetime.now(UTC))
    (folder / "base" / "2026-11-29T120000Z").mkdir(parents=True)
    with pytest.raises(NotRecovered, match="the first is of 2026-11-29T120000Z"):
        base_for(folder, datetime(2026, 11, 29, 11, 59, tzinfo=UTC))
    (folder / "there").mkdir()
    with pytest.raises(NotRecovered, match="exists"):
        recover(folder, folder / "there", moment=datetime.now(UTC))


def test_a_recovery_says_who_is_known_again(folder, monkeypatch, capsys):
    monkeypatch.setenv("WAL_ARCHIVE_DIR", str(folder))
    monkeypatch.setattr(
        "erp.management.commands.recover.recover", lambda *_given, **_named: Recovered("base", 1.0)
    )
    call_command("recover", "--to", "2026-11-29T14:05:00Z", "--into", str(folder / "x"))
    said = capsys.readouterr().out
    assert "erase_again --register" in said
    assert said.index("Effects are paused") < said.index("erase_again")


def test_a_moment_has_a_time_zone(folder, monkeypatch):
    monkeypatch.setenv("WAL_ARCHIVE_DIR", str(folder))
    with pytest.raises(CommandError, match="time zone"):
        call_command("recover", to="2026-11-29T12:00:00", into=folder / "x")


def test_the_script_for_other_servers_keeps_a_segment_once(tmp_path):
    script = Path(__file__).resolve().parents[2] / "docs/docker/archive_wal.sh"
    segment, archive = tmp_path / "000000010000000000000001", tmp_path / "archive"
    archive.mkdir()
    segment.write_bytes(b"a log")

    def kept():
        return subprocess.run(
            ["sh", script, archive, segment, segment.name], capture_output=True, check=False
        ).returncode

    assert (kept(), kept()) == (0, 0)
    (path,) = archive.iterdir()
    assert gzip.decompress(path.read_bytes()) == b"a log"
    assert path.stat().st_mode & 0o777 == 0o600
    segment.write_bytes(b"another log")
    assert kept() != 0
    assert gzip.decompress(path.read_bytes()) == b"a log"
