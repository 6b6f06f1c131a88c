"""Limits failed sign-ins by network and by name, so that nobody who guesses locks another out (docs/adr/0027).

A device that has signed in under a name bears a signed cookie and counts by itself: strangers who guess, for the same
name or behind the same address, use up limits that it does not share. On a new device a name that has come in from a
network before is at home there, and shares only what is guessed of itself from there. Whoever is refused on a new
device all the same comes in by the link of a reset mail, which makes the device a known one.
"""

import secrets
import time
from datetime import timedelta
from typing import TypedDict

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from erp.access.models import Actor
from erp.client_address import client_address, network_of
from erp.rates import increment
from erp.security.models import SecurityEvent

WINDOW_S = 15 * 60
# Failed attempts in a window, by devices that the name does not know:
OF_NAME_FROM_NETWORK = 10  # for one name from one network
FROM_NETWORK = 50  # from one network, for names that are not at home there
OF_NAME = 100  # for one name from wherever it is not at home (NIST SP 800-63B, 5.2.2: at most 100 in a row)
FROM_DEVICE = 20  # of a device that the name knows
AT_HOME_FOR = timedelta(days=90)
SIGN_INS_READ = 200
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
    network = network_of(client_address(request))
    limits = {f"sign-in:from:{network}:{mark}:{window}": OF_NAME_FROM_NETWORK}
    if not is_at_home(name, network):
        limits[f"sign-in:network:{network}:{window}"] = FROM_NETWORK
        limits[f"sign-in:name:{mark}:{window}"] = OF_NAME
    return limits


def is_at_home(name: str, network: str) -> bool:
    """Whether somebody of this name has come in from this network lately.

    Thirty people behind the address of one office shared one limit: the first who guessed shut out all others.
    """
    typed = name.strip()
    owner = Actor.objects.filter(Q(user__username__iexact=typed) | Q(user__email__iexact=typed))
    came_in = SecurityEvent.objects.filter(
        kind="sign_in",
        actor_id__in=owner.values("pk"),
        at__gte=timezone.now() - AT_HOME_FOR,
    )
    addresses = came_in.order_by("-pk").values_list("address", flat=True)[:SIGN_INS_READ]
    return any(network_of(address) == network for address in addresses)


def count_attempt(limits: dict[str, int]) -> bool:
    """Count an attempt; whether it is within every limit.

    Beyond one limit it counts for none after it: who goes on guessing one name would use up that of the network.
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
