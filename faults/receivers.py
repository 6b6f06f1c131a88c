"""Takes webhooks as three kinds of strangers do: promptly, slowly, or not at all."""

import random
import socket
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """A web server of this machine that counts which webhooks it took, by their `webhook-id`.

    delay_s    how long it takes to answer
    fails      the share of calls that it answers with 500, or hangs up on, after it has heard them
    """

    def __init__(self, name: str, *, delay_s: float = 0.0, fails: float = 0.0) -> None:
        self.name, self.delay_s, self.fails = name, delay_s, fails
        self.heard: Counter[str] = Counter()  # every call, answered well or not
        self.taken: Counter[str] = Counter()  # calls that were answered by 2xx
        self.bodies: dict[str, bytes] = {}
        self.differing: set[str] = set()  # ids that came with two bodies
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.name}"

    def open(self) -> None:
        """Begin to listen."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                receiver.take(self, self.headers.get("webhook-id") or "", body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # whoever called has gone; it calls again

        self._server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening: whoever calls is refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, call: BaseHTTPRequestHandler, message_id: str, body: bytes) -> None:
        """Answer a call, and remember it; a call that is answered badly is remembered as heard only."""
        if self.delay_s:
            time.sleep(self.delay_s)
        fails = random.random() < self.fails
        with self._lock:
            self.heard[message_id] += 1
            if self.bodies.setdefault(message_id, body) != body:
                self.differing.add(message_id)
            if not fails:
                self.taken[message_id] += 1
        if fails and random.random() < 0.5:
            call.close_connection = True
            return
        call.send_response(500 if fails else 204)
        call.send_header("Content-Length", "0")
        call.end_headers()


class Receivers:
    """The three of them. `dead` listens only when it is told to."""

    def __init__(self) -> None:
        self.good = Receiver("good", fails=0.05)
        self.slow = Receiver("slow", delay_s=0.5)
        self.dead = Receiver("dead")
        self.all: tuple[Receiver, ...] = (self.good, self.slow, self.dead)

    def open(self) -> None:
        self.good.open()
        self.slow.open()

    def close(self) -> None:
        for receiver in self.all:
            receiver.close()
