"""No address that leads inside is taken, or called, wherever one is entered: literals, names, redirects."""

import ast
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from erp.events import webhook_client
from erp.events.models import WebhookEndpoint
from erp.messages.text_messages import send_text
from inventory.models import StockFeed
from orders.intake.shops import client as shop_client
from orders.intake.shops import notification_client
from orders.payments.providers import stripe
from orders.pricing.gateway import NoRates, fetch_rates
from orders.risk import minfraud
from tests.architecture import guards
from tests.attacks.plan import some

pytestmark = pytest.mark.django_db

# Each leads to this machine or its network, or is how a URL is read as two addresses.
INSIDE: Mapping[str, str] = {
    host: f"https://{host}/x"
    for host in (
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "１２７.０.０.１",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "0",
        "0.0.0.0",
        "10.0.0.8",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2002:a00:1::1]",
        "[2001:0:7f00:1::80ff:fffe]",
        "[2606:4700::5efe:127.0.0.1]",
        "[2606:4700::200:5efe:10.0.0.1]",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[fec0::1]",
        "[fc00::1]",
        "[ff02::1]",
        "inner.example",
        "both.example",
        "six.example",
        "93.184.216.34:22",
        "93.184.216.34:25",
        "93.184.216.34:5432",
        "93.184.216.34:6379",
        "93.184.216.34:65536",
        "user@93.184.216.34",
        "93.184.216.34@127.0.0.1",
        "127.0.0.1#@93.184.216.34",
        "127.0.0.1\\@93.184.216.34",
        "",
    )
} | {
    scheme: f"{scheme}://93.184.216.34/x"
    for scheme in ("http", "ftp", "file", "gopher", "dict", "ldap")
}
# Names of ours alone: nobody else's resolver is asked.
NAMES = {
    "inner.example": ["127.0.0.1"],
    "both.example": ["93.184.216.34", "10.0.0.1"],
    "six.example": ["::ffff:10.0.0.1"],
}


class Connected(Exception):
    """Somebody was called."""


