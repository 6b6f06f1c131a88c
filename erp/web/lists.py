"""The one list engine: columns, tabs and filters in the URL, keyset pages, no count."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from erp.api.keyset import decode_cursor, encode_cursor, first_full_page

PER_PAGE = 50


@dataclass(frozen=True)
class Column:
    """One column: its heading and how a row's cell looks."""

    label: Any
    cell: Callable[[Any], SafeString | str | int]
    numeric: bool = False
    main: bool = False  # what names the row; it leads the card on a phone


@dataclass(frozen=True)
class Tab:
    """A saved view: a name and the query it stands for."""

    label: Any
    query: str = ""


@dataclass(frozen=True)
class ListPage:
    """What a list is, declared once.

    order    field names, "-" for descending, the last one unique
    filters  query parameter -> what its chip says
    """

    title: Any
    columns: Sequence[Column]
    order: Sequence[str]
    tabs: Sequence[Tab] = ()
    filters: Mapping[str, Any] = field(default_factory=dict)
    search: Any = ""  # the search box's placeholder; none without
    # Where looking is costly: querysets to try in turn until a page is full, given (rows, query, before, page).
    find: Callable[..., Iterable[QuerySet[Any]]] | None = None
    empty: Any = ""
    link: Callable[[Any], str] | None = None


def show_list(
    request: HttpRequest,
    page: ListPage,
    rows: QuerySet[Any],
    *,
    prepare: Callable[[list[Any]], None] | None = None,
    **context: Any,
) -> HttpResponse:
    """Render one page of a list.

    prepare   given the page's rows, fetches in few statements what their cells will touch
    """
    cursor = request.GET.get("cursor", "")
    before = decode_cursor(cursor, len(page.order)) if cursor else []
    ways: Iterable[QuerySet[Any]] = [rows]
    if page.find:
        ways = page.find(rows, request.GET, before=before, page=PER_PAGE + 1)
    found = first_full_page(ways, page.order, before, PER_PAGE)
    has_more, found = len(found) > PER_PAGE, found[:PER_PAGE]
    if prepare:
        prepare(found)
    table = [
        {
            "link": page.link(row) if page.link else "",
            "cells": [(column, column.cell(row)) for column in page.columns],
        }
        for row in found
    ]
    return render(
        request,
        "components/list_page.html",
        {
            "page": page,
            "table": table,
            "tabs": [(tab, _is_current(request, tab)) for tab in page.tabs],
            "chips": _chips(request, page),
            "older": _with(request, cursor=encode_cursor(page.order, found[-1]))
            if has_more
            else "",
            "newest": _with(request, cursor="") if cursor else "",
            "q": request.GET.get("q", ""),
            **context,
        },
    )


def _is_current(request: HttpRequest, tab: Tab) -> bool:
    asked = {k: v for k, v in request.GET.items() if k not in {"cursor", "q"}}
    wanted = dict(pair.split("=", 1) for pair in tab.query.split("&") if pair)
    return asked == wanted


def _chips(request: HttpRequest, page: ListPage) -> list[tuple[str, str]]:
    """Active filters, each with the address that removes it."""
    return [
        (f"{label}: {request.GET[name]}", _with(request, **{name: "", "cursor": ""}))
        for name, label in page.filters.items()
        if request.GET.get(name)
    ]


def _with(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    return f"?{query.urlencode()}" if query else "?"
