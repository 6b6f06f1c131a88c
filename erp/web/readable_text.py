"""Refuses requests whose text or numbers no row can hold, with 4xx instead of a failure."""

import logging
import re
from collections.abc import Callable

from django.core.paginator import InvalidPage
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from erp.api.problems import problem
from erp.bounds import NUL
from erp.web.pages import refused

logger = logging.getLogger(__name__)


class ReadableText:
    """Lets no U+0000 in by path, query, header or form: PostgreSQL cannot store it, and no person typed it.

    Bodies of the API are checked where they are decoded. What else a column cannot hold is refused by the
    database itself; nothing was changed then, and the answer says so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _holds_nul(request):
            return _malformed(request, _("Text may not hold the character U+0000."))
        if _holds_half(request):
            return _malformed(request, _("Text may not hold half a character."))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        # The forms and lists of the back office are Django's: it reads a key that is none only as it looks it up.
        is_misread = isinstance(error, ValueError | InvalidPage) and _is_office(request)
        if is_misread:
            # As an error: among values that are misread, a fault of our own has to be seen.
            logger.error("A value could not be read by the back office", exc_info=error)
            why = _("A value cannot be read. Nothing was changed.")
            return _refusal(request, 422, "validation-error", why)
        if not isinstance(error, DataError):
            return None
        logger.warning("A value did not fit its column: %s", error)
        why = _("A value is too long or too large. Nothing was changed.")
        return _refusal(request, 422, "validation-error", why)


def _malformed(request: HttpRequest, why: str) -> HttpResponse:
    request.COOKIES = {}  # the page that says so looks nobody up by them
    # Nobody has been looked up yet: Person, which names the attribute, comes after.
    request.actor = None  # type: ignore[attr-defined]  # HttpRequest declares none of ours
    return _refusal(request, 400, "malformed-request", why)


def _is_office(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/")


def _holds_nul(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    if NUL in request.path or NUL in query or "%00" in query:
        return True
    if any(NUL in value for name, value in request.META.items() if name.startswith("HTTP_")):
        return True
    if any(NUL in value for value in request.COOKIES.values()):  # a quoted one may say \\000
        return True
    if request.method != "POST" or request.path.startswith("/api/"):
        return False
    # A form's names and values; its files are for their readers.
    return any(
        NUL in name or any(NUL in value for value in values)
        for name, values in request.POST.lists()
    )


def _holds_half(request: HttpRequest) -> bool:
    """Whether a security key's answer, which is JSON, escapes half a character: the page that shows it again is none.

    Its own text is base64 and ASCII.
    """
    if request.method != "POST" or not request.path.startswith("/accounts/"):
        return False
    return any(_HALF.search(value) for value in request.POST.getlist("credential"))


_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def _refusal(request: HttpRequest, status: int, code: str, why: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(status, code, why)
    return refused(request, why, status)
