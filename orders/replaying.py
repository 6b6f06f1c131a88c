"""Replaying decisions: what was decided, decided once more from what was kept; the answers must agree."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from orders.decisions import risk, rules
from orders.models import Decision
from orders.rule_words import asked_again
from orders.rulebook import rules_of

PAGE = 1000


@dataclass
class Replayed:
    """Decisions by how they came out. `differing` are ids; `others` were made by engines that are no more."""

    agreed: Counter[str] = field(default_factory=Counter)
    differing: list[int] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def replay(kinds: set[str] | None = None) -> Replayed:
    """Decide again every decision that was made by an engine that is there still."""
    found = Replayed()
    for decision in _decisions(kinds):
        again = _again(decision)
        if again is None:
            found.others[decision.engine] += 1
        elif again == {name: decision.outcome.get(name) for name in again}:
            found.agreed[decision.engine] += 1
        else:
            found.differing.append(decision.pk)
    return found


def _decisions(kinds: set[str] | None) -> Iterator[Decision]:
    last = 0
    while True:
        rows = Decision.objects.filter(pk__gt=last).order_by("pk")
        page = list((rows.filter(kind__in=kinds) if kinds else rows)[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1].pk


def _again(decision: Decision) -> dict[str, Any] | None:
    """The outcome that the same facts lead to now; None where its engine or its facts are not there."""
    said = decision.inputs
    if decision.engine == rules.ENGINE:
        ruled = rules.evaluate(rules_of(said["book"]), asked_again(said["facts"]))
        return {
            "matched": [list(pair) for pair in ruled.matched], "approves": ruled.approves,
            "holds": [list(hold) for hold in ruled.holds], "tags": ruled.tags, "flag": ruled.flag,
        }  # fmt: skip
    if decision.engine == risk.ENGINE:
        judged = risk.judge(
            risk.Scored(
                Decimal(said["score"]),
                said["recommendation"],
                said["hold_from"],
                said["decline_from"],
            )
        )
        return {"outcome": judged.outcome}
    return None
