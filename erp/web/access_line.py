"""Writes a line for each request, gives it an id and counts how it was answered."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from erp.access.models import Actor
from erp.client_address import client_address
from erp.logs.origin import Origin, accepted_request_id, started_by
from erp.metrics.tally import count, observe

logger = logging.getLogger("erp.requests")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN = "unknown"  # the route of an address that there is not
QUIET = frozenset(
    {"livez", "readyz", "metrics"}
)  # asked every few seconds: their good answers say nothing


class AccessLine:
    """The outermost layer of pages and the API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request_id = accepted_request_id(request.META.get("HTTP_X_REQUEST_ID", ""))
        origin = Origin(request_id, client_address(request), actor=lambda: _actor_id(request))
        with started_by(origin):
            response = self.get_response(request)
            response["X-Request-Id"] = request_id
            response._has_been_logged = True  # type: ignore[attr-defined]  # Django would once more, with the path
            _note(request, response.status_code, time.perf_counter() - began)
        return response


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    """Write the line of a request, and count it. Neither holds its path, query or body."""
    method = request.method if request.method in METHODS else "other"
    route = _route(request)
    door = "api" if request.path.startswith("/api/v1/") else "page"
    count("http_requests", door, route, method or "", f"{status // 100}xx")
    observe("http_request_duration", seconds, door, route)
    if route in QUIET and status < 400:
        return
    facts = {
        "method": method,
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
    }
    logger.log(logging.ERROR if status >= 500 else logging.INFO, "request", extra={"facts": facts})


def _route(request: HttpRequest) -> str:
    """The pattern that an address was found by, such as "orders/<str:number>/": what was asked for is not in it."""
    if request.resolver_match is not None:
        return str(request.resolver_match.route)
    path = request.path.strip("/")
    if path in QUIET:
        return path
    return "static" if request.path.startswith(settings.STATIC_URL) else UNKNOWN


def _actor_id(request: HttpRequest) -> int | None:
    """The id of who asks, where that is known by now; nobody is looked up for a line of a log."""
    known = getattr(request, "actor", None)
    loaded = getattr(known, "_wrapped", known)
    if loaded is not None and loaded is not empty:
        return int(loaded.pk)
    user = request.__dict__.get("user")  # of the API it is the actor of the key
    # Asked in this order: to ask what a lazy user is loads it, and a session that cannot be read wrote a line about
    # that, which asked again.
    return user.pk if not isinstance(user, LazyObject) and isinstance(user, Actor) else None
