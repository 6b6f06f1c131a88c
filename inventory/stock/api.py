"""Serves SKUs, adjustments, movements and cart reservations over the API."""

import secrets
from datetime import timedelta

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    decoded,
    raw_body,
)
from erp.api.resource import Filter, by_value, document_of, list_of
from erp.api.schema import operation
from erp.errors import FieldError, Invalid, NotFound
from erp.ids import primary_key, public_id
from erp.names import name_in, names_of
from erp.once import perform
from erp.queries import find_one
from erp.shapes import Reason
from inventory.catalogue.codes import StockLine
from inventory.catalogue.models import Sku
from inventory.stock.actions.adjust import adjust_stock
from inventory.stock.actions.receive import receive_stock
from inventory.stock.actions.reserve import hold_for_cart, release_stock
from inventory.stock.codes import changes_named, units_named, warehouse_named
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.levels import Reservation, StockMovement
from inventory.stock.queries import availability
from inventory.stock.states import ReservationStatus

ADJUSTMENTS = (StockDocument.Kind.ADJUSTMENT.value, StockDocument.Kind.RECEIPT.value)


class NewAdjustment(msgspec.Struct, forbid_unknown_fields=True):
    """Signed changes; `kind` "receipt" for goods from a supplier, "adjustment" otherwise."""

    warehouse: str
    lines: list[StockLine]
    reason: Reason = ""
    kind: str = "adjustment"


