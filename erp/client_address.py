"""Knows where a request comes from: one notion of address for every limit, log and rule."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"
HOME_PREFIX = 64  # of IPv6, what one subscriber has at least: limits count it as one


def client_address(request: HttpRequest) -> str:
    """Return the caller's address: of the connection, or as our own proxies report it.

    `TRUSTED_PROXIES` is how many of our proxies a request passes, each of which adds the address
    it saw to X-Forwarded-For; what stands left of theirs is whatever the caller wrote. "unknown" where a socket of
    this machine has no address and no proxy says one.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(forwarded) >= proxies and (address := _address(forwarded[-proxies])):
        return address
    return _address(str(request.META.get("REMOTE_ADDR") or "")) or UNKNOWN


def network_of(address: str) -> str:
    """Return what limits count as one caller: an IPv4 address, or the network of a subscriber in IPv6."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(ip_network((known, HOME_PREFIX), strict=False))
    return str(known)


@lru_cache(maxsize=4096)
def _address(text: str) -> str:
    """An address as it is written once: without port, brackets or zone; an IPv4 in IPv6 as IPv4. "" if it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        known = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(known, IPv6Address) and known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(known)
