"""Serves receipts, write-offs, vendor returns, moves and their documents over the API."""

from collections.abc import Mapping

import msgspec
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.api.endpoint import Endpoint
from erp.api.resource import by_choice, creation_of, list_of
from erp.errors import FieldError, Invalid
from erp.identifiers import Coded, Identified, Identifier, Reference
from erp.shapes import Reason
from inventory.catalogue.codes import StockLine, skus_by_code
from inventory.stock.actions.adjust import write_off
from inventory.stock.actions.move import Carry, move_stock
from inventory.stock.actions.receive import receive_stock
from inventory.stock.codes import changes_named, lots_named, places_named, warehouse_named
from inventory.stock.document import stock_document
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.places import Warehouse
from inventory.stock.queries import documents_visible_to
from inventory.stock.states import DocumentStatus


class NewReceipt(Identified, msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    lines: list[StockLine]
    reference: Reference = ""


class NewWriteOff(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    lines: list[StockLine]
    reason: Reason


class MoveLine(Identified, msgspec.Struct, forbid_unknown_fields=True, rename={"from_bin": "from"}):
    sku: str
    quantity: int
    from_bin: str
    to: str
    lot: Coded = ""
    serials: list[Identifier] = []


class NewMove(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    lines: list[MoveLine]
    reason: Reason = ""


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


def _received(body: NewReceipt, _by: Actor) -> Mapping[str, object]:
    warehouse = warehouse_named(body.warehouse)
    changes = changes_named(warehouse, body.lines)
    return {"warehouse_id": warehouse.pk, "changes": changes, "reference": body.reference}


def _written_off(body: NewWriteOff, _by: Actor) -> Mapping[str, object]:
    warehouse = warehouse_named(body.warehouse)
    changes = changes_named(warehouse, body.lines, leaving=True)
    return {"warehouse_id": warehouse.pk, "changes": changes, "reason": body.reason}


def _moved(body: NewMove, _by: Actor) -> Mapping[str, object]:
    warehouse = warehouse_named(body.warehouse)
    carries = carries_named(warehouse, body.lines)
    return {"warehouse_id": warehouse.pk, "carries": carries, "reason": body.reason}


def _shown(document: StockDocument, _by: Actor) -> dict[str, object]:
    return stock_document(document)


class Receipts(Endpoint):
    rights = {"post": "inventory.receive"}
    post = creation_of(
        "Receive stock", receive_stock, body=NewReceipt, arguments=_received, show=_shown
    )


class WriteOffs(Endpoint):
    rights = {"post": "inventory.write_off"}
    post = creation_of(
        "Write off stock", write_off, body=NewWriteOff, arguments=_written_off, show=_shown
    )


class Moves(Endpoint):
    rights = {"post": "inventory.move"}
    post = creation_of(
        "Move stock between bins", move_stock, body=NewMove, arguments=_moved, show=_shown
    )


class Documents(Endpoint):
    rights = {"get": "inventory.view"}
    get = list_of(
        "List stock documents, newest first",
        lambda actor: documents_visible_to(actor).select_related("warehouse", "purchase"),
        _shown,
        filters=(
            by_choice("status", DocumentStatus.values),
            by_choice("kind", StockDocument.Kind.values),
        ),
    )
