"""Declares the endpoints that list, read and create: a room says what is its own, the rest stands here once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from erp.access.models import Actor
from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    choices,
    decoded,
    page_of,
    raw_body,
)
from erp.api.schema import operation

R = TypeVar("R", bound=Model)
T = TypeVar("T")
B = TypeVar("B", bound=msgspec.Struct)


@dataclass(frozen=True)
class Filter:
    """A query parameter that narrows a list.

    narrow   narrows (rows, request), by nothing where the parameter is not there
    means    what the API's description says of it
    """

    name: str
    narrow: Callable[[QuerySet[Any], Request], QuerySet[Any]]
    means: str = ""


def by_value(name: str, field: str, means: str = "") -> Filter:
    """A filter for the rows that have in a field what is said."""

    def narrow(rows: QuerySet[Any], request: Request) -> QuerySet[Any]:
        said = request.query_params.get(name, "")
        return rows.filter(**{field: said}) if said else rows

    return Filter(name, narrow, means)


def by_choice(name: str, allowed: Iterable[str]) -> Filter:
    """A filter for the rows that have in the field of this name one of what is said, with commas between."""

    def narrow(rows: QuerySet[Any], request: Request) -> QuerySet[Any]:
        said = choices(request, name, allowed)
        return rows.filter(**{f"{name}__in": said}) if said else rows

    return Filter(name, narrow)


def list_of(
    summary: str,
    rows: Callable[..., QuerySet[R]],
    show: Callable[[R, Actor], object],
    *,
    filters: Sequence[Filter] = (),
    order: Sequence[str] = ("-id",),
) -> Callable[..., HttpResponse]:
    """The method that lists what an actor may know of, a page at a time, described from its declaration.

    rows    finds them, given the actor and the names in the address
    show    makes a row's document; what it reads of other rows, `rows` has fetched
    order   field names, "-" for descending, the last one unique
    """
    known = {one.name: one.means for one in filters}

    @operation(summary, page=True, query=known)
    def get(self: Endpoint, request: Request, **names: str) -> HttpResponse:
        narrowed, actor = rows(self.actor, *names.values()), self.actor
        for one in filters:
            narrowed = one.narrow(narrowed, request)
        return page_of(
            request,
            narrowed,
            order=order,
            known=known,
            show=lambda found: [show(row, actor) for row in found],
        )

    return get


def document_of(
    summary: str,
    find: Callable[..., T],
    show: Callable[[T, Actor], object],
) -> Callable[..., HttpResponse]:
    """The method that answers one document.

    find   finds it, given the actor and the names in the address; raises NotFound
    """

    @operation(summary)
    def get(self: Endpoint, request: Request, **names: str) -> HttpResponse:
        return answer_json(show(find(self.actor, *names.values()), self.actor))

    return get


def creation_of(
    summary: str,
    action: Callable[..., T],
    *,
    body: type[B],
    arguments: Callable[..., Mapping[str, object]],
    show: Callable[[T, Actor], object],
    is_key_required: bool = False,
) -> Callable[..., HttpResponse]:
    """The method that creates something, once for an Idempotency-Key, and answers its document.

    arguments   makes the action's, but for `by` and `now`, given what was said, the actor and the names in the
                address; raises Invalid
    """

    @operation(summary, body=body, status=201, idempotency=is_key_required)
    def post(self: Endpoint, request: Request, **names: str) -> HttpResponse:
        raw, actor = raw_body(request), self.actor
        said = decoded(raw, body)
        return answer_once(
            request,
            raw,
            action,
            lambda made: show(made, actor),
            lambda: arguments(said, actor, *names.values()),
            http_status=201,
            required=is_key_required,
            by=actor,
            now=timezone.now(),
        )

    return post
