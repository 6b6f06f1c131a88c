"""Removes a guard of the product in a copy that runs beside it, to see that the verdict finds it."""

import time

from faults import report
from faults.injections.table import BY_NAME
from faults.sessions import run_all
from faults.world import Guard

GUARDS = {
    guard.name: guard
    for guard in (
        Guard("once-row", "the idempotency row is not written"),
        Guard(
            "reservation-check",
            "stock is reserved without its check",
            seconds=20,
            sql="ALTER TABLE inventory_stocklevel DROP CONSTRAINT stock_level_reserved_within_on_hand",
        ),
        Guard("order-lock", "verbs do not lock their order", seconds=20),
        Guard("sent-is-done", "a webhook is done when it was sent, whatever is answered"),
        Guard("relay-forgets", "an event is done when it was leased", "worker-killed", 20),
        Guard("commit", "one commit in thirty is a rollback, and nobody is told"),
    )
}


def is_found(guard: Guard) -> bool:
    """Run the product without a guard; whether the verdict says that something is wrong."""
    began = time.monotonic()
    print(f"without {guard.name}: {guard.what}")
    report.show_head()
    runs = run_all([BY_NAME[guard.fault]], seconds=guard.seconds, without=guard, tell=report.show)
    found = any(run.verdict is not None and not run.verdict.is_good for run in runs)
    said = "found" if found else "NOT FOUND"
    print(f"{guard.name}: {said} after {time.monotonic() - began:.0f} s\n", flush=True)
    return found
