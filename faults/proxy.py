"""Stands between the product and a server of its own, and cuts, stalls or slows what goes through."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path


class Proxy:
    """A port of 127.0.0.1 that leads to a Unix socket; it forwards until it is told otherwise.

    delay_s   how much later each piece goes on, each way
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.delay_s = 0.0
        self.port = 0
        self.passed = 0  # connections
        self._refuses = False
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._started.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    @contextlib.contextmanager
    def cut(self) -> Iterator[None]:
        """Reset every connection, and refuse new ones."""
        self._refuses = True
        self._call(self._reset)
        try:
            yield
        finally:
            self._refuses = False

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Take everything and pass nothing on, then go on where it stopped: a server that hangs."""
        self._call(self._flows.clear)
        try:
            yield
        finally:
            self._call(self._flows.set)

    @contextlib.contextmanager
    def lost(self) -> Iterator[None]:
        """Take everything and pass nothing on, and reset at the end: what was under way never arrives."""
        self._call(self._flows.clear)
        try:
            yield
        finally:
            self._call(self._reset)
            self._call(self._flows.set)

    @contextlib.contextmanager
    def slow(self, delay_s: float) -> Iterator[None]:
        """Pass everything on later."""
        self.delay_s = delay_s
        try:
            yield
        finally:
            self.delay_s = 0.0

    def _call(self, what: Callable[[], None]) -> None:
        """Have the thread that forwards do something, and wait until it is done."""
        done = threading.Event()

        def act() -> None:
            what()
            done.set()

        self._loop.call_soon_threadsafe(act)
        done.wait(5)

    def _reset(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._ended())
        self._loop.close()

    async def _ended(self) -> None:
        """Let whatever still forwards come to its end."""
        self._reset()
        await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._reset()
        await asyncio.sleep(0)  # closed connections are told so by the loop

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_unix_connection(str(self.target))
        except OSError:
            writer.transport.abort()
            return
        self.passed += 1
        self._writers |= {writer, back}
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._writers -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort() if writer.transport.is_closing() else writer.close()
