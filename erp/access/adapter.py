"""Closes public sign-up: staff accounts are created by invitation only."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from erp.effects.door import effects_are_paused
from erp.once import perform
from erp.security.actions import record_security_event

logger = logging.getLogger(__name__)


class StaffAccounts(DefaultAccountAdapter):
    """Sign-in for staff: closed to the public."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Refuse whoever has tried too often, and write it down."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            perform(record_security_event, kind="sign_in_refused")
            raise

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Mail a person about their account; while effects are paused nothing is sent, and the page stands."""
        if template_prefix == "account/email/password_reset_key":
            facts = {"user": getattr(context.get("user"), "pk", None)}
            perform(record_security_event, kind="password_reset_asked", facts=facts)
        if effects_are_paused():
            logger.warning("An account mail was not sent: effects are paused.")
            return
        super().send_mail(template_prefix, email, context)
