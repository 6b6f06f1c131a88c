"""The way to a server is cut, stalled and slowed as it is said to be."""

import socket
import socketserver
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from faults.proxy import Proxy


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@pytest.fixture
def proxy():
    with TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder) / "echo.sock"
        with Server(str(path), Echo) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            proxy = Proxy(path)
            proxy.start()
            yield proxy
            proxy.stop()
            server.shutdown()


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=10)


def said(channel: socket.socket, text: bytes = b"x") -> bytes:
    channel.sendall(text)
    return channel.recv(4096)


def test_what_is_said_goes_through(proxy):
    with connect(proxy) as channel:
        assert said(channel, b"hello") == b"hello"
    assert proxy.passed == 1


def test_a_cut_resets_who_is_connected_and_refuses_others_until_it_is_over(proxy):
    with connect(proxy) as channel:
        assert said(channel) == b"x"
        with proxy.cut():
            with pytest.raises(ConnectionError):
                assert said(channel) == b""
                raise ConnectionResetError
            with connect(proxy) as another, pytest.raises(ConnectionError):
                assert said(another) == b""
                raise ConnectionResetError
    with connect(proxy) as channel:
        assert said(channel) == b"x"


def test_a_silent_way_goes_on_where_it_stopped(proxy):
    with connect(proxy) as channel:
        assert said(channel) == b"x"
        with proxy.silent():
            channel.sendall(b"late")
            channel.settimeout(0.3)
            with pytest.raises(TimeoutError):
                channel.recv(4096)
        channel.settimeout(10)
        assert channel.recv(4096) == b"late"


def test_what_was_under_way_on_a_lost_way_never_arrives(proxy):
    with connect(proxy) as channel:
        assert said(channel) == b"x"
        with proxy.lost():
            channel.sendall(b"lost")
        with pytest.raises(ConnectionError):
            assert channel.recv(4096) == b""
            raise ConnectionResetError
    with connect(proxy) as channel:
        assert said(channel) == b"x"


def test_a_slow_way_takes_its_time_both_ways(proxy):
    with connect(proxy) as channel, proxy.slow(0.1):
        began = time.monotonic()
        assert said(channel) == b"x"
        assert time.monotonic() - began >= 0.2
