"""Has a file read in the sandbox: the reader's process starts with the house and is shared by its workers."""

import atexit
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from django.utils import translation

from erp.metrics.tally import count
from erp.sandbox.limits import Limits, ReaderFailed, ReaderStopped
from erp.sandbox.packets import Died, Gone, TooLong, packed, receive_message

logger = logging.getLogger(__name__)

HERE = Path(__file__).resolve().parents[2]
# What the keeper's settings ask for and nothing uses: it has no secret that a file could reach.
NO_SECRETS = {
    "DATABASE_URL": "postgres://nobody@/nothing",
    "SECRET_KEY": "of-the-sandbox-which-signs-nothing-and-knows-nobody",
    "DJANGO_SETTINGS_MODULE": "erp.settings",
}
KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONUTF8", "VIRTUAL_ENV", "ERP_DATA_DIR")
TRIES = 2  # of a file that a keeper died with before it was begun
ENDING_S = 2.0  # that a keeper may take to end once its socket is closed
BY_CPU, BY_MEMORY = {signal.SIGXCPU}, {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS}

_starting = threading.Lock()
_control: socket.socket | None = None
_keeper: subprocess.Popen[bytes] | None = None


def read_in_sandbox(
    reader: str,
    source: bytes | Path,
    *,
    arguments: Mapping[str, Any] | None = None,
    refusals: Sequence[type[Exception]] = (),
    limits: Limits | None = None,
) -> Iterator[Any]:
    """Yield what a reader yields of a file, in the order it does: plain values, as msgpack knows them.

    reader     "module:function", called with a binary stream of the file and the arguments
    refusals   what it may raise; each has `said()`: what its class is called with to make it again
    arguments  of any length: they go as a file of their own
    Raises those, ReaderStopped where it used more than it may; anything else that it raised is a ReaderFailed, logged.
    """
    limits = limits or Limits()
    kinds = {kind.__name__: kind for kind in refusals}
    told = packed(dict(arguments or {}))
    for _try in range(TRIES):
        try:
            yield from _read(reader, source, told, kinds, limits)
            return
        except Gone:  # the keeper, before it had the file read: the file is not to blame
            continue
    raise _stopped("died")


def _read(
    reader: str,
    source: bytes | Path,
    told: bytes,
    refusals: Mapping[str, type[Exception]],
    limits: Limits,
) -> Iterator[Any]:
    """Yield what a reader yields of a file. Raises Gone where the keeper is, before anything was answered."""
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    task = uuid4().hex
    with mine:
        with theirs, _opened(source) as file, _in_memory(told) as arguments:
            asked = {
                "task": task,
                "reader": reader,
                "language": translation.get_language() or "en",
                "memory": limits.memory,
                "cpu_s": limits.cpu_for(os.fstat(file).st_size),
            }
            _ask(msgspec.msgpack.encode(asked), [theirs.fileno(), file, arguments])
        try:
            yield from _answers(mine, refusals, limits)
        finally:
            _tell(_socket(), msgspec.msgpack.encode({"task": task}), [])


def warm_up() -> None:
    """Start the keeper of readers, so that the first file does not wait for it. Call it before a process forks."""
    _socket()


def keeper_process() -> subprocess.Popen[bytes] | None:
    """The process that keeps the readers, where this one or the one it was forked of has started it."""
    return _keeper


def _answers(
    of: socket.socket, refusals: Mapping[str, type[Exception]], limits: Limits
) -> Iterator[Any]:
    of.settimeout(limits.silence_s)
    left = limits.output
    heard = False
    while True:
        try:
            answer, size = receive_message(of, most=min(left, limits.message))
        except TimeoutError:
            raise _stopped("time") from None
        except TooLong:
            raise _stopped("output") from None
        except Died as death:
            raise _stopped(_reason(death.signal)) from None
        except Gone:
            if heard:
                raise _stopped("died") from None
            raise
        left -= size
        heard = True
        if (some := answer.get("read")) is not None:
            yield from some
            continue
        _end(answer, refusals)
        return


def _end(answer: Mapping[str, Any], refusals: Mapping[str, type[Exception]]) -> None:
    """Raise what the reader ended with, if it was not done."""
    how, what = answer["end"], answer.get("what", "")
    if how == "refused" and what in refusals:
        raise refusals[what](**answer["said"])
    if how == "stopped":
        raise _stopped(what)
    if how != "done":
        count("sandbox_refusals", "failed")
        logger.error("A reader of the sandbox failed: %s", what)
        raise ReaderFailed(str(what))


def _stopped(what: str) -> ReaderStopped:
    count("sandbox_refusals", what)
    return ReaderStopped(what)


def _reason(by: int) -> str:
    if by in BY_CPU:
        return "cpu"
    return "memory" if by in BY_MEMORY else "died"


@contextlib.contextmanager
def _opened(source: bytes | Path) -> Iterator[int]:
    """A file descriptor of what is to be read, at its beginning."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream.fileno()
        return
    with _in_memory(source) as file:
        yield file


@contextlib.contextmanager
def _in_memory(data: bytes) -> Iterator[int]:
    """A file descriptor of bytes, at their beginning."""
    file = os.memfd_create("foreign")
    try:
        with open(file, "wb", closefd=False) as stream:
            stream.write(data)
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


def _ask(request: bytes, files: list[int]) -> None:
    """Send the keeper a request; one that died meanwhile is started again."""
    control = _socket()
    if not _tell(control, request, files):
        _tell(_socket(instead_of=control), request, files)


def _tell(control: socket.socket, request: bytes, files: list[int]) -> bool:
    """Send a request to a keeper; False where it is dead."""
    try:
        socket.send_fds(control, [request], files)
    except OSError:
        return False
    return True


def _socket(*, instead_of: socket.socket | None = None) -> socket.socket:
    """The socket of the keeper, which is started where there is none; anew where this one's is dead."""
    global _control, _keeper
    with _starting:
        if _control is None or _control is instead_of:
            if _keeper is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    _keeper.wait(ENDING_S)
            _control, _keeper = _started()
            atexit.register(_stop, os.getpid())
        return _control


def _stop(starter: int) -> None:
    """End the keeper with the process that started it: it does when nobody holds its socket."""
    if _control is not None and _keeper is not None and os.getpid() == starter:
        _control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            _keeper.wait(ENDING_S)


def _started() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    from erp.wiring import SANDBOXED

    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    env = {name: os.environ[name] for name in KEPT if name in os.environ} | NO_SECRETS
    with theirs:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "erp.sandbox.keeper", str(theirs.fileno()), *SANDBOXED],
            cwd=HERE,
            env=env,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    return mine, keeper
