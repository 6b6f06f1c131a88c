"""Copies PostgreSQL's whole cluster now and then, and restores it to any moment that its kept log reaches.

A base backup and every segment of the log after it bring back the state of a moment (PostgreSQL's manual, 25.3). The
log is kept by PostgreSQL itself (`archive_command`); this makes the copies, and restores into a folder of its own,
so that what is there stays as it is.
"""

import os
import secrets
import shutil
import subprocess
import tarfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn

from erp.backups.copies import BASES
from erp.backups.queries import NAMED, backups_in
from erp.embedded.engines import (
    DATABASE,
    GENERATION,
    OWNER_ROLE,
    EngineFailed,
    Engines,
    installed_program,
)

LONGEST = timedelta(hours=6)


class NotRecovered(Exception):
    """A moment that cannot be restored; the message says why."""


@dataclass(frozen=True)
class Recovered:
    """What was restored: from which copy, and how long it took."""

    base: str
    seconds: float


def copy_cluster(archive: Path, connection: str, *, now: datetime) -> Path:
    """Copy the whole cluster into the archive, verified; return where. Raises NotRecovered.

    connection   of a role that may replicate, as libpq takes it
    """
    bases = archive / BASES
    bases.mkdir(mode=0o700, exist_ok=True)
    unfinished = bases / f".{secrets.token_hex(4)}.unfinished"
    try:
        dsn, password = without_password(connection)
        _run("pg_basebackup", f"--dbname={dsn}", f"--pgdata={unfinished}", *COPY, **password)
        _run("pg_verifybackup", "--no-parse-wal", str(unfinished))
        for path in (unfinished, *unfinished.iterdir()):
            path.chmod(0o700 if path.is_dir() else 0o600)
        # Named by its end: a moment after that can be reached from it.
        folder = bases / max(now, datetime.now(UTC)).astimezone(UTC).strftime(NAMED)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return folder


COPY = (
    "--format=tar",
    "--compress=gzip:1",
    "--wal-method=stream",
    "--checkpoint=fast",
    "--manifest-checksums=SHA256",
    "--no-password",
)


def without_password(connection: str) -> tuple[str, dict[str, str]]:
    """A connection string, and its password as PostgreSQL's programs take it from the environment.

    As an argument everybody on the machine could read it for as long as the copy took.
    """
    said = parse_dsn(connection)
    password = said.pop("password", "")
    return make_dsn(**said), {"PGPASSWORD": password} if password else {}


def base_for(archive: Path, moment: datetime) -> Path:
    """The newest copy that was finished by a moment. Raises NotRecovered."""
    bases = backups_in(archive / BASES)
    before = [at for at in bases if at <= moment]
    if not before:
        first = f"the first is of {min(bases):{NAMED}}" if bases else "there is none at all"
        raise NotRecovered(f"No copy of the cluster is old enough: {first}.")
    return bases[max(before)]


def recover(archive: Path, into: Path, *, moment: datetime) -> Recovered:
    """Restore the cluster as it was at a moment into a new folder, effects paused. Raises NotRecovered.

    into   a data folder as `manage.py up --data` takes it; it must not exist, and is gone again after a failure
    """
    began = time.monotonic()
    if into.exists():
        raise NotRecovered(f"{into} exists; name a folder that does not.")
    base = base_for(archive, moment)
    engines = Engines(into, settings=tuple(_settings(archive, moment)))
    try:
        _lay_out(base, engines)
        _check_version(engines.pgdata)
        engines.start_postgres()
        _wait_for_the_end(engines)
        _pause(engines, moment)
    except BaseException as failure:
        engines.stop()
        engines.remove()
        if isinstance(failure, (EngineFailed, OSError, psycopg2.Error, tarfile.TarError)):
            raise NotRecovered(_plain(str(failure))) from failure
        raise
    engines.stop()
    return Recovered(base.name, time.monotonic() - began)


