"""Serves transfers over the API."""

from collections.abc import Mapping
from datetime import date

import msgspec

from erp.access.models import Actor
from erp.api.endpoint import Endpoint
from erp.api.resource import by_choice, creation_of, document_of, list_of
from erp.shapes import Reason
from inventory.stock.codes import units_named, warehouse_named
from inventory.transfers.actions import draft_transfer
from inventory.transfers.document import transfer_document
from inventory.transfers.queries import read_transfer, transfers
from inventory.transfers.states import TransferStatus
from inventory.transfers.verbs import UnitLine, find_transfer


class NewTransfer(msgspec.Struct, forbid_unknown_fields=True):
    from_warehouse: str
    to_warehouse: str
    lines: list[UnitLine]
    note: Reason = ""
    expected_on: date | None = None


def _drafted(body: NewTransfer, _by: Actor) -> Mapping[str, object]:
    return {
        "from_warehouse_id": warehouse_named(body.from_warehouse, "/from_warehouse").pk,
        "to_warehouse_id": warehouse_named(body.to_warehouse, "/to_warehouse").pk,
        "units": units_named(body.lines),
        "note": body.note,
        "expected_on": body.expected_on,
    }


class Transfers(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.transfer"}
    get = list_of(
        "List transfers, newest first",
        lambda _actor: transfers(),
        lambda row, _by: transfer_document(row),
        filters=(by_choice("status", TransferStatus.values),),
    )
    post = creation_of(
        "Draft a transfer",
        draft_transfer,
        body=NewTransfer,
        arguments=_drafted,
        show=lambda row, by: read_transfer(row.pk, by),
    )


class OneTransfer(Endpoint):
    rights = {"get": "inventory.view"}
    get = document_of("Read a transfer", find_transfer, lambda row, _by: transfer_document(row))
