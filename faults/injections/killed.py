"""Kills, stops, restarts and freezes processes of the product."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from faults import processes
from faults.injections.fault import Missed
from faults.world import HERE, NotWhole, World, free_port, wait_for

Strike = Callable[[World], AbstractContextManager[None]]


def killed(part: str, signum: int = signal.SIGKILL, *, whole: bool = True) -> Strike:
    """A part of the product is killed, with its children or (`whole=False`) its main process alone."""

    @contextlib.contextmanager
    def strike(world: World) -> Iterator[None]:
        pids = world.part(part)
        hit = pids if whole else pids[:1]
        if processes.send(reversed(hit), signum) == 0:
            raise Missed(f"{part} was not there")
        wait_for(lambda: not processes.lives(pids[0]), 45, f"{part} ends")
        yield
        world.wait_until_whole()
        if pids[0] in world.part(part):
            raise Missed(f"{part} was not started again")

    return strike


def child_killed(part: str, signum: int = signal.SIGKILL) -> Strike:
    """One child of a part is killed; its main process starts another."""

    @contextlib.contextmanager
    def strike(world: World) -> Iterator[None]:
        main = world.part(part)[0]
        children = processes.alike(main)
        if not children:
            raise Missed(f"{part} has no children")
        processes.send(children[:1], signum)
        wait_for(lambda: not processes.lives(children[0]), 10, f"a child of {part} ends")
        yield
        wait_for(
            lambda: (
                len([pid for pid in processes.children_of(main) if processes.lives(pid)])
                >= len(children)
            ),
            60,
            f"{part} has another child",
        )
        if world.part(part)[0] != main:
            raise Missed(f"{part} was started anew: that is another fault")
        world.wait_until_whole()

    return strike


@contextlib.contextmanager
def one_backend_killed(world: World) -> Iterator[None]:
    """The process of PostgreSQL that serves a client is killed: PostgreSQL throws everybody out and recovers."""
    wait_for(lambda: _kill_a_backend(world), 5, "somebody is connected")
    yield
    world.wait_until_whole()


def _kill_a_backend(world: World) -> bool:
    """Whether one was killed: the newest may have ended since it was looked for."""
    rows = world.rows(
        "SELECT pid FROM pg_stat_activity WHERE usename = 'throughline' ORDER BY backend_start DESC LIMIT 1"
    )
    return bool(rows) and bool(processes.send([rows[0][0]], signal.SIGKILL))


@contextlib.contextmanager
def backends_ended(world: World) -> Iterator[None]:
    """An administrator ends every connection of the application."""
    found = world.rows(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'throughline'"
    )
    if not found[0][0]:
        raise Missed("nobody was connected")
    yield


def signalled(part: str, signum: int) -> Strike:
    """The main process of a part gets a signal that it lives on with."""

    @contextlib.contextmanager
    def strike(world: World) -> Iterator[None]:
        main = world.part(part)[0]
        children = processes.alike(main)
        processes.send([main], signum)
        wait_for(
            lambda: not any(map(processes.lives, children)), 45, f"{part} changes its children"
        )
        yield
        world.wait_until_whole()
        if world.part(part)[0] != main:
            raise Missed(f"{part} did not live on")

    return strike


def frozen(part: str) -> Strike:
    """A part is there and does nothing."""

    @contextlib.contextmanager
    def strike(world: World) -> Iterator[None]:
        with processes.frozen(world.part(part)):
            yield
        world.wait_until_whole()

    return strike


@contextlib.contextmanager
def everything_killed(world: World) -> Iterator[None]:
    """All processes are killed at once, the supervisor with them, and it is started again."""
    assert world.up is not None
    pids = world.everything()
    processes.send([pids[0]], signal.SIGSTOP)  # so that it starts nothing while the others die
    processes.send(reversed(pids), signal.SIGKILL)
    world.up.wait()
    wait_for(lambda: not any(map(processes.lives, pids)), 30, "all have ended")
    yield
    world.start()


@contextlib.contextmanager
def stopped_and_started(world: World) -> Iterator[None]:
    """The supervisor is asked to stop, as an operator does, and started again."""
    world.stop()
    yield
    world.start()


@contextlib.contextmanager
def two_beats(world: World) -> Iterator[None]:
    """A second scheduler runs beside the first."""
    command = [sys.executable, "-m", "celery", "-A", "erp.celery", "beat", "--pidfile", ""]
    command += ["--schedule", str(world.folder / "second-beat"), "--loglevel", "WARNING"]
    env = world.environment() | world.engines.environment()
    with (world.folder / "second-beat.log").open("ab") as log:
        second = subprocess.Popen(command, cwd=HERE, env=env, stdout=log, stderr=log)
    try:
        yield
        if second.poll() is not None:
            raise Missed("the second scheduler did not run")
    finally:
        second.terminate()
        second.wait()


@contextlib.contextmanager
def two_ups(world: World) -> Iterator[None]:
    """Somebody starts the product a second time on the same folder: it has to refuse, and touch nothing."""
    command = [sys.executable, "manage.py", "up", "--no-demo", "--port", str(free_port())]
    done = subprocess.run(
        [*command, "--data", str(world.data)],
        cwd=HERE,
        env=world.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 1 or "already serves" not in done.stdout:
        raise NotWhole(f"a second `up` was not refused: {done.returncode} {done.stdout[-300:]}")
    yield
