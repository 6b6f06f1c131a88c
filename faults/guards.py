"""Removes guards of the product in a copy that runs beside it, to see that the verdict misses each, and says why."""

import re
from collections.abc import Iterator, Sequence

from faults import report
from faults.history import TOO_MUCH
from faults.injections.fault import OWN
from faults.injections.table import BY_NAME
from faults.load import MIX
from faults.runs import Run, run
from faults.sessions import world_of
from faults.verdict import Verdict
from faults.world import Guard, NotWhole, World

CONSTRAINT = "stock_level_reserved_within_on_hand"
PLACES = "line_units_are_in_one_place"
MEET = {"place": 14, "ship": 34, "cancel": 34, "pay": 12, "read": 6}  # on each other's orders
GUARDS = {
    guard.name: guard
    for guard in (
        Guard(
            "once-row",
            "the idempotency row is not written",
            (
                ("doubled", r"^(receive|adjust|pay) \w+ of .*: [2-9] times, ok"),
                ("anomalies", r"^(cancel|ship|pay|receive|adjust) .*a repeated call was answered"),
            ),
        ),
        Guard(
            "commit",
            "one commit in thirty is a rollback, and nobody is told",
            (("lost", r"^(place|bulk|pay|ship|receive|adjust) \w+ of order"),),
        ),
        Guard(
            "sent-is-done",
            "a webhook is done when it was sent, whatever is answered",
            (("undelivered", r"events never reached good"),),
        ),
        Guard(
            "relay-forgets",
            "an event is done before it is acted on",
            (("undelivered", r"is confirmed, and no warehouse knows of it"),),
            fault="worker-killed",
        ),
        Guard(
            "order-lock",
            "verbs read the order that they change, and lock nothing",
            (("anomalies", rf"^order \S+: {TOO_MUCH}"),),
            orders=60,
            mix=MEET,
            # The last to keep cancel and ship apart, where the lock does not.
            sql=f"ALTER TABLE orders_orderline DROP CONSTRAINT {PLACES}",
            undo=f"ALTER TABLE orders_orderline ADD CONSTRAINT {PLACES} CHECK (quantity_ordered >="
            " quantity_cancelled + quantity_reserved + quantity_backordered + quantity_shipped) NOT VALID",
        ),
        Guard(
            "reservation-check",
            "stock is promised and reserved without a check",
            (("anomalies", r"^SKU HOT\d: \d+ reserved of \d+ on hand"),),
            sql=f"ALTER TABLE inventory_stocklevel DROP CONSTRAINT {CONSTRAINT}",
            undo=f"ALTER TABLE inventory_stocklevel ADD CONSTRAINT {CONSTRAINT}"
            " CHECK (reserved <= on_hand) NOT VALID",
        ),
    )
}


def shown(guard: Guard, verdict: Verdict | None) -> list[str]:
    """The findings that the removal of this guard causes; others, whatever they are, do not show that it is gone."""
    if verdict is None:
        return []
    return [
        f"{kind}: {text}"
        for kind, pattern in guard.shows
        for text in getattr(verdict, kind)
        if re.search(pattern, text)
    ]


def why_missed(guard: Guard, with_it: Verdict | None, without_it: Verdict | None) -> str:
    """Why a guard's removal was not found; "" where it was, by what it causes and what is not there with the guard."""
    if with_it is None or without_it is None:
        return "a run came to no verdict"
    if same := shown(guard, with_it):
        return f"with the guard it looks the same: {same[0]}"
    if not shown(guard, without_it):
        others = without_it.told()
        return f"none of its findings{f', but others: {others[0]}' if others else ''}"
    return ""


def not_missed(guards: Sequence[Guard]) -> list[str]:
    """Run the product with and without each guard; the names of those whose removal the verdict did not find."""
    report.show_head()
    waiting, names = list(guards), []
    usual: dict[str, Verdict | None] = {}
    while waiting:
        for guard, why in _in_one_world(waiting, usual):
            names += [guard.name] if why else []
            said = f"NOT FOUND: {why}" if why else "found"
            print(f"without {guard.name} ({guard.what}): {said[:600]}\n", flush=True)
    return names


def _in_one_world(
    waiting: list[Guard], usual: dict[str, Verdict | None]
) -> Iterator[tuple[Guard, str]]:
    """Try what waits, one after another, until the product does not come back.

    usual   what was found with every guard in place, by what clients did and what struck
    """
    with world_of(OWN) as world:
        while waiting:
            guard = waiting.pop(0)
            alike = f"{guard.fault} {guard.mix}"
            try:
                if alike not in usual:
                    usual[alike] = _tried(world, guard).verdict
                with world.running_without(guard):
                    one = _tried(world, guard)
            except NotWhole as trouble:
                yield guard, str(trouble)
                return
            yield guard, why_missed(guard, usual[alike], one.verdict)
            if guard.sql:
                return  # what it broke stays broken, and would be found again without the next guard


def _tried(world: World, guard: Guard) -> Run:
    one = run(
        world,
        BY_NAME[guard.fault],
        seconds=10,
        orders=guard.orders,
        mix=guard.mix or MIX,
    )
    report.show(one)
    return one
