"""Drills a backup: restores it where nobody works, and sees whether it could be worked with."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.conf import settings

from erp.backups.scratch import scratch
from erp.bounds import NO_JSON
from erp.embedded.engines import EngineFailed

LONGEST_S = 6 * 3600


class Report(msgspec.Struct):
    """What `manage.py restore --json` says at its end."""

    tables: int
    rows: int
    files: int
    sample: str
    wrong: list[str]


@dataclass(frozen=True)
class Drilled:
    """What came of a drill; `wrong` is "" where the backup could be worked with."""

    seconds: float
    report: Report | None
    wrong: str

    @property
    def said(self) -> str:
        """The outcome in one line."""
        if self.wrong or self.report is None:
            return self.wrong
        read = f", order {self.report.sample} read" if self.report.sample else ""
        return (
            f"{self.report.tables} tables with {self.report.rows} rows and {self.report.files} files restored,"
            f" every law holds{read}; {self.seconds:.0f} s."
        )


def drill(folder: Path) -> Drilled:
    """Restore a backup into a scratch database, effects paused; nothing of it is left behind.

    A process of its own does it, that knows no address but the scratch database's.
    """
    began = time.monotonic()
    try:
        with scratch(settings.DRILL_DATABASE_URL) as environment:
            environment["BACKUP_IDENTITY_FILE"] = settings.BACKUP_IDENTITY_FILE
            done = subprocess.run(
                [sys.executable, "manage.py", "restore", str(folder.resolve()), "--json"],
                cwd=settings.BASE_DIR,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=LONGEST_S,
            )
    except (EngineFailed, OSError, subprocess.TimeoutExpired) as failure:
        return Drilled(time.monotonic() - began, None, f"There is no scratch database: {failure}")
    except Exception as failure:  # of the server that DRILL_DATABASE_URL names
        return Drilled(time.monotonic() - began, None, f"The scratch database failed: {failure}")
    return _judged(done, time.monotonic() - began)


def _judged(done: subprocess.CompletedProcess[str], seconds: float) -> Drilled:
    last = (
        (done.stderr.strip() or "It said nothing.").splitlines()[-1].removeprefix("CommandError: ")
    )
    lines = done.stdout.strip().splitlines()
    try:
        report = msgspec.json.decode(lines[-1] if lines else "", type=Report)
    except NO_JSON:
        return Drilled(seconds, None, last)
    wrong = " ".join(report.wrong) or (last if done.returncode else "")
    return Drilled(seconds, report, wrong[:1000])