def _settings(archive: Path, moment: datetime) -> list[str]:
    return [
        f"restore_command=gzip -dc '{archive}/%f.gz' >'%p'",
        f"recovery_target_time={moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f+00}",
        "recovery_target_action=promote",
        "archive_mode=off",
    ]


def _lay_out(base: Path, engines: Engines) -> None:
    """Unpack a copy as the data of an instance that has not been started."""
    engines.directory.mkdir(parents=True, mode=0o711)
    engines.pgdata.mkdir(parents=True)
    engines.prepare_folder(fresh=False)
    (engines.root / "generation").write_text(f"{GENERATION}\n")
    for name, folder in (("base", engines.pgdata), ("pg_wal", engines.pgdata / "pg_wal")):
        with tarfile.open(base / f"{name}.tar.gz") as archive:
            _unpack(archive, folder)
    (engines.pgdata / "recovery.signal").touch()
    engines.hand_over(engines.pgdata)


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Unpack files and folders, and nothing that leads out of a folder. Raises TarError.

    Python has a filter for that from 3.11.4 on; Debian 12 brings 3.11.2, whose `extractall` knows no such argument.
    """
    if hasattr(tarfile, "data_filter"):
        archive.extractall(folder, filter="data")
        return
    for member in archive:
        target = (folder / member.name).resolve()
        if not (member.isreg() or member.isdir()) or not target.is_relative_to(folder.resolve()):
            raise tarfile.ExtractError(f"{member.name} is no file of a cluster.")
        archive.extract(member, folder, numeric_owner=True)


def _check_version(pgdata: Path) -> None:
    """Raise NotRecovered where a cluster is of another PostgreSQL than the one that is brought along."""
    of_copy = (pgdata / "PG_VERSION").read_text().strip()
    said = _run("postgres", "--version")
    if of_copy != said.split()[-1].partition(".")[0]:
        raise NotRecovered(
            f"The copy is of PostgreSQL {of_copy}, and {said.strip()} is brought along. Go back with your own server:"
            " docs/operations/debian.md, section 8."
        )


def _wait_for_the_end(engines: Engines) -> None:
    """Wait until all that was to be replayed is, and rows can be written. Raises EngineFailed."""
    deadline = time.monotonic() + LONGEST.total_seconds()
    process = engines.processes["postgres"]
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log = (engines.directory / "postgres.log").read_text(errors="replace")
            raise EngineFailed(log[-4000:])
        try:
            if not _ask(engines, "SELECT pg_is_in_recovery()"):
                return
        except psycopg2.OperationalError:  # it does not take connections yet
            pass
        time.sleep(0.1)
    raise EngineFailed("It did not end in six hours.")


def _ask(engines: Engines, statement: str, *values: object) -> object:
    connection = psycopg2.connect(
        dbname=DATABASE, user=OWNER_ROLE, host=str(engines.sockets), connect_timeout=5
    )
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def _pause(engines: Engines, moment: datetime) -> None:
    """Pause effects before anybody else comes to this copy."""
    _ask(
        engines,
        "INSERT INTO erp_effectspause (at, restored_of) VALUES (now(), %s) RETURNING id",
        moment,
    )


def _plain(log: str) -> str:
    """What matters of a log: why it ended."""
    if "before configured recovery target was reached" in log:
        return (
            "The kept log ends before that moment: name an earlier one, or wait until it is kept."
        )
    fatal = [line for line in log.splitlines() if "FATAL" in line or "PANIC" in line]
    return (fatal or log.strip().splitlines() or ["PostgreSQL said nothing."])[-1]


def _run(program: str, *arguments: str, **more: str) -> str:
    """Run a program of PostgreSQL's, with more of an environment; return what it said. Raises NotRecovered."""
    done = subprocess.run(
        [str(installed_program(program)), *arguments],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")}
        | {name: value for name, value in os.environ.items() if name.startswith("PG")}
        | more,
        check=False,
    )
    if done.returncode:
        raise NotRecovered(f"{program}: {done.stderr.strip()[-1000:]}")
    return done.stdout
