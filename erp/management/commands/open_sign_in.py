"""Runs `manage.py open_sign_in`: lifts the rules on networks and second factors, for whoever is shut out."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from erp.access.actions import change_sign_in_policy
from erp.access.queries import job_actor
from erp.once import perform


class Command(BaseCommand):
    help = "Let everybody sign in from anywhere, without a second factor, until Settings → Sign-in says otherwise."

    def handle(self, **_options: object) -> None:
        perform(
            change_sign_in_policy,
            second_factor_roles=[],
            allowed_networks=[],
            by=job_actor("scheduler"),
            now=timezone.now(),
        )
        self.stdout.write("People may sign in from anywhere, and no role needs a second factor.")
