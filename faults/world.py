"""Starts the product as anybody would, by `manage.py up`, in a scratch folder on free ports, and knows its parts."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from erp.embedded.engines import Engines
from faults import processes
from faults.proxy import Proxy
from faults.receivers import Receivers
from faults.seed import TOPICS, Keys, seed_script
from tests.servers import Mailbox, mailbox

HERE = Path(__file__).resolve().parents[1]
BREACHES = HERE / "faults" / "breaches"
START_S = 600.0
DUE = """
SELECT (SELECT count(*) FROM erp_eventdelivery WHERE status = 'pending')
     + (SELECT count(*) FROM erp_message WHERE status = 'waiting')
     + (SELECT count(*) FROM erp_job WHERE status IN ('waiting', 'running'))
     + (SELECT count(*) FROM erp_webhookdelivery d JOIN erp_webhookendpoint e ON e.id = d.endpoint_id
        WHERE d.status = 'pending' AND e.url NOT LIKE '%/dead')
     + (SELECT count(*) FROM erp_event v, erp_webhookendpoint e
        WHERE (v.tx, v.id) > (e.last_tx, e.last_id) AND v.channel_id = e.channel_id AND e.status = 'active')
"""
MARK = """
SELECT (SELECT coalesce(max(id), 0) FROM erp_event), (SELECT coalesce(max(id), 0) FROM erp_message),
       (SELECT coalesce(max(id), 0) FROM erp_job)
"""
DUE_BEFORE = """
SELECT (SELECT count(*) FROM erp_eventdelivery WHERE status = 'pending' AND event_id <= %(event)s)
     + (SELECT count(*) FROM erp_message WHERE status = 'waiting' AND id <= %(message)s)
     + (SELECT count(*) FROM erp_job WHERE status IN ('waiting', 'running') AND id <= %(job)s)
     + (SELECT count(*) FROM erp_webhookdelivery d JOIN erp_webhookendpoint e ON e.id = d.endpoint_id
        WHERE d.status = 'pending' AND d.event_id <= %(event)s AND e.url NOT LIKE '%%/dead')
     + (SELECT count(*) FROM erp_event v, erp_webhookendpoint e
        WHERE (v.tx, v.id) > (e.last_tx, e.last_id) AND v.id <= %(event)s
          AND v.channel_id = e.channel_id AND e.status = 'active')
