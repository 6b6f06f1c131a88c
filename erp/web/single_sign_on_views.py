"""Sends people to their identity provider: to sign in, and to prove anew who they are."""

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.providers.openid_connect import views
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from erp.access.single_sign_on import provider_of, send_to_sign_in_anew


def sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send somebody to a provider, to sign in or to connect their account there: allauth's view, by a page of ours."""
    return _by_a_page(request, views.login(request, provider_id=provider_id))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reauthenticate(request: HttpRequest) -> HttpResponse:
    """Send somebody to their provider to sign in anew; 403, with how to go on, where they have none."""
    there = "account/reauthenticate_elsewhere.html"
    provider, then = provider_of(request), get_next_redirect_url(request) or "/"
    if provider is None:
        return render(request, there, {"provider": None, "next": then}, status=403)
    if request.method == "POST":
        try:
            return _by_a_page(request, send_to_sign_in_anew(request, provider, then))
        except OSError:  # of a connection: it is asked first where to send them
            messages.error(request, _("Your identity provider does not answer. Try again later."))
    return render(request, there, {"provider": provider, "next": then})


def _by_a_page(request: HttpRequest, sent: HttpResponse) -> HttpResponse:
    """A page that goes on to where a redirect leads, which answered a form.

    Chromium holds the whole way of a form to `form-action` (CSP Level 3, 6.3.1), redirects of redirects included: the
    button to sign in by a provider did nothing there. Where the way goes on from there, only the provider knows.
    """
    if not 300 <= sent.status_code < 400:
        return sent
    return render(request, "account/going_on.html", {"there": sent["Location"]})
