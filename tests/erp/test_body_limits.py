"""A body that is longer than its route takes is refused before it is read: over HTTP, by the server that ships."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection
from django.urls import get_resolver

from erp.web.body_limits import MB, most_bytes
from tests.architecture.guards import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
GB = 1024 * MB
BOUNDARY = b"----of-a-form"


class Web:
    """The server of this test: its port, and the folder where it keeps what comes in."""

    def __init__(self, port: int, spool: Path) -> None:
        self.port, self.spool = port, spool

    def send(
        self, path: str, *, length: int | None, sent: bytes, headers: str = ""
    ) -> tuple[int, int]:
        """Send a request with so much of its body; its status, and the most that was spooled meanwhile."""
        stated = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{stated}\r\n{headers}"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n\r\n"
        )
        spooled = 0
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as client:
            with suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(head.encode())
                for start in range(0, len(sent), MB):
                    client.sendall(sent[start : start + MB])
                    spooled = max(spooled, self.spooled())
            answer = client.recv(200)
        return int(answer.split()[1]), max(spooled, self.spooled())

    def spooled(self) -> int:
        """Bytes of the folder, and of files in it that have no name any more."""
        links = self.spool.glob("*.upload*")
        return sum(path.stat().st_size for path in links)


@pytest.fixture
def web(tmp_path) -> Iterator[Web]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url, mark, query = os.environ["DATABASE_URL"].partition("?")
    database = f"{url.rpartition('/')[0]}/{connection.settings_dict['NAME']}{mark}{query}"
    env = os.environ | {"DATABASE_URL": database, "TMPDIR": str(tmp_path), "WEB_WORKERS": "1"}
    command = [sys.executable, "-m", "gunicorn", "erp.wsgi", "--config", "erp/embedded/gunicorn.py"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}"], cwd=ROOT, env=env, stdout=log, stderr=log
        )
        try:
            for _time in range(300):
                with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/livez") as answer:
                    if answer.status == 200:
                        break
                time.sleep(0.1)
            yield Web(port, tmp_path)
        finally:
            server.terminate()
            server.wait(20)


def form(size: int, **fields: str) -> bytes:
    parts = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (BOUNDARY, name.encode(), value.encode())
        for name, value in fields.items()
    ]
    file = (
        b'--%b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' % BOUNDARY
    )
    return b"".join([*parts, file, b"sku\n" * (size // 4), b"\r\n--%b--\r\n" % BOUNDARY])


def test_no_form_takes_more_than_its_route_and_nothing_of_it_is_kept(web, sign_in):
    client = sign_in()
    cookies = f"Cookie: {settings.SESSION_COOKIE_NAME}={client.session.session_key}\r\n"
    junk = b"x" * (3 * MB)
    for path in ("/settings/company/", "/accounts/login/", "/api/v1/orders"):
        for headers in ("", cookies):
            assert web.send(path, length=3 * GB, sent=junk, headers=headers) == (413, 0), path
            assert web.send(path, length=13 * MB, sent=junk, headers=headers) == (413, 0), path
            assert web.send(path, length=None, sent=b"0\r\n\r\n", headers=headers) == (411, 0), path
    upload = "/data/skus/"
    assert web.send(upload, length=13 * MB, sent=junk) == (413, 0), "nobody signed in"
    assert web.send(upload, length=203 * MB, sent=junk, headers=cookies) == (413, 0)
    whole = form(20 * MB)
    status, spooled = web.send(upload, length=len(whole), sent=whole, headers=cookies)
    assert status not in {411, 413}
    assert spooled > 0
    status, _spooled = web.send("/accounts/login/", length=len(form(MB)), sent=form(MB))
    assert status not in {411, 413}


def files_routes() -> set[str]:
    """The addresses of forms that take files, as patterns of a proxy."""
    return {
        re.sub(r"<[^>]+>", "[^/]+", str(pattern.pattern))
        for pattern in get_resolver().url_patterns
        for pattern in getattr(pattern, "url_patterns", [pattern])
        if getattr(getattr(pattern, "callback", None), "takes_files", False)
    }


@pytest.mark.parametrize(("sample", "unit"), [("nginx.conf", "m"), ("Caddyfile", "MiB")])
def test_the_proxies_samples_say_the_same(sample, unit):
    said = (ROOT / "docs/debian" / sample).read_text()
    plain, large = most_bytes(files=False) // MB, most_bytes(files=True) // MB
    assert set(re.findall(rf"size (\d+){unit}", said)) == {str(plain), str(large)}
    routes = set(re.findall(r"\^/(\(.*?\)/\$)", said))
    assert len(routes) == 1
    (found,) = routes
    assert {f"{route}/" for route in found[1:-3].split("|")} == files_routes()
    assert len(files_routes()) == 4
