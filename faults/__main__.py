"""Runs `python -m faults`: every fault or those that are named, or the search for a guard that was removed."""

import os
import signal
import sys

from faults import report
from faults.guards import GUARDS, not_missed
from faults.injections.table import BY_NAME, FAULTS
from faults.sessions import run_all


def main() -> int:
    # Whoever ends us ends what we have started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if guard := os.environ.get("GUARD", ""):
        return _guards(guard)
    names = [name for name in " ".join(sys.argv[1:]).replace(",", " ").split() if name]
    if names == ["list"]:
        for fault in FAULTS:
            print(f"{fault.name:22}{fault.what}")
        return 0
    if unknown := [name for name in names if name not in BY_NAME]:
        print(f"There is no fault {unknown[0]}; there are: {', '.join(BY_NAME)}.")
        return 2
    seconds = float(os.environ.get("LASTS") or "12")
    report.show_head()
    runs = run_all(
        [BY_NAME[name] for name in names] or FAULTS,
        seconds=seconds,
        orders=int(os.environ.get("ORDERS") or "0"),
        tell=report.show,
    )
    report.show_summary(runs)
    return 0 if report.is_proof(runs) else 1


def _guards(wanted: str) -> int:
    """Remove each guard, and see whether the verdict says so. 1 where one is not missed."""
    names = list(GUARDS) if wanted == "all" else wanted.replace(",", " ").split()
    if unknown := [name for name in names if name not in GUARDS]:
        print(f"There is no guard {unknown[0]}; there are: {', '.join(GUARDS)}, or all.")
        return 2
    missed = not_missed([GUARDS[name] for name in names])
    print(f"{len(names) - len(missed)} of {len(names)} removed guards were found.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
