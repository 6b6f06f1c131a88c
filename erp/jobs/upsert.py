"""Upserts many rows of master data: new rows are added, different ones changed."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model

from erp.files import weight_of

K = TypeVar("K", bound=Hashable)
M = TypeVar("M", bound=Model)


@dataclass
class Outcome:
    """What writing rows did: how many were new, changed, as they were; what was refused, by row.

    waiting   rows that wait for another person's approval: nothing has changed by them yet
    """

    created: int = 0
    changed: int = 0
    same: int = 0
    waiting: int = 0
    refused: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """A row of a file, understood; or why it was not."""

    file: str
    row: int
    raw: tuple[str, ...]
    values: Mapping[str, object] | None
    problem: str = ""

    @property
    def weight(self) -> int:
        return weight_of(self.raw)


@dataclass(frozen=True)
class Wish:
    """A row as it should be: its number in what was given, its key, its fields."""

    number: int
    key: Hashable
    values: Mapping[str, object]


@dataclass
class Plan(Generic[M]):
    """What is to be written to have every wish: new rows, changed rows and their fields."""

    fresh: list[M]
    changed: list[M]
    fields: set[str]
    outcome: Outcome


def planned(model: type[M], found: Mapping[K, M], wishes: Sequence[Wish]) -> Plan[M]:
    """Compare wishes with the rows there are, by key. Wrong values are refused, the rest goes on.

    A field that a wish does not name stays as it is; relations are taken as given.
    """
    relations = {f.name for f in model._meta.fields if f.is_relation}
    rows: dict[Hashable, M] = dict(found.items())
    plan: Plan[M] = Plan([], [], set(), Outcome())
    fresh: set[Hashable] = set()
    touched: set[Hashable] = set()
    for wish in wishes:
        row = rows.get(wish.key)
        is_new = row is None
        row = model() if row is None else row
        before = {name: getattr(row, name, None) for name in wish.values}
        differs = {name for name, value in wish.values.items() if before[name] != value}
        if not differs and not is_new:
            plan.outcome.same += 1
            continue
        for name, value in wish.values.items():
            setattr(row, name, value)
        try:
            row.clean_fields(exclude=relations)
            row.clean()
        except ValidationError as error:
            words = [f"{n}: {' '.join(texts)}" for n, texts in error.message_dict.items()]
            plan.outcome.refused[wish.number] = "; ".join(words)
            for name, value in before.items():
                if not is_new:
                    setattr(row, name, value)
            continue
        if is_new:
            rows[wish.key] = row
            fresh.add(wish.key)
            plan.outcome.created += 1
        else:
            plan.outcome.changed += 1
            if wish.key not in fresh:
                touched.add(wish.key)
                plan.fields |= differs
    plan.fresh = [rows[key] for key in rows if key in fresh]
    plan.changed = [rows[key] for key in rows if key in touched]
    return plan


def given(row: Mapping[str, object], *names: str) -> dict[str, object]:
    """Return the non-empty cells of a row; an empty one keeps the current value."""
    return {name: row[name] for name in names if row.get(name) is not None}
