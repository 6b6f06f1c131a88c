"""Other people's servers as tests stand in for them: providers, shops, whoever is told something."""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def serving(server: type[Server], path: str = "") -> Iterator[str]:
    """Let it listen; its address, which it knows as `url` too."""
    listening = HTTPServer(("127.0.0.1", 0), server)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{listening.server_port}{path}"
    try:
        yield server.url
    finally:
        listening.shutdown()
        listening.server_close()
