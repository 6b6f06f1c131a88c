"""Runs the product with engines and a database of its own, for as long as a benchmark needs it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from erp.embedded.engines import Engines, installed_program

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Product:
    """Where it lies, what runs it, and the environment in which its commands find it."""

    folder: Path
    engines: Engines
    env: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a command; what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        return done.stdout

    def shell(self, code: str) -> str:
        """Run Python in it; what it printed."""
        return self.manage("shell", "--no-imports", "-c", code)

    def show(self, *command: str) -> None:
        """Run a command of Python's, which prints for itself."""
        subprocess.run([sys.executable, *command], env=self.env, check=True)

    def show_shell(self, code: str) -> None:
        """Run Python in it, which prints for itself."""
        self.show("manage.py", "shell", "--no-imports", "-c", code)

    def psql(self, sql: str) -> str:
        """Run SQL as the database's owner; its rows."""
        return self._client("psql", "-X", "-q", "-t", "-A", "-U", "postgres", ask=sql).strip()

    def pgbench(self, script: Path, *options: str) -> str:
        """Send a script over and over as the application; what pgbench said of it."""
        return self._client("pgbench", "-n", "-f", str(script), *options, "-U", "throughline")

    def _client(self, name: str, *options: str, ask: str | None = None) -> str:
        done = subprocess.run(
            [
                str(installed_program(name)),
                *options,
                "-h",
                str(self.engines.sockets),
                "throughline",
            ],
            input=ask,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    @contextmanager
    def served(self, port: int, module: str = "erp.wsgi") -> Iterator[subprocess.Popen[bytes]]:
        """Serve it, or another module, by the product's gunicorn."""
        with (self.engines.directory / f"{module}.log").open("wb") as log:
            server = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "gunicorn",
                    module,
                    "--config",
                    "erp/embedded/gunicorn.py",
                    "--bind",
                    f"127.0.0.1:{port}",
                ],
                env=self.env,
                stdout=log,
                stderr=log,
            )
            try:
                time.sleep(4)
                yield server
            finally:
                server.terminate()
                server.wait()


@contextmanager
def fresh_product(*, hosts: str = "127.0.0.1", settings: tuple[str, ...] = ()) -> Iterator[Product]:
    """A product without any rows; afterwards nothing is left of it.

    hosts       by which names it may be called
    settings    what PostgreSQL is started with, as name=value
    """
    folder = Path(tempfile.mkdtemp(prefix="tl-bench-"))
    engines = Engines(folder / "data", settings=settings)
    engines.start()
    env = {
        **os.environ,
        **engines.environment(),
        "ERP_DATA_DIR": str(engines.directory),
        "ALLOWED_HOSTS": hosts,
    }
    try:
        product = Product(folder, engines, env)
        product.manage("migrate", "-v0")
        yield product
    finally:
        engines.stop()
        shutil.rmtree(folder, ignore_errors=True)


def cpu_of(process: subprocess.Popen[bytes] | None) -> float:
    """Seconds of CPU that a process and all its children have used, ended ones included."""
    if process is None:
        return 0.0
    total, waiting = 0.0, [process.pid]
    while waiting:
        pid = waiting.pop()
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            continue
        total += sum(int(fields[n]) for n in (11, 12, 13, 14)) / TICKS
        waiting += [int(child) for child in children]
    return total
