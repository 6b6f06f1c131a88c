"""Runs `manage.py audit`: checks every invariant; exit 1 on any violation."""

import json
import sys

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from erp.audit.proof import prove


class Command(BaseCommand):
    help = "Prove every law of stock, orders and money. Exits 1 on any breach."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="one JSON document instead of lines"
        )

    def handle(self, **options: object) -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # One snapshot: work that goes on meanwhile cannot look like a breach.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
                # Sums over whole ledgers: in memory, and no time on compiling them.
                cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
            findings = prove()
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
