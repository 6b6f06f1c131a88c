"""Says whether somebody may go on from where they are and with how they signed in."""

from collections.abc import Sequence
from enum import StrEnum
from ipaddress import ip_address, ip_network

from erp.access.models import SignInPolicy

STRONG = frozenset({"mfa", "socialaccount"})  # ways of signing in that are more than a password


class Obstacle(StrEnum):
    """What keeps somebody who has signed in from going on."""

    ADDRESS = "address"
    SECOND_FACTOR = "second_factor"


def own_policy() -> SignInPolicy:
    """What this company asks of people who sign in; nothing where nobody has said."""
    return SignInPolicy.objects.filter(pk=1).first() or SignInPolicy()


def is_allowed_from(address: str, networks: Sequence[str]) -> bool:
    """Whether an address is in one of the networks; any address is where there is none."""
    if not networks:
        return True
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in ip_network(network) for network in networks)


def obstacle_of(
    *,
    role: str,
    address: str,
    has_second_factor: bool,
    ways: frozenset[str],
    policy: SignInPolicy,
) -> Obstacle | None:
    """Return what keeps somebody from going on, or None.

    ways   how they signed in, as sessions note it: "password", "mfa", "socialaccount"
    """
    if not is_allowed_from(address, policy.allowed_networks):
        return Obstacle.ADDRESS
    if role in policy.second_factor_roles and not has_second_factor and not ways & STRONG:
        return Obstacle.SECOND_FACTOR
    return None