@pytest.fixture(autouse=True)
def nobody_is_called(monkeypatch):
    """Names are resolved here, and whoever connects fails."""
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        for address in NAMES.get(host, ()):
            assert address
        if host in NAMES:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in NAMES[host]]
        if any(letter.isalpha() for letter in host) and "x" not in host.lower() and ":" not in host:
            host = "localhost" if host.lower().rstrip(".") == "localhost" else "nowhere.invalid"
        return real(host, port, *args, **kwargs)

    def connect(address: object, *_args: object, **_kwargs: object) -> None:
        raise Connected(address)

    monkeypatch.setattr(webhook_client.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(webhook_client.socket, "create_connection", connect)


def _entered(answer: Any, rows: Any) -> None:
    assert answer.status_code < 500, answer.content
    assert not rows.exists()
    assert answer.status_code >= 400 or answer.status_code == 302


def _raises(kinds: tuple[type[Exception], ...], call: Callable[[], object]) -> None:
    with pytest.raises(kinds) as refusal:
        call()
    assert not isinstance(refusal.value, Connected)
    assert "Connected" not in str(refusal.value)


SHOP = shop_client.Shop
DOORS: Mapping[str, Callable[[str, Any, Any, Any], None]] = {
    "api webhook": lambda url, api, _b, _m: _entered(
        api.post("webhook-endpoints", {"url": url}), WebhookEndpoint.objects
    ),
    "api feed": lambda url, api, _b, _m: _entered(
        api.post("stock/feeds", {"channel": "web", "url": url, "pause_s": 60}), StockFeed.objects
    ),
    "page webhook": lambda url, _a, browser, _m: _page(
        browser, "/settings/webhooks/", {"url": url, "channel": "web"}, WebhookEndpoint.objects
    ),
    "page feed": lambda url, _a, browser, _m: _page(
        browser,
        "/stock/feeds/",
        {"url": url, "channel": "web", "pause_s": "60", "is_active": "1"},
        StockFeed.objects,
    ),
    "command shop": lambda url, _a, _b, _m: _raises(
        (CommandError,),
        lambda: call_command("connect_shop", channel="web", url=url, key="k", secret="s"),
    ),
    "payments": lambda url, _a, _b, _m: _raises(
        (stripe.Unavailable,), lambda: stripe._post(url, "", "s", "k", {})
    ),
    "rates": lambda url, _a, browser, _m: _raises(
        (NoRates,), lambda: fetch_rates(url, by=browser.actor, now=timezone.now())
    ),
    "shop": lambda url, _a, _b, _m: _raises(
        (shop_client.ShopUnavailable,), lambda: shop_client._get(url, {})
    ),
    "shop's news": lambda url, _a, _b, _m: _raises(
        (notification_client.ShopUnavailable,),
        lambda: notification_client._told("PUT", url, {}, None),
    ),
    "texts": lambda url, _a, _b, settings: (
        setattr(settings, "SMS_URL", url),
        _raises((webhook_client.Refused,), lambda: send_text(to="+8613812345678", text="x")),
    )[1],
}


def _page(browser: Any, path: str, form: dict[str, str], rows: Any) -> None:
    answer = browser.post(path, form)
    assert answer.status_code < 500
    assert not rows.exists()


@pytest.mark.parametrize("door", DOORS)
def test_no_address_that_leads_inside_is_taken(door, api, sign_in, settings, attacker):
    browser = sign_in()
    for value, url in some(INSIDE, 8, f"address {door}"):
        attacker.inputs += 1
        try:
            DOORS[door](url, api, browser, settings)
        except (AssertionError, Connected) as wrong:
            attacker.miss(f"address {door}", value, [repr(wrong)[:300]])
        except BaseException as wrong:  # "DID NOT RAISE" is no Exception
            if type(wrong).__name__ != "Failed":
                raise
            attacker.miss(f"address {door}", value, ["was taken"])


def test_the_risk_provider_is_asked_at_a_checked_address(monkeypatch, attacker):
    monkeypatch.setattr(minfraud, "_request", lambda _order: {})
    for value, url in some(INSIDE, 8, "address risk"):
        attacker.inputs += 1
        if url:
            with pytest.raises(minfraud.Unavailable) as refusal:
                minfraud.score_order(None, account="a", secret="s", url=url)
            if "Connected" in str(refusal.value):
                attacker.miss("address risk", value, ["was called"])


def test_only_what_was_checked_is_connected_to():
    """Every door asks with a Target, and nothing but the check makes one."""
    made = [
        guards.relative(module)
        for module in guards.modules()
        for node in ast.walk(guards.tree_of(module))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Target"
    ]
    assert made == ["erp/events/webhook_client.py"]


@pytest.fixture
def receivers(monkeypatch, settings) -> Iterator[tuple[str, list[str]]]:
    """A loopback receiver that leads elsewhere, and what reached the elsewhere."""
    monkeypatch.undo()
    got = list[str]()

    class Inner(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            got.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    inner = ThreadingHTTPServer(("127.0.0.1", 0), Inner)

    class Outer(Inner):
        def do_GET(self) -> None:
            self.send_response(int(self.path[1:4]))
            self.send_header("Location", f"http://127.0.0.1:{inner.server_address[1]}/inside")
            self.end_headers()

    for kind in (Inner, Outer):
        for verb in ("POST", "PUT"):
            setattr(kind, f"do_{verb}", kind.do_GET)
    outer = ThreadingHTTPServer(("127.0.0.1", 0), Outer)
    servers = [inner, outer]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    yield f"http://127.0.0.1:{outer.server_address[1]}", got
    for server in servers:
        server.shutdown()
        server.server_close()


def test_no_redirect_is_followed(receivers):
    url, got = receivers
    for status in (301, 302, 303, 307, 308):
        for method in ("GET", "POST", "PUT"):
            target = webhook_client.checked(f"{url}/{status}")
            assert webhook_client.ask(method, target, None, {}, 10)[0] == status
    assert got == []
