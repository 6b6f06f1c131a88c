"""Runs `manage.py pause_effects`: nothing is sent and nobody is asked until `resume_effects`."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp.access.queries import job_actor
from erp.backups.actions import pause_effects
from erp.once import perform


class Command(BaseCommand):
    help = "Let no mail, webhook or call leave this installation until resume_effects."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--recovered-to",
            metavar="TIME",
            help="this database was brought back to this moment: who was erased since is erased again first",
        )

    def handle(self, *, recovered_to: str | None, **_options: object) -> None:
        paused = perform(
            pause_effects,
            by=job_actor("scheduler"),
            now=timezone.now(),
            restored_of=_moment(recovered_to) if recovered_to else None,
        )
        self.stdout.write("Effects are paused." if paused else "Effects were paused already.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is no time; write 2026-11-29T14:05:00+08:00.") from error
    if moment.tzinfo is None:
        raise CommandError("Say the time zone: 2026-11-29T14:05:00+08:00, or end with Z.")
    return moment