"""


class NotWhole(Exception):
    """The product did not come back by itself in the time that it has."""


@dataclass(frozen=True)
class Guard:
    """What is removed of the product on purpose, and what shows that it is gone.

    name      `faults/breaches/planted.py` removes it by its name
    shows     kinds of finding and patterns of their texts; without the guard one is found, with it none
    fault     which strikes meanwhile
    orders    in how many acknowledged orders it is looked for, at least
    mix       what clients do meanwhile, where it is not what they always do
    sql       what is done to the scratch database, too, and `undo` undoes
    """

    name: str
    what: str
    shows: Sequence[tuple[str, str]]
    fault: str = "none"
    orders: int = 400
    mix: Mapping[str, int] | None = None
    sql: str = ""
    undo: str = ""


class World:
    """The product, its receivers and its mail server; what breaks it finds its processes here.

    behind_proxies   PostgreSQL and Valkey are reached over TCP, through proxies that can be cut
    room             a folder to put the data into, where it matters on what disk it lies
    without          a guard that is removed on purpose
    """

    def __init__(
        self,
        *,
        behind_proxies: bool = False,
        room: Path | None = None,
        without: Guard | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tl-faults-"))
        self.data = (room or self.folder) / "data"
        self.engines = Engines(self.data)
        self.behind_proxies = behind_proxies
        self.without: Guard | None = None
        self.broken: set[str] = set()
        self.port = free_port()
        self.receivers = Receivers()
        self.proxies: dict[str, Proxy] = {}
        self.up: subprocess.Popen[bytes] | None = None
        self.keys = Keys("", "")
        self.endpoints: dict[str, int] = {}  # the ids of those who are told, by name
        self.mail: type[Mailbox] = Mailbox

    # Life

    @contextlib.contextmanager
    def running(self) -> Iterator["World"]:
        """Have it run, and leave nothing of it afterwards."""
        try:
            with mailbox() as server:
                self.mail = server
                self.receivers.open()
                if self.behind_proxies:
                    self._start_engines()
                self.start()
                self._seed()
                yield self
        finally:
            self._end()

    def start(self) -> None:
        """Start `manage.py up`, and wait until it is ready."""
        log = (self.folder / "up.log").open("ab")
        command = [sys.executable, "manage.py", "up", "--no-demo"]
        self.up = subprocess.Popen(
            [*command, "--port", str(self.port), "--data", str(self.data)],
            cwd=HERE,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.wait_until_whole(START_S)

    @contextlib.contextmanager
    def running_without(self, guard: Guard) -> Iterator[None]:
        """Run without a guard for a while; started anew before, and after where that is needed."""
        self.without = guard
        self.stop()
        self.start()
        if guard.sql:
            self.rows(guard.sql)
        try:
            yield
        finally:
            self.without = None
            if guard.undo:
                self.rows(guard.undo)

    def stop(self) -> None:
        """Stop `up` as an operator does. Raises NotWhole where it leaves anything behind, or does not end well."""
        assert self.up is not None
        pids = self.everything()
        self.up.terminate()
        if (code := self.up.wait(90)) != 0:
            raise NotWhole(f"`up` ended with {code}\n{self.log()}")
        if left := [pid for pid in pids if processes.lives(pid)]:
            raise NotWhole(f"`up` left {len(left)} processes behind")

    def environment(self) -> dict[str, str]:
        """What the product is started with: its operator trusts this machine's receivers, and nobody else."""
        env = {**os.environ, "WEBHOOK_PRIVATE_HOSTS": "127.0.0.1", "ERP_DATA_DIR": str(self.data)}
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY"):
            env.pop(name, None)
        env["EMAIL_URL"] = f"smtp://127.0.0.1:{self.mail.port}"
        env["DJANGO_SETTINGS_MODULE"] = "erp.settings"
        if self.behind_proxies:
            env |= self.engines.environment() | self._through_proxies()
        if self.without:
            env["PYTHONPATH"] = str(BREACHES)
            env["FAULTS_BREACH"] = self.without.name
        return env

    def _start_engines(self) -> None:
        self.engines.start()
        targets = {
            "postgres": self.engines.sockets / ".s.PGSQL.5432",
            "valkey": self.engines.valkey_socket,
        }
        for name, target in targets.items():
            self.proxies[name] = Proxy(target)
            self.proxies[name].start()

    def _through_proxies(self) -> dict[str, str]:
        postgres, valkey = self.proxies["postgres"].port, self.proxies["valkey"].port
        return {
            "DATABASE_URL": f"postgres://throughline@127.0.0.1:{postgres}/throughline",
            "REDIS_URL": f"redis://127.0.0.1:{valkey}/0",
        }

    def _end(self) -> None:
        self.receivers.close()
        if self.up is not None:
            family = processes.family_of(self.up.pid)
            self.up.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.up.wait(45)
            processes.send([pid for pid in family if processes.lives(pid)], signal.SIGKILL)
            self.up.wait()
        if self.behind_proxies:
            self.engines.stop()
        for proxy in self.proxies.values():
            proxy.stop()
        self.engines.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _seed(self) -> None:
        self.keys = Keys(*self.manage("shell", "--no-imports", "-c", seed_script()).split()[-2:])
        for receiver in self.receivers.all:
            body = {"url": receiver.url, "types": list(TOPICS)}
            if receiver is self.receivers.dead:
                body["types"] = ["order.cancelled"]
            self.ask("POST", "webhook-endpoints", body, key=receiver.name)
        rows = self.rows("SELECT id, url FROM erp_webhookendpoint")
        self.endpoints = {url.rpartition("/")[2]: pk for pk, url in rows}

    # Its parts

    def part(self, name: str) -> list[int]:
        """The processes of a part of the product, its main one first. Raises NotWhole where there is none."""
        root = self.engines.processes.get(name) if self.behind_proxies else None
        if root is not None:
            return processes.family_of(root.pid)
        assert self.up is not None
        for pid in processes.children_of(self.up.pid):
            if processes.part_of(processes.command_of(pid)) == name and processes.lives(pid):
                return processes.family_of(pid)
        raise NotWhole(f"there is no process of {name}")

    def everything(self) -> list[int]:
        """All its processes, the supervisor first."""
        assert self.up is not None
        return processes.family_of(self.up.pid)

    def wait_until_whole(self, seconds: float = 180.0) -> None:
        """Wait until it says that it is ready, with all its parts. Raises NotWhole."""
        deadline = time.monotonic() + seconds
        parts = ("web", "worker", "slow-worker", "beat", "postgres", "valkey")
        why = ""
        while time.monotonic() < deadline:
            if self.up is None or self.up.poll() is not None:
                raise NotWhole(f"`up` has ended:\n{self.log()}")
            try:
                for name in parts:
                    self.part(name)
                with urllib.request.urlopen(self.url("/readyz"), timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (NotWhole, OSError, urllib.error.URLError, ValueError) as error:
                why = str(error)
            time.sleep(0.2)
        raise NotWhole(f"not whole after {seconds:.0f} s: {why}\n{self.log()}")

    def log(self) -> str:
        """The end of what `up` printed."""
        return (self.folder / "up.log").read_text(errors="replace")[-1500:]

    # Asking it

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, method: str, path: str, body: object = None, key: str = "") -> Any:
        """Call the API when all is well; raises where it refuses."""
        headers = {"Authorization": f"Bearer {self.keys.shop}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url(f"/api/v1/{path}"), data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def manage(self, *arguments: str) -> str:
        """Run a command of its own; what it printed. Raises NotWhole where it fails."""
        done = self.manage_quietly(*arguments)
        if done.returncode:
            raise NotWhole(f"{arguments[0]}: {(done.stdout + done.stderr)[-2000:]}")
        return done.stdout

    def manage_quietly(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of its own, however it ends."""
        env = self.environment() | self.engines.environment()
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=HERE, env=env, capture_output=True, text=True, check=False
        )

    def connect(self, user: str = "postgres") -> Any:
        """A connection of our own, past the product; every statement by itself."""
        connection = psycopg2.connect(
            host=str(self.engines.sockets), user=user, dbname="throughline", connect_timeout=5
        )
        connection.autocommit = True
        return connection

    def rows(self, sql: str, given: object = None) -> list[tuple[Any, ...]]:
        """What a statement finds, asked past the product."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, given)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def due(self) -> int:
        """How much waits: events, mails, jobs, webhooks of those who listen."""
        return int(self.rows(DUE)[0][0])

    def mark(self) -> dict[str, int]:
        """What has been asked of the product up to now, for `due_before`."""
        return dict(zip(("event", "message", "job"), self.rows(MARK)[0], strict=True))

    def due_before(self, mark: Mapping[str, int]) -> int:
        """How much waits of what had been asked up to a mark, whatever came after it."""
        return int(self.rows(DUE_BEFORE, mark)[0][0])

    def wait_until_nothing_is_due(self, seconds: float) -> float:
        """The seconds until nothing waits, twice in a row. Raises NotWhole."""
        began, quiet = time.monotonic(), 0
        while True:
            due = self.due()
            quiet = 0 if due else quiet + 1
            if quiet == 2:
                return time.monotonic() - began
            if time.monotonic() - began > seconds:
                raise NotWhole(f"{due} still due after {seconds:.0f} s")
            time.sleep(0.5)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something to come true. Raises NotWhole."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NotWhole(f"not after {seconds:.0f} s: {what}")
        time.sleep(0.05)
