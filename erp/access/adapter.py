"""Closes public sign-up: staff accounts are created by invitation only."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):
    """Sign-in for staff: closed to the public."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
