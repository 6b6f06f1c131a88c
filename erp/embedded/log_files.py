"""Keeps the log files of `manage.py up` small and PostgreSQL's without data, and writes the supervisor's lines."""

import json
import os
import shutil
import sys
import time
from io import BufferedWriter
from pathlib import Path

from erp.logs.lines import moment

MOST_BYTES = 20 * 1024 * 1024
KEPT = 5  # of each file, beside the one that is written
EVERY_S = 10.0

# A refused statement and the row that it would have written are whole orders, with names and phones.
LOG_NO_DATA = (
    "log_min_error_statement=panic",  # no STATEMENT beside an error
    "log_error_verbosity=terse",  # no DETAIL with the row, no CONTEXT with the query
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_min_duration_statement=-1",
    "log_statement=none",
)
_looked = {"at": float("-inf")}


def say(line: str) -> None:
    """Tell whoever sits at the terminal; elsewhere the same as a line of JSON."""
    if sys.stdout.isatty() or os.environ.get("LOG_FORMAT") == "text":
        print(line, flush=True)
        return
    said = {
        "time": moment(time.time()),
        "level": "info",
        "logger": "erp.embedded.up",
        "message": line.strip(),
    }
    print(json.dumps(said, ensure_ascii=False), flush=True)


def open_log(path: Path) -> BufferedWriter:
    """Open a log file to add to it; nobody else reads it, whatever it was before."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    return path.open("ab")


def rotate_all(directory: Path) -> None:
    """Rotate every log file of a data folder that has grown too large; looked at every ten seconds."""
    if time.monotonic() - _looked["at"] < EVERY_S:
        return
    _looked["at"] = time.monotonic()
    for path in (*directory.glob("*.log"), *directory.glob("logs/*.log")):
        rotate(path)


def rotate(path: Path, *, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> bool:
    """Move what a file holds to `name.1`, older ones one further; return whether it was too large.

    It is copied and emptied, since the process that writes it holds it open (for appending). What is written
    between the two is lost.
    """
    if path.stat().st_size <= most_bytes:
        return False
    for n in range(kept - 1, 0, -1):
        if (older := path.with_name(f"{path.name}.{n}")).exists():
            older.replace(path.with_name(f"{path.name}.{n + 1}"))
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    os.truncate(path, 0)
    return True
