"""Replays stored decisions from their facts; exit 1 where an outcome differs."""

from django.core.management.base import BaseCommand, CommandParser

from orders.rehearsal.replay import replay


class Command(BaseCommand):
    help = "Decides again what was decided, and says where the answer differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--kind", action="append", help="rules, risk; may be given more than once"
        )

    def handle(self, *, kind: list[str] | None, **_options: object) -> None:
        found = replay(set(kind) if kind else None)
        for engine, count in sorted(found.agreed.items()):
            self.stdout.write(f"{engine}: {count:,} agree")
        for engine, count in sorted(found.others.items()):
            self.stdout.write(f"{engine}: {count:,} not replayed")
        if found.differing:
            shown = ", ".join(str(pk) for pk in found.differing[:20])
            self.stderr.write(f"{len(found.differing):,} differ: {shown}")
            raise SystemExit(1)
