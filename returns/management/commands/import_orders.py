"""Runs `manage.py import_orders`: imports past orders and returns from files."""

from json import dumps
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from erp.access.models import Channel
from erp.access.queries import job_actor
from erp.errors import DomainError
from erp.files import Unreadable
from erp.jobs.models import JobFinding
from erp.jobs.progress import Bar
from erp.management.arguments import channel_named
from orders.intake.files import jobs as files_jobs
from orders.intake.files.layouts import LAYOUTS, MissingColumns
from orders.intake.messages.wording import defect_text
from orders.models import OrderLayout
from returns.history.jobs import run_import

SHOWN = 20


class Command(BaseCommand):
    help = "Import orders and returns from CSV or XLSX: a file, a folder, or an archive of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--channel", required=True, metavar="CODE")
        parser.add_argument(
            "--layout",
            default="throughline",
            metavar="NAME",
            help=f"of the past: {', '.join(sorted(LAYOUTS))}. Of orders still to be served: one that was"
            " saved in the dashboard, or `auto`, which goes by the headings",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")
        parser.add_argument("--json", action="store_true", help="end with one line of figures")

    def handle(
        self,
        *,
        file: Path,
        channel: str,
        layout: str,
        dry_run: bool,
        json: bool,
        **_options: object,
    ) -> None:
        found = channel_named(channel)
        if layout not in LAYOUTS:
            self._take_in(found, file, layout, dry_run=dry_run, as_json=json)
            return
        bar = Bar("Importing", None)
        try:
            figures = run_import(
                file,
                channel=found,
                layout=LAYOUTS[layout],
                dry_run=dry_run,
                by=job_actor("importer"),
                advanced=bar.advance,
            )
        except (Unreadable, MissingColumns) as error:
            raise CommandError(str(error)) from error
        bar.finish()
        if json:
            self.stdout.write(dumps(figures))
            return
        self._report(figures)

    def _take_in(
        self, channel: Channel, file: Path, name: str, *, dry_run: bool, as_json: bool
    ) -> None:
        """Take in orders that are still to be served."""
        layout = OrderLayout.objects.filter(name=name).first()
        if layout is None and name != "auto":
            known = [*LAYOUTS, *OrderLayout.objects.values_list("name", flat=True), "auto"]
            raise CommandError(f"No layout {name!r}; there is: {', '.join(sorted(known))}.")
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        bar = Bar("Taking in", None)
        try:
            figures = files_jobs.run(
                file,
                channel=channel,
                layout=layout,
                dry_run=dry_run,
                by=job_actor("importer"),
                advanced=bar.advance,
            )
        except (Unreadable, DomainError) as error:
            raise CommandError(str(error)) from error
        bar.finish()
        findings = JobFinding.objects.filter(job_id=figures["job"]).order_by("pk")
        if as_json:
            accepted = figures["rows"] - figures["rejected"] - figures["already_known"]
            self.stdout.write(dumps({**figures, "accepted": accepted}))
            return
        for counted in ("rows", "orders", "already_known", "changed", "held", "rejected"):
            self.stdout.write(f"{counted.replace('_', ' '):>14} {figures[counted]:>10,}")
        for finding in findings:
            self.stdout.write(
                f"row {finding.row}: {defect_text(finding.code, finding.params)} ({finding.severity})"
            )

    def _report(self, figures: dict[str, Any]) -> None:
        for name in ("rows", "accepted", "already_known", "rejected"):
            self.stdout.write(f"{name.replace('_', ' '):>14} {figures[name]:>10,}")
        self.stdout.write(
            f"{figures['orders']:,} orders, {figures['returns']:,} returns"
            f" ({figures['flagged']:,} lines without a known purchase),"
            f" {figures['adjustments']:,} adjustments in {figures['seconds']} s"
        )
        findings = JobFinding.objects.filter(job_id=figures["job"]).order_by("pk")
        for finding in findings[:SHOWN]:
            self.stdout.write(
                f"{finding.file} row {finding.row}: {finding.code} {finding.params or ''}"
            )
