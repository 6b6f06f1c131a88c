"""Serves receipts, write-offs, vendor returns, moves and their documents over the API."""

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_once,
    choices,
    decoded,
    page_of,
    raw_body,
)
from erp.api.schema import operation
from erp.errors import FieldError, Invalid
from inventory.catalogue.naming import StockLine, skus_by_code
from inventory.stock.actions.adjust import write_off
from inventory.stock.actions.move import Carry, move_stock
from inventory.stock.actions.receive import receive_stock
from inventory.stock.document import stock_document
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.places import Warehouse
from inventory.stock.naming import changes_named, lots_named, places_named, warehouse_named
from inventory.stock.states import DocumentStatus


class NewReceipt(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    lines: list[StockLine]
    reference: str = ""


class NewWriteOff(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    lines: list[StockLine]
    reason: str


class MoveLine(msgspec.Struct, forbid_unknown_fields=True, rename={"from_bin": "from"}):
    sku: str
    quantity: int
    from_bin: str
    to: str
    lot: str = ""
    serials: list[str] = []


class NewMove(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    lines: list[MoveLine]
    reason: str = ""


class Receipts(Endpoint):
    rights = {"post": "inventory.receive"}

    @operation("Receive stock", body=NewReceipt, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewReceipt)
        warehouse = warehouse_named(body.warehouse)
        return answer_once(
            request,
            raw,
            receive_stock,
            stock_document,
            http_status=201,
            warehouse_id=warehouse.pk,
            changes=changes_named(warehouse, body.lines),
            reference=body.reference,
            by=self.actor,
            now=timezone.now(),
        )


class WriteOffs(Endpoint):
    rights = {"post": "inventory.write_off"}

    @operation("Write off stock", body=NewWriteOff, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewWriteOff)
        warehouse = warehouse_named(body.warehouse)
        return answer_once(
            request,
            raw,
            write_off,
            stock_document,
            http_status=201,
            warehouse_id=warehouse.pk,
            changes=changes_named(warehouse, body.lines),
            reason=body.reason,
            by=self.actor,
            now=timezone.now(),
        )


class Moves(Endpoint):
    rights = {"post": "inventory.move"}

    @operation("Move stock between bins", body=NewMove, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewMove)
        warehouse = warehouse_named(body.warehouse)
        return answer_once(
            request,
            raw,
            move_stock,
            stock_document,
            http_status=201,
            warehouse_id=warehouse.pk,
            carries=carries_named(warehouse, body.lines),
            reason=body.reason,
            by=self.actor,
            now=timezone.now(),
        )


def carries_named(warehouse: Warehouse, lines: list[MoveLine]) -> list[Carry]:
    """Lines of a move with their rows. Raises Invalid naming line and field."""
    skus = skus_by_code(line.sku for line in lines)
    places = places_named(warehouse, [x for line in lines for x in (line.from_bin, line.to)])
    lots = lots_named((skus[line.sku].pk, line.lot) for line in lines if line.sku in skus)
    errors, carries = [], []
    for n, line in enumerate(lines):
        sku = skus.get(line.sku)
        for bad, field, code, detail in (
            (sku is None, "sku", "unknown-sku", _("There is no such SKU.")),
            (line.from_bin not in places, "from", "unknown", _("There is no such bin.")),
            (line.to not in places, "to", "unknown", _("There is no such bin.")),
            (
                bool(sku and line.lot and (sku.pk, line.lot) not in lots),
                "lot",
                "unknown",
                _("There is no such lot."),
            ),
        ):
            if bad:
                errors.append(FieldError(f"/lines/{n}/{field}", code, detail))
        if sku and not errors:
            carries.append(
                Carry(
                    sku.pk,
                    line.quantity,
                    places[line.from_bin],
                    places[line.to],
                    lots.get((sku.pk, line.lot)),
                    tuple(line.serials),
                )
            )
    if errors:
        raise Invalid(errors=errors)
    return carries


class Documents(Endpoint):
    rights = {"get": "inventory.view"}

    @operation("List stock documents, newest first", page=True, query={"status": "", "kind": ""})
    def get(self, request: Request) -> HttpResponse:
        rows = StockDocument.objects.select_related("warehouse", "purchase")
        if statuses := choices(request, "status", DocumentStatus.values):
            rows = rows.filter(status__in=statuses)
        if kinds := choices(request, "kind", StockDocument.Kind.values):
            rows = rows.filter(kind__in=kinds)
        return page_of(
            request,
            rows,
            order=("-id",),
            known=("status", "kind"),
            show=lambda found: [stock_document(row) for row in found],
        )
