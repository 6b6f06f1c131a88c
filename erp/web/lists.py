"""The one list engine: a list is declared once, and everything that lists can do follows.

Columns, filters and views live in the address; pages go by keyset, without a count; rows can be
selected, acted on in bulk and exported, both as jobs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from erp.access.models import Actor
from erp.api.keyset import decode_cursor, encode_cursor, first_full_page
from erp.errors import Malformed, NotFound
from erp.web.filters import FilterField, ListFilter, fields_of
from erp.web.models import ListLayout, SavedView
from erp.web.pages import StaffRequest
from erp.wiring import LISTS, resolve

PER_PAGE = 50
FRAME = {"cursor", "sort"}  # parameters of every list


@dataclass(frozen=True)
class Column:
    """One column: its heading, how a row's cell looks, and what of it is exported.

    value   what an export writes; without it the cell's text
    right   who may see it; without it, whoever sees the list
    masked  (right, cell): how it looks, and is exported, for whoever lacks that right
    extra   shown only to those who choose it
    """

    name: str
    label: Any
    cell: Callable[[Any], SafeString | str | int]
    numeric: bool = False
    main: bool = False  # what names the row; it leads the card on a phone
    value: Callable[[Any], Any] | None = None
    right: str = ""
    extra: bool = False
    masked: tuple[str, Callable[[Any], SafeString | str]] | None = None

    def seen_by(self, actor: Actor) -> "Column":
        """The column as somebody sees it."""
        if self.masked is None or self.masked[0] in actor.verbs:
            return self
        return replace(self, cell=self.masked[1], value=self.masked[1])

    def exported(self, row: Any) -> Any:
        return (self.value or self.cell)(row)


@dataclass(frozen=True)
class Tab:
    """A view that is always there: a name and the query it stands for."""

    label: Any
    query: str = ""


@dataclass(frozen=True)
class BulkField:
    """What a bulk action asks for: a text, or one of `choices`; `of` makes of it what the action takes."""

    name: str
    label: Any
    choices: Sequence[tuple[str, Any]] = ()
    of: Callable[[str], Any] = str
    is_optional: bool = False

    @property
    def may_be_empty(self) -> bool:
        """Whether nothing is an answer as well."""
        return self.is_optional or "" in dict(self.choices)


@dataclass(frozen=True)
class BulkVerb:
    """An action that can be done to many rows of a list, each in a transaction of its own.

    target   the action's argument that takes a row's primary key
    before   what is remembered of a row before it is done, and `undo`, the action that takes it back: it takes the
             target, `before` and the `arguments` of what it undoes
    """

    name: str
    label: Any
    right: str
    action: Callable[..., Any]
    target: str
    fields: Sequence[BulkField] = ()
    is_grave: bool = False
    before: Callable[..., dict[str, Any]] | None = None
    undo: Callable[..., Any] | None = None


@dataclass(frozen=True)
class ListPage:
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
    prepare  given the page's rows, fetches in few statements what their cells will touch
    """

    name: str
    path: str
    title: Any
    right: str
    rows: Callable[[Actor], QuerySet[Any]]
    columns: Sequence[Column]
    order: Sequence[str]
    names: str
    filters: type[ListFilter]
    sorts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tabs: Sequence[Tab] = ()
    bulk: Sequence[BulkVerb] = ()
    search: Any = ""  # the search box's placeholder; none without
    find: Callable[..., Iterable[QuerySet[Any]]] | None = None
    correct: Callable[[str], str] | None = None
    prepare: Callable[[list[Any]], None] | None = None
    empty: Any = ""
    link: Callable[[Any], str] | None = None
    create: tuple[str, Any, str] | None = None  # address, label, right
    beside: Sequence[tuple[str, Any]] = ()  # (address, label) of pages that belong to it

    def order_of(self, asked: "Asked") -> Sequence[str]:
        """The fields that the rows are sorted by."""
        name = asked.sort.removeprefix("-")
        if not name:
            return self.order
        if name not in self.sorts:
            raise Malformed(f"sort: {name}")
        fields = self.sorts[name]
        return [_turned(f) for f in fields] if asked.sort.startswith("-") else list(fields)

    def columns_for(self, actor: Actor, chosen: Sequence[str] = ()) -> list[Column]:
        """The columns that somebody sees: those they chose, of those they may see."""
        allowed = [c.seen_by(actor) for c in self.columns if not c.right or c.right in actor.verbs]
        return [c for c in allowed if (c.main or c.name in chosen if chosen else not c.extra)]

    def narrowed(self, actor: Actor, asked: "Asked") -> QuerySet[Any]:
        """The rows that fulfil the filters, `find` apart. Raises Invalid."""
        return self.filters(asked.values, queryset=self.rows(actor)).narrowed()

    def everything(self, actor: Actor, asked: "Asked") -> QuerySet[Any]:
        """All that a list shows on all its pages, as one queryset."""
        rows = self.narrowed(actor, asked)
        if self.find is None:
            return rows
        (found,) = self.find(rows, asked.values, newest_first=False)
        return found

    def verb(self, name: str) -> BulkVerb:
        for verb in self.bulk:
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
    def of(cls, page: ListPage, query: Mapping[str, Any]) -> Self:
        """From a request's GET, or from a saved query. Unknown parameters are left out."""
        values = {}
        for name in page.filters.base_filters:
            many = query.getlist(name) if hasattr(query, "getlist") else [query.get(name, "")]
            if text := ",".join(v.strip() for v in many if v.strip()):
                values[name] = text
        return cls(values, query.get("sort", ""), query.get("cursor", ""))

    def address(self, **changes: str) -> str:
        """The address that asks for the same, changed; it starts at the first page."""
        asked = {**self.values, "sort": self.sort, **changes}
        return "?" + urlencode({k: v for k, v in asked.items() if v})


