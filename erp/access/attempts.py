"""Limits failed sign-ins by address and by name, so that nobody who guesses locks another out.

A device that has signed in under a name bears a signed cookie and counts by itself: strangers who guess, for the same
name or behind the same address, use up limits that it does not share. Whoever is refused on a new device meanwhile
comes in by the link of a reset mail, which makes the device a known one.
"""

import secrets
import time
from typing import TypedDict

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from erp.client_address import client_address, network_of
from erp.rates import increment

WINDOW_S = 15 * 60
FROM_ADDRESS = (
    10  # failed attempts in a window from one address, by devices that the name does not know
)
OF_NAME = 100  # and for one name from wherever (NIST SP 800-63B, 5.2.2: at most 100 in a row)
FROM_DEVICE = 20  # of a device that the name knows
KNOWN_FOR_S = 365 * 24 * 3600
NAMES_KEPT = 20
SALT = "erp.access.known-device"
COOKIE = "device" if settings.PLAIN_HTTP else "__Host-device"


class Device(TypedDict):
    """What the cookie of a device holds: its own number, and fingerprints of the names that signed in on it."""

    id: str
    names: list[str]


def limits_of(request: HttpRequest, name: str) -> dict[str, int]:
    """Return the counters of one attempt to sign in under a name, with the most that each allows in a window."""
    window = int(time.time() // WINDOW_S)
    known = _device(request)
    marks = _fingerprints(name)
    mark = marks[0]
    if known and not set(marks).isdisjoint(known["names"]):
        return {f"sign-in:device:{known['id']}:{window}": FROM_DEVICE}
    address = network_of(client_address(request))
    return {
        f"sign-in:from:{address}:{window}": FROM_ADDRESS,
        f"sign-in:name:{mark}:{window}": OF_NAME,
    }


def count_attempt(limits: dict[str, int]) -> bool:
    """Count an attempt; whether it is within every limit.

    Beyond one limit it counts for no other: who goes on guessing from one address would use up the name's.
    """
    return all(increment(name, 2 * WINDOW_S) <= most for name, most in limits.items())


def take_back(limits: dict[str, int]) -> None:
    """An attempt was right: it is none of the failed ones."""
    for name in limits:
        increment(name, 2 * WINDOW_S, by=-1)


def remember_device(request: HttpRequest, response: HttpResponse, names: list[str]) -> None:
    """Have this device be known by the names of who signed in on it, by SECRET_KEY as it is now."""
    known = _device(request) or {"id": secrets.token_urlsafe(12), "names": []}
    marks = [_fingerprints(name) for name in names if name]
    before = [m for m in known["names"] if all(m not in of_name for of_name in marks)]
    known["names"] = before[-NAMES_KEPT:] + [of_name[0] for of_name in marks]
    response.set_cookie(
        COOKIE,
        signing.dumps(known, salt=SALT),
        max_age=KNOWN_FOR_S,
        secure=not settings.PLAIN_HTTP,
        httponly=True,
        samesite="Lax",
    )


def _device(request: HttpRequest) -> Device | None:
    try:
        device: Device = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KNOWN_FOR_S
        )
    except signing.BadSignature:
        return None
    return device


def _fingerprints(name: str) -> list[str]:
    """A name without its letters, by SECRET_KEY and each of its fallbacks.

    Nobody reads from a cookie or a counter who signs in here. A cookie of before a rotation holds what the former
    key made of a name: read by the new one alone, every device was a stranger from that moment.
    """
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    text = name.strip().casefold()
    return [salted_hmac(SALT, text, secret=key).hexdigest()[:20] for key in keys]
