"""Prints what came of the faults: a row each, what is wrong below it, and one JSON object at the end."""

import json
from collections.abc import Sequence

from faults.runs import Run

HEAD = (
    f"{'fault':22}{'acked':>7}{'refused':>8}{'unknown':>8}{'lost':>6}{'doubled':>8}{'wrong':>6}"
    f"{'5xx':>6}{'dropped':>8}{'gap s':>7}{'empty s':>8}  verdict"
)
MOST_TOLD = 8


def show_head() -> None:
    print(HEAD, flush=True)


def show(run: Run) -> None:
    """Print a run's row, and what is wrong with it."""
    if run.cannot:
        print(f"{run.fault.name:22}not injected here: {run.cannot}", flush=True)
        return
    seen, verdict = run.seen, run.verdict
    if seen is None or verdict is None:
        print(f"{run.fault.name:22}{'FAILED'}")
    else:
        others = len(verdict.anomalies) + len(verdict.undelivered) + len(verdict.broken_laws)
        print(
            f"{run.fault.name:22}{seen.acknowledged:7}{seen.refused:8}{seen.unknown:8}"
            f"{len(verdict.lost):6}{len(verdict.doubled):8}{others:6}{seen.failed:6}{seen.dropped:8}"
            f"{seen.longest_gap_s:7.1f}{run.empty_s:8.1f}  {'good' if run.is_good else 'FAILED'}"
            f"{_by_status(seen.failed_by)}"
        )
    told = run.told()
    for text in told[:MOST_TOLD]:
        print(f"    {text[:600]}")
    if len(told) > MOST_TOLD:
        print(f"    … and {len(told) - MOST_TOLD} more", flush=True)


def _by_status(failed: dict[str, int]) -> str:
    others = {how: count for how, count in failed.items() if how != "503"}
    return f" {others}" if others else ""


def summary(runs: Sequence[Run]) -> dict[str, object]:
    """All runs in one document."""
    return {
        "ok": is_proof(runs),
        "faults": len([run for run in runs if not run.cannot]),
        "not_injected": {run.fault.name: run.cannot for run in runs if run.cannot},
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
    empty_s = round(run.empty_s, 1) if run.empty_s != float("inf") else None
    seen = vars(run.seen) | {"longest_gap_s": round(run.seen.longest_gap_s, 1)}
    return {"fault": run.fault.name, **seen, **counts, "empty_s": empty_s}


def is_proof(runs: Sequence[Run]) -> bool:
    """Whether faults were injected at all, and everything came out well."""
    return any(not run.cannot for run in runs) and all(run.is_good for run in runs)


def show_summary(runs: Sequence[Run]) -> None:
    print(json.dumps(summary(runs)), flush=True)
