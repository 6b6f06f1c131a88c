"""Every address that there is, as the URLconf has it, and which of them an attack has reached."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from erp.web.health import CHECKS

# Routes that are no target, with the reason. Each has to exist, and to be led to by no address.
EXCLUDED: Mapping[str, str] = {
    r"accounts/confirm-email/(?P<key>[-:\w]+)/$": "allauth's own: ours stands before it and answers 404",
    "accounts/oidc/(?P<provider_id>[^/]+)/login/": "allauth's own: ours stands before it",
}


def every_route() -> dict[str, Any]:
    """The view of each route; health checks are answered before the URLconf is asked."""
    found = dict(_walked(get_resolver(), ""))
    return found | {path.lstrip("/"): view for path, view in CHECKS.items()}


def _walked(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        route = _joined(prefix, str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from _walked(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback


def _joined(prefix: str, pattern: str) -> str:
    """As Django names a route that it has found."""
    return prefix + pattern.removeprefix("^") if prefix else pattern


def route_reached(request: Any) -> str:
    """The route that a request was led to; "" where it was refused before."""
    if request.path in CHECKS:
        return str(request.path).lstrip("/")
    return str(request.resolver_match.route) if request.resolver_match else ""


def plain(route: str) -> str:
    """A route with its parameters named as in <str:name>, those of regular expressions as well."""
    named = re.sub(r"\(\?P<(\w+)>(?:[^()\\]|\\.|\([^()]*\))*\)", r"<str:\1>", route)
    return named.replace("^", "").removesuffix("$").removesuffix(r"\Z")
