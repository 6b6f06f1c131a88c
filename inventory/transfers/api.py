"""Transfers over the API."""

from collections.abc import Callable
from datetime import date

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
from inventory.counting.api import UnitLine, _of
from inventory.stock.document_api import Nothing
from inventory.stock.naming import places_named, units_named, warehouse_named
from inventory.transfers.actions import (
    cancel_transfer,
    draft_transfer,
    receive_transfer,
    ship_transfer,
)
from inventory.transfers.document import transfer_document
from inventory.transfers.models import Transfer
from inventory.transfers.states import TransferStatus


class NewTransfer(msgspec.Struct, forbid_unknown_fields=True):
    from_warehouse: str
    to_warehouse: str
    lines: list[UnitLine]
    note: str = ""
    expected_on: date | None = None


class TransferArrival(msgspec.Struct, forbid_unknown_fields=True):
    """What arrived; without lines everything. `close`: what is missing will not come any more."""

    lines: list[UnitLine] = []
    bin: str = ""
    close: bool = False


class Transfers(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.transfer"}

    @operation("List transfers, newest first", page=True, query={"status": ""})
    def get(self, request: Request) -> HttpResponse:
        rows = Transfer.objects.select_related("from_warehouse", "to_warehouse")
        if statuses := choices(request, "status", TransferStatus.values):
            rows = rows.filter(status__in=statuses)
        return page_of(
            request,
            rows,
            order=("-id",),
            known=("status",),
            show=lambda found: [transfer_document(row) for row in found],
        )

    @operation("Draft a transfer", body=NewTransfer, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewTransfer)
        return answer_once(
            request,
            raw,
            draft_transfer,
            transfer_document,
            http_status=201,
            from_warehouse_id=warehouse_named(body.from_warehouse, "/from_warehouse").pk,
            to_warehouse_id=warehouse_named(body.to_warehouse, "/to_warehouse").pk,
            units=units_named(body.lines),
            note=body.note,
            expected_on=body.expected_on,
            by=self.actor,
            now=timezone.now(),
        )


class OneTransfer(Endpoint):
    rights = {"get": "inventory.view"}

    @operation("Read a transfer")
    def get(self, request: Request, number: str) -> HttpResponse:
        return answer_json(transfer_document(_of(Transfer, number)))


class _TransferVerb(Endpoint):
    performed: Callable[..., Transfer]

    def take(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        decoded(raw, Nothing)
        return answer_once(
            request,
            raw,
            type(self).performed,
            transfer_document,
            transfer_id=_of(Transfer, number).pk,
            by=self.actor,
            now=timezone.now(),
        )


class ShipTransfer(_TransferVerb):
    rights = {"post": "inventory.transfer"}
    performed = staticmethod(ship_transfer)

    @operation("Let a transfer leave", body=Nothing, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class CancelTransfer(_TransferVerb):
    rights = {"post": "inventory.transfer"}
    performed = staticmethod(cancel_transfer)

    @operation("Give a transfer up that has not left", body=Nothing, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class ReceiveTransfer(Endpoint):
    rights = {"post": "inventory.transfer"}

    @operation("Receive a transfer", body=TransferArrival, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, TransferArrival)
        transfer = _of(Transfer, number)
        lines = {line.sku_id: line for line in transfer.lines.all()}
        if body.lines:
            asked = units_named(body.lines)
            units = {lines[sku].pk if sku in lines else 0: n for sku, n in asked.items()}
        elif body.close:
            units = {}
        else:
            units = {
                line.pk: line.quantity_shipped - line.quantity_received - line.quantity_lost
                for line in lines.values()
            }
        place = places_named(transfer.to_warehouse, [body.bin]).get(body.bin)
        if body.bin and place is None:
            raise Invalid(errors=[FieldError("/bin", "unknown", _("There is no such bin."))])
        return answer_once(
            request,
            raw,
            receive_transfer,
            transfer_document,
            transfer_id=transfer.pk,
            units=units,
            bin_id=place,
            close=body.close,
            by=self.actor,
            now=timezone.now(),
        )
