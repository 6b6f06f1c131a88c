"""Runs `manage.py replay_parked`: counts work that was given up, and has it done again."""

from collections.abc import Sequence

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp.access.queries import job_actor
from erp.backlogs import Backlog
from erp.once import perform
from erp.parked.actions import replay_parked
from erp.parked.jobs import replay_all
from erp.parked.queries import backlog_named, parked_counts


class Command(BaseCommand):
    help = "Count the work that was given up after all its tries; with a queue, have it done again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queue", nargs="?", default="", help="such as mail; none: only count")
        parser.add_argument("--id", type=int, action="append", default=[], help="this row alone")
        parser.add_argument("--all", action="store_true", help="every row of the queue")

    def handle(self, *, queue: str, id: Sequence[int], all: bool, **_options: object) -> None:
        if not queue:
            for name, count in parked_counts().items():
                self.stdout.write(f"{count:>8} {name}")
            return
        backlog = backlog_named(queue)
        if backlog is None:
            raise CommandError(f"There is no queue {queue}: {', '.join(parked_counts())}.")
        if bool(id) == all:
            raise CommandError("Name rows by --id, or say --all.")
        self.stdout.write(f"{_replay(backlog, id)} of {queue} will be done again.")


def _replay(backlog: Backlog, ids: Sequence[int]) -> int:
    """Replay the rows that were named, or all that are parked."""
    by = job_actor("scheduler")
    if not ids:
        return replay_all(backlog, by=by)
    return perform(replay_parked, queue=backlog.name, ids=ids, by=by, now=timezone.now())
