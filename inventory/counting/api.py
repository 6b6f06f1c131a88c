"""Counts over the API."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from django.db.models import Model
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

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
from erp.errors import FieldError, Invalid, NotFound
from inventory.catalogue.naming import skus_by_code
from inventory.counting.actions.count import (
    Counted,
    approve_count,
    ask_recount,
    cancel_count,
    enter_count,
    start_count,
    submit_count,
)
from inventory.counting.document import count_document
from inventory.counting.models import StockCount
from inventory.counting.states import CountStatus
from inventory.stock.document_api import Nothing
from inventory.stock.naming import places_named, warehouse_named

M = TypeVar("M", bound=Model)


class NewCount(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    bins: list[str] = []
    skus: list[str] = []
    abc_class: str = ""
    blind: bool = True
    freezes: bool = False


class CountEntry(msgspec.Struct, forbid_unknown_fields=True):
    bin: str
    sku: str
    counted: int
    lot: str = ""


class CountEntries(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[CountEntry]


class UnitLine(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: int


class Counts(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.count"}

    @operation("List stock counts, newest first", page=True, query={"status": ""})
    def get(self, request: Request) -> HttpResponse:
        rows = StockCount.objects.select_related("warehouse")
        if statuses := choices(request, "status", CountStatus.values):
            rows = rows.filter(status__in=statuses)
        return page_of(
            request,
            rows,
            order=("-id",),
            known=("status",),
            show=lambda found: [self.shown(row) for row in found],
        )

    @operation("Begin a stock count", body=NewCount, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewCount)
        warehouse = warehouse_named(body.warehouse)
        bins = places_named(warehouse, body.bins)
        skus = skus_by_code(body.skus)
        errors = [
            FieldError(f"/bins/{n}", "unknown", _("There is no such bin."))
            for n, code in enumerate(body.bins)
            if code not in bins
        ]
        errors += [
            FieldError(f"/skus/{n}", "unknown-sku", _("There is no such SKU."))
            for n, code in enumerate(body.skus)
            if code not in skus
        ]
        if errors:
            raise Invalid(errors=errors)
        return answer_once(
            request,
            raw,
            start_count,
            self.shown,
            http_status=201,
            warehouse_id=warehouse.pk,
            bin_ids=list(bins.values()),
            sku_ids=[sku.pk for sku in skus.values()],
            abc_class=body.abc_class,
            is_blind=body.blind,
            freezes=body.freezes,
            by=self.actor,
            now=timezone.now(),
        )

    def shown(self, count: StockCount) -> dict[str, object]:
        may = "inventory.approve" in self.actor.verbs and self.actor.kind == "person"
        return count_document(count, sees_expected=may)


class OneCount(Endpoint):
    rights = {"get": "inventory.view"}

    @operation("Read a stock count")
    def get(self, request: Request, number: str) -> HttpResponse:
        return answer_json(count_document(_of(StockCount, number), sees_expected=False))


class EnterCount(Endpoint):
    rights = {"post": "inventory.count"}

    @operation("Write down what was found", body=CountEntries, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, CountEntries)
        count = _of(StockCount, number)
        places = places_named(count.warehouse, (line.bin for line in body.lines))
        skus = skus_by_code(line.sku for line in body.lines)
        errors = [
            FieldError(f"/lines/{n}/{field}", "unknown", detail)
            for n, line in enumerate(body.lines)
            for bad, field, detail in (
                (line.bin not in places, "bin", _("There is no such bin.")),
                (line.sku not in skus, "sku", _("There is no such SKU.")),
            )
            if bad
        ]
        if errors:
            raise Invalid(errors=errors)
        found = [
            Counted(places[line.bin], skus[line.sku].pk, line.counted, line.lot)
            for line in body.lines
        ]
        return answer_once(
            request,
            raw,
            enter_count,
            _shown_count,
            count_id=count.pk,
            found=found,
            by=self.actor,
            now=timezone.now(),
        )


def _shown_count(count: StockCount) -> dict[str, object]:
    return count_document(count, sees_expected=False)


def _of(model: type[M], number: str) -> M:
    found = model._default_manager.filter(number=number).first()
    if found is None:
        raise NotFound
    return found


class _CountVerb(Endpoint):
    performed: Callable[..., StockCount]

    def take(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        decoded(raw, Nothing)
        return answer_once(
            request,
            raw,
            type(self).performed,
            _shown_count,
            count_id=_of(StockCount, number).pk,
            by=self.actor,
            now=timezone.now(),
        )


class SubmitCount(_CountVerb):
    rights = {"post": "inventory.count"}
    performed = staticmethod(submit_count)

    @operation("Finish a count", body=Nothing, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class ApproveCount(_CountVerb):
    rights = {"post": "inventory.approve"}
    performed = staticmethod(approve_count)

    @operation("Approve a count's differences", body=Nothing, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class RecountCount(_CountVerb):
    rights = {"post": "inventory.approve"}
    performed = staticmethod(ask_recount)

    @operation("Ask to count again what differs", body=Nothing, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class CancelCount(_CountVerb):
    rights = {"post": "inventory.count"}
    performed = staticmethod(cancel_count)

    @operation("Give a count up", body=Nothing, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)
