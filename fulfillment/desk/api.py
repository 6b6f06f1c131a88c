"""Serves shipments, tracking and fulfillment orders over the API."""

from typing import Annotated

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
from erp.api.resource import by_choice, by_value, list_of
from erp.api.schema import operation
from erp.api.values import stamp
from erp.errors import FieldError, Invalid
from erp.identifiers import Identified, Identifier
from erp.ids import primary_key, public_id
from erp.queries import find_one
from fulfillment.packing.actions import pack_parcel
from fulfillment.picking.actions import pick_order
from fulfillment.planning.models import FulfillmentOrder, Parcel
from fulfillment.planning.queries import work_visible_to
from fulfillment.planning.states import FULFILLMENT_ORDER, FulfillmentOrderStatus, ParcelStatus
from fulfillment.shipping.actions import ship_order, ship_parcel
from fulfillment.tracking.queries import (
    numbered,
    parcels_visible_to,
    shipment_documents,
    with_contents,
)
from orders.models import OrderLine
from orders.order.queries import find_order


class ShipmentLine(msgspec.Struct, forbid_unknown_fields=True):
    quantity: int
    line: str = ""
    sku: str = ""


class NewShipment(Identified, msgspec.Struct, forbid_unknown_fields=True):
    order: Identifier
    lines: list[ShipmentLine] | None = None
    tracking_number: str = ""
    carrier: str = ""
    weight_g: Annotated[int, msgspec.Meta(ge=1)] | None = None


class WorkLine(msgspec.Struct, forbid_unknown_fields=True):
    line: str
    quantity: int


