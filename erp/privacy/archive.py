"""Makes the file that a person is given: all that is kept of them, as JSON for programs and CSV for people."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from erp.jobs.cells import guarded
from erp.privacy.declarations import Table
from erp.privacy.person import Found
from erp.privacy.queries import exported, kept_by_law, rows_of

JSON, README = "personal-data.json", "README.txt"


def archive_of(person: Found, *, now: datetime) -> bytes:
    """A ZIP of all that is kept of a person: one JSON document, a CSV for each table, and what each is for."""
    found = [(table, list(rows_of(table, person))) for table in exported()]
    found = [(table, rows) for table, rows in found if rows]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(JSON, _document(found, person, now))
        archive.writestr(README, _readme(found, person))
        for table, rows in found:
            archive.writestr(f"{table.name}.csv", "\ufeff" + _sheet(rows))
    return file.getvalue()


def _document(
    found: Sequence[tuple[Table, list[dict[str, Any]]]], person: Found, now: datetime
) -> str:
    document = {
        "object": "personal_data",
        "customers": person["customers"],
        "made_at": now.isoformat(),
        "kept_by_law": [{"document": name, "until": until} for name, until in kept_by_law(person)],
        "tables": [
            {"table": table.name, "why": str(table.why), "rows": rows} for table, rows in found
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _readme(found: Sequence[tuple[Table, list[dict[str, Any]]]], person: Found) -> str:
    lines = [f"{table.name}.csv ({len(rows)}): {table.why}" for table, rows in found]
    lines += [f"{name}: {until}" for name, until in kept_by_law(person)]
    return "\n".join(lines) + "\n"


def _sheet(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    names = list(rows[0])
    writer.writerow(names)
    for row in rows:
        writer.writerow([guarded(_cell(row.get(name))) for name in names])
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
