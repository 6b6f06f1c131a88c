"""Words review rules: condition, effect and outcome for an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import ROLE_NAMES
from erp.shapes import Words
from orders.order.states import Flag, HoldKind
from orders.review.decisions.conditions import Test, decisive, holds
from orders.review.decisions.expressions import Expression
from orders.review.fields import FIELDS, NAMES, NUMBER
from orders.review.models import RuleRevision, SplitBy
from orders.review.rulebook import rules_of

WORDS = {
    "eq": gettext_lazy("is"),
    "ne": gettext_lazy("is not"),
    "lt": gettext_lazy("below"),
    "lte": gettext_lazy("at most"),
    "gt": gettext_lazy("above"),
    "gte": gettext_lazy("at least"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "starts": gettext_lazy("begins with"),
    "contains": gettext_lazy("contains"),
    "any": gettext_lazy("holds one of"),
    "none": gettext_lazy("holds none of"),
    "all": gettext_lazy("holds all of"),
    "is": gettext_lazy("is (yes or no)"),
}


def text_of(value: Any) -> str:
    """What a test compares with, as people write it."""
    if isinstance(value, list):
        return ", ".join(value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def sentence_of(tree: Any) -> str:
    """A condition as people read it."""
    if "cel" in tree:
        return str(tree["cel"])
    if "field" in tree:
        return (
            f"{_label(tree['field'])} {WORDS.get(tree['op'], tree['op'])} {text_of(tree['value'])}"
        )
    kind = next(iter(tree))
    parts = [sentence_of(part) for part in tree[kind]]
    if not parts:
        return _("Every order")
    if kind == "not":
        return _("none of: %(parts)s") % {"parts": "; ".join(parts)}
    joint = _(" and ") if kind == "all" else _(" or ")
    return joint.join(
        f"({p})" if ("all" in part or "any" in part) and len(parts) > 1 else p
        for p, part in zip(parts, tree[kind], strict=True)
    )


def _label(field: str) -> Words:
    """What a field is called; its name, where there is no such field any more."""
    return FIELDS[field].label if field in FIELDS else field


def does(revision: RuleRevision) -> list[str]:
    """What a version does, each thing in words."""
    found = []
    if revision.approve:
        found.append(_("approves uncertain findings"))
    if revision.hold:
        kind = dict(HoldKind.choices)[revision.hold]
        found.append(
            _("holds: %(kind)s") % {"kind": kind}
            if not revision.hold_minutes
            else _("holds for %(minutes)s minutes: %(kind)s")
            % {"kind": kind, "minutes": revision.hold_minutes}
        )
    if revision.second_review:
        found.append(_("needs finance approval"))
    if revision.tags:
        found.append(_("tags: %(tags)s") % {"tags": ", ".join(revision.tags)})
    if revision.flag:
        found.append(_("flags: %(flag)s") % {"flag": dict(Flag.choices)[revision.flag]})
    found += _sends(revision)
    if revision.stop:
        found.append(_("stops later rules"))
    return [str(text) for text in found]


def _sends(revision: RuleRevision) -> list[str]:
    """What a version does to the way of an order, and who hears of it."""
    found = []
    if revision.service:
        found.append(_("ships it by %(service)s") % {"service": revision.service})
    if revision.warehouse:
        found.append(_("ships it from %(warehouse)s") % {"warehouse": revision.warehouse})
    if revision.split:
        found.append(_("splits off: %(what)s") % {"what": dict(SplitBy.choices)[revision.split]})
    if revision.merge:
        found.append(_("merges with an open order of the customer"))
    if revision.gift:
        found.append(
            _("gives %(units)s × %(sku)s") % {"units": revision.gift_units, "sku": revision.gift}
        )
    if revision.carrier:
        found.append(_("ships with %(carrier)s") % {"carrier": revision.carrier})
    if revision.notify:
        found.append(
            _("alerts: %(role)s") % {"role": ROLE_NAMES.get(revision.notify, revision.notify)}
        )
    return found


@dataclass(frozen=True)
class Asked:
    """How one rule came out for an order: whether it applied, and the tests that made it so."""

    code: str
    version: int
    applied: bool
    because: list[str]
    asked: bool = True  # neither out of its dates nor after one that said stop


def trace(book_id: int, kept: Mapping[str, Any]) -> list[Asked]:
    """Every rule of a book asked once more, with the facts that were kept when the order was placed."""
    facts = asked_again(kept)
    found, stopped = [], False
    for rule in sorted(rules_of(book_id), key=lambda r: (r.priority, r.code)):
        if stopped or not rule.counts_at(facts.get("at")):
            why = (
                _("stopped by an earlier rule")
                if stopped
                else _("outside its validity period that day")
            )
            found.append(Asked(rule.code, rule.version, False, [why], asked=False))
            continue
        applied = holds(rule.condition, facts)
        because = [_came_out(test, facts) for test in decisive(rule.condition, facts)]
        found.append(Asked(rule.code, rule.version, applied, because))
        stopped = stopped or (applied and rule.stop)
    return found


def asked_again(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as rules ask them, from what JSON kept of them."""
    at = {"at": datetime.fromisoformat(kept["at"])} if "at" in kept else {}
    return at | {
        name: Decimal(str(kept[name]))
        if field.kind == NUMBER
        else set(kept[name])
        if field.kind == NAMES
        else kept[name]
        for name, field in FIELDS.items()
        if name in kept
    }


def _came_out(test: Test | Expression, facts: Mapping[str, Any]) -> str:
    if isinstance(test, Expression):
        said = _("it is true") if holds(test, facts) else _("it is not true")
        return f"{test.text}: {said}"
    said = facts[test.field]
    was = (
        text_of(sorted(said))
        if isinstance(said, set)
        else text_of(said)
        if isinstance(said, bool)
        else f"{said}"
    )
    value = text_of(list(test.value)) if isinstance(test.value, tuple) else text_of(test.value)
    return _("%(what)s %(how)s %(value)s: actual value %(was)s") % {
        "what": FIELDS[test.field].label,
        "how": WORDS[test.op],
        "value": value,
        "was": was or "–",
    }
