"""A browser as far as it takes one to sign in, hand files over and send forms as they stand."""

import http.client
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from html import unescape
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import quote, urljoin

LATE_S = 60.0
HOPS = 6
PIECE = 256 * 1024


class Page(NamedTuple):
    """What came in the end: `worst` of all answers on the way to it."""

    status: int
    worst: int
    path: str
    text: str


class Upload(NamedTuple):
    """A file in a form."""

    field: str
    name: str
    data: bytes


class Browser:
    """One person's session."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def sign_in(self, name: str, password: str) -> None:
        """Sign in; raises where that is refused."""
        self.get("/accounts/login/")
        page = self.post("/accounts/login/", {"login": name, "password": password})
        if page.status != 200 or page.path.startswith("/accounts/login/"):
            raise RuntimeError(f"{name} could not sign in: {page.status} {page.path}")

    def get(self, path: str) -> Page:
        """Open a page, following where it leads."""
        return self._follow("GET", path, b"", {})

    def post(self, path: str, fields: Mapping[str, str], upload: Upload | None = None) -> Page:
        """Send a form, with a file where one is given, and follow where it leads."""
        mark = uuid.uuid4().hex
        token = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        parts = [
            b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (mark.encode(), name.encode(), value.encode())
            for name, value in {**fields, **token}.items()
        ]
        if upload is not None:
            name = upload.name.replace("\\", "\\\\").replace('"', "%22")
            parts.append(
                b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
                b"Content-Type: application/octet-stream\r\n\r\n%s\r\n"
                % (mark.encode(), upload.field.encode(), name.encode(), upload.data)
            )
        body = b"".join(parts) + b"--%s--\r\n" % mark.encode()
        return self._follow(
            "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={mark}"}
        )

    def _follow(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        worst = 0
        for _hop in range(HOPS):
            status, to, text = self._ask(method, path, body, headers)
            worst = max(worst, status)
            if not to:
                return Page(status, worst, path, text)
            method, path, body, headers = "GET", urljoin(path, to), b"", {}
        return Page(status, worst, path, text)

    def _ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LATE_S)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {"Cookie": cookies, "Accept-Language": "en", **headers}
        try:
            answer = asked(connection, method, quote(path, safe="/?=&%#"), body or None, named)
            for line in answer.headers.get_all("Set-Cookie") or ():
                for name, morsel in SimpleCookie(line).items():
                    self.cookies[name] = morsel.value
            text = answer.read().decode("utf-8", "replace")
            to = answer.headers.get("Location") or "" if answer.status in {301, 302, 303} else ""
            return answer.status, to, text
        finally:
            connection.close()


def asked(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> http.client.HTTPResponse:
    """Ask, and hear what a server answers that refuses a body before it has read all of it.

    http.client hears nothing where it could not send the whole.
    """
    connection.putrequest(method, path)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    with suppress(BrokenPipeError, ConnectionResetError):
        for start in range(0, len(body or b""), PIECE):
            connection.send((body or b"")[start : start + PIECE])
    return connection.getresponse()


class _Form(HTMLParser):
    """The fields of the form on a page as they are sent where nobody changes them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._select = ""
        self._area = ""
        self._option = False  # one that is chosen, and whose value is what it says

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name = found.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._option = False
            if "selected" in found or self._select not in self.fields:
                self.fields[self._select] = found.get("value", "")
                self._option = "value" not in found
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""
        elif tag == "input" and name and found.get("type") not in {"file", "submit", "button"}:
            is_off = found.get("type") in {"checkbox", "radio"} and "checked" not in found
            if not is_off:
                self.fields[name] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag in {"select", "option"}:
            self._option = False
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data
        if self._option:
            self.fields[self._select] += data


def form_of(page: Page) -> dict[str, str]:
    """The fields that a page's forms would send."""
    form = _Form()
    form.feed(page.text)
    form.fields.pop("csrfmiddlewaretoken", None)
    return {name: value for name, value in form.fields.items() if name}


def told(page: Page) -> str:
    """What a page says, without its marks."""
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", page.text)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", text)))


def sentence_with(page: Page, words: str) -> str:
    """What stands around some words on a page; "" where they do not stand there."""
    text = told(page)
    at = text.find(words)
    return "" if at < 0 else text[at : at + len(words) + 160].strip()
