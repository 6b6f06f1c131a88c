"""Loads the active review rules once per version and keeps them compiled."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from orders.review.decisions.conditions import parse
from orders.review.decisions.rules import Rule, effects_of
from orders.review.models import RuleBook, RuleRevision


def compiled(revision: RuleRevision) -> Rule:
    """A revision as the decision asks it. Raises BadCondition."""
    return Rule(
        code=revision.rule.code,
        version=revision.version,
        condition=parse(revision.condition),
        priority=revision.priority,
        hold_minutes=revision.hold_minutes,
        tags=tuple(revision.tags),
        gift_units=revision.gift_units,
        starts_at=revision.starts_at,
        ends_at=revision.ends_at,
        **effects_of(revision),
    )


@lru_cache(maxsize=64)
def rules_of(book_id: int, at: datetime | None = None) -> tuple[Rule, ...]:
    """The rules of a book; 0 has none. Books never change: what was read of the one made at `at` holds for ever."""
    book = RuleBook.objects.filter(pk=book_id).first()
    if book is None:
        return ()
    rows = RuleRevision.objects.filter(pk__in=book.revisions).select_related("rule")
    return tuple(compiled(row) for row in rows.order_by("priority", "rule__code"))


def current() -> RuleBook | None:
    """The book in force."""
    return RuleBook.objects.order_by("-pk").first()


def plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as they are kept with a decision: what JSON can hold."""
    return {
        name: sorted(value)
        if isinstance(value, set | frozenset)
        else value
        if isinstance(value, bool | int | str)
        else value.isoformat()
        if isinstance(value, datetime)
        else str(value)
        for name, value in facts.items()
    }
