"""Declares the verbs of a purchase order: from approving and sending it to receipts and landed cost."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.errors import FieldError, Invalid
from erp.identifiers import Coded, Identified, Identifier, Reference
from erp.money import PRICE_DECIMALS, RATE_DECIMALS
from erp.queries import find_one
from erp.verbs import Ask, Bulk, NoBody, Noun, Verb, units_in
from inventory.purchasing.actions.land_cost import land_cost
from inventory.purchasing.actions.purchase import (
    acknowledge_purchase,
    approve_purchase,
    cancel_purchase,
    close_purchase,
    reschedule_purchase,
    send_purchase,
)
from inventory.purchasing.actions.receive import Arrived, receive_purchase
from inventory.purchasing.document import purchase_document
from inventory.purchasing.models import PurchaseOrder
from inventory.purchasing.queries import why_not_approved
from inventory.purchasing.states import PURCHASE
from inventory.stock.actions.amounts import refuse
from inventory.stock.codes import cost_of, places_named


def find_purchase(_actor: Actor, number: str) -> PurchaseOrder:
    """The purchase order of this number; raises NotFound."""
    rows = PurchaseOrder.objects.select_related("supplier", "warehouse", "by")
    return find_one(rows.filter(number=number))


NOUN: Noun[PurchaseOrder] = Noun(
    name="purchase_order",
    path="purchase-orders/<str:number>",
    argument="purchase_id",
    right="purchasing.view",
    find=find_purchase,
    show=lambda pk, _by: purchase_document(PurchaseOrder.objects.get(pk=pk)),
    page=lambda purchase: f"/purchasing/{purchase.number}/",
    machine=PURCHASE,
)


def decimal_named(
    text: str | None, pointer: str, most_decimals: int = PRICE_DECIMALS
) -> Decimal | None:
    """A cost or a rate as a decimal string; None for none. Raises Invalid at `pointer`."""
    value, flaw = cost_of(text, most_decimals)
    refuse(flaw, pointer)
    return value


def _text(said: QueryDict, name: str, _purchase: PurchaseOrder) -> str | None:
    return str(said.get(name, "")).strip() or None


class Sending(msgspec.Struct, forbid_unknown_fields=True):
    exchange_rate: Annotated[str | None, Ask(read=_text)] = None


class Acknowledgement(msgspec.Struct, forbid_unknown_fields=True):
    reference: Annotated[str, msgspec.Meta(max_length=80)] = ""
    expected_on: date | None = None


class NewDate(msgspec.Struct, forbid_unknown_fields=True):
    """Another day for all lines, or for those of some SKUs."""

    expected_on: Annotated[date, Ask(gettext_lazy("Expected on"))]
    skus: list[str] = []


class ArrivedLine(Identified, msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    good: int = 0
    damaged: int = 0
    quarantine: int = 0
    bin: str = ""
    lot: Coded = ""
    expires_on: date | None = None
    serials: list[Identifier] = []


def _form_lines(said: QueryDict, _name: str, purchase: PurchaseOrder) -> list[dict[str, object]]:
    """The lines of a form that something arrived of."""
    found: list[dict[str, object]] = []
    for pk, sku in purchase.lines.order_by("pk").values_list("pk", "sku__code"):
        units = {n: units_in(said, f"{n}-{pk}") for n in ("good", "damaged", "quarantine")}
        if any(units.values()):
            found.append(
                {
                    "sku": sku,
                    **units,
                    "lot": str(said.get(f"lot-{pk}", "")),
                    "expires_on": str(said.get(f"expires-{pk}", "")) or None,
                    "serials": str(said.get(f"serials-{pk}", "")).split(),
                }
            )
    return found


class Arrival(Identified, msgspec.Struct, forbid_unknown_fields=True):
    lines: Annotated[list[ArrivedLine], Ask(read=_form_lines)]
    reference: Reference = ""
    accept_over: bool = False


class LandedCost(msgspec.Struct, forbid_unknown_fields=True):
    amount: str
    basis: str = "value"


def _sent(_purchase: PurchaseOrder, body: Sending, _by: Actor) -> Mapping[str, object]:
    return {"exchange_rate": decimal_named(body.exchange_rate, "/exchange_rate", RATE_DECIMALS)}


def _acknowledged(
    _purchase: PurchaseOrder, body: Acknowledgement, _by: Actor
) -> Mapping[str, object]:
    return {"reference": body.reference, "expected_on": body.expected_on}


def _rescheduled(purchase: PurchaseOrder, body: NewDate, _by: Actor) -> Mapping[str, object]:
    lines = dict(purchase.lines.values_list("sku__code", "pk"))
    if unknown := [code for code in body.skus if code not in lines]:
        detail = _("Not on this purchase order.")
        at = body.skus.index(unknown[0])
        raise Invalid(errors=[FieldError(f"/skus/{at}", "unknown-sku", detail)])
    ids = [lines[code] for code in body.skus] or None
    return {"expected_on": body.expected_on, "line_ids": ids}


def _arrived(purchase: PurchaseOrder, body: Arrival, _by: Actor) -> Mapping[str, object]:
    lines = dict(purchase.lines.values_list("sku__code", "pk"))
    places = places_named(purchase.warehouse, (row.bin for row in body.lines))
    errors = [
        FieldError(f"/lines/{n}/{field}", "unknown", detail)
        for n, row in enumerate(body.lines)
        for bad, field, detail in (
            (row.sku not in lines, "sku", _("Not on this purchase order.")),
            (row.bin and row.bin not in places, "bin", _("There is no such bin.")),
        )
        if bad
    ]
    if errors:
        raise Invalid(errors=errors)
    arrived = [
        Arrived(
            lines[row.sku],
            row.good,
            row.damaged,
            row.quarantine,
            places.get(row.bin),
            row.lot,
            row.expires_on,
            tuple(row.serials),
        )
        for row in body.lines
    ]
    return {
        "arrived": arrived,
        "reference": body.reference,
        "accept_over": body.accept_over,
    }


def _landed(_purchase: PurchaseOrder, body: LandedCost, _by: Actor) -> Mapping[str, object]:
    value = decimal_named(body.amount, "/amount")
    return {"amount": value or Decimal(0), "basis": body.basis}


APPROVE: Verb[PurchaseOrder, NoBody] = Verb(
    "approve",
    approve_purchase,
    "purchasing.approve",
    "Approve a purchase order",
    gettext_lazy("Approve"),
    gettext_lazy("Approved."),
    state="approve",
    why_not=why_not_approved,
    place="head",
    bulk=Bulk(),
)
SEND: Verb[PurchaseOrder, Sending] = Verb(
    "send",
    send_purchase,
    "purchasing.send",
    "Send a purchase order to its supplier",
    gettext_lazy("Send"),
    gettext_lazy("Sent. The goods now count as incoming."),
    body=Sending,
    arguments=_sent,
    state="send",
    bulk=Bulk(),
)
ACKNOWLEDGE: Verb[PurchaseOrder, Acknowledgement] = Verb(
    "acknowledge",
    acknowledge_purchase,
    "purchasing.acknowledge",
    "Note the supplier's confirmation",
    gettext_lazy("Note the confirmation"),
    gettext_lazy("Supplier's confirmation recorded."),
    body=Acknowledgement,
    arguments=_acknowledged,
    state="acknowledge",
)
RESCHEDULE: Verb[PurchaseOrder, NewDate] = Verb(
    "reschedule",
    reschedule_purchase,
    "purchasing.reschedule",
    "Note another expected date",
    gettext_lazy("Change expected date"),
    gettext_lazy("New expected date recorded."),
    body=NewDate,
    arguments=_rescheduled,
    state="reschedule",
)
RECEIVE: Verb[PurchaseOrder, Arrival] = Verb(
    "receive",
    receive_purchase,
    "inventory.receive",
    "Receive against a purchase order",
    gettext_lazy("Receive"),
    gettext_lazy("Received."),
    body=Arrival,
    arguments=_arrived,
    state="receive",
)
CLOSE: Verb[PurchaseOrder, NoBody] = Verb(
    "close",
    close_purchase,
    "purchasing.close",
    "Close a purchase order short",
    gettext_lazy("Close short"),
    gettext_lazy("Closed. No further goods are expected."),
    state="close",
    place="head",
)
CANCEL: Verb[PurchaseOrder, NoBody] = Verb(
    "cancel",
    cancel_purchase,
    "purchasing.cancel",
    "Call a purchase order off",
    gettext_lazy("Cancel purchase order"),
    gettext_lazy("Purchase order cancelled."),
    state="cancel",
    place="head",
    is_grave=True,
)
LAND: Verb[PurchaseOrder, LandedCost] = Verb(
    "land",
    land_cost,
    "costs.edit",
    "Spread a landed cost over what arrived",
    gettext_lazy("Add landed cost"),
    gettext_lazy("Landed cost allocated to the goods received."),
    body=LandedCost,
    arguments=_landed,
    path="land-cost",
)

VERBS = (APPROVE, SEND, ACKNOWLEDGE, RESCHEDULE, RECEIVE, CLOSE, CANCEL, LAND)
