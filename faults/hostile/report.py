"""Prints what came of hostile files: a row for each way of each, what was missed below it, and a summary."""

import json
from collections.abc import Sequence

from faults.hostile.verdict import Seen, misses

HEAD = (
    f"{'file':44}{'way':12}{'status':>7}{'outcome':>9}{'tries':>6}{'s':>7}{'MB web':>8}{'worker':>8}{'reader':>8}"
    f"{'late s':>8}  verdict"
)


def show_head() -> None:
    print(HEAD, flush=True)


def show(seen: Seen) -> None:
    """Print a file's row of one way, and what was missed."""
    workers = max(seen.peaks.get("worker", 0.0), seen.peaks.get("slow-worker", 0.0))
    missed = misses(seen)
    print(
        f"{seen.title[:43]:44}{seen.way:12}{seen.status:7}{seen.outcome:>9}{seen.tries:6}{seen.seconds:7.1f}"
        f"{seen.peaks.get('web', 0.0):8.0f}{workers:8.0f}{seen.peaks.get('reader', 0.0):8.0f}"
        f"{max(seen.late.values(), default=0.0):8.1f}  {'FAILED' if missed else seen.reason[:70] or 'good'}",
        flush=True,
    )
    for text in missed:
        print(f"    {text}", flush=True)
    if missed and seen.reason:
        print(f"    {seen.reason[:300]}", flush=True)


def summary(seen: Sequence[Seen], wrong: Sequence[str]) -> dict[str, object]:
    """All of them in one document."""
    failed = {f"{one.title} by {one.way}": misses(one) for one in seen if misses(one)}
    peaks: dict[str, float] = {}
    for one in seen:
        for part, mb in one.peaks.items():
            peaks[part] = max(peaks.get(part, 0.0), round(mb))
    late = {
        what: round(max((one.late.get(what, 0.0) for one in seen), default=0.0), 1)
        for what in ("order", "event", "tick")
    }
    return {
        "ok": is_good(seen, wrong),
        "files": len({one.title for one in seen}),
        "sent": len(seen),
        "deaths": sum(len(one.deaths) for one in seen),
        "outcomes": {
            o: sum(one.outcome == o for one in seen) for o in sorted({s.outcome for s in seen})
        },
        "slowest_s": round(max((one.seconds for one in seen), default=0.0), 1),
        "most_tries": max((one.tries for one in seen), default=0),
        "peaks_mb": peaks,
        "late_s": late,
        "wrong": list(wrong),
        "failed": failed,
    }


def is_good(seen: Sequence[Seen], wrong: Sequence[str]) -> bool:
    """Whether files were sent at all, and everything that is promised held."""
    return bool(seen) and not wrong and not any(misses(one) for one in seen)


def show_summary(seen: Sequence[Seen], wrong: Sequence[str]) -> None:
    """Print what is wrong with the whole, and all in one line."""
    for text in wrong:
        print(f"afterwards: {text}")
    print(json.dumps(summary(seen, wrong), ensure_ascii=False), flush=True)
