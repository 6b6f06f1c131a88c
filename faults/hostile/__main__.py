"""Runs `make hostile`: every hostile file by every way that takes it, or those that are named."""

import signal
import sys

from faults.hostile import report
from faults.hostile.runs import run_all
from faults.hostile.table import FILES
from faults.hostile.ways import ways_of


def main() -> int:
    # Whoever ends us ends what we have started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted = " ".join(sys.argv[1:]).strip()
    if wanted == "list":
        for file in FILES:
            print(f"{file.title:44}{file.kind:12}{', '.join(way.name for way in ways_of(file))}")
        return 0
    chosen = [file for file in FILES if wanted in {"", file.title, file.kind}]
    if not chosen:
        print(f"There is no file or kind {wanted}; NAME=list names them.")
        return 2
    report.show_head()
    seen, wrong = run_all(chosen, report.show)
    report.show_summary(seen, wrong)
    return 0 if report.is_good(seen, wrong) else 1


if __name__ == "__main__":
    sys.exit(main())
