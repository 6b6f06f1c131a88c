"""Every page of the dashboard and the back office: found by following links, with the forms that stand on it."""

import re
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.urls import Resolver404, resolve

from tests.attacks.routes import every_route

EXAMPLES = 2  # of a route are visited
NO_PAGES = re.compile(r"^\^?(api/|static/|media/|livez|readyz|metrics)")
LEADING = ("href", "hx-get", "hx-post", "hx-put", "data-url", "data-href")
# It answers with another page, and ends the visit.
LEAVING = ("/accounts/logout/", "/admin/logout/")


class Form(NamedTuple):
    """A form as its page sends it: where to, and its fields with what they hold."""

    route: str
    action: str
    fields: tuple[tuple[str, str], ...]


class _Reader(HTMLParser):
    """Reads the links and the forms of a page."""

    def __init__(self, address: str, guesses: Mapping[str, str]) -> None:
        super().__init__()
        self.guesses = guesses
        self.address, self.links = address, list[str]()
        self.forms = dict[str, tuple[str, list[tuple[str, str]]]]()
        self.open = self.select = ""
        self.is_chosen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.links += [said[name] for name in LEADING if said.get(name)]
        if tag == "form":
            self.open = said.get("id") or f"form-{len(self.forms)}"
            action = said.get("action") or said.get("hx-post") or said.get("hx-get") or ""
            is_post = said.get("method", "").lower() == "post" or "hx-post" in said
            self._form(self.open, action if is_post else f"GET {action}")
        elif "hx-post" in said:
            self._form(f"button-{len(self.forms)}", said["hx-post"])
        if said.get("formaction"):
            self._form(f"button-{len(self.forms)}", said["formaction"])
        self._field(tag, said)

    def _form(self, name: str, action: str) -> None:
        known = self.forms.get(name, ("", []))[1]
        self.forms[name] = (action, known)

    def _field(self, tag: str, said: dict[str, str]) -> None:
        name = said.get("name", "")
        if tag in {"input", "textarea", "select", "button"} and name:
            if said.get("type") in {"checkbox", "radio"}:
                self._say(said.get("form"), name, said.get("value", "on"))
            else:
                self._say(said.get("form"), name, said.get("value") or self.guesses.get(name, ""))
        if tag == "select":
            self.select = name
        if tag == "option" and self.select and ("selected" in said or said.get("value")):
            fields = self.forms.get(self.open, ("", []))[1]
            for n, (field, value) in enumerate(fields):
                if field == self.select and (not value or "selected" in said):
                    fields[n] = (field, said.get("value", ""))

    def _say(self, form: str | None, name: str, value: str) -> None:
        self.forms.setdefault(form or self.open, ("", []))[1].append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = ""
        elif tag == "select":
            self.select = ""


# What is typed into an empty field, where nothing else would be taken.
GUESSES = {
    "sku": "TEA-001",
    "quantity": "1",
    "units": "1",
    "counted": "1",
    "good": "1",
    "reason": "door",
    "name": "Door",
    "code": "door",
    "email": "door@example.com",
    "amount": "1.00",
    "country": "CN",
    "currency": "CNY",
    "value": "1",
    "q": "tea",
}


def route_of(address: str) -> str:
    """The route that an address of ours leads to; "" of any other."""
    parts = urlsplit(address)
    if parts.netloc not in {"", "testserver"} or parts.scheme not in {"", "http"}:
        return ""
    try:
        route = resolve(parts.path).route
    except Resolver404:
        return ""
    return "" if NO_PAGES.match(route) else route or "/"


def routes() -> Iterator[tuple[str, Any]]:
    """(route, view) of every page."""
    for route, view in every_route().items():
        if not NO_PAGES.match(route):
            yield route or "/", view


def forms_of(address: str, page: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """(where to, fields) of each form of a page, with what they hold."""
    reader = _Reader(address, {})
    reader.feed(page)
    return [(urljoin(address, to), tuple(fields)) for to, fields in reader.forms.values()]


class Site:
    """What was found: addresses by their route, forms by where they lead, parameters by route."""

    def __init__(self, browser: Any, seeds: list[str], chosen: Callable[[str], bool]) -> None:
        self.browser, self.failed, self.chosen = browser, list[str](), chosen
        self.addresses = dict[str, list[str]]()
        self.forms = dict[str, Form]()
        self.asked = dict[str, set[str]]()
        waiting = [seed for seed in seeds if route_of(seed)]
        while waiting:
            waiting += self._visit(waiting.pop(0))

    def _visit(self, address: str) -> list[str]:
        route, path = route_of(address), urlsplit(address).path
        self.asked.setdefault(route, set()).update(
            name for name, _value in parse_qsl(urlsplit(address).query, keep_blank_values=True)
        )
        known = self.addresses.setdefault(route, [])
        if path in known or len(known) >= EXAMPLES or path in LEAVING:
            return []
        known.append(path)
        answer = self.browser.get(address, follow=True)
        if answer.status_code >= 500:
            self.failed.append(f"GET {address}: {answer.status_code}")
        if "text/html" not in answer.get("Content-Type", ""):
            return []
        address = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        reader = _Reader(address, GUESSES)
        reader.feed(answer.content.decode())
        for action, fields in reader.forms.values():
            self._note(urljoin(address, action.removeprefix("GET ")), action, fields)
        return [
            urljoin(address, link)
            for link in reader.links
            if self._leads_on(urljoin(address, link))
        ]

    def _leads_on(self, address: str) -> bool:
        """Whether more is to be found there: not of a page that was visited often enough."""
        route = route_of(address)
        return bool(route) and self.chosen(route) and len(self.addresses.get(route, ())) < EXAMPLES

    def _note(self, action: str, said: str, fields: list[tuple[str, str]]) -> None:
        route = route_of(action)
        if not route:
            return
        if said.startswith("GET "):
            self.asked.setdefault(route, set()).update(name for name, _value in fields)
            return
        names = sorted({name for name, _value in fields if name != "csrfmiddlewaretoken"})
        self.forms.setdefault(f"{route} {names}", Form(route, action, tuple(fields)))
