"""Loads the signed-in person of a page request lazily, and stops whom the sign-in policy does not let go on."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from erp.access.queries import actor_of_user
from erp.web.sign_in import (
    ask_to_reauthenticate,
    changes_credentials_unproved,
    stopped_by_policy,
    to_come_back_to,
)
from erp.zone_names import is_zone
from erp.zones import sound_zone

# django-unfold runs Alpine, which needs eval; nothing of ours does (docs/adr/0005).
ADMIN_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)


class Person:
    """`request.actor`: the signed-in person's actor, in one statement, or None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def load() -> object:
            user = request.user  # None inside the API, which has actors of its own
            return actor_of_user(user.pk) if user and user.is_authenticated else None

        request.actor = SimpleLazyObject(load)  # type: ignore[attr-defined]
        stopped = None
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._suit(request)
            stopped = stopped_by_policy(request)
        try:
            response = stopped or self.get_response(request)
        finally:
            timezone.deactivate()  # threads serve one person after another
        # What staff and customers see of people is kept by no browser or proxy, on a shared computer least of all.
        response.headers.setdefault("Cache-Control", "private, no-store")
        if request.path.startswith(("/admin/", "/api/docs/")):
            response["Content-Security-Policy"] = ADMIN_POLICY
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: Sequence[object],
        kwargs: Mapping[str, object],
    ) -> HttpResponse | None:
        """Have somebody prove who they are before a page of allauth's that changes how they sign in."""
        return ask_to_reauthenticate(request) if changes_credentials_unproved(request) else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Ask for a password where allauth wants one, before it does so itself: it would keep what was sent."""
        if not isinstance(error, ReauthenticationRequired):
            return None
        if request.user.is_authenticated:
            return ask_to_reauthenticate(request)
        return redirect_to_login(to_come_back_to(request))

    def _suit(self, request: HttpRequest) -> None:
        """The person's own language and time zone, where they chose one."""
        user = request.user
        if not user.is_authenticated:
            return
        if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
        own = user.time_zone if is_zone(user.time_zone) else ""
        timezone.activate(own or company_zone(int(time.time() // 60)))


@lru_cache(maxsize=1)
def company_zone(minute: int) -> str:
    """The company's time zone, for whoever chose none; asked for once a minute and process."""
    return sound_zone("")
