"""Defines how apps declare their personal data: what is kept of whom, why, how long, and what an erasure does.

Each app declares its tables in `personal_data.py`; `erp.wiring.PERSONAL_DATA` names these modules, lowest first. Every
column of text, JSON or bytes is declared, as personal or as nobody's: a new one fails a test until somebody says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from django.apps import apps

from erp.shapes import Words
from erp.wiring import PERSONAL_DATA, resolve


class Of(StrEnum):
    """Whose data a table holds."""

    CUSTOMER = "customer"  # whoever bought, or wrote to us: exported and erased by customer
    STAFF = "staff"  # people who sign in: kept as long as what they did has to be traced
    SUPPLIER = "supplier"  # contacts of those we buy from


class Fate(StrEnum):
    """What an erasure does to a person's rows of a table."""

    DELETE = "delete"  # the rows go
    BLANK = "blank"  # the rows stay, their personal columns are emptied
    SCRUB = "scrub"  # append-only: the person's words are taken out by the owner's function, with a row about it
    KEEP = "keep"  # nothing: what is there is needed by law, or names nobody by itself


@dataclass(frozen=True)
class Table:
    """What one table holds of people.

    model      "orders.OrderAddress"
    why        why it is kept at all
    personal   columns that may name a person
    plain      columns of text that name nobody
    whose      SQL condition on `t` that finds a person's rows, by the sets of ids and words in `SETS`
    sets       further assignments of an erasure: column -> SQL
    unexported columns that are no information on the person: hashes, keys, search words
    """

    model: str
    why: Words
    personal: str
    whose: str = ""
    fate: Fate = Fate.BLANK
    of: Of = Of.CUSTOMER
    plain: str = ""
    sets: Mapping[str, str] = field(default_factory=dict)
    unexported: str = ""

    @property
    def name(self) -> str:
        """Its name in the database."""
        return str(apps.get_model(self.model)._meta.db_table)

    @property
    def key(self) -> str:
        """Its primary key's column."""
        return str(apps.get_model(self.model)._meta.pk.column)

    def column(self, name: str) -> Any:
        """One of its columns, as its model declares it."""
        return apps.get_model(self.model)._meta.get_field(name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The personal columns."""
        return tuple(self.personal.split())


@dataclass(frozen=True)
class Rule:
    """How long rows of one kind are kept.

    name       by which its setting is kept
    what       what it is about, and `does` what happens then
    age        SQL on `t`: since when a row is as old as it is; null while it is still needed
    only       SQL condition on `t`: of the old rows, those that may go
    walks      the column that rows are walked along, which an index begins with: the age itself, or an id that grows
               with it; see `erp.privacy.actions.retention`
    days       the default; `least` and `most` bound what a merchant may set (most 0: no bound)
    blanks     columns that are emptied; without any the rows are deleted
    function   of the database that forgets rows which only the owner may delete: (before, how many) -> how many
    why        who relies on it
    """

    name: str
    what: Words
    table: str
    age: str
    days: int
    least: int
    most: int = 0
    only: str = "true"
    walks: str = "id"
    blanks: Mapping[str, str] = field(default_factory=dict)
    function: str = ""
    why: Words = ""


@dataclass(frozen=True)
class Obstacle:
    """What an erasure waits for: SQL that names what is open of a person."""

    what: Words
    sql: str


@dataclass(frozen=True)
class Duty:
    """What the law has us keep of a person.

    rule   the rule of retention that says how long
    find   SQL that gives (label, since when)
    keep   SQL that puts aside what is kept, before the rest is erased
    """

    what: Words
    rule: str
    find: str
    keep: str


def _all(name: str) -> tuple[Any, ...]:
    return tuple(one for module in PERSONAL_DATA for one in getattr(resolve(module), name, ()))


@cache
def tables() -> tuple[Table, ...]:
    """Every table that holds personal data, in the order that an erasure goes through them."""
    return _all("TABLES")


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of retention, in order."""
    return _all("RULES")


def obstacles() -> tuple[Obstacle, ...]:
    """What an erasure waits for."""
    return _all("OBSTACLES")


def duties() -> tuple[Duty, ...]:
    """What the law has us keep."""
    return _all("DUTIES")


def locks() -> tuple[str, ...]:
    """SQL that locks what an erasure is about."""
    return _all("LOCKS")


def at_once() -> tuple[str, ...]:
    """SQL that is done in the transaction that begins an erasure."""
    return _all("AT_ONCE")


def sets() -> Sequence[tuple[str, str]]:
    """How the ids and words of a person are found: (name of the set, SQL), each may use those before it."""
    return _all("SETS")


@cache
def nobodys() -> Mapping[str, tuple[str, ...]]:
    """Columns of text that name nobody, by model, of tables that hold nothing personal at all."""
    found: dict[str, tuple[str, ...]] = {}
    for module in PERSONAL_DATA:
        for line in getattr(resolve(module), "NOBODYS", "").strip().splitlines():
            model, *columns = line.split()
            found[model] = tuple(columns)
    return found


@cache
def rule_named(name: str) -> Rule:
    """The rule of this name; raises StopIteration."""
    return next(rule for rule in rules() if rule.name == name)
