"""Asks for a password again before a change of credentials, and stops whom the sign-in policy does not let go on.

It is asked for when a page with such a form is opened. A form that is sent later all the same does nothing, and nothing
of it is kept: allauth would keep its fields in the session, a database row, for as long as the session lasts.
"""

from urllib.parse import urlencode, urlsplit, urlunsplit

from allauth.account.signals import authentication_step_completed
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from erp.access.models import SignInPolicy
from erp.access.reauthentication import must_reauthenticate, records_of
from erp.access.sign_in_policy import Obstacle, obstacle_of
from erp.client_address import client_address

LEAVES = ("/accounts/logout/", "/track/", "/static/")  # open to whom the policy stops
OPENS = ("GET", "HEAD")
NOTHING_DONE = "nothing_done"  # in a session: a form was sent that needed a password first
ENROLS = (*LEAVES, "/accounts/2fa/", "/accounts/reauthenticate/")
# allauth's pages that add or take away a way to sign in, by name. It asks for no password where there is none, and for
# none before one is set: whoever found a session of single sign-on open gave it a password or a second factor of
# their own, confirmed by that who they are, and made keys.
CREDENTIALS = frozenset(
    {
        "account_set_password",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_remove_webauthn",
        "mfa_edit_webauthn",
        "socialaccount_connections",
    }
)


def stopped_by_policy(request: HttpRequest) -> HttpResponse | None:
    """Return what somebody gets whom the sign-in policy does not let go on; None for everybody else."""
    actor = getattr(request, "actor", None)
    if not actor or request.path.startswith(LEAVES):
        return None
    obstacle = obstacle_of(
        role=actor.role,
        address=client_address(request),
        has_second_factor=actor.has_second_factor,
        ways=frozenset(record["method"] for record in records_of(request)),
        policy=SignInPolicy(
            second_factor_roles=actor.second_factor_roles or [],
            allowed_networks=actor.allowed_networks or [],
        ),
    )
    if obstacle is Obstacle.ADDRESS:
        why = _("This company does not allow signing in from your network address.")
        return render(request, "web/stopped.html", {"why": why}, status=403)
    if obstacle is Obstacle.SECOND_FACTOR and not request.path.startswith(ENROLS):
        messages.warning(request, _("Your role needs a second factor: set one up to go on."))
        return redirect("mfa_index")
    return None


def changes_credentials_unproved(request: HttpRequest) -> bool:
    """Whether one of allauth's pages of credentials is asked for by somebody who must prove first who they are."""
    match = request.resolver_match
    if match is None or match.url_name not in CREDENTIALS or not request.user.is_authenticated:
        return False
    return must_reauthenticate(request, to_fill_in=request.method in OPENS)


def ask_to_reauthenticate(request: HttpRequest) -> HttpResponse:
    """Send somebody to prove who they are, and back to where they were; what a form says is not kept."""
    if request.method in OPENS:
        request.session.pop(NOTHING_DONE, None)
    else:
        request.session[NOTHING_DONE] = True
    there = reverse("account_reauthenticate")
    asked = f"{there}?{urlencode({'next': to_come_back_to(request)})}"
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(asked)
    return redirect(asked)


def say_to_enter_it_again(
    request: HttpRequest, *, reauthenticated: bool = False, **_rest: object
) -> None:
    """Tell whoever entered their password again that what they sent before was not done."""
    if reauthenticated and request.session.pop(NOTHING_DONE, False):
        said = _("Nothing was done yet, since your password was needed first. Enter it again.")
        messages.warning(request, said)


authentication_step_completed.connect(say_to_enter_it_again, dispatch_uid="enter it again")


def to_come_back_to(request: HttpRequest) -> str:
    """Where somebody goes on afterwards: the page that they asked for, or that they sent a form from."""
    if request.method in OPENS and not getattr(request, "htmx", False):
        return request.get_full_path()
    parts = urlsplit(where_from(request))
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def where_from(request: HttpRequest) -> str:
    """The page that a form was sent from, when it is one of ours."""
    came_from = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()})
    return came_from if ours else ""
