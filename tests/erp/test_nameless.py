"""No answer over real HTTP says what serves it, however it comes about."""

import logging
import re
import runpy
import socket
from contextlib import suppress

import pytest
from gunicorn import glogging
from gunicorn.config import Config

from tests.erp.test_body_limits import web

__all__ = ["web"]
pytestmark = pytest.mark.django_db(transaction=True)
NAMES = re.compile(
    r"gunicorn|python|django|wsgi|whitenoise|x-powered-by|^server:|^via:", re.I | re.M
)
TAIL = "Host: 127.0.0.1\r\nConnection: close\r\n\r\n"
ASKED = {
    "a page": f"GET /accounts/login/ HTTP/1.1\r\n{TAIL}",
    "to sign in": f"GET /orders/ HTTP/1.1\r\n{TAIL}",
    "nothing there": f"GET /no/such/page/ HTTP/1.1\r\n{TAIL}",
    "a file": f"GET /static/app.css HTTP/1.1\r\n{TAIL}",
    "the API": f"GET /api/v1/orders HTTP/1.1\r\n{TAIL}",
    "a schema": f"GET /api/schema/ HTTP/1.1\r\n{TAIL}",
    "a check": f"GET /livez HTTP/1.1\r\n{TAIL}",
    "no token": f"POST /accounts/login/ HTTP/1.1\r\nContent-Length: 0\r\n{TAIL}",
    "another host": "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    "head": f"HEAD /accounts/login/ HTTP/1.1\r\n{TAIL}",
    "options": f"OPTIONS /api/v1/orders HTTP/1.1\r\n{TAIL}",
    "HTTP/1.0": "GET /livez HTTP/1.0\r\n\r\n",
    "too large": f"POST /accounts/login/ HTTP/1.1\r\nContent-Length: 99999999999\r\n{TAIL}",
    "no HTTP": "rubbish\r\n\r\n",
    "a lying length": f"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n{TAIL}",
    "a long line": f"GET /{'a' * 9000} HTTP/1.1\r\n{TAIL}",
    "HTTP/9.9": f"GET / HTTP/9.9\r\n{TAIL}",
}


def head_of(port: int, asked: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(asked.encode())
        answer = b""
        with suppress(ConnectionResetError):
            while b"\r\n\r\n" not in answer and (more := client.recv(4096)):
                answer += more
    return answer.partition(b"\r\n\r\n")[0].decode()


def test_no_answer_names_its_server(web):
    for what, asked in ASKED.items():
        head = head_of(web.port, asked)
        assert head.startswith("HTTP/1."), what
        assert not NAMES.search(head), (what, head)


def test_gunicorn_gathers_nothing_for_lines_that_the_application_writes():
    """With its `logconfig_dict` set it did, whatever `accesslog` said: nine microseconds a request."""
    said = runpy.run_path("erp/embedded/gunicorn.py")
    config = Config()
    config.set("logconfig_dict", said["logconfig_dict"])
    was = logging.root.handlers[:], logging.root.level
    try:
        assert glogging.Logger(config).access_log_enabled
        assert not said["logger_class"](config).access_log_enabled
    finally:
        logging.root.handlers[:], logging.root.level = was
