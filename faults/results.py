"""Keeps what came of each fault in a file as soon as it is over, so that a long run can be stopped and gone on with."""

import json
import math
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from faults.availability import Availability
from faults.injections.fault import Fault
from faults.runs import Run
from faults.verdict import Verdict
from faults.world import HERE

FOLDER = HERE / ".faults"


class CannotResume(Exception):
    """There is nothing to go on with, or it was begun otherwise; the message says how."""


class Results:
    """A file of lines: how the run was begun, then a fault each. What failed is kept as well: going on washes nothing.

    asked   what makes runs comparable: the seconds and orders asked for, and the state of the product
    """

    def __init__(self, path: Path, asked: Mapping[str, Any]) -> None:
        self.path, self.asked = path, dict(asked)

    def begin(self) -> None:
        """Begin anew; what an earlier run left is kept beside it until the next begins."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            self.path.replace(self.path.with_suffix(".before.jsonl"))
        self._add({"asked": self.asked})

    def read(self, faults: Mapping[str, Fault]) -> list[Run]:
        """What came of the faults that were run. Raises CannotResume."""
        if not self.path.exists():
            raise CannotResume(f"There is no {self.path} to go on with.")
        head, *lines = _lines(self.path)
        if head.get("asked") != self.asked:
            raise CannotResume(f"It was begun with {head.get('asked')}, not with {self.asked}.")
        return [_run(line, faults) for line in lines if line["fault"] in faults]

    def keep(self, run: Run) -> None:
        """Add what came of a fault."""
        self._add(_line(run))

    def _add(self, line: Mapping[str, Any]) -> None:
        with self.path.open("a") as stream:
            stream.write(json.dumps(line) + "\n")


def file_of(names: Sequence[str]) -> Path:
    """Where results are kept of the faults that were named, or of all of them where none was."""
    return FOLDER / f"{'+'.join(names)[:100] or 'all'}.jsonl"


def state_of_product() -> str:
    """The commit that is run, with `+` where files differ from it; "" where git does not know."""
    commands = (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    try:
        said = [
            subprocess.run(["git", *c], cwd=HERE, capture_output=True, text=True, check=True).stdout
            for c in commands
        ]
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said[0].strip() + ("+" if said[1].strip() else "")


def _lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a file; one that was cut off when the run was stopped is left out."""
    found = []
    for text in path.read_text().splitlines():
        try:
            found.append(json.loads(text))
        except ValueError:
            continue
    return found or [{}]


def _line(run: Run) -> dict[str, Any]:
    return {
        "fault": run.fault.name,
        "seen": vars(run.seen) if run.seen else None,
        "verdict": vars(run.verdict) if run.verdict else None,
        "empty_s": run.empty_s if math.isfinite(run.empty_s) else None,
        "cannot": run.cannot,
        "wrong": run.wrong,
        "late": run.late,
        "took_s": run.took_s,
    }


def _run(line: Mapping[str, Any], faults: Mapping[str, Fault]) -> Run:
    seen, verdict, empty_s = line["seen"], line["verdict"], line["empty_s"]
    return Run(
        faults[line["fault"]],
        Availability(**seen) if seen else None,
        Verdict(**verdict) if verdict else None,
        math.inf if empty_s is None else empty_s,
        line["cannot"],
        line["wrong"],
        line["late"],
        line["took_s"],
    )