class PickBody(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[WorkLine] | None = None


class PackBody(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[WorkLine] | None = None
    packaging: str = ""
    weight_g: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Empty(msgspec.Struct, forbid_unknown_fields=True):
    pass


class Shipments(Endpoint):
    rights = {"get": "fulfillment.view", "post": "fulfillment.ship"}

    @operation(
        "List shipments",
        page=True,
        query={"order": "number", "status": "", "tracking_number": ""},
    )
    def get(self, request: Request) -> HttpResponse:
        parcels = parcels_visible_to(self.actor).filter(shipped_at__isnull=False)
        if request.query_params.get("order"):
            parcels = parcels.filter(order__number=request.query_params["order"])
        if request.query_params.get("tracking_number"):
            parcels = numbered(parcels, request.query_params["tracking_number"])
        if wanted := choices(request, "status", ParcelStatus.values):
            parcels = parcels.filter(status__in=wanted)
        return page_of(
            request,
            with_contents(parcels),
            order=("-id",),
            known=("order", "status", "tracking_number"),
            show=shipment_documents,
        )

    @operation("Ship an order or part of it", body=NewShipment, status=201, idempotency=True)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewShipment)

        def look_up() -> dict[str, object]:
            order = find_order(self.actor, body.order)
            return {"order_id": order.pk, "units": _units_of_order(body.lines, order.pk)}

        return answer_once(
            request,
            raw,
            ship_order,
            _shipped,
            look_up,
            http_status=201,
            required=True,
            tracking_number=body.tracking_number,
            carrier=body.carrier,
            weight_g=body.weight_g,
            by=self.actor,
            now=timezone.now(),
        )


class OneShipment(Endpoint):
    rights = {"get": "fulfillment.view"}

    @operation("Read a shipment")
    def get(self, request: Request, shipment: str) -> HttpResponse:
        parcels = with_contents(parcels_visible_to(self.actor))
        parcel = find_one(parcels.filter(pk=primary_key("shp", shipment) or 0))
        return answer_json(shipment_documents([parcel])[0])


class Work(Endpoint):
    rights = {"get": "fulfillment.view"}
    get = list_of(
        "List fulfillment orders",
        lambda actor: (
            work_visible_to(actor)
            .select_related("order", "warehouse")
            .prefetch_related("lines__order_line", "parcels")
        ),
        lambda row, _by: _work_document(row),
        filters=(
            by_value("order", "order__number", "number"),
            by_value("warehouse", "warehouse__code"),
            by_choice("status", FulfillmentOrderStatus.values),
        ),
    )


class _WorkVerb(Endpoint):
    def work(self, public: str) -> FulfillmentOrder:
        return find_one(work_visible_to(self.actor).filter(pk=primary_key("ful", public) or 0))

    def named(self, work: str, lines: list[WorkLine] | None) -> dict[str, object]:
        """The work and the units that path and body name. Raises NotFound, Invalid."""
        return {"fulfillment_order_id": self.work(work).pk, "units": _units_of_work(lines)}

    def answer(self, work: str) -> dict[str, object]:
        rows = FulfillmentOrder.objects.select_related("order", "warehouse")
        found = rows.prefetch_related("lines__order_line", "parcels")
        return _work_document(found.get(pk=primary_key("ful", work) or 0))


class PickWork(_WorkVerb):
    rights = {"post": "fulfillment.pick"}

    @operation("Record picked quantities", body=PickBody, idempotency=False)
    def post(self, request: Request, work: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, PickBody)
        return answer_once(
            request,
            raw,
            pick_order,
            lambda _done: self.answer(work),
            lambda: self.named(work, body.lines),
            by=self.actor,
            now=timezone.now(),
        )


class PackWork(_WorkVerb):
    rights = {"post": "fulfillment.pack"}

    @operation("Pack a parcel", body=PackBody, status=201, idempotency=False)
    def post(self, request: Request, work: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, PackBody)
        return answer_once(
            request,
            raw,
            pack_parcel,
            _parcel_document,
            lambda: self.named(work, body.lines),
            http_status=201,
            packaging=body.packaging,
            weight_g=body.weight_g,
            by=self.actor,
            now=timezone.now(),
        )


class ShipParcel(Endpoint):
    rights = {"post": "fulfillment.ship"}

    @operation("Ship a packed parcel", body=Empty, idempotency=True)
    def post(self, request: Request, shipment: str) -> HttpResponse:
        raw = raw_body(request)
        decoded(raw, Empty)

        def look_up() -> dict[str, object]:
            parcels = parcels_visible_to(self.actor)
            return {"parcel_id": find_one(parcels.filter(pk=primary_key("shp", shipment) or 0)).pk}

        return answer_once(
            request,
            raw,
            ship_parcel,
            _parcel_document,
            look_up,
            required=True,
            by=self.actor,
            now=timezone.now(),
        )


def _shipped(parcels: list[Parcel]) -> dict[str, object]:
    rows = list(with_contents(Parcel.objects.filter(pk__in=[p.pk for p in parcels])))
    documents = shipment_documents(sorted(rows, key=lambda p: p.pk))
    return documents[0] | {"shipments": documents}


def _parcel_document(parcel: Parcel) -> dict[str, object]:
    row = with_contents(Parcel.objects.filter(pk=parcel.pk)).get()
    return shipment_documents([row])[0]


def _work_document(work: FulfillmentOrder) -> dict[str, object]:
    return {
        "object": "fulfillment_order",
        "id": public_id("ful", work.pk),
        "order": work.order.number,
        "warehouse": work.warehouse.code,
        "status": work.status,
        "version": work.version,
        "ship_by": stamp(work.ship_by),
        "lines": [
            {
                "id": public_id("fline", line.pk),
                "line": public_id("line", line.order_line_id),
                "sku": line.order_line.sku_code,
                "quantity": line.quantity,
                "quantity_picked": line.quantity_picked,
                "quantity_packed": line.quantity_packed,
                "quantity_shipped": line.quantity_shipped,
            }
            for line in work.lines.all()
        ],
        "parcels": [public_id("shp", parcel.pk) for parcel in work.parcels.all()],
        "allowed_actions": FULFILLMENT_ORDER.verbs_from(work.status),
    }


def _units_of_order(lines: list[ShipmentLine] | None, order_id: int) -> dict[int, int] | None:
    if lines is None:
        return None
    rows = OrderLine.objects.filter(order_id=order_id).order_by("position")
    by_pk = {row.pk: row for row in rows}
    by_sku: dict[str, list[int]] = {}
    for row in by_pk.values():
        by_sku.setdefault(row.sku_code, []).append(row.pk)
    units: dict[int, int] = {}
    for index, line in enumerate(lines):
        pk = (
            primary_key("line", line.line)
            if line.line
            else next(iter(by_sku.get(line.sku, ())), None)
        )
        if pk is None or pk not in by_pk or line.quantity < 1:
            raise Invalid(
                errors=[
                    FieldError(f"/lines/{index}", "unknown-line", _("Not a line of this order."))
                ]
            )
        units[pk] = units.get(pk, 0) + line.quantity
    return units


def _units_of_work(lines: list[WorkLine] | None) -> dict[int, int] | None:
    if lines is None:
        return None
    units: dict[int, int] = {}
    for index, line in enumerate(lines):
        pk = primary_key("fline", line.line)
        if pk is None or line.quantity < 1:
            raise Invalid(
                errors=[
                    FieldError(f"/lines/{index}", "unknown-line", _("Not a line of this document."))
                ]
            )
        units[pk] = units.get(pk, 0) + line.quantity
    return units
