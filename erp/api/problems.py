"""Renders errors as RFC 9457 problem details, the same for every endpoint."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from psycopg2.errors import CheckViolation
from rest_framework import exceptions

from erp.errors import DomainError, FieldError, Invalid, NotAllowed, RateLimited, TooLarge
from erp.logs.origin import current_request_id
from erp.metrics.tally import count
from erp.once import perform
from erp.security.actions import record_security_event

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"

# What the framework raises before any action is called: (status, code).
FRAMEWORK = {
    exceptions.NotAuthenticated: (401, "unauthenticated"),
    exceptions.AuthenticationFailed: (401, "unauthenticated"),
    exceptions.PermissionDenied: (403, "forbidden"),
    PermissionDenied: (403, "forbidden"),
    exceptions.NotFound: (404, "not-found"),
    Http404: (404, "not-found"),
    exceptions.MethodNotAllowed: (405, "method-not-allowed"),
    exceptions.NotAcceptable: (406, "not-acceptable"),
    exceptions.UnsupportedMediaType: (415, "unsupported-media-type"),
    exceptions.ParseError: (400, "malformed-request"),
}


def problem(
    status: int,
    code: str,
    title: str,
    detail: str = "",
    errors: Sequence[FieldError] = (),
    extra: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Respond with a problem document."""
    document: dict[str, object] = {
        "type": f"/docs/problems/{code}",
        "title": str(title),
        "status": status,
        "code": code,
        "detail": str(detail or title),
        "errors": [{"pointer": e.pointer, "code": e.code, "detail": str(e.detail)} for e in errors],
        **(extra or {}),
    }
    if request_id := current_request_id():
        document["request_id"] = request_id
    return HttpResponse(
        msgspec.json.encode(document), status=status, content_type=CONTENT_TYPE, headers=headers
    )


def refusal(error: DomainError) -> HttpResponse:
    """Turn a domain refusal into a problem document."""
    headers = None
    if error.code == "in-progress":
        headers = {"Retry-After": "1"}
    elif isinstance(error, RateLimited):
        headers = {"Retry-After": str(error.retry_after_s)}
    return problem(
        error.status,
        error.code,
        str(error.title),
        str(error),
        error.errors,
        error.extra(),
        headers,
    )


def problem_from_exception(error: Exception, context: Mapping[str, object]) -> HttpResponse | None:
    """Turn an endpoint's exception into DRF's response."""
    if isinstance(error, DomainError):
        if isinstance(error, NotAllowed):
            _note_denial(context)
        elif isinstance(error, RateLimited):
            count("api_calls_limited")
        return refusal(error)
    if isinstance(error, exceptions.AuthenticationFailed):
        _note_bad_key(context)
    for kind, (status, code) in FRAMEWORK.items():
        if isinstance(error, kind):
            title = str(getattr(error, "detail", "") or _("Not found."))
            headers = {}
            if status == 401:
                headers["WWW-Authenticate"] = getattr(error, "auth_header", 'Bearer realm="api"')
            if status == 405:
                headers["Allow"] = ", ".join(getattr(context["view"], "allowed_methods", ()))
            return problem(status, code, title, headers=headers)
    if (refused := _of_bad_data(error)) is not None:
        return refused
    if is_outage(error):
        logger.error("The database did not answer: %s", error)
        return problem(
            503,
            "unavailable",
            _("The database is not available just now."),
            headers={"Retry-After": "2"},
        )
    logger.exception("An endpoint failed", exc_info=error)
    return problem(500, "internal", _("Something went wrong on our side; nothing was changed."))


def _of_bad_data(error: Exception) -> HttpResponse | None:
    """The refusal of a body or a value that Django or the database would not take."""
    # What Django reads of a body is less than what its door lets in, for what stands around a file.
    if isinstance(error, RequestDataTooBig):
        return refusal(TooLarge(_("The body is larger than 10 MB.")))
    if isinstance(error, DataError):
        logger.warning("A value did not fit its column: %s", error)
        return refusal(Invalid(_("A value is too long or too large. Nothing was changed.")))
    if isinstance(error, IntegrityError) and isinstance(error.__cause__, CheckViolation):
        logger.warning("A value broke a rule of its table: %s", error)
        return refusal(Invalid(_("A value is outside what is allowed. Nothing was changed.")))
    return None


def _note_denial(context: Mapping[str, object]) -> None:
    request = getattr(context.get("request"), "_request", None)
    match = request.resolver_match if request else None
    facts = {"route": match.route if match else "", "method": request.method if request else ""}
    with suppress(DatabaseError):
        perform(record_security_event, kind="denied", facts=facts)


def _note_bad_key(context: Mapping[str, object]) -> None:
    """Count a call without a key that is good; one with a bad key is written down too."""
    request = getattr(context.get("request"), "_request", None)
    if request is not None and request.META.get("HTTP_AUTHORIZATION"):
        count("api_keys_refused")
        with suppress(DatabaseError):
            perform(record_security_event, kind="key_refused")


# SQLSTATEs of other classes that say as much: the server became a standby, or ended a session of ours that slept.
OUTAGES = frozenset({"25006", "25P03", "25P04"})


def is_outage(error: BaseException) -> bool:
    """Whether an error says that the database is not there, not that what was asked of it is wrong.

    Where a connection ends in the middle of an answer, libpq has no SQLSTATE, and psycopg2 raises nothing more
    than DatabaseError itself: killed backends were 500.
    """
    if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
        return True
    return getattr(error.__cause__, "pgcode", None) in OUTAGES


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Respond to an API path that does not exist."""
    return problem(404, "not-found", _("Not found."))