class CartLine(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: int


class NewReservation(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[CartLine]
    ttl_seconds: int = 900


def _with_codes(skus: QuerySet[Sku], request: Request) -> QuerySet[Sku]:
    codes = request.query_params.get("code", "")
    return skus.filter(code__in=codes.split(",")) if codes else skus


class Skus(Endpoint):
    rights = {"get": "availability.view"}
    get = list_of(
        "List SKUs, oldest first",
        lambda _actor: Sku.objects.filter(is_active=True),
        lambda row, _by: _sku_document(row),
        filters=(Filter("code", _with_codes), by_value("q", "name__icontains")),
        order=("id",),
    )


class OneSku(Endpoint):
    rights = {"get": "availability.view"}
    get = document_of(
        "Read a SKU",
        lambda _actor, code: find_one(Sku.objects.filter(code=code)),
        lambda sku, _by: _sku_document(sku),
    )


class Adjustments(Endpoint):
    rights = {"post": "inventory.adjust"}

    @operation("Adjust or receive stock", body=NewAdjustment, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewAdjustment)
        if body.kind not in ADJUSTMENTS:
            detail = _("One of %(names)s.") % {"names": ", ".join(ADJUSTMENTS)}
            raise Invalid(errors=[FieldError("/kind", "unknown", detail)])
        is_receipt = body.kind == "receipt"
        codes = [line.sku for line in body.lines]

        def look_up() -> dict[str, object]:
            warehouse = warehouse_named(body.warehouse)
            changes = changes_named(warehouse, body.lines, signed=True)
            named = {"warehouse_id": warehouse.pk, "changes": changes, "reason": body.reason}
            return named | ({"reference": body.reason} if is_receipt else {})

        return answer_once(
            request,
            raw,
            receive_stock if is_receipt else adjust_stock,
            lambda document: _adjusted(document, codes),
            look_up,
            http_status=201,
            by=self.actor,
            now=timezone.now(),
        )


def _of_sku(rows: QuerySet[StockMovement], request: Request) -> QuerySet[StockMovement]:
    """By the SKU's key, looked up first: `movement_by_sku` is an index of keys."""
    code = request.query_params.get("sku", "")
    if not code:
        return rows
    sku = Sku.objects.filter(code=code).first()
    return rows.filter(sku_id=sku.pk if sku else 0)


class Movements(Endpoint):
    rights = {"get": "inventory.view"}
    get = list_of(
        "List stock movements, newest first",
        lambda _actor: StockMovement.objects.select_related("sku", "from_place", "to_place", "by"),
        lambda row, _by: _movement_document(row),
        filters=(Filter("sku", _of_sku),),
    )


class Reservations(Endpoint):
    rights = {"post": "inventory.reserve"}

    @operation("Reserve stock for a cart", body=NewReservation, status=201, idempotency=True)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewReservation)
        if not 1 <= body.ttl_seconds <= 86_400:
            raise Invalid(
                errors=[FieldError("/ttl_seconds", "out-of-range", _("Between 1 and 86,400."))]
            )
        now = timezone.now()
        cart = secrets.randbits(59)
        return answer_once(
            request,
            raw,
            hold_for_cart,
            lambda _rows: _cart_document(cart, list(_cart_rows(cart))),
            lambda: {"wanted": units_named(body.lines)},
            http_status=201,
            required=True,
            cart_id=cart,
            channel_id=self.actor.channel_id,
            by=self.actor,
            now=now,
            expires_at=now + timedelta(seconds=body.ttl_seconds),
        )


class OneReservation(Endpoint):
    rights = {"get": "inventory.reserve", "delete": "inventory.release"}

    @operation("Read a cart's reservation")
    def get(self, request: Request, cart: str) -> HttpResponse:
        pk = self.cart(cart)
        return answer_json(_cart_document(pk, list(_cart_rows(pk))))

    @operation("Release a cart's reservation")
    def delete(self, request: Request, cart: str) -> HttpResponse:
        pk = self.cart(cart)
        perform(release_stock, holder_kind="cart", holder_ids=[pk], by=self.actor)
        return answer_json(_cart_document(pk, list(_cart_rows(pk))))

    def cart(self, public: str) -> int:
        pk = primary_key("res", public)
        if pk is None or not _cart_rows(pk).exists():
            raise NotFound
        return pk


def _cart_rows(pk: int) -> QuerySet[Reservation]:
    return Reservation.objects.filter(holder_kind="cart", holder_id=pk).select_related(
        "sku", "warehouse"
    )


def _cart_document(cart: int, rows: list[Reservation]) -> dict[str, object]:
    return {
        "object": "reservation",
        "id": public_id("res", cart),
        "status": _cart_status(rows),
        "expires_at": rows[0].expires_at if rows else None,
        "lines": [
            {"sku": row.sku.code, "warehouse": row.warehouse.code, "quantity": row.quantity}
            for row in rows
        ],
    }


def _cart_status(rows: list[Reservation]) -> str:
    """A cart's state; one whose time is over is expired, whether or not its units have been given back yet."""
    if not rows:
        return "released"
    ends, status = rows[0].expires_at, rows[0].status
    is_over = status == ReservationStatus.HELD and ends is not None and ends <= timezone.now()
    return ReservationStatus.EXPIRED if is_over else status


def _adjusted(document: StockDocument, codes: list[str]) -> dict[str, object]:
    return {
        "object": "stock_document",
        "id": public_id("sdoc", document.pk),
        "kind": document.kind,
        "status": document.status,
        "reason": document.reason,
        "at": document.at,
        "availability": availability(codes=codes),
    }


def _sku_document(sku: Sku) -> dict[str, object]:
    return {
        "object": "sku",
        "id": public_id("sku", sku.pk),
        "code": sku.code,
        "name": sku.name,
        "name_zh": name_in("zh-hans", "", sku.translations),
        "names": names_of(sku),
        "category": sku.category,
        "barcode": sku.barcode,
        "weight_g": sku.weight_g,
        "dimensions_mm": [sku.length_mm, sku.width_mm, sku.height_mm],
        "tracking": sku.tracking,
        "is_service": sku.is_service,
        "is_large": sku.is_large,
        "created_at": sku.created_at,
    }


def _movement_document(row: StockMovement) -> dict[str, object]:
    return {
        "object": "stock_movement",
        "id": public_id("mov", row.pk),
        "sku": row.sku.code,
        "quantity": row.quantity,
        "kind": row.kind,
        "from": row.from_place.code,
        "to": row.to_place.code,
        "cause": {"type": row.cause_type, "id": row.cause_id, "line": row.cause_line},
        "reason": row.reason,
        "by": row.by.name,
        "at": row.at,
    }
