"""Refuses bodies that are longer than their route takes, before a byte of them is read."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from erp.api.problems import problem
from erp.bounds import KEY_DIGITS, LARGEST_FILE
from erp.errors import DomainError, LengthRequired, Malformed, TooLarge
from erp.web.pages import refused

MB = 1024 * 1024
# What stands around a file or a form: its other fields, and how they are told apart.
SURROUND = 2 * MB
View = TypeVar("View", bound=Callable[..., object])


def takes_files(view: View) -> View:
    """Let the people whom a view serves send it files as large as a job works on."""
    view.__dict__["takes_files"] = True
    return view


def most_bytes(*, files: bool) -> int:
    """Bytes of a body: of a route that takes files, and of every other one. The proxies' samples say the same."""
    return SURROUND + (LARGEST_FILE if files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def read_length(stated: str) -> int | None:
    """Bytes that a body is said to have; None where no number is stated that Django could read as well."""
    is_number = stated.isascii() and stated.isdecimal() and len(stated) <= KEY_DIGITS
    return int(stated or "0") if is_number or not stated else None


class BodyLimits:
    """Looks at how long a body is said to be; no more than that is read of one.

    Django reads a form whole, its files into the temporary folder, before any view is asked: limits that stood in
    views and actions let whoever had signed in fill the machine's memory by any form there is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        stated = request.META.get("CONTENT_LENGTH") or ""
        if not stated and "HTTP_TRANSFER_ENCODING" in request.META:
            # Django reads nothing of such a body: it was an empty form, and no order came of it.
            why = _("Send the body with its Content-Length.")
            return _refusal(request, LengthRequired, why)
        length = read_length(stated)
        if length is None:
            return _refusal(request, Malformed, _("Content-Length is not a number."))
        if length > most_bytes(files=False) and length > most_bytes(files=_takes_files(request)):
            most = (most_bytes(files=_takes_files(request)) - SURROUND) // MB
            why = _("The body is larger than %(most)s MB.") % {"most": most}
            return _refusal(request, TooLarge, why)
        response = self.get_response(request)
        if length > MB:
            let_go_of_buffers()
        return response


def let_go_of_buffers() -> None:
    """Close the connection to the database after something large went over it; it is opened anew when it is needed.

    libpq keeps its buffers as large as they once were, for each connection: ten megabytes sent were thirty kept.
    """
    if not connection.in_atomic_block:
        connection.close()


def _takes_files(request: HttpRequest) -> bool:
    """Whether this body may hold a large file: by its route, and by somebody who has signed in."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    user = getattr(request, "user", None)
    return bool(getattr(view, "takes_files", False) and user and user.is_authenticated)


def _refusal(request: HttpRequest, kind: type[DomainError], why: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(kind.status, kind.code, why)
    # Nobody is looked up for the page that says so: Person, which names the attribute, comes after.
    request.COOKIES, request.actor = {}, None  # type: ignore[attr-defined]  # HttpRequest declares none of ours
    return refused(request, why, kind.status)
