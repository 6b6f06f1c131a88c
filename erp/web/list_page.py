"""Renders a declared list as a page: head, tabs, filter chips, rows and cells."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Required, TypedDict

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from erp.access.models import Actor
from erp.keyset import decode_cursor, encode_cursor, first_full_page
from erp.lists.filters import FilterField, fields_of
from erp.lists.models import ListLayout, SavedView
from erp.lists.page import PER_PAGE, Asked, Column, ListPage, R, _turned
from erp.shapes import Words
from erp.web.pages import StaffRequest


def show_list(request: StaffRequest, page: ListPage[R], **context: object) -> HttpResponse:
    """Render one page of a list: a fixed number of statements, whatever the rows."""
    actor = request.actor
    asked = Asked.of(page, request.GET)
    order = page.order_of(asked)
    filters = page.filters(asked.values, queryset=page.rows(actor))
    rows = filters.narrowed()
    found, meant = _found(page, asked, rows, order), ""
    if not found and page.correct and asked.values.get("q") and not asked.cursor:
        meant = page.correct(asked.values["q"])
        if meant:
            asked = replace(asked, values={**asked.values, "q": meant})
            ways = page.find(rows, asked.values, page=PER_PAGE + 1) if page.find else [rows]
            found = first_full_page(ways, order, [], PER_PAGE)
    has_more, found = len(found) > PER_PAGE, found[:PER_PAGE]
    if page.prepare:
        page.prepare(found)
    layout = ListLayout.objects.filter(by=actor, list=page.name).first()
    chosen = layout.columns if layout else []
    columns = page.columns_for(actor, chosen)
    fields = fields_of(filters, asked.values)
    return render(
        request,
        "components/list_page.html",
        {
            "page": page,
            "asked": asked,
            "heads": [_head(page, asked, column) for column in columns],
            "table": _table(page, found, columns),
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
            "verbs": [verb for verb in page.verbs if verb.right in actor.verbs],
            "query": asked.address().removeprefix("?"),
            "meant": meant if found else "",
            "create": page.create if page.create and page.create[2] in actor.verbs else None,
            **context,
        },
    )


def _found(page: ListPage[R], asked: Asked, rows: QuerySet[R], order: Sequence[str]) -> list[R]:
    """The rows of this page and one more, by whichever way of finding fills it."""
    before = decode_cursor(asked.cursor, order, rows) if asked.cursor else []
    ways: Iterable[QuerySet[R]] = [rows]
    if page.find:
        ways = page.find(
            rows,
            asked.values,
            before=before,
            page=PER_PAGE + 1,
            newest_first=tuple(order) == tuple(page.order),
        )
    return first_full_page(ways, order, before, PER_PAGE)


def _table(
    page: ListPage[R], rows: Sequence[R], columns: Sequence[Column[R]]
) -> list[dict[str, object]]:
    openings = [_opening(column) for column in columns]
    return [
        {
            "id": row.pk,
            "name": _named(row, page.names),
            "cells": _cells(row, columns, openings, page.link(row) if page.link else ""),
        }
        for row in rows
    ]


def _opening(column: Column[R]) -> str:
    """How a column's cells begin; on a phone a figure says what it is."""
    if column.numeric:
        return f'<td class="numeric" data-label="{conditional_escape(column.label)}">'
    return '<td class="first">' if column.main else "<td>"


def _cells(row: R, columns: Sequence[Column[R]], openings: Sequence[str], link: str) -> SafeString:
    """A row's cells. Written here, not in the template: it halves the time a page takes."""
    parts = []
    for column, opening in zip(columns, openings, strict=True):
        cell: str = conditional_escape(column.cell(row))  # type: ignore[arg-type]  # numbers as well
        if column.main and link:
            cell = f'<a class="main" href="{conditional_escape(link)}">{cell}</a>'
        parts.append(f"{opening}{cell}</td>")
    return mark_safe("".join(parts))  # every part is escaped above


def _named(row: object, path: str) -> str:
    for part in path.split("__"):
        row = getattr(row, part)
    return str(row)


def _head(page: ListPage[R], asked: Asked, column: Column[R]) -> dict[str, object]:
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


class TabShown(TypedDict, total=False):
    """A view as the page's head shows it; only those that people saved have the last two."""

    label: Required[Words]
    url: Required[str]
    pk: Required[int]
    is_current: Required[bool]
    is_team: bool
    may_delete: bool


def _tabs(page: ListPage[R], asked: Asked, actor: Actor) -> list[TabShown]:
    """The views that are always there, then those that people saved."""
    now = Asked.of(page, {**asked.values}).address()
    tabs: list[TabShown] = [
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
