"""Runs `manage.py resume_effects`: lets a restored or paused installation send and ask again."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp.access.queries import job_actor
from erp.backups.actions import NotErasedAgain, resume_effects
from erp.backups.queries import still_known, waiting_effects
from erp.once import perform


class Command(BaseCommand):
    help = "Let mails, webhooks and calls leave again. What waits leaves too: without --yes it is only counted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="let all of it leave")
        parser.add_argument(
            "--register",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="a further file of the register of erasures",
        )

    def handle(self, *, yes: bool, register: list[Path], **_options: object) -> None:
        for name, count in waiting_effects():
            self.stdout.write(f"{count} {name} wait.")
        known = still_known(*register)
        if known:
            self.stdout.write(f"{known} people have to be erased again.")
        if not yes:
            raise CommandError(
                "Nothing was changed. The original may have sent some of it since the backup was made."
                " To let all of it leave, add --yes."
            )
        try:
            resumed = perform(
                resume_effects,
                still_known=known,
                by=job_actor("scheduler"),
                now=timezone.now(),
            )
        except NotErasedAgain as refusal:
            raise CommandError(f"Nothing was changed. {refusal.detail}") from refusal
        self.stdout.write("Effects run again." if resumed else "Effects were not paused.")
