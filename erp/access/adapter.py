"""Closes public sign-up: staff accounts are created by invitation only."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from erp.effects.door import effects_are_paused

logger = logging.getLogger(__name__)


class StaffAccounts(DefaultAccountAdapter):
    """Sign-in for staff: closed to the public."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Mail a person about their account; while effects are paused nothing is sent, and the page stands."""
        if effects_are_paused():
            logger.warning("An account mail was not sent: effects are paused.")
            return
        super().send_mail(template_prefix, email, context)