def list_by_name(name: str) -> ListPage:
    """The list of this name; raises NotFound."""
    if name not in LISTS:
        raise NotFound
    return resolve(LISTS[name])


def _turned(field_name: str) -> str:
    return field_name[1:] if field_name.startswith("-") else f"-{field_name}"


def show_list(request: StaffRequest, page: ListPage, **context: Any) -> HttpResponse:
    """Render one page of a list: a fixed number of statements, whatever the rows."""
    actor = request.actor
    asked = Asked.of(page, request.GET)
    order = page.order_of(asked)
    before = decode_cursor(asked.cursor, len(order)) if asked.cursor else []
    filters = page.filters(asked.values, queryset=page.rows(actor))
    rows = filters.narrowed()
    ways: Iterable[QuerySet[Any]] = [rows]
    if page.find:
        ways = page.find(
            rows,
            asked.values,
            before=before,
            page=PER_PAGE + 1,
            newest_first=tuple(order) == tuple(page.order),
        )
    found = first_full_page(ways, order, before, PER_PAGE)
    meant = ""
    if not found and page.correct and asked.values.get("q") and not asked.cursor:
        meant = page.correct(asked.values["q"])
        if meant:
            asked = replace(asked, values={**asked.values, "q": meant})
            ways = page.find(rows, asked.values, page=PER_PAGE + 1) if page.find else [rows]
            found = first_full_page(ways, order, before, PER_PAGE)
    has_more, found = len(found) > PER_PAGE, found[:PER_PAGE]
    if page.prepare:
        page.prepare(found)
    layout = ListLayout.objects.filter(by=actor, list=page.name).first()
    chosen = layout.columns if layout else []
    columns = page.columns_for(actor, chosen)
    fields = fields_of(filters, asked.values)
    openings = [_opening(column) for column in columns]
    return render(
        request,
        "components/list_page.html",
        {
            "page": page,
            "asked": asked,
            "heads": [_head(page, asked, column) for column in columns],
            "table": [
                {
                    "id": row.pk,
                    "name": _named(row, page.names),
                    "cells": _cells(row, columns, openings, page.link(row) if page.link else ""),
                }
                for row in found
            ],
            "tabs": _tabs(page, asked, actor),
            "filters": [f for f in fields if f.name != "q"],
            "chips": _chips(fields, asked),
            "older": f"{asked.address()}&cursor={encode_cursor(order, found[-1])}"
            if has_more
            else "",
            "newest": asked.address() if asked.cursor else "",
            "choices": [
                (c, c in columns) for c in page.columns_for(actor, [c.name for c in page.columns])
            ],
            "verbs": [verb for verb in page.bulk if verb.right in actor.verbs],
            "query": asked.address().removeprefix("?"),
            "meant": meant if found else "",
            "create": page.create if page.create and page.create[2] in actor.verbs else None,
            **context,
        },
    )


def _opening(column: Column) -> str:
    """How a column's cells begin; on a phone a figure says what it is."""
    if column.numeric:
        return f'<td class="numeric" data-label="{conditional_escape(column.label)}">'
    return '<td class="first">' if column.main else "<td>"


def _cells(row: Any, columns: Sequence[Column], openings: Sequence[str], link: str) -> SafeString:
    """A row's cells. Written here, not in the template: it halves the time a page takes."""
    parts = []
    for column, opening in zip(columns, openings, strict=True):
        cell: str = conditional_escape(column.cell(row))  # type: ignore[arg-type]
        if column.main and link:
            cell = f'<a class="main" href="{conditional_escape(link)}">{cell}</a>'
        parts.append(f"{opening}{cell}</td>")
    return mark_safe("".join(parts))  # every part is escaped above


def _named(row: Any, path: str) -> str:
    for part in path.split("__"):
        row = getattr(row, part)
    return str(row)


def _head(page: ListPage, asked: Asked, column: Column) -> dict[str, Any]:
    """A heading: whether it sorts, which way it sorts now, and where a click leads."""
    if column.name not in page.sorts:
        return {"column": column, "sorted": "", "url": ""}
    order = tuple(page.order_of(asked))
    fields = tuple(page.sorts[column.name])
    state = (
        "ascending"
        if order == fields
        else "descending"
        if order == tuple(_turned(f) for f in fields)
        else ""
    )
    wanted = column.name if state == "descending" else f"-{column.name}"
    return {"column": column, "sorted": state, "url": asked.address(sort=wanted)}


def _tabs(page: ListPage, asked: Asked, actor: Actor) -> list[dict[str, Any]]:
    """The views that are always there, then those that people saved."""
    now = Asked.of(page, {**asked.values}).address()
    tabs = [
        {"label": tab.label, "url": f"?{tab.query}", "pk": 0, "is_current": f"?{tab.query}" == now}
        for tab in page.tabs
    ]
    for view in SavedView.objects.visible_to(actor).filter(list=page.name):
        url = f"?{view.query}"
        current = url == asked.address()
        tabs.append(
            {
                "label": view.name,
                "url": url,
                "pk": view.pk,
                "is_current": current,
                "is_team": view.is_team,
                "may_delete": current
                and (view.by_id == actor.pk or "settings.edit" in actor.verbs),
            }
        )
    return tabs


def _chips(fields: Sequence[FilterField], asked: Asked) -> list[tuple[str, str]]:
    """Active filters, each with the address that removes it."""
    return [
        (f"{f.label}: {f.shown}" if f.shown else str(f.label), asked.address(**{f.name: ""}))
        for f in fields
        if f.value
    ]
