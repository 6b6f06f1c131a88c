"""Prints what came of the faults: a row each, what is wrong below it, a table, one JSON object at the end."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

from faults.limits import LIMITS, share_of
from faults.runs import Run

COLUMNS = (
    ("fault", 22),
    ("orders", 7),
    ("acked", 7),
    ("lost", 5),
    ("doubled", 8),
    ("wrong", 6),
    ("5xx", 5),
    ("share", 7),
    ("may", 5),
    ("dropped", 8),
    ("gap s", 6),
    ("may", 4),
    ("empty s", 8),
    ("may", 4),
    ("took s", 7),
)
MOST_TOLD = 8
LEGEND = """
`orders` were placed and acknowledged, `acked` is everything that changed something and was acknowledged.
`lost`, `doubled` and `wrong` (unexplained, undelivered, broken invariants) are to be 0. `share` of all tries were
answered by 5xx, `dropped` is the number of tries whose connection broke. `gap` is the longest time in which nothing
was acknowledged, `empty` the time until nothing of before the fault's end waited; beside each stands what the fault
may cost (`faults/limits.py`).
"""


def show_head() -> None:
    print("".join(_padded(name, width, n) for n, (name, width) in enumerate(COLUMNS)), flush=True)


def show(run: Run) -> None:
    """Print a run's row, and what is wrong with it."""
    if run.cannot:
        print(f"{run.fault.name:22}not injected here: {run.cannot}", flush=True)
        return
    widths = [width for _name, width in COLUMNS]
    cells = zip(cells_of(run), widths, strict=True)
    row = "".join(_padded(cell, width, n) for n, (cell, width) in enumerate(cells))
    print(f"{row}  {'good' if run.is_good else 'FAILED'}", flush=True)
    told = run.told()
    for text in told[:MOST_TOLD]:
        print(f"    {text[:600]}")
    if len(told) > MOST_TOLD:
        print(f"    … and {len(told) - MOST_TOLD} more", flush=True)


def show_progress(runs: Sequence[Run], of: int) -> None:
    """Print how far a run of many faults has come, and how long the rest takes if it goes on so."""
    took = sum(run.took_s for run in runs)
    left = took / len(runs) * (of - len(runs)) if runs else 0.0
    orders = sum(run.seen.orders for run in runs if run.seen)
    print(
        f"    {len(runs)} of {of} faults, {orders} orders, {took / 60:.0f} min; {left / 60:.0f} min more",
        flush=True,
    )


def cells_of(run: Run) -> list[str]:
    """A run's row, as text; what was not measured is a dash."""
    seen, verdict, limit = run.seen, run.verdict, LIMITS[run.fault.name]
    if seen is None or verdict is None:
        return [run.fault.name, *["–"] * (len(COLUMNS) - 2), f"{run.took_s:.0f}"]
    others = len(verdict.anomalies) + len(verdict.undelivered) + len(verdict.broken_laws)
    may_fail = share_of(limit.failing_s * run.fault.times, seen.lasted_s)
    return [
        run.fault.name,
        str(seen.orders),
        str(seen.acknowledged),
        str(len(verdict.lost)),
        str(len(verdict.doubled)),
        str(others),
        str(seen.failed),
        f"{seen.failed_share:.1%}",
        f"{may_fail:.0%}",
        str(seen.dropped),
        f"{seen.longest_gap_s:.1f}",
        f"{limit.gap_s:.0f}",
        f"{run.empty_s:.1f}" if math.isfinite(run.empty_s) else "never",
        f"{limit.waits_s:.0f}",
        f"{run.took_s:.0f}",
    ]


def table(runs: Sequence[Run]) -> str:
    """All runs as a table in Markdown, with a row of sums."""
    names = [name for name, _width in COLUMNS]
    rows = [[*names, "verdict"], ["---", *["---:"] * (len(names) - 1), "---"]]
    for run in runs:
        if run.cannot:
            rows.append([run.fault.name, *["–"] * (len(names) - 1), f"not injected: {run.cannot}"])
        else:
            rows.append([*cells_of(run), "good" if run.is_good else "; ".join(run.told()[:3])])
    rows.append(_sums(runs))
    lines = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    return "\n".join(["# Faults", LEGEND.strip("\n"), "", *lines, ""])


def _sums(runs: Sequence[Run]) -> list[str]:
    found = summary(runs)
    sums = {"fault": f"{found['faults']} faults", "orders": found["orders"]}
    sums |= {"acked": found["acknowledged"], "lost": found["lost"], "doubled": found["doubled"]}
    sums |= {"took s": f"{sum(run.took_s for run in runs):.0f}"}
    return [*(str(sums.get(name, "")) for name, _width in COLUMNS), "good" if found["ok"] else ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:300]


def _padded(cell: str, width: int, place: int) -> str:
    return f"{cell:>{width}}" if place else f"{cell:{width}}"


def write_table(runs: Sequence[Run], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table(runs))


def summary(runs: Sequence[Run], orders: int = 0) -> dict[str, object]:
    """All runs in one document.

    orders   how many were to be acknowledged in all
    """
    return {
        "ok": is_proof(runs, orders),
        "faults": len([run for run in runs if not run.cannot]),
        "not_injected": {run.fault.name: run.cannot for run in runs if run.cannot},
        "orders": orders_of(runs),
        "acknowledged": sum(run.seen.acknowledged for run in runs if run.seen),
        "lost": sum(len(run.verdict.lost) for run in runs if run.verdict),
        "doubled": sum(len(run.verdict.doubled) for run in runs if run.verdict),
        "failed": {run.fault.name: len(run.told()) for run in runs if not run.is_good},
        "runs": [_row(run) for run in runs if run.seen and run.verdict],
    }


def _row(run: Run) -> dict[str, object]:
    assert run.seen is not None
    assert run.verdict is not None
    counts = {kind: len(texts) for kind, texts in vars(run.verdict).items()}
    empty_s = round(run.empty_s, 1) if math.isfinite(run.empty_s) else None
    rounded = {
        name: round(value, 1) for name, value in vars(run.seen).items() if isinstance(value, float)
    }
    seen = vars(run.seen) | rounded
    return {"fault": run.fault.name, **seen, **counts, "late": run.late, "empty_s": empty_s}


def orders_of(runs: Sequence[Run]) -> int:
    """How many orders were acknowledged in all."""
    return sum(run.seen.orders for run in runs if run.seen)


def is_proof(runs: Sequence[Run], orders: int = 0) -> bool:
    """Whether faults were injected at all, everything came out well, and as many orders were placed as were to be."""
    injected = any(not run.cannot for run in runs)
    return injected and all(run.is_good for run in runs) and orders_of(runs) >= orders


def show_summary(runs: Sequence[Run], orders: int = 0) -> None:
    print(json.dumps(summary(runs, orders)), flush=True)
