"""Keeps a warm process with the readers loaded, and forks one child of it for each file that is to be read.

It holds no secret and knows no database: its environment names none. It ends when nobody holds its socket any more.
"""

import contextlib
import gc
import logging
import os
import select
import signal
import socket
import sys
from importlib import import_module

import msgspec

from erp.logs.faults import traced
from erp.sandbox import child
from erp.sandbox.packets import DIED, send_message

REQUEST = 4_096  # bytes of one request: it names things, and what is long comes in files
FILES = 3  # that come with one: where the answers go, what is read, what its reader is told

logger = logging.getLogger(__name__)


class Asked(msgspec.Struct):
    """A request: read a file, or end the reader of an earlier request.

    task     a number that names it
    reader   "module:function" of what reads; "" to end the reader of `task`
    """

    task: str
    reader: str = ""
    language: str = "en"
    memory: int = 0
    cpu_s: int = 0


def main(control: socket.socket, modules: list[str]) -> None:
    """Load, then serve until the other end is closed."""
    import django

    django.setup()
    for name in modules:
        import_module(name)
    gc.collect()
    gc.freeze()
    _Keeper(control).serve()


class _Keeper:
    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.readers: dict[int, tuple[str, socket.socket]] = {}  # by process id
        self.ended, self.wakeup = os.pipe()
        for end in (self.ended, self.wakeup):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self.wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Answer requests, and tell whoever waits that its reader died."""
        while True:
            ready, _, _ = select.select([self.control.fileno(), self.ended], [], [])
            if self.ended in ready:
                os.read(self.ended, 4096)
                self._bury()
            if self.control.fileno() in ready and not self._answer():
                break
        for pid in self.readers:
            os.kill(pid, signal.SIGKILL)

    def _answer(self) -> bool:
        """Take one request; False when nobody can make one any more.

        Whatever is wrong with a request is its own: a keeper that one ended, ended all that stood behind it.
        """
        data, fds, _, _ = socket.recv_fds(self.control, REQUEST, FILES)
        if not data:
            return False
        try:
            asked = msgspec.msgpack.decode(data, type=Asked)
            if not asked.reader:
                self._end(asked.task)
            elif len(fds) == FILES:
                self._start(asked, *fds)
        except Exception as error:
            logger.exception("A request of the sandbox could not be answered")
            _say_failed(fds, error)
        finally:
            for fd in fds:
                os.close(fd)
        return True

    def _start(self, asked: Asked, answers: int, file: int, told: int) -> None:
        mine = socket.socket(fileno=os.dup(answers))
        try:
            pid = os.fork()
        except OSError:
            mine.close()
            raise
        if pid == 0:
            mine.close()
            self._become_reader(asked, answers, file, told)
        self.readers[pid] = (asked.task, mine)

    def _become_reader(self, asked: Asked, answers: int, file: int, told: int) -> None:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.control.close()
            os.close(self.ended)
            os.close(self.wakeup)
            for _task, other in self.readers.values():
                other.close()
            child.read(
                to=socket.socket(fileno=answers),
                file=file,
                told=told,
                reader=asked.reader,
                language=asked.language,
                memory=asked.memory,
                cpu_s=asked.cpu_s,
            )
        finally:
            os._exit(0)

    def _end(self, task: str) -> None:
        for pid, (name, _answers) in self.readers.items():
            if name == task:
                os.kill(pid, signal.SIGKILL)

    def _bury(self) -> None:
        while self.readers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _task, answers = self.readers.pop(pid)
            by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            answers.setblocking(False)
            # Where nobody waits, or what came before was not taken yet, that it ends says as much.
            with contextlib.suppress(OSError):
                answers.send(DIED + bytes([by]))
            answers.close()


def _say_failed(fds: list[int], error: Exception) -> None:
    """Tell whoever asked, where it can be told."""
    if len(fds) < FILES:
        return
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(fds[0])) as answers:
        answers.setblocking(False)
        send_message(answers, {"end": "failed", "what": traced(error)[:4000]})


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
