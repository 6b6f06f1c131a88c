"""Runs `manage.py audit`: checks every invariant; exit 1 on any violation."""

import json
import sys
from time import monotonic

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from erp.audit.actions import note_audit
from erp.audit.proof import prove_at_once
from erp.once import perform


class Command(BaseCommand):
    help = "Prove every law of stock, orders and money. Exits 1 on any breach."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="one JSON document instead of lines"
        )

    def handle(self, **options: object) -> None:
        began, now = monotonic(), timezone.now()
        findings = prove_at_once()
        perform(note_audit, findings=findings, seconds=monotonic() - began, now=now)
        broken = [f for f in findings if f.breaches]
        if options["json"]:
            laws = [
                {"code": f.law.code, "text": f.law.text, "breaches": f.breaches, "rows": f.rows}
                for f in findings
            ]
            self.stdout.write(json.dumps({"ok": not broken, "laws": laws}, default=str))
        else:
            for finding in findings:
                mark = "BROKEN" if finding.breaches else "holds "
                self.stdout.write(f"{mark} {finding.breaches:>7}  {finding.law.text}")
                for row in finding.rows:
                    self.stdout.write(f"                 {row}")
            self.stdout.write(
                f"{len(findings)} laws, {len(broken)} broken"
                if broken
                else f"{len(findings)} laws hold."
            )
        if broken:
            sys.exit(1)
