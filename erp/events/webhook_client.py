"""Posts signed webhooks to external addresses, and never to our own network.

The name is resolved at every send, every address it has must be public, and the connection goes to
exactly the address that was checked: a name that changes its mind in between gains nothing.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import re
import secrets
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from erp.effects.door import refuse_while_paused
from erp.errors import FieldError, Invalid

CONNECT_S, ANSWER_S = 5, 15
LONGEST_WISH = timedelta(days=1)
SECONDS = re.compile(r"([0-9]{1,30}(?:\.[0-9]{1,9})?)")  # Shopify writes "2.0"
PORTS = (443, 8443)  # of others' web servers: no mail server or database is posted to
# Networks whose last four bytes are an IPv4 address: mapped, compatible, translated, NAT64 (RFC 4291, 7915, 6052).
WITH_IPV4 = [
    ipaddress.IPv6Network(f"{prefix}/96")
    for prefix in ("::ffff:0:0", "::", "::ffff:0:0:0", "64:ff9b::")
]
# The last eight bytes of an ISATAP address but the IPv4 address in them (RFC 5214, 6.1).
ISATAP = (0x0000_5EFE, 0x0200_5EFE)
NAT64_OF_ONES_OWN = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215


class Refused(Exception):
    """The address is not one that we post to."""


def refused_address(why: object) -> Invalid:
    """The refusal of an address that somebody wants to be posted to."""
    return Invalid(
        _("Webhooks cannot be sent to this address."),
        errors=[FieldError("/url", "refused-address", str(why))],
    )


def check_address(url: str) -> None:
    """Refuse an address that we do not post to. Raises Invalid."""
    try:
        checked(url)
    except Refused as refused:
        raise refused_address(refused) from refused


def new_secret() -> str:
    """A secret that webhooks are signed with, as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


@dataclass(frozen=True)
class Target:
    """A checked address: where to connect, and as whom to ask."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def checked(url: str) -> Target:
    """Resolve a URL to a checked target. Raises Refused with the reason.

    Plain http, other ports and private addresses are only for hosts named in WEBHOOK_PRIVATE_HOSTS.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused(f"not an address: {error}") from error
    host = parts.hostname or ""
    trusted = host in settings.WEBHOOK_PRIVATE_HOSTS
    if parts.scheme not in {"https", "http"} or not host:
        raise Refused("an address begins with https://")
    if parts.scheme == "http" and not trusted:
        raise Refused("only https is posted to")
    if not trusted and port not in PORTS:
        raise Refused(f"port {port} is not posted to; these are: {', '.join(map(str, PORTS))}")
    if parts.username or parts.password:
        raise Refused("an address holds no user name or password")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        parts.path.encode("ascii"), parts.query.encode("ascii")
    except (OSError, UnicodeError) as error:  # a label that is too long, a letter not escaped
        raise Refused(f"{host} cannot be asked: {error}") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not trusted and (bad := [a for a in addresses if not _is_public(a)]):
        raise Refused(f"{host} leads to {bad[0]}, which is not on the public internet")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, addresses[0])


def _is_public(address: str) -> bool:
    """Whether an address is on the public internet, and so is every IPv4 address that it may lead to."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local or ip in NAT64_OF_ONES_OWN:  # Python calls the first global: fec0::/10
            return False
        if any(ip in network for network in WITH_IPV4) or int(ip) >> 32 & 0xFFFF_FFFF in ISATAP:
            return _is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if inner := ip.sixtofour or (ip.teredo and ip.teredo[1]):
            return _is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def signed(message_id: str, at: int, body: bytes, secret: str) -> str:
    """Sign a body for `webhook-signature`. Source: Standard Webhooks, symmetric signatures.

    secret   "whsec_" and base64
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{message_id}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def post(target: Target, body: bytes, headers: dict[str, str]) -> tuple[int, timedelta]:
    """Post; return the status answered and how long the receiver asks to be left alone. Raises OSError.

    Redirects are not followed.
    """
    status, answered, _said = ask("POST", target, body, headers, 0)
    return status, asked_to_wait(answered)


def asked_to_wait(headers: Mapping[str, str], now: datetime | None = None) -> timedelta:
    """How long `Retry-After` asks for: seconds, or until a date; nothing where it is missing or cannot be read.

    headers   of an answer, names in lower case
    At most a day is waited. Source: RFC 9110, 10.2.3.
    """
    said = headers.get("retry-after", "").strip()
    if seconds := SECONDS.fullmatch(said):
        return min(timedelta(seconds=min(float(seconds[1]), 1e9)), LONGEST_WISH)
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return timedelta(0)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    wait = until - (now or datetime.now(UTC))
    return min(max(wait, timedelta(0)), LONGEST_WISH)


def exchange(
    target: Target, body: bytes, headers: dict[str, str], most: int
) -> tuple[int, timedelta, bytes]:
    """Post; return the status answered, how long to leave the receiver alone, and at most `most` bytes of its body.

    Raises OSError.
    """
    status, answered, said = ask("POST", target, body, headers, most)
    return status, asked_to_wait(answered), said


def fetch(target: Target, headers: dict[str, str], most: int) -> tuple[int, dict[str, str], bytes]:
    """Get; return status, headers (lower case) and body. Raises OSError, also for more than `most` bytes."""
    status, answered, said = ask("GET", target, None, headers, most + 1)
    if len(said) > most:
        raise OSError(f"the answer is larger than {most} bytes")
    return status, answered, said


def ask(
    method: str, target: Target, body: bytes | None, headers: dict[str, str], most: int
) -> tuple[int, dict[str, str], bytes]:
    """Send one request and return its response; redirects are not followed. Raises OSError.

    Nothing is sent while effects are paused. The whole answer has `ANSWER_S`: a time-out of each read alone would let
    a receiver that sends a byte now and then hold a worker for ever. What is hung up is another handle of the socket:
    TLS takes the first one over, and whoever dripped over https was listened to until they stopped.
    """
    refuse_while_paused()
    raw = socket.create_connection((target.address, target.port), timeout=CONNECT_S)
    ends = raw.dup()
    deadline = threading.Timer(ANSWER_S, _hang_up, [ends])
    deadline.daemon = True
    deadline.start()
    try:
        raw.settimeout(ANSWER_S)
        channel = raw
        if target.scheme == "https":
            context = ssl.create_default_context()
            channel = context.wrap_socket(raw, server_hostname=target.host)
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = channel
        connection.request(method, target.path, body, headers)
        answer = connection.getresponse()
        said = answer.read(most) if most else b""
        channel.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, said
    except http.client.HTTPException as error:
        raise OSError(f"no answer in time, or not an HTTP one: {error!r}") from error
    finally:
        deadline.cancel()
        ends.close()
        raw.close()


def _hang_up(raw: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(raw, socket.SHUT_RDWR)
