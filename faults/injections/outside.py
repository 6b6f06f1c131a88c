"""Disturbs what the product talks to: Valkey, the way to its servers, the receivers of webhooks, the clock."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from redis import Redis

from faults import processes
from faults.findings import events_of
from faults.injections.fault import Missed
from faults.proxy import Proxy
from faults.world import BREACHES, HERE, World, wait_for

Strike = Callable[[World], AbstractContextManager[None]]
SLOWEST = 20.0  # webhooks a second to one receiver, at least


@contextlib.contextmanager
def valkey_flushed(world: World) -> Iterator[None]:
    """Everything that Valkey holds is deleted."""
    client = Redis(unix_socket_path=str(world.engines.valkey_socket))
    client.flushall()
    client.close()
    yield


def way(server: str, how: Callable[[Proxy], AbstractContextManager[None]]) -> Strike:
    """The way to a server is disturbed."""

    @contextlib.contextmanager
    def strike(world: World) -> Iterator[None]:
        proxy = world.proxies[server]
        if not proxy.passed:
            raise Missed(f"nobody goes that way to {server}")
        with how(proxy):
            yield
        world.wait_until_whole()

    return strike


@contextlib.contextmanager
def receivers_dead(world: World) -> Iterator[None]:
    """Nobody who is told listens."""
    world.receivers.good.close()
    world.receivers.slow.close()
    try:
        yield
    finally:
        world.receivers.open()


@contextlib.contextmanager
def receivers_slow(world: World) -> Iterator[None]:
    """Everybody who is told takes seconds to answer."""
    usual = [(receiver, receiver.delay_s) for receiver in world.receivers.all]
    for receiver, _delay in usual:
        receiver.delay_s = 4.0
    try:
        yield
    finally:
        for receiver, delay in usual:
            receiver.delay_s = delay


@contextlib.contextmanager
def receivers_failing(world: World) -> Iterator[None]:
    """Who is told answers half of all calls badly, also what it answered badly before."""
    good = world.receivers.good
    usual, good.fails, good.again = good.fails, 0.5, True
    try:
        yield
    finally:
        good.fails, good.again = usual, False


@contextlib.contextmanager
def receiver_returns(world: World) -> Iterator[None]:
    """Who was dead all the time listens again, and is told everything since the beginning."""
    world.receivers.dead.open()
    try:
        yield
        world.ask(
            "POST",
            f"webhook-endpoints/{_public(world, 'dead')}/replay",
            {"since": "2000-01-01T00:00:00Z"},
            key=f"replay-{time.monotonic_ns()}",
        )
        _wait_until_all_is_taken(world)
    finally:
        world.receivers.dead.close()


def _public(world: World, name: str) -> str:
    rows = world.ask("GET", "webhook-endpoints")["data"]
    return str(next(row["id"] for row in rows if row["url"].endswith(f"/{name}")))


def _wait_until_all_is_taken(world: World) -> None:
    def is_all_taken() -> bool:
        ids = events_of(world, "dead", 0)
        return bool(ids) and not [pk for pk in ids if not world.receivers.dead.taken[pk]]

    patience = 120 + len(events_of(world, "dead", 0)) / SLOWEST
    wait_for(is_all_taken, patience, "the receiver that was dead has everything")


ENDS_S = 60.0  # it looks every 15, and what it has begun is ended first


def clock_jumped(hours: float) -> Strike:
    """One more worker takes its share of the work until its clock jumps; it ends then, and is not started again by it.

    libfaketime would shift more of it; Debian's lets Python 3.11 hang.
    """

    @contextlib.contextmanager
    def strike(world: World) -> Iterator[None]:
        env = world.environment() | world.engines.environment()
        env |= {"PYTHONPATH": str(BREACHES), "FAULTS_CLOCK_H": str(hours)}
        jump = world.folder / f"clock-{time.monotonic_ns()}"
        # What succeeded is said at INFO alone.
        env |= {"FAULTS_CLOCK_ONCE": str(jump), "LOG_LEVEL": "INFO"}
        command = [sys.executable, "-m", "celery", "-A", "erp.celery", "worker"]
        command += ["--hostname", "odd@%h", "--queues", "ticks,inbox,outbox,mail,webhooks"]
        command += ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip"]
        log = world.folder / f"odd-worker-{time.monotonic_ns()}.log"
        with log.open("ab") as stream:
            odd = subprocess.Popen(
                command, cwd=HERE, env=env, stdout=stream, stderr=stream, start_new_session=True
            )
        try:
            wait_for(lambda: "succeeded" in log.read_text(), 90, "the odd worker does something")
            jump.touch()
            yield
            wait_for(lambda: odd.poll() is not None, ENDS_S, "the odd worker ends")
            wait_for(lambda: "The clock of this machine" in log.read_text(), 1, "it says why")
        finally:
            family = processes.family_of(odd.pid)
            odd.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                odd.wait(30)
            processes.send([pid for pid in family if processes.lives(pid)], signal.SIGKILL)
            odd.wait()

    return strike


@contextlib.contextmanager
def nothing(_world: World) -> Iterator[None]:
    """Nothing happens: what the load alone shows."""
    yield
