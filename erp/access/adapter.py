"""Signs staff in: no sign-up, one notion of a caller's address, and mails about accounts by a queue."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.access.account_mails import queue_account_mail
from erp.access.attempts import count_attempt, limits_of, remember_device, take_back
from erp.access.models import AccountMail, User
from erp.access.reauthentication import note_proof, proved_at_provider
from erp.access.sign_in_policy import is_allowed_from, own_policy
from erp.client_address import client_address
from erp.once import perform
from erp.security.actions import record_security_event
from erp.security.sign_in import record_sign_in

NOT_FROM_HERE = _("This company does not allow signing in from your network address.")
TOO_MANY = _(
    "Too many failed attempts to sign in. Try again later, or choose “Forgot your password?”: the link"
    " that is mailed to you lets you in at once."
)
# allauth's own notifications -> what we tell of
TOLD = {
    "account/email/password_changed": "password_changed",
    "account/email/password_reset": "password_changed",
    "account/email/password_set": "password_changed",
    "account/email/email_changed": "email_changed",
    "account/email/email_confirm": "email_changed",
    "account/email/email_deleted": "email_changed",
    "mfa/email/totp_activated": "second_factor_added",
    "mfa/email/webauthn_added": "second_factor_added",
    "mfa/email/totp_deactivated": "second_factor_removed",
    "mfa/email/webauthn_removed": "second_factor_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes_made",
    "socialaccount/email/account_connected": "sign_in_connected",
    "socialaccount/email/account_disconnected": "sign_in_disconnected",
}
# Of these no signal tells whose they are (erp/security/sign_in.py): they are recorded where they are told.
RECORDED = ("email_changed", "recovery_codes_made", "sign_in_connected", "sign_in_disconnected")


class StaffAccounts(DefaultAccountAdapter):
    """Sign-in for staff: closed to the public.

    Nothing here waits for a mail server, and no mail goes to an address that is not a person's own as it is kept.
    """

    error_messages = DefaultAccountAdapter.error_messages | {"too_many_login_attempts": TOO_MANY}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    # Attempts

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count an attempt before it is made. Raises ValidationError where there were too many."""
        self._limits = limits_of(
            request, str(credentials.get("email") or credentials.get("username") or "")
        )
        if not count_attempt(self._limits):
            perform(record_security_event, kind="sign_in_refused")
            raise self.validation_error("too_many_login_attempts")
        if not is_allowed_from(client_address(request), own_policy().allowed_networks):
            perform(record_security_event, kind="network_refused")
            raise ValidationError(NOT_FROM_HERE)  # before its password is looked at

    def _rollback_login_failed_rl_usage(self) -> None:
        take_back(self._limits)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: after a reset the device is known, and counts by itself."""

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **more: Any) -> HttpResponse:
        """Let somebody in, and know the device by them; keep when a provider says that it asked them who they are."""
        response: HttpResponse = super().post_login(request, user, **more)
        if login := (more.get("signal_kwargs") or {}).get("sociallogin"):
            note_proof(request, proved_at_provider(login.account.extra_data) or 0.0)
        if isinstance(user, User):
            remember_device(request, response, [user.username, user.email])
        return response

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, Any]]:
        """How somebody can prove who they are: at their provider where they have neither password nor second factor."""
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        elsewhere = {"id": "elsewhere", "url": reverse("reauthenticate_elsewhere")}
        return found or ([elsewhere] if user.is_authenticated else [])

    # Mails

    def send_password_reset_mail(
        self, user: AbstractBaseUser, email: str, context: dict[str, Any]
    ) -> None:
        """Leave a mail with a link waiting, to the address that is kept: what was typed may only look like it."""
        if isinstance(user, User):
            perform(record_security_event, kind="password_reset_asked", facts={"user": user.pk})
            queue_account_mail(user=user, kind=AccountMail.Kind.PASSWORD_RESET)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person that how they sign in has changed, at the address before the change where that is it."""
        kind = TOLD.get(template_prefix)
        if kind and isinstance(user, User):
            if kind in RECORDED:
                record_sign_in(kind, user)
            queue_account_mail(
                user=user,
                kind=kind,
                detail=str((context or {}).get("provider", "")),
                recipient=email or "",
                address=self.get_client_ip(self.request),
                device=self.get_http_user_agent(self.request)[:200],
            )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing else: an address that nobody here has gets no mail from us."""
