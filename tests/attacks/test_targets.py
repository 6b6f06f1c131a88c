"""Nothing with an address is left out: each route of the URLconf is some attack's target, or says why it is none."""

import re
from collections.abc import Callable, Mapping

from django.urls import Resolver404, resolve

from erp.web.health import CHECKS
from tests.architecture.test_rights import SIGNED
from tests.attacks.pages import routes
from tests.attacks.routes import EXCLUDED, every_route, plain
from tests.attacks.test_doors import OPEN
from tests.attacks.test_pages import ROOMS, is_anybodys, is_of
from tests.attacks.test_webhooks import TOPICS
from tests.contract.operations import OPERATIONS

PAGES = {route for route, _view in routes()}
DESCRIBED = {
    re.sub(r"\{\w+\}", "{}", one.path.lstrip("/")) for one in OPERATIONS
}  # whatever the parameters are called


def led_to(path: str) -> str:
    """The route that an address leads to."""
    return path.lstrip("/") if path in CHECKS else str(resolve(path).route)


# The attacks that take whole kinds of routes, each with whether a route is its target.
TARGETS: Mapping[str, Callable[[str], bool]] = {
    "test_operations": lambda route: re.sub(r"<(\w+:)?\w+>", "{}", route) in DESCRIBED,
    "test_webhooks": lambda route: route in SIGNED and bool(TOPICS),
    "test_doors": lambda route: route in {led_to(path) for path in OPEN},
    "test_pages dashboard": lambda route: (
        route in PAGES and any(is_of(room)(route) for room in ROOMS)
    ),
    # Of all tables in a full run, and in turns in samples.
    "test_pages office": lambda route: route in PAGES and route.startswith("admin/"),
    "test_pages anybody": lambda route: route in PAGES and is_anybodys(route),
}


def target_of(route: str) -> list[str]:
    """The attacks on a route."""
    return [name for name, takes in TARGETS.items() if takes(route or "/") or takes(route)]


def test_every_route_is_some_attacks_target():
    left_out = {route for route in every_route() if not target_of(route)} - EXCLUDED.keys()

    assert left_out == set()


def test_every_attack_has_targets():
    found = {name for route in every_route() for name in target_of(route)}

    assert found == TARGETS.keys()


def test_what_is_excluded_is_there_and_cannot_be_reached():
    assert every_route().keys() >= EXCLUDED.keys()
    for route, why in EXCLUDED.items():
        address = "/" + re.sub(r"<(\w+:)?\w+>", "x", plain(route))
        assert why
        try:
            assert resolve(address).route != route
        except Resolver404:
            continue
