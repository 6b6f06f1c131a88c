"""Evaluates the merchant's review rules on an order, with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from erp.reasons import reason
from orders.review.decisions.conditions import Node, holds
from orders.review.fields import IS_PROVEN

ENGINE = "rules/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a rule does, by the names that its version, its form and the rule in force share.

    stop           those after it do not count
    approve        doubtful findings do not hold the order
    hold           kind of the hold it opens, "" for none
    second_review  finance looks at it after everybody else (财审)
    service        it is shipped by this service, whatever was chosen; what its customer pays stays
    warehouse      it is shipped from there, if all of it is there
    split          what goes its own way: short (units that wait for goods), warehouse (all but the main one's)
    merge          it joins an open order of its customer to the same place
    gift           SKU that comes along free, if it is there
    carrier        it goes with this carrier
    notify         role whose people are told
    """

    stop: bool = False
    approve: bool = False
    hold: str = ""
    second_review: bool = False
    flag: str = ""
    service: str = ""
    warehouse: str = ""
    split: str = ""
    merge: bool = False
    gift: str = ""
    carrier: str = ""
    notify: str = ""


def effects_of(said: object) -> dict[str, Any]:
    """What a rule does, by name, of whatever says it with these names."""
    return {one.name: getattr(said, one.name) for one in fields(Effects)}


@dataclass(frozen=True, slots=True)
class Rule(Effects):
    """A rule as it is in force: its condition, checked; what it does.

    hold_minutes         its hold ends by itself
    gift_units           how many of the gift
    starts_at, ends_at   it counts from the one moment and before the other, where they are given
    """

    code: str
    version: int
    condition: Node
    priority: int = 100
    hold_minutes: int = 0
    tags: tuple[str, ...] = ()
    gift_units: int = 1
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def counts_at(self, at: datetime | None) -> bool:
        """Whether it is in its dates. Facts that say no moment are older than rules with dates."""
        if at is None:
            return self.starts_at is None and self.ends_at is None
        return (self.starts_at is None or self.starts_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )


@dataclass(slots=True)
class Ruled:
    """What all rules together do.

    holds      (kind, rule, minutes)
    split, merge   the way, and the rule that wants it; gifts are (SKU, units, rule), notices (role, rule)
    """

    approves: bool = False
    holds: list[tuple[str, str, int]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    flag: str = ""
    service: str = ""
    warehouse: str = ""
    split: str = ""
    merge: str = ""
    carrier: str = ""
    gifts: list[tuple[str, int, str]] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    matched: list[tuple[str, int]] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)

    def outcome(self) -> dict[str, Any]:
        """What is kept of it with the decision, as JSON has it."""
        sent = {
            "service": self.service,
            "warehouse": self.warehouse,
            "split": self.split,
            "merge": self.merge,
            "carrier": self.carrier,
            "gifts": [list(gift) for gift in self.gifts],
            "notices": [list(one) for one in self.notices],
        }
        return {name: value for name, value in sent.items() if value} | {
            "matched": [list(pair) for pair in self.matched],
            "approves": self.approves,
            "holds": [list(hold) for hold in self.holds],
            "tags": list(self.tags),
            "flag": self.flag,
        }


def evaluate(rules: Sequence[Rule], facts: Mapping[str, Any]) -> Ruled:
    """Ask every rule in its dates, by priority and code, until one that matches says stop.

    facts   by the names of `fields.FIELDS`; "at", the moment of asking, beside them
    An order that only states the contact of a customer is held as theirs, and given what a stranger is given: whoever
    names a good customer skips no review by it, and has no gift. Facts that do not say are older than proofs.
    """
    known = _asked(rules, facts)
    if facts.get(IS_PROVEN, True) or all(facts.get(k) == v for k, v in A_STRANGER.items()):
        return known
    stranger = _asked(rules, {**facts, **A_STRANGER})
    return known if stranger == known else _given_to(stranger, known)


A_STRANGER: Mapping[str, Any] = {
    "customer_group": "",
    "customer_orders": 0,
    "customer_is_new": True,
}


