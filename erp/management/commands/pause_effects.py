"""Runs `manage.py pause_effects`: nothing is sent and nobody is asked until `resume_effects`."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from erp.access.queries import job_actor
from erp.backups.actions import pause_effects
from erp.once import perform


class Command(BaseCommand):
    help = "Let no mail, webhook or call leave this installation until resume_effects."

    def handle(self, **_options: object) -> None:
        paused = perform(pause_effects, by=job_actor("scheduler"), now=timezone.now())
        self.stdout.write("Effects are paused." if paused else "Effects were paused already.")
