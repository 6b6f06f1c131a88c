"""Other people's servers as tests stand in for them: providers, shops, whoever is told something."""

import json
import socket
import socketserver
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl


class Server(BaseHTTPRequestHandler, ABC):
    """Reads what it is sent and answers by `reply`; another method than its own it does not know."""

    url = ""
    methods: tuple[str, ...] = ("POST",)

    def do_POST(self) -> None:
        if self.command in self.methods:
            self.reply()
        else:
            self.send_error(405)

    def do_GET(self) -> None:
        self.do_POST()

    def do_PUT(self) -> None:
        self.do_POST()

    def do_HEAD(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.do_POST()

    @abstractmethod
    def reply(self) -> None:
        """Answer one request."""

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body().decode(), keep_blank_values=True))

    def say(self, status: int, document: Any) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


class Listening(HTTPServer):
    request_queue_size = 128  # of five, the sixth caller at a time waited a second


@contextmanager
def serving(server: type[Server], path: str = "") -> Iterator[str]:
    """Let it listen; its address, which it knows as `url` too."""
    listening = Listening(("127.0.0.1", 0), server)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{listening.server_port}{path}"
    try:
        yield server.url
    finally:
        listening.shutdown()
        listening.server_close()


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server that takes every mail but those to recipients it refuses, and counts who called."""

    calls = 0
    mails: list[bytes] = []
    port = 0
    refused: dict[bytes, bytes] = {}  # a part of an address -> what is answered

    def handle(self) -> None:
        type(self).calls += 1
        self._say(b"220 loopback")
        mail: list[bytes] | None = None
        for line in self.rfile:
            if mail is not None and line.strip() != b".":
                mail.append(line)
            elif mail is not None:
                type(self).mails.append(b"".join(mail))
                mail = None
                self._say(b"250 taken")
            elif line.upper().startswith(b"DATA"):
                mail = []
                self._say(b"354 go on")
            elif line.upper().startswith(b"QUIT"):
                self._say(b"221 bye")
                return
            else:
                self._say(self._answer(line))

    def _answer(self, line: bytes) -> bytes:
        if line.upper().startswith(b"RCPT"):
            return next((said for part, said in self.refused.items() if part in line), b"250 ok")
        return b"250 loopback"

    def _say(self, text: bytes) -> None:
        self.wfile.write(text + b"\r\n")


@contextmanager
def mailbox() -> Iterator[type[Mailbox]]:
    """Let a mail server listen; it knows its port as `port`."""
    own: type[Mailbox] = type("Own", (Mailbox,), {"mails": [], "refused": {}, "port": 0})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), own) as server:
        server.daemon_threads = True
        own.port = int(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield own
        server.shutdown()


@contextmanager
def line() -> Iterator[tuple[int, list[int]]]:
    """A port of this machine that counts who connects, and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))
    came: list[int] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                channel, _ = server.accept()
                came.append(1)
                channel.close()

    threading.Thread(target=accept, daemon=True).start()
    yield server.getsockname()[1], came
    server.close()
