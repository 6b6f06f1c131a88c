"""Runs `manage.py resume_effects`: lets a restored or paused installation send and ask again."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp.access.queries import job_actor
from erp.backups.actions import resume_effects
from erp.backups.queries import waiting_effects
from erp.once import perform


class Command(BaseCommand):
    help = "Let mails, webhooks and calls leave again. What waits leaves too: without --yes it is only counted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="let all of it leave")

    def handle(self, *, yes: bool, **_options: object) -> None:
        for name, count in waiting_effects():
            self.stdout.write(f"{count} {name} wait.")
        if not yes:
            raise CommandError(
                "Nothing was changed. The original may have sent some of it since the backup was made."
                " To let all of it leave, add --yes."
            )
        resumed = perform(resume_effects, by=job_actor("scheduler"), now=timezone.now())
        self.stdout.write("Effects run again." if resumed else "Effects were not paused.")
