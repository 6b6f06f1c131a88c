"""Declares a list: columns, tabs, filters, bulk actions; reads what a URL asks of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Generic, Self, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import QueryDict
from msgspec import Struct

from erp.access.models import Actor
from erp.errors import Malformed, NotFound
from erp.lists.filters import ListFilter
from erp.shapes import Words
from erp.verbs import Bulk, FieldAsked, fields_of, noun_named, verbs_of
from erp.wiring import LISTS, resolve

PER_PAGE = 50


R = TypeVar("R", bound=Model)  # the rows of a list

FRAME = {"cursor", "sort"}  # parameters of every list


@dataclass(frozen=True)
class Lines(Generic[R]):
    """The lines of a row that one cell shows side by side; an export writes a row for each.

    heads   heading of each of a line's values, and whether it is a number
    of      the lines of a row, all of them, each as many values as there are heads
    """

    heads: Sequence[tuple[Words, bool]]
    of: Callable[[R], Sequence[Sequence[object]]]


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column: its heading, how a row's cell looks, and what of it is exported.

    value   what an export writes; without it the cell's text
    kind    what that is, where it is no text: "amount", "time", "day", "state"; `erp.web.columns` makes such columns
    currency   of an amount: an export has a column of it
    lines   what its cell says of several lines: an export has a row for each, and columns of what they say
    right   who may see it; without it, whoever sees the list
    second  (heading, value): what its cell says in a second line; an export has a column of it
    masked  (right, cell): how it looks, and is exported, for whoever lacks that right
    masked_value   what an export writes for them; without it the masked cell's text; `masked_lines` likewise
    extra   shown only to those who choose it
    """

    name: str
    label: Words
    cell: Callable[[R], Words | int]
    numeric: bool = False
    main: bool = False  # what names the row; it leads the card on a phone
    value: Callable[[R], object] | None = None
    kind: str = ""
    currency: Callable[[R], str] | None = None
    lines: Lines[R] | None = None
    right: str = ""
    extra: bool = False
    masked: tuple[str, Callable[[R], Words]] | None = None
    masked_value: Callable[[R], object] | None = None
    masked_lines: Lines[R] | None = None
    second: tuple[Words, Callable[[R], object]] | None = None

    def seen_by(self, actor: Actor) -> "Column[R]":
        """The column as somebody sees it."""
        if self.masked is None or self.masked[0] in actor.verbs:
            return self
        cell, value = self.masked[1], self.masked_value or self.masked[1]
        return replace(self, cell=cell, value=value, lines=self.masked_lines)

    def exported(self, row: R) -> object:
        return (self.value or self.cell)(row)


@dataclass(frozen=True)
class Tab:
    """A view that is always there: a name and the query it stands for."""

    label: Words
    query: str = ""


@dataclass(frozen=True)
class BulkField:
    """What a bulk action asks for: a text, or one of `choices`; `of` makes of it what the action takes."""

    name: str
    label: Words
    choices: Sequence[tuple[str, Words]] | Callable[[], Sequence[tuple[str, Words]]] = ()
    of: Callable[[str], object] = str
    is_optional: bool = False

    @property
    def options(self) -> Sequence[tuple[str, Words]]:
        """What can be chosen now."""
        return self.choices() if callable(self.choices) else self.choices

    @property
    def may_be_empty(self) -> bool:
        """Whether nothing is an answer as well."""
        return self.is_optional or "" in dict(self.options)


@dataclass(frozen=True)
class BulkVerb:
    """An action that can be done to many rows of a list, each in a transaction of its own.

    target   the action's argument that takes a row's primary key
    before   what is remembered of a row before it is done, and `undo`, the action that takes it back: it takes the
             target and what was `done`, a Done
    """

    name: str
    label: Words
    right: str
    action: Callable[..., object]
    target: str
    fields: Sequence[BulkField] = ()
    is_grave: bool = False
    before: Callable[..., Mapping[str, object]] | None = None
    undo: Callable[..., object] | None = None


@cache
def bulk_verbs(noun_name: str) -> tuple[BulkVerb, ...]:
    """The verbs of a noun that can be done to many rows, as lists take them."""
    target = noun_named(noun_name).argument
    return tuple(
        BulkVerb(
            verb.name,
            bulk.label or verb.label,
            verb.right,
            verb.action,
            target,
            tuple(_bulk_field(one) for one in _asked_in_bulk(verb.body, bulk)),
            is_grave=verb.is_grave,
            before=bulk.before,
            undo=bulk.undo,
        )
        for verb in verbs_of(noun_name)
        if (bulk := verb.bulk) is not None
    )


def _asked_in_bulk(body: type[Struct], bulk: Bulk) -> list[FieldAsked]:
    return [
        one for one in fields_of(body) if one.name in bulk.asks or (not bulk.asks and one.ask.label)
    ]


