"""Asks for a password again before a change of credentials, and stops whom the sign-in policy does not let go on.

It is asked for when a page with such a form is opened. A form that is sent later all the same does nothing, and nothing
of it is kept: allauth would keep its fields in the session, a database row, for as long as the session lasts.
"""

import time
from typing import TypedDict
from urllib.parse import urlencode, urlsplit, urlunsplit

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.signals import authentication_step_completed
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from erp.access.models import SignInPolicy
from erp.access.sign_in_policy import Obstacle, obstacle_of
from erp.client_address import client_address

LEAVES = ("/accounts/logout/", "/track/", "/static/")  # open to whom the policy stops
OPENS = ("GET", "HEAD")
NOTHING_DONE = "nothing_done"  # in a session: a form was sent that needed a password first
ENROLS = (*LEAVES, "/accounts/2fa/", "/accounts/reauthenticate/")


def stopped_by_policy(request: HttpRequest) -> HttpResponse | None:
    """Return what somebody gets whom the sign-in policy does not let go on; None for everybody else."""
    actor = getattr(request, "actor", None)
    if not actor or request.path.startswith(LEAVES):
        return None
    obstacle = obstacle_of(
        role=actor.role,
        address=client_address(request),
        has_second_factor=actor.has_second_factor,
        ways=frozenset(record["method"] for record in _records(request)),
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


def must_reauthenticate(request: HttpRequest, *, to_fill_in: bool = False) -> bool:
    """Whether somebody must enter their password again: it is longer ago than `REAUTHENTICATE_AFTER_S`.

    to_fill_in   they open a form: half of that time is theirs to fill it in

    Who has neither password nor second factor here (single sign-on alone) cannot, and need not.
    """
    latest = max((record["at"] for record in _records(request)), default=0.0)
    holds_for = app_settings.REAUTHENTICATION_TIMEOUT / (2 if to_fill_in else 1)
    if time.time() - latest < holds_for:
        return False
    return bool(get_reauthentication_flows(request.user))


def ask_to_reauthenticate(request: HttpRequest) -> HttpResponse:
    """Send somebody to enter their password, and back to where they were; what a form says is not kept."""
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


class Record(TypedDict):
    """How and when somebody authenticated in this session, as allauth notes it."""

    method: str
    at: float


def _records(request: HttpRequest) -> list[Record]:
    records: list[Record] = get_authentication_records(request, request.user)
    return records
