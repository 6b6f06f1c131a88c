"""Keeps the link by which a customer came in a cookie of its order's page: the address bar shows no signature.

Each order has a page and a cookie of its own, so that links opened in two tabs never meet.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

NAME, LASTS_S, LONGEST = "link", 24 * 3600, 1000


def page_of(room: str, number: str) -> str:
    """The path of an order's page. A number may come from an address: it is quoted, for it stands in a header."""
    return f"/{room}/{quote(number, safe='')}/"


def keep_link(path: str, said: Mapping[str, str]) -> HttpResponse:
    """Send a browser to an order's page, for which alone it keeps for a day what a link said.

    path   as `page_of` gives it
    """
    response = redirect(path)
    response.set_cookie(
        NAME,
        urlencode(said),
        max_age=LASTS_S,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def kept_link(request: HttpRequest) -> QueryDict:
    """What the link said by which a browser came to this page; a stranger may have made it up."""
    return QueryDict(request.COOKIES.get(NAME, "")[:LONGEST])


def forget_link(response: HttpResponse, path: str) -> HttpResponse:
    """Have a browser forget the link that it keeps for a page."""
    response.delete_cookie(NAME, path=path, samesite="Lax")
    return response
