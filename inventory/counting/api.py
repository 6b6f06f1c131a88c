"""Serves stock counts over the API."""

import msgspec
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
from erp.errors import FieldError, Invalid
from inventory.catalogue.naming import skus_by_code
from inventory.counting.actions.count import start_count
from inventory.counting.document import count_document
from inventory.counting.models import StockCount
from inventory.counting.states import CountStatus
from inventory.counting.verbs import NOUN, find_count
from inventory.stock.naming import places_named, warehouse_named


class NewCount(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    bins: list[str] = []
    skus: list[str] = []
    abc_class: str = ""
    blind: bool = True
    freezes: bool = False


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

    @operation("Start a stock count", body=NewCount, status=201, idempotency=False)
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
        return answer_json(NOUN.show(find_count(self.actor, number).pk, self.actor))
