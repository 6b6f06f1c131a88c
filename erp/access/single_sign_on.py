"""Signs people in by the company's identity provider: those who exist here already, known by their e-mail address."""

import time
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from erp.access.models import User
from erp.access.reauthentication import must_reauthenticate, proved_at_provider

ASKED_AT = (
    "asked_at"  # in the state of a way to the provider and back, which only our server can write
)
# OpenID Connect Core 1.0, 3.1.2.1: ask them anew, whatever cookie they bring, and say when they signed in.
ANEW = {"prompt": "login", "max_age": "0"}


class StaffSingleSignOn(DefaultSocialAccountAdapter):
    """Nobody becomes a person here by signing in elsewhere: an owner adds them, with their role, first."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Connect a first sign-in to the one person with that address, which the provider must have verified.

        Raises ImmediateHttpResponse, back to sign-in with the reason, where there is no such person; where somebody
        was to prove who they are, back to where they are asked to.
        """
        asked_at = _asked_at(sociallogin.state)
        if asked_at is not None:
            _confirm(request, sociallogin, asked_at)
            return
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            _ask_to_reauthenticate(request)
        if sociallogin.is_existing:
            return
        person = _person_of(sociallogin.email_addresses)
        if person is None:
            messages.error(
                request,
                _(
                    "Nobody here has this account's verified e-mail address. Ask an owner to add you first."
                ),
            )
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, person)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: object,
        error: object = None,
        exception: object = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Bring whoever was to prove who they are, and was not let in there, back to where they are asked to."""
        state = (extra_context or {}).get("state") or {}
        if _asked_at(state) is not None:
            raise _not_confirmed(request, state, _("You did not sign in there. Try again."))


def provider_of(request: HttpRequest) -> OAuth2Provider | None:
    """The provider at which whoever is signed in has an account that is connected to this person."""
    theirs = SocialAccount.objects.filter(user=request.user).values_list("provider", flat=True)
    connected = set(theirs)
    for provider in get_adapter().list_providers(request):
        if isinstance(provider, OAuth2Provider) and provider.sub_id in connected:
            return provider
    return None


def send_to_sign_in_anew(
    request: HttpRequest, provider: OAuth2Provider, next_url: str
) -> HttpResponse:
    """Send somebody to their provider to sign in anew, and then on to `next_url`."""
    sent: HttpResponse = provider.redirect(
        request,
        process=AuthProcess.REDIRECT,
        next_url=next_url,
        data={ASKED_AT: time.time()},
        auth_params=provider.get_auth_params() | ANEW,
    )
    return sent


def _asked_at(state: dict[str, Any]) -> float | None:
    """When they were sent to sign in anew; None for every other way through the provider."""
    asked_at: float | None = (state.get("data") or {}).get(ASKED_AT)
    return asked_at


def _confirm(request: HttpRequest, login: SocialLogin, asked_at: float) -> None:
    """Note that whoever is signed in proved it; nobody is signed in or connected by this.

    Raises ImmediateHttpResponse where it is somebody else, or where the provider did not ask them.
    """
    person = request.user
    if not person.is_authenticated or login.user is None or login.user.pk != person.pk:
        said = _("That is another account than the one that you are signed in with here.")
        raise _not_confirmed(request, login.state, said)
    proved_at = proved_at_provider(login.account.extra_data, asked_at=asked_at)
    if proved_at is None:
        said = _("Your identity provider did not ask you to sign in again. Try again.")
        raise _not_confirmed(request, login.state, said)
    account = login.account
    record_authentication(
        request,
        person,
        "socialaccount",
        reauthenticated=True,
        provider=account.provider,
        uid=account.uid,
        proved_at=proved_at,
    )


def _not_confirmed(request: HttpRequest, state: dict[str, Any], said: str) -> ImmediateHttpResponse:
    messages.error(request, said)
    asked = urlencode({"next": state.get("next") or "/"})
    return ImmediateHttpResponse(redirect(f"{reverse('reauthenticate_elsewhere')}?{asked}"))


def _ask_to_reauthenticate(request: HttpRequest) -> None:
    """Have a password entered before an account elsewhere opens this one; allauth would keep its tokens meanwhile.

    allauth requires nothing of whoever has no password here.
    """
    if is_reauthentication_required(request, app="allauth.socialaccount") or (
        request.user.is_authenticated and must_reauthenticate(request)
    ):
        there, then = reverse("account_reauthenticate"), reverse("socialaccount_connections")
        raise ImmediateHttpResponse(redirect(f"{there}?next={then}"))


def _person_of(addresses: list[EmailAddress]) -> User | None:
    verified = [
        address.email for address in addresses if address.verified is True and address.email
    ]
    found: list[User] = []
    for email in verified:
        found += User.objects.filter(email__iexact=email, is_active=True)[:2]
    return found[0] if len({user.pk for user in found}) == 1 else None
