"""Runs `python -m faults`: every fault or those that are named, or the search for a guard that was removed."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from faults import report
from faults.guards import GUARDS, not_missed
from faults.injections.table import BY_NAME, FAULTS
from faults.results import CannotResume, Results, file_of, state_of_product
from faults.runs import Run
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
    try:
        return _faults(names)
    except CannotResume as why:
        print(f"{why} Start anew, without RESUME.")
        return 2


def _faults(names: list[str]) -> int:
    """Run faults, all where none is named, and say what came of them; 1 where anything is wrong."""
    seconds = float(os.environ.get("LASTS") or "12")
    orders = int(os.environ.get("ORDERS") or "0")
    faults = [BY_NAME[name] for name in names] or FAULTS
    asked = {
        "faults": [fault.name for fault in faults],
        "seconds": seconds,
        "orders": orders,
        "commit": state_of_product(),
    }
    results = Results(file_of(names), asked)
    runs = results.read(BY_NAME) if os.environ.get("RESUME") else []
    if not runs:
        results.begin()
    report.show_head()
    for run in runs:
        report.show(run)
    try:
        run_all(
            faults,
            seconds=seconds,
            orders=orders,
            done=list(runs),
            tell=_teller(runs, results, len(faults)),
        )
    except (KeyboardInterrupt, SystemExit):
        print(f"Stopped after {len(runs)} of {len(faults)} faults; RESUME=1 goes on.", flush=True)
        raise
    finally:
        if out := os.environ.get("OUT"):
            report.write_table(runs, Path(out))
    report.show_summary(runs, orders)
    return 0 if report.is_proof(runs, orders) else 1


def _teller(runs: list[Run], results: Results, of: int) -> Callable[[Run], None]:
    """What is done with each run as soon as it is over: it is kept, and shown."""

    def tell(run: Run) -> None:
        runs.append(run)
        results.keep(run)
        report.show(run)
        if of > 1:
            report.show_progress(runs, of)

    return tell


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
