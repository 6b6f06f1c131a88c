"""What the merchant's review rules say of an order, which of them, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orders.decisions.conditions import Node, holds
from orders.decisions.reasons import reason

ENGINE = "rules/1"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is in force: its condition, checked; what it does; whether those after it still count.

    approve        doubtful findings do not hold the order
    hold           kind of the hold it opens, "" for none; `hold_minutes`: it ends by itself
    second_review  finance looks at it after everybody else (财审)
    """

    code: str
    version: int
    condition: Node
    priority: int = 100
    stop: bool = False
    approve: bool = False
    hold: str = ""
    hold_minutes: int = 0
    second_review: bool = False
    tags: tuple[str, ...] = ()
    flag: str = ""


@dataclass(slots=True)
class Ruled:
    """What all rules together do. `holds` are (kind, rule, minutes)."""

    approves: bool = False
    holds: list[tuple[str, str, int]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    flag: str = ""
    matched: list[tuple[str, int]] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)


def evaluate(rules: Sequence[Rule], facts: Mapping[str, Any]) -> Ruled:
    """Ask every rule, by priority and code, until one that matches says stop."""
    done = Ruled()
    for rule in sorted(rules, key=lambda r: (r.priority, r.code)):
        if not holds(rule.condition, facts):
            continue
        done.matched.append((rule.code, rule.version))
        done.reasons.append(reason("rule_matched", rule=rule.code, version=rule.version))
        done.approves = done.approves or rule.approve
        if rule.hold:
            done.holds.append((rule.hold, rule.code, rule.hold_minutes))
        if rule.second_review:
            done.holds.append(("finance", rule.code, 0))
        done.tags += [tag for tag in rule.tags if tag not in done.tags]
        done.flag = done.flag or rule.flag
        if rule.stop:
            done.reasons.append(reason("rule_stopped", rule=rule.code))
            break
    return done
