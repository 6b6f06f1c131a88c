"""Stock documents over HTTP: receipts, moves, write-offs, bins, lots, allotments."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.access.models import Channel
from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    check_parameters,
    choices,
    decoded,
    moment,
    page_of,
    raw_body,
)
from erp.api.schema import operation
from erp.errors import FieldError, Invalid, NotFound
from erp.ids import primary_key, public_id
from inventory import actions, documents, queries
from inventory.actions import Carry
from inventory.models import (
    Allotment,
    Lot,
    Place,
    StockDocument,
)
from inventory.naming import (
    StockLine,
    changes_named,
    lots_named,
    places_named,
    skus_by_code,
    supplier_named,
    warehouse_named,
)
from inventory.states import DocumentStatus


class NewReceipt(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    lines: list[StockLine]
    reference: str = ""


class NewWriteOff(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    lines: list[StockLine]
    reason: str


class NewVendorReturn(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    supplier: str
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


class NewBins(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    codes: list[str]
    zone: str = "A"
    use: str = "pick"


class NewAllotment(msgspec.Struct, forbid_unknown_fields=True):
    channel: str
    kind: str
    value: int
    sku: str = ""
    warehouse: str = ""


class NewPolicy(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    warehouse: str
    safety: int = 0
    reorder_point: int | None = None
    order_up_to: int | None = None


class NewSplit(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    warehouse: str
    parts: int


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    pass


def sku_named(code: str, pointer: str = "/sku") -> int:
    """The id of the SKU with this code or barcode. Raises Invalid."""
    found = skus_by_code([code]).get(code)
    if found is None:
        raise Invalid(errors=[FieldError(pointer, "unknown-sku", _("There is no such SKU."))])
    return found.pk


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
            actions.receive_stock,
            documents.stock_document,
            http_status=201,
            warehouse_id=warehouse.pk,
            changes=changes_named(warehouse, body.lines),
            reference=body.reference,
            by=self.actor,
            now=timezone.now(),
        )


class WriteOffs(Endpoint):
    rights = {"post": "inventory.write_off"}

    @operation("Write stock off", body=NewWriteOff, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewWriteOff)
        warehouse = warehouse_named(body.warehouse)
        return answer_once(
            request,
            raw,
            actions.write_off,
            documents.stock_document,
            http_status=201,
            warehouse_id=warehouse.pk,
            changes=changes_named(warehouse, body.lines),
            reason=body.reason,
            by=self.actor,
            now=timezone.now(),
        )


class VendorReturns(Endpoint):
    rights = {"post": "inventory.receive"}

    @operation("Return stock to a supplier", body=NewVendorReturn, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewVendorReturn)
        warehouse = warehouse_named(body.warehouse)
        return answer_once(
            request,
            raw,
            actions.return_to_vendor,
            documents.stock_document,
            http_status=201,
            warehouse_id=warehouse.pk,
            supplier_id=supplier_named(body.supplier).pk,
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
            actions.move_stock,
            documents.stock_document,
            http_status=201,
            warehouse_id=warehouse.pk,
            carries=carries_named(warehouse, body.lines),
            reason=body.reason,
            by=self.actor,
            now=timezone.now(),
        )


def carries_named(warehouse: Any, lines: list[MoveLine]) -> list[Carry]:
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
            show=lambda found: [documents.stock_document(row) for row in found],
        )


class _DocumentVerb(Endpoint):
    performed: Callable[..., Any]

    def take(self, request: Request, document: str) -> HttpResponse:
        raw = raw_body(request)
        decoded(raw, Nothing)
        pk = primary_key("sdoc", document)
        if pk is None:
            raise NotFound
        return answer_once(
            request,
            raw,
            type(self).performed,
            documents.stock_document,
            document_id=pk,
            by=self.actor,
            now=timezone.now(),
        )


class ApproveDocument(_DocumentVerb):
    rights = {"post": "inventory.approve"}
    performed = staticmethod(actions.approve_document)

    @operation("Approve a stock document that waits", body=Nothing, idempotency=False)
    def post(self, request: Request, document: str) -> HttpResponse:
        return self.take(request, document)


class RejectDocument(_DocumentVerb):
    rights = {"post": "inventory.reject"}
    performed = staticmethod(actions.reject_document)

    @operation("Reject a stock document that waits", body=Nothing, idempotency=False)
    def post(self, request: Request, document: str) -> HttpResponse:
        return self.take(request, document)


class Bins(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.layout"}

    @operation("List bins and other places", page=True, query={"warehouse": ""})
    def get(self, request: Request) -> HttpResponse:
        rows = Place.objects.filter(warehouse__isnull=False).select_related("warehouse", "zone")
        if code := request.query_params.get("warehouse", ""):
            rows = rows.filter(warehouse__code=code)
        return page_of(
            request,
            rows,
            order=("id",),
            known=("warehouse",),
            show=lambda found: [_bin_document(row) for row in found],
        )

    @operation("Add bins", body=NewBins, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewBins)
        return answer_once(
            request,
            raw,
            actions.add_bins,
            lambda made: {"data": [_bin_document(row) for row in made]},
            http_status=201,
            warehouse_id=warehouse_named(body.warehouse).pk,
            zone=body.zone,
            codes=body.codes,
            use=body.use,
            by=self.actor,
            now=timezone.now(),
        )


def _bin_document(place: Place) -> dict[str, Any]:
    return {
        "object": "bin",
        "code": place.code,
        "warehouse": place.warehouse.code if place.warehouse else None,
        "zone": place.zone.code if place.zone else None,
        "kind": place.kind,
        "use": place.use if place.kind == "bin" else None,
        "pick_sequence": place.pick_sequence,
        "is_active": place.is_active,
        "is_frozen": place.frozen_by_id is not None,
    }


class Levels(Endpoint):
    rights = {"get": "inventory.view"}

    @operation(
        "Where SKUs lie, now or at any instant",
        query={"sku": "codes, comma-separated", "at": "a time; without it, now"},
    )
    def get(self, request: Request) -> HttpResponse:
        check_parameters(request, {"sku", "at"})
        codes = [code for code in request.query_params.get("sku", "").split(",") if code][:200]
        return answer_json({"data": queries.places_of(codes=codes, at=moment(request, "at"))})


class Lots(Endpoint):
    rights = {"get": "inventory.view"}

    @operation("List lots", page=True, query={"sku": ""})
    def get(self, request: Request) -> HttpResponse:
        rows = Lot.objects.select_related("sku")
        if code := request.query_params.get("sku", ""):
            rows = rows.filter(sku__code=code)
        return page_of(
            request,
            rows,
            order=("-id",),
            known=("sku",),
            show=lambda found: [
                {
                    "object": "lot",
                    "sku": lot.sku.code,
                    "code": lot.code,
                    "made_on": lot.made_on,
                    "expires_on": lot.expires_on,
                }
                for lot in found
            ],
        )


class Valuation(Endpoint):
    rights = {"get": "costs.view"}

    @operation("What the stock is worth, now or at any instant", query={"at": "a time"})
    def get(self, request: Request) -> HttpResponse:
        check_parameters(request, {"at"})
        rows = queries.valuation(at=moment(request, "at"))
        return answer_json(
            {
                "total": f"{sum((row['value'] for row in rows), Decimal(0)):f}",
                "data": [
                    row | {"value": f"{row['value']:f}", "average": f"{row['average']:f}"}
                    for row in rows
                ],
            }
        )


class Allotments(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.allot"}

    @operation("List what channels may sell of the stock", page=True, query={"channel": ""})
    def get(self, request: Request) -> HttpResponse:
        rows = Allotment.objects.filter(is_active=True)
        rows = rows.select_related("channel", "sku", "warehouse")
        if code := request.query_params.get("channel", ""):
            rows = rows.filter(channel__code=code)
        return page_of(
            request,
            rows,
            order=("-id",),
            known=("channel",),
            show=lambda found: [_allotment_document(row) for row in found],
        )

    @operation("Say what a channel may sell", body=NewAllotment, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewAllotment)
        channel = Channel.objects.filter(code=body.channel).first()
        if channel is None:
            detail = _("There is no such channel.")
            raise Invalid(errors=[FieldError("/channel", "unknown", detail)])
        return answer_once(
            request,
            raw,
            actions.set_allotment,
            lambda made: _allotment_document(made) if made else {"object": "allotment", "value": 0},
            http_status=201,
            channel_id=channel.pk,
            kind=body.kind,
            value=body.value,
            sku_id=sku_named(body.sku) if body.sku else None,
            warehouse_id=warehouse_named(body.warehouse).pk if body.warehouse else None,
            by=self.actor,
            now=timezone.now(),
        )


def _allotment_document(row: Allotment) -> dict[str, Any]:
    return {
        "object": "allotment",
        "id": public_id("alt", row.pk),
        "channel": row.channel.code,
        "kind": row.kind,
        "value": row.value,
        "sku": row.sku.code if row.sku else None,
        "warehouse": row.warehouse.code if row.warehouse else None,
    }


class Policies(Endpoint):
    rights = {"post": "inventory.allot"}

    @operation("Set safety stock and reorder limits", body=NewPolicy, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewPolicy)
        return answer_once(
            request,
            raw,
            actions.set_policy,
            lambda policy: {
                "object": "stock_policy",
                "sku": body.sku,
                "warehouse": body.warehouse,
                "safety": policy.safety,
                "reorder_point": policy.reorder_point,
                "order_up_to": policy.order_up_to,
            },
            sku_id=sku_named(body.sku),
            warehouse_id=warehouse_named(body.warehouse).pk,
            safety=body.safety,
            reorder_point=body.reorder_point,
            order_up_to=body.order_up_to,
            by=self.actor,
            now=timezone.now(),
        )


class Splits(Endpoint):
    rights = {"post": "inventory.allot"}

    @operation("Split a level for a flash sale, or join it (1)", body=NewSplit, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewSplit)
        return answer_once(
            request,
            raw,
            actions.split_level,
            lambda parts: {
                "object": "split",
                "sku": body.sku,
                "warehouse": body.warehouse,
                "parts": parts,
            },
            sku_id=sku_named(body.sku),
            warehouse_id=warehouse_named(body.warehouse).pk,
            parts=body.parts,
            by=self.actor,
            now=timezone.now(),
        )
