"""Signs people in by the company's identity provider: those who exist here already, known by their e-mail address."""

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from erp.access.models import User


class StaffSingleSignOn(DefaultSocialAccountAdapter):
    """Nobody becomes a person here by signing in elsewhere: an owner adds them, with their role, first."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Connect a first sign-in to the one person with that address, which the provider must have verified.

        Raises ImmediateHttpResponse, back to sign-in with the reason, where there is no such person.
        """
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


def _ask_to_reauthenticate(request: HttpRequest) -> None:
    """Have a password entered before an account elsewhere opens this one; allauth would keep its tokens meanwhile."""
    if is_reauthentication_required(request, app="allauth.socialaccount"):
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
