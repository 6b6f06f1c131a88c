"""Asks for a password again before a change of credentials, and stops whom the sign-in policy does not let go on."""

import time
from typing import TypedDict

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    suspend_request,
)
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from erp.access.models import SignInPolicy
from erp.access.sign_in_policy import Obstacle, obstacle_of
from erp.client_address import client_address

LEAVES = ("/accounts/logout/", "/track/", "/static/")  # open to whom the policy stops
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


def must_reauthenticate(request: HttpRequest) -> bool:
    """Whether somebody must enter their password again: it is longer ago than `REAUTHENTICATE_AFTER_S`.

    Who has neither password nor second factor here (single sign-on alone) cannot, and need not.
    """
    latest = max((record["at"] for record in _records(request)), default=0.0)
    if time.time() - latest < app_settings.REAUTHENTICATION_TIMEOUT:
        return False
    return bool(get_reauthentication_flows(request.user))


def ask_to_reauthenticate(request: HttpRequest) -> HttpResponse:
    """Send somebody to enter their password; what they sent is done then."""
    asked: HttpResponse = suspend_request(request, reverse("account_reauthenticate"))
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(asked["Location"])
    return asked


class Record(TypedDict):
    """How and when somebody authenticated in this session, as allauth notes it."""

    method: str
    at: float


def _records(request: HttpRequest) -> list[Record]:
    records: list[Record] = get_authentication_records(request, request.user)
    return records
