"""Serves transfers over the API."""

from datetime import date

import msgspec
from django.http import HttpResponse
from django.utils import timezone
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
from inventory.stock.naming import units_named, warehouse_named
from inventory.transfers.actions import draft_transfer
from inventory.transfers.document import transfer_document
from inventory.transfers.models import Transfer
from inventory.transfers.states import TransferStatus
from inventory.transfers.verbs import UnitLine, find_transfer


class NewTransfer(msgspec.Struct, forbid_unknown_fields=True):
    from_warehouse: str
    to_warehouse: str
    lines: list[UnitLine]
    note: str = ""
    expected_on: date | None = None


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
        return answer_json(transfer_document(find_transfer(self.actor, number)))