def _bulk_field(one: FieldAsked) -> BulkField:
    return BulkField(
        one.name,
        one.ask.label,
        partial(one.ask.options, None) if callable(one.ask.choices) else one.ask.choices,
        int if one.type is int else str,
        is_optional=one.is_optional,
    )


@dataclass(frozen=True)
class ListPage(Generic[R]):
    """What a list is, declared once.

    name     as erp.wiring.LISTS has it
    path     the page it is on
    right    who may see it
    rows     every row that an actor may see, with what the cells need of other tables
    order    field names, "-" for descending, the last one unique
    sorts    column name -> fields, ascending: what its heading sorts by; each needs an index
    names    the field that names a row
    find     where looking is costly: querysets to try in turn until a page is full, given
             (rows, asked, before, page, newest_first)
    correct  a mistyped search as it was probably meant, or ""; asked when nothing is found
    bulk     actions that can be done to many rows; those of the verbs of `noun` are added
    prepare  given the page's rows, fetches in few statements what their cells will touch
    """

    name: str
    path: str
    title: Words
    right: str
    rows: Callable[[Actor], QuerySet[R]]
    columns: Sequence[Column[R]]
    order: Sequence[str]
    names: str
    filters: type[ListFilter]
    sorts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tabs: Sequence[Tab] = ()
    bulk: Sequence[BulkVerb] = ()
    noun: str = ""
    search: Words = ""  # the search box's placeholder; none without
    find: Callable[..., Iterable[QuerySet[R]]] | None = None
    correct: Callable[[str], str] | None = None
    prepare: Callable[[list[R]], None] | None = None
    empty: Words = ""
    link: Callable[[R], str] | None = None
    create: tuple[str, object, str] | None = None  # address, label, right

    def order_of(self, asked: "Asked") -> Sequence[str]:
        """The fields that the rows are sorted by."""
        name = asked.sort.removeprefix("-")
        if not name:
            return self.order
        if name not in self.sorts:
            raise Malformed(f"sort: {name}")
        fields = self.sorts[name]
        return [_turned(f) for f in fields] if asked.sort.startswith("-") else list(fields)

    def columns_for(self, actor: Actor, chosen: Sequence[str] = ()) -> list[Column[R]]:
        """The columns that somebody sees: those they chose, of those they may see."""
        allowed = [c.seen_by(actor) for c in self.columns if not c.right or c.right in actor.verbs]
        return [c for c in allowed if (c.main or c.name in chosen if chosen else not c.extra)]

    def narrowed(self, actor: Actor, asked: "Asked") -> QuerySet[R]:
        """The rows that fulfil the filters, `find` apart. Raises Invalid."""
        return self.filters(asked.values, queryset=self.rows(actor)).narrowed()

    def everything(self, actor: Actor, asked: "Asked") -> QuerySet[R]:
        """All that a list shows on all its pages, as one queryset."""
        rows = self.narrowed(actor, asked)
        if self.find is None:
            return rows
        (found,) = self.find(rows, asked.values, newest_first=False)
        return found

    @property
    def verbs(self) -> Sequence[BulkVerb]:
        """What can be done to many of its rows."""
        return (*self.bulk, *(bulk_verbs(self.noun) if self.noun else ()))

    def verb(self, name: str) -> BulkVerb:
        for verb in self.verbs:
            if verb.name == name:
                return verb
        raise NotFound


@dataclass(frozen=True)
class Asked:
    """What an address asks a list for; several values of one filter joined by commas."""

    values: Mapping[str, str]
    sort: str = ""
    cursor: str = ""

    @classmethod
    def of(cls, page: ListPage[R], query: QueryDict | Mapping[str, str]) -> Self:
        """From a request's GET, or from a saved query. Unknown parameters are left out."""
        values = {}
        for name in page.filters.base_filters:
            many = query.getlist(name) if isinstance(query, QueryDict) else [query.get(name, "")]
            if text := ",".join(v.strip() for v in many if v.strip()):
                values[name] = text
        return cls(values, query.get("sort", ""), query.get("cursor", ""))

    def address(self, **changes: str) -> str:
        """The address that asks for the same, changed; it starts at the first page."""
        asked = {**self.values, "sort": self.sort, **changes}
        return "?" + urlencode({k: v for k, v in asked.items() if v})


def list_by_name(name: str) -> ListPage[Model]:
    """Return the list of this name; raises NotFound."""
    if name not in LISTS:
        raise NotFound
    found: ListPage[Model] = resolve(LISTS[name])
    return found


def _turned(field_name: str) -> str:
    return field_name[1:] if field_name.startswith("-") else f"-{field_name}"
