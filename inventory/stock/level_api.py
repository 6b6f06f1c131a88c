"""Serves bins, levels, lots, valuation, allotments and policies over the API."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.access.models import Actor
from erp.access.queries import of_own_channel, own_channel
from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    check_parameters,
    decoded,
    moment,
    raw_body,
)
from erp.api.resource import by_value, creation_of, list_of
from erp.api.schema import operation
from erp.errors import FieldError, Invalid
from erp.ids import public_id
from inventory.catalogue.codes import skus_by_code
from inventory.stock.actions.places import add_bins
from inventory.stock.actions.policies import set_allotment, set_policy
from inventory.stock.actions.split import split_level
from inventory.stock.codes import warehouse_named
from inventory.stock.models.allotments import Allotment
from inventory.stock.models.levels import Lot
from inventory.stock.models.places import Place
from inventory.stock.queries import places_of, valuation


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


def sku_named(code: str, pointer: str = "/sku") -> int:
    """The id of the SKU with this code or barcode. Raises Invalid."""
    found = skus_by_code([code]).get(code)
    if found is None:
        raise Invalid(errors=[FieldError(pointer, "unknown-sku", _("There is no such SKU."))])
    return found.pk


def _bins_added(body: NewBins, _by: Actor) -> Mapping[str, object]:
    return {
        "warehouse_id": warehouse_named(body.warehouse).pk,
        "zone": body.zone,
        "codes": body.codes,
        "use": body.use,
    }


def _bin_document(place: Place) -> dict[str, object]:
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


class Bins(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.layout"}
    get = list_of(
        "List bins and other places",
        lambda _actor: Place.objects.filter(warehouse__isnull=False).select_related(
            "warehouse", "zone"
        ),
        lambda row, _by: _bin_document(row),
        filters=(by_value("warehouse", "warehouse__code"),),
        order=("id",),
    )
    post = creation_of(
        "Add bins",
        add_bins,
        body=NewBins,
        arguments=_bins_added,
        show=lambda made, _by: {"data": [_bin_document(row) for row in made]},
    )


class Levels(Endpoint):
    rights = {"get": "inventory.view"}

    @operation(
        "List stock by location, now or at any instant",
        query={"sku": "codes, comma-separated", "at": "a time; without it, now"},
    )
    def get(self, request: Request) -> HttpResponse:
        check_parameters(request, {"sku", "at"})
        codes = [code for code in request.query_params.get("sku", "").split(",") if code][:200]
        return answer_json({"data": places_of(codes=codes, at=moment(request, "at"))})


def _lot_document(lot: Lot) -> dict[str, object]:
    return {
        "object": "lot",
        "sku": lot.sku.code,
        "code": lot.code,
        "made_on": lot.made_on,
        "expires_on": lot.expires_on,
    }


class Lots(Endpoint):
    rights = {"get": "inventory.view"}
    get = list_of(
        "List lots",
        lambda _actor: Lot.objects.select_related("sku"),
        lambda row, _by: _lot_document(row),
        filters=(by_value("sku", "sku__code"),),
    )


class Valuation(Endpoint):
    rights = {"get": "costs.view"}

    @operation("Read the stock valuation, now or at any instant", query={"at": "a time"})
    def get(self, request: Request) -> HttpResponse:
        check_parameters(request, {"at"})
        rows = valuation(at=moment(request, "at"))
        return answer_json(
            {
                "total": f"{sum((row['value'] for row in rows), Decimal(0)):f}",
                "data": [
                    row | {"value": f"{row['value']:f}", "average": f"{row['average']:f}"}
                    for row in rows
                ],
            }
        )


def _allotment_set(body: NewAllotment, by: Actor) -> Mapping[str, object]:
    return {
        "channel_id": own_channel(by, body.channel).pk,
        "kind": body.kind,
        "value": body.value,
        "sku_id": sku_named(body.sku) if body.sku else None,
        "warehouse_id": warehouse_named(body.warehouse).pk if body.warehouse else None,
    }


def _allotment_document(row: Allotment | None) -> dict[str, object]:
    if row is None:  # it was set to nothing
        return {"object": "allotment", "value": 0}
    return {
        "object": "allotment",
        "id": public_id("alt", row.pk),
        "channel": row.channel.code,
        "kind": row.kind,
        "value": row.value,
        "sku": row.sku.code if row.sku else None,
        "warehouse": row.warehouse.code if row.warehouse else None,
    }


class Allotments(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.allot"}
    get = list_of(
        "List channel allotments",
        lambda actor: of_own_channel(
            Allotment.objects.filter(is_active=True).select_related("channel", "sku", "warehouse"),
            actor,
        ),
        lambda row, _by: _allotment_document(row),
        filters=(by_value("channel", "channel__code"),),
    )
    post = creation_of(
        "Set a channel allotment",
        set_allotment,
        body=NewAllotment,
        arguments=_allotment_set,
        show=lambda row, _by: _allotment_document(row),
    )


def _level_named(body: NewPolicy | NewSplit) -> dict[str, object]:
    """The SKU and the warehouse whose stock level a body names. Raises Invalid."""
    return {"sku_id": sku_named(body.sku), "warehouse_id": warehouse_named(body.warehouse).pk}


class Policies(Endpoint):
    rights = {"post": "inventory.allot"}

    @operation("Set safety stock and reorder limits", body=NewPolicy, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewPolicy)
        return answer_once(
            request,
            raw,
            set_policy,
            lambda policy: {
                "object": "stock_policy",
                "sku": body.sku,
                "warehouse": body.warehouse,
                "safety": policy.safety,
                "reorder_point": policy.reorder_point,
                "order_up_to": policy.order_up_to,
            },
            lambda: _level_named(body),
            safety=body.safety,
            reorder_point=body.reorder_point,
            order_up_to=body.order_up_to,
            by=self.actor,
            now=timezone.now(),
        )


class Splits(Endpoint):
    rights = {"post": "inventory.allot"}

    @operation(
        "Shard a stock level for a flash sale, or merge it (1)", body=NewSplit, idempotency=False
    )
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewSplit)
        return answer_once(
            request,
            raw,
            split_level,
            lambda parts: {
                "object": "split",
                "sku": body.sku,
                "warehouse": body.warehouse,
                "parts": parts,
            },
            lambda: _level_named(body),
            parts=body.parts,
            by=self.actor,
            now=timezone.now(),
        )
