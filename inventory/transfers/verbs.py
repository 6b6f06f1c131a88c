"""Declares the verbs of a transfer: ship, receive, cancel."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.errors import FieldError, Invalid
from erp.queries import find_one
from erp.shapes import Words
from erp.verbs import Ask, Bulk, NoBody, Noun, Verb, units_in
from inventory.stock.codes import places_named, units_by_row
from inventory.transfers.actions import cancel_transfer, receive_transfer, ship_transfer
from inventory.transfers.models import Transfer
from inventory.transfers.queries import read_transfer, transfers, waits_for_approval
from inventory.transfers.states import TRANSFER


def find_transfer(_actor: Actor, number: str) -> Transfer:
    """The transfer of this number; raises NotFound."""
    return find_one(transfers().filter(number=number))


NOUN: Noun[Transfer] = Noun(
    name="transfer",
    path="stock/transfers/<str:number>",
    argument="transfer_id",
    right="inventory.view",
    find=find_transfer,
    show=read_transfer,
    page=lambda transfer: f"/stock/transfers/{transfer.number}/",
    machine=TRANSFER,
)


class UnitLine(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: int


def _lines(said: QueryDict, _name: str, transfer: Transfer) -> list[dict[str, object]]:
    """A form's units, by line. Raises Invalid where none arrived: to leave lines out means everything."""
    rows = transfer.lines.order_by("pk").values_list("pk", "sku__code")
    units = {sku: units_in(said, f"units-{pk}") for pk, sku in rows}
    if not any(units.values()) and said.get("close") != "1":
        raise Invalid(_("Say how many units arrived."))
    return [{"sku": sku, "quantity": n} for sku, n in units.items() if n]


class TransferArrival(msgspec.Struct, forbid_unknown_fields=True):
    """What arrived; without lines everything. `close`: what is missing will not come any more."""

    lines: Annotated[list[UnitLine], Ask(read=_lines)] = []
    bin: str = ""
    close: bool = False


def _arrived(transfer: Transfer, body: TransferArrival, _by: Actor) -> Mapping[str, object]:
    lines = {line.sku_id: line for line in transfer.lines.all()}
    units: list[tuple[int, int]] = []
    if body.lines:
        units = [
            (lines[sku].pk if sku in lines else 0, count) for sku, count in units_by_row(body.lines)
        ]
    elif not body.close:
        units = [
            (line.pk, line.quantity_shipped - line.quantity_received - line.quantity_lost)
            for line in lines.values()
        ]
    place = places_named(transfer.to_warehouse, [body.bin]).get(body.bin)
    if body.bin and place is None:
        raise Invalid(errors=[FieldError("/bin", "unknown", _("There is no such bin."))])
    return {"units": units, "bin_id": place, "close": body.close}


def _said(transfer: Transfer) -> Words:
    """What is said of a receipt: where what is missing is above the limit, that it waits."""
    if waits_for_approval(transfer):
        return _("What is missing waits for another person to approve its write-off.")
    return _("Received.")


SHIP: Verb[Transfer, NoBody] = Verb(
    "ship",
    ship_transfer,
    "inventory.transfer",
    "Let a transfer leave",
    gettext_lazy("Ship"),
    gettext_lazy("Transfer shipped."),
    state="ship",
    place="head",
    bulk=Bulk(),
)
RECEIVE: Verb[Transfer, TransferArrival] = Verb(
    "receive",
    receive_transfer,
    "inventory.transfer",
    "Receive a transfer",
    gettext_lazy("Receive"),
    gettext_lazy("Received."),
    body=TransferArrival,
    arguments=_arrived,
    state="receive",
    said=_said,
)
CANCEL: Verb[Transfer, NoBody] = Verb(
    "cancel",
    cancel_transfer,
    "inventory.transfer",
    "Give a transfer up that has not left",
    gettext_lazy("Cancel"),
    gettext_lazy("Transfer cancelled."),
    state="cancel",
    place="head",
    is_grave=True,
)

VERBS = (SHIP, RECEIVE, CANCEL)
