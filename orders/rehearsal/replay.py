"""Replays decisions from their stored facts and compares the outcomes."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, TypeAlias, TypeVar

import msgspec

from erp.money import rounded, split
from orders.changes.decisions import amounts
from orders.order.models.timeline import Decision
from orders.pricing.decisions import prices
from orders.review.decisions import review
from orders.review.decisions import rules as decisions_rules
from orders.review.decisions.rules import Ruled
from orders.review.rule_wording import asked_again
from orders.review.rulebook import rules_of
from orders.risk import decisions as risk_decisions
from orders.routing.calendar import is_working_day
from orders.routing.decisions import carrier, promise, warehouse

PAGE = 1000


T = TypeVar("T")


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
        elif all(_same(value, decision.outcome.get(name)) for name, value in again.items()):
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


Kept: TypeAlias = Mapping[
    str, Any
]  # a decision's inputs, as JSON has them; each engine knows its own
Outcome: TypeAlias = dict[str, object]


def _priced(said: Kept, *, by_line: bool = False) -> Outcome:
    asked = said["asked"]
    if "charged" in asked:
        priced = prices.keep_charges(_as(prices.ChargedOrder, asked))
    else:
        priced = prices.price_order(
            _as(prices.OrderToPrice, asked), rounded=rounded, split=split, by_line=by_line
        )
    return {"shipping": priced.shipping, "tax": priced.tax, "total": priced.total}


def _routed(said: Kept) -> Outcome:
    route = warehouse.again(_as(warehouse.Asked, said["asked"]))
    return {"warehouses": route.warehouses, "short": route.short}


def _promised(said: Kept) -> Outcome:
    made = promise.promise(_as(promise.Asked, said["asked"]), is_working_day=is_working_day)
    return {
        "ship_by": made.ship_by.isoformat(),
        "deliver_from": made.deliver_from.isoformat(),
        "deliver_by": made.deliver_by.isoformat(),
    }


def _reviewed(said: Kept) -> Outcome:
    ruled = Ruled(**{"approves": False, "holds": []} | said.get("ruled", {}))
    ruled.holds = [(kind, rule, minutes) for kind, rule, minutes in ruled.holds]
    verdict = review.review(_as(review.OrderToReview, said["asked"]), ruled)
    if said.get("is_over"):
        verdict = review.as_over(verdict)
    return {"holds": [list(hold) for hold in verdict.holds], "status": verdict.status}


def _as(kind: type[T], said: object) -> T:
    """Facts as a decision takes them, of what JSON kept."""
    return msgspec.convert(said, kind, strict=False)


def _changed(said: Kept) -> Outcome:
    done = amounts.change(_as(amounts.Asked, said["asked"]), rounded=rounded)
    return {"total": done.total, "tax": done.tax, "shipping": done.shipping}


def _matched(said: Kept) -> Outcome:
    return {"carrier": carrier.match(_as(carrier.Asked, said["asked"])).carrier}


# Each gives the outcome's parts that the same facts must lead to again.
DECIDING: Mapping[str, Callable[[Kept], Outcome]] = {
    prices.ENGINE: _priced,
    "pricing/2": partial(_priced, by_line=True),
    warehouse.ENGINE: _routed,
    "routing/2": _routed,
    promise.ENGINE: _promised,
    "promise/2": _promised,
    review.ENGINE: _reviewed,
    amounts.ENGINE: _changed,
    carrier.ENGINE: _matched,
}


def _same(again: object, kept: object) -> bool:
    """Whether an outcome is the one that was kept: amounts were kept as text."""
    if isinstance(again, Decimal):
        try:
            return again == Decimal(str(kept))
        except InvalidOperation:
            return False
    return bool(again == kept)


def _again(decision: Decision) -> Outcome | None:
    """The outcome that the same facts lead to now; None where its engine or its facts are not there."""
    said = decision.inputs
    if decision.engine == decisions_rules.ENGINE:
        return decisions_rules.evaluate(
            rules_of(said["book"]), asked_again(said["facts"])
        ).outcome()
    if (deciding := DECIDING.get(decision.engine)) is not None and "asked" in said:
        return deciding(said)
    if decision.engine == risk_decisions.ENGINE:
        judged = risk_decisions.judge(
            risk_decisions.Scored(
                Decimal(said["score"]),
                said["recommendation"],
                said["hold_from"],
                said["decline_from"],
            )
        )
        return {"outcome": judged.outcome}
    return None