def _given_to(stranger: Ruled, known: Ruled) -> Ruled:
    """What rules do of an order that is not proven to be somebody's: give a stranger's, hold and mark as either's."""
    given = replace(stranger, approves=stranger.approves and known.approves)
    for name in ("holds", "tags", "notices", "matched"):
        both = [*getattr(known, name), *getattr(stranger, name)]
        setattr(given, name, list(dict.fromkeys(both)))
    given.flag = known.flag or stranger.flag
    given.reasons = [r for r in known.reasons if r not in stranger.reasons] + stranger.reasons
    given.reasons.append(reason("ruled_as_a_stranger"))
    return given


def _asked(rules: Sequence[Rule], facts: Mapping[str, Any]) -> Ruled:
    done, at = Ruled(), facts.get("at")
    for rule in sorted(rules, key=lambda r: (r.priority, r.code)):
        if not rule.counts_at(at) or not holds(rule.condition, facts):
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
        done.service = done.service or rule.service
        done.warehouse = done.warehouse or rule.warehouse
        done.split = done.split or rule.split
        done.merge = done.merge or (rule.code if rule.merge else "")
        done.carrier = done.carrier or rule.carrier
        if rule.gift:
            done.gifts.append((rule.gift, rule.gift_units, rule.code))
        if rule.notify:
            done.notices.append((rule.notify, rule.code))
        if rule.stop:
            done.reasons.append(reason("rule_stopped", rule=rule.code))
            break
    return done


FOLLOWS = ("carrier", "split", "merge", "gifts", "notices")


SENT = ("service", "warehouse")


def follow_ups(outcome: Mapping[str, Any], last: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What is left to be done of a judgement once it is written, less what the last one said already.

    When an order is placed (last: None) its service and warehouse are as the rules want them at once.
    """
    names = FOLLOWS if last is None else (*SENT, *FOLLOWS)
    found: dict[str, Any] = {}
    for name in names:
        value, before = outcome.get(name), (last or {}).get(name)
        if isinstance(value, list):
            value = [one for one in value if one not in (before or [])]
        if value and value != before:
            found[name] = value
    return found


@dataclass(slots=True)
class Standing:
    """How an order stands with the rules before they are asked again.

    last       what the last judgement came to, as `Ruled.outcome` has it; {} before the first
    open       its open holds: (id, kind, code)
    doubtful   codes of what was noticed about it and is not certain
    """

    tags: set[str] = field(default_factory=set)
    flag: str = ""
    last: Mapping[str, Any] = field(default_factory=dict)
    open: list[tuple[int, str, str]] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Change:
    """What asking again leads to. `opens` are (kind, rule, minutes), `releases` (id, kind, code)."""

    differs: bool  # from the last judgement, in whatever it says
    opens: list[tuple[str, str, int]]
    releases: list[tuple[int, str, str]]
    tags: list[str]
    flag: str
    follows: dict[str, Any] = field(default_factory=dict)  # as `follow_ups` has it

    @property
    def acts(self) -> bool:
        """Whether anything happens to the order, beside that it is judged otherwise."""
        return bool(self.opens or self.releases or self.tags or self.flag or self.follows)


def change_of(ruled: Ruled, stands: Standing) -> Change:
    """What has to happen to an order, by what the rules say of it now and said last.

    Only what is new acts: a hold that a person released, a tag that somebody took away, does not come
    back because the rule still applies.
    """
    outcome, last = ruled.outcome(), stands.last
    before = {(kind, rule) for kind, rule, _minutes in last.get("holds", ())}
    now = {(kind, f"rule:{rule}") for kind, rule, _minutes in ruled.holds}
    releases = [
        hold
        for hold in stands.open
        if (hold[2].startswith("rule:") and (hold[1], hold[2]) not in now)
        or (ruled.approves and hold[2] in stands.doubtful)
    ]
    new_tags = [t for t in ruled.tags if t not in last.get("tags", ()) and t not in stands.tags]
    return Change(
        differs=outcome != (last or Ruled().outcome()),
        opens=[hold for hold in ruled.holds if (hold[0], hold[1]) not in before],
        releases=releases,
        tags=new_tags,
        flag=ruled.flag if ruled.flag != last.get("flag", "") and not stands.flag else "",
        follows=follow_ups(outcome, last),
    )
