"""Runs `manage.py up`: engines, migrations, demo data, web, worker, scheduler under one Ctrl-C."""

import argparse
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from erp.embedded.attach import archive_directory, data_directory
from erp.embedded.engines import EngineFailed, Engines
from erp.embedded.log_files import open_log, rotate_all, say
from erp.embedded.processes import die_with_parent
from erp.environment import names_a_database

HERE = Path(__file__).resolve().parents[2]
# Blocks from this size on go back to the machine when they are freed: glibc learns from one file of some megabytes to
# keep all such blocks for ever (mallopt(3), M_MMAP_THRESHOLD). The services of docs/debian and the image say the same.
LARGE_BLOCK = 1024 * 1024
QUICK_DEATH_S = 5  # a child that lives shorter is restarted with a growing pause


class Child:
    """One supervised process: started again, with a growing pause, whenever it dies."""

    def __init__(self, name: str, command: list[str], log: Path, env: dict[str, str]) -> None:
        self.name, self.command, self.log, self.env = name, command, log, env
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.pause_s = 0.0
        self.due_at = 0.0

    def start(self) -> None:
        with open_log(self.log) as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=HERE,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        self.started_at = time.monotonic()

    def look_after(self) -> None:
        """Restart it if it has died; say so."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            lived = now - self.started_at
            self.pause_s = min(30.0, self.pause_s * 2 or 0.5) if lived < QUICK_DEATH_S else 0.5
            say(f"{self.name} ended (exit {code}); starting it again. Its log: {self.log}")
            self.process, self.due_at = None, now + self.pause_s
        if now >= self.due_at:
            self.start()

    def stop(self, deadline: float) -> None:
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def main(argv: list[str]) -> int:
    """Serve until Ctrl-C or SIGTERM; when this returns, nothing it started still runs."""
    options = _parse(argv)
    directory = Path(options.data).resolve() if options.data else data_directory().resolve()
    # SIGINT too: a shell that starts us in the background has told us to ignore it.
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _interrupt)
    os.umask(0o077)  # what is written here, mails, files and logs, is read by nobody else
    try:
        Engines(directory).refuse_old_data()
        directory.mkdir(parents=True, exist_ok=True)
        with _only_one(directory):
            return _serve(options, directory)
    except KeyboardInterrupt:
        say("Stopped.")
        return 0
    except (EngineFailed, AlreadyUp, PortTaken, subprocess.CalledProcessError) as failure:
        say(f"up: {failure}")
        return 1


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--data", metavar="DIR", help="where the data lives (default: .data/)")
    parser.add_argument("--no-demo", action="store_true", help="start empty, without demo data")
    return parser.parse_args(argv)


class AlreadyUp(Exception):
    """Another `up` serves this data folder."""


class PortTaken(Exception):
    """The port asked for is in use."""


@contextlib.contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    with (directory / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUp(f"another `manage.py up` already serves {directory}.") from None
        yield


def _serve(options: argparse.Namespace, directory: Path) -> int:
    began = time.monotonic()
    _check_port(options.port)
    env = dict(os.environ, ERP_DATA_DIR=str(directory), PYTHONUNBUFFERED="1")
    env.setdefault("PUBLIC_BASE_URL", f"http://127.0.0.1:{options.port}")
    env.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
    env.setdefault("MALLOC_MMAP_THRESHOLD_", str(LARGE_BLOCK))
    env.setdefault("MALLOC_ARENA_MAX", "2")
    env["ERP_PLAIN_HTTP"] = "1"  # cookies without Secure: this server speaks to this machine only
    engines = None if names_a_database() else Engines(directory, archive=archive_directory())
    if engines:
        say(f"Starting PostgreSQL and Valkey in {directory}")
        engines.start()
        env |= engines.environment()
    children = _children(env, directory, options.port)
    try:
        _prepare(env, demo=not options.no_demo)
        for child in children:
            child.start()
        _wait_until_ready(options.port, children)
        say(f"\nReady after {time.monotonic() - began:.0f} s: http://127.0.0.1:{options.port}/")
        subprocess.run([sys.executable, "manage.py", "greet"], cwd=HERE, env=env, check=False)
        say("Ctrl-C stops everything.")
        while True:
            time.sleep(0.5)
            for child in children:
                child.look_after()
            if engines:
                _look_after_engines(engines)
            rotate_all(directory)
    finally:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, signal.SIG_IGN)
        say("Stopping.")
        for child in children:
            if child.process and child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + 10
        for child in children:
            child.stop(deadline)
        if engines:
            engines.stop()


def _worker(name: str, queues: str, processes: int) -> list[str]:
    """A worker of some queues: processes, since threads would ignore the time limits of their tasks."""
    return [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "erp.celery",
        "--quiet",  # no banner: each line is one of JSON
        "worker",
        "--hostname",
        f"{name}@%h",
        "--queues",
        queues,
        "--concurrency",
        str(processes),
        "--loglevel",
        "WARNING",
        "--without-gossip",
        "--without-mingle",
    ]


def _children(env: dict[str, str], directory: Path, port: int) -> list[Child]:
    python = sys.executable
    logs = directory / "logs"
    logs.mkdir(exist_ok=True)
    schedule = directory / "beat-schedule"
    commands = {
        "web": [
            python,
            "-m",
            "gunicorn",
            "erp.wsgi",
            "--config",
            "erp/embedded/gunicorn.py",
            "--bind",
            f"127.0.0.1:{port}",
        ],
        "worker": _worker("worker", "ticks,inbox,mail,outbox", 4),
        "slow-worker": _worker("slow-worker", "webhooks,jobs,outside", 6),
        "scheduler": [
            python,
            "-m",
            "celery",
            "-A",
            "erp.celery",
            "--quiet",
            "beat",
            "--schedule",
            str(schedule),
            "--pidfile",
            "",
            "--loglevel",
            "WARNING",
        ],
    }
    return [Child(name, command, logs / f"{name}.log", env) for name, command in commands.items()]


def _prepare(env: dict[str, str], *, demo: bool) -> None:
    """Migrate, compile translations and, on the first start, make the demo business."""
    command = [sys.executable, "manage.py", "prepare", "--verbosity", "0"]  # `greet` says the rest
    command += [] if demo else ["--no-demo"]
    subprocess.run(command, cwd=HERE, env=env, check=True)


def _look_after_engines(engines: Engines) -> None:
    for name, start in (("postgres", engines.start_postgres), ("valkey", engines.start_valkey)):
        process = engines.processes.get(name)
        if process is None or process.poll() is not None:
            say(f"{name} ended; starting it again.")
            with contextlib.suppress(EngineFailed):
                start()


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise PortTaken(
                f"port {port} is in use; choose another: PORT={port + 1} make run"
            ) from None


def _wait_until_ready(port: int, children: list[Child]) -> None:
    import http.client

    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        for child in children:
            child.look_after()
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.2)
    raise EngineFailed("the web server did not become ready; see the logs folder.")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
