"""Removes guards of the product in a copy that runs beside it, to see that the verdict misses each."""

from collections.abc import Iterator, Sequence

from faults import report
from faults.injections.fault import OWN
from faults.injections.table import BY_NAME
from faults.runs import Run, run
from faults.sessions import world_of
from faults.world import Guard, NotWhole, World

CONSTRAINT = "stock_level_reserved_within_on_hand"
GUARDS = {
    guard.name: guard
    for guard in (
        Guard("once-row", "the idempotency row is not written"),
        Guard("commit", "one commit in thirty is a rollback, and nobody is told"),
        Guard("sent-is-done", "a webhook is done when it was sent, whatever is answered"),
        Guard("relay-forgets", "an event is done before it is acted on", "worker-killed"),
        Guard(
            "reservation-check",
            "stock is promised and reserved without a check",
            sql=f"ALTER TABLE inventory_stocklevel DROP CONSTRAINT {CONSTRAINT}",
            undo=f"ALTER TABLE inventory_stocklevel ADD CONSTRAINT {CONSTRAINT}"
            " CHECK (reserved <= on_hand) NOT VALID",
        ),
    )
}


def not_missed(guards: Sequence[Guard]) -> list[str]:
    """Run the product without each guard; the names of those of which the verdict did not find that they are gone."""
    report.show_head()
    waiting, names = list(guards), []
    while waiting:
        for guard, found in _in_one_world(waiting):
            names += [] if found else [guard.name]
            said = "found" if found else "NOT FOUND"
            print(f"without {guard.name} ({guard.what}): {said}\n", flush=True)
    return names


def _in_one_world(waiting: list[Guard]) -> Iterator[tuple[Guard, bool]]:
    """Try what waits, one after another, until the product does not come back."""
    with world_of(OWN) as world:
        while waiting:
            guard = waiting.pop(0)
            try:
                with world.running_without(guard):
                    one = _tried(world, guard)
            except NotWhole as trouble:
                print(f"    {trouble}")
                yield guard, False
                return
            yield guard, one.verdict is not None and not one.verdict.is_good
            if guard.sql:
                return  # what it broke stays broken, and would be found again without the next guard


def _tried(world: World, guard: Guard) -> Run:
    one = run(world, BY_NAME[guard.fault], seconds=10, orders=guard.orders)
    report.show(one)
    return one
