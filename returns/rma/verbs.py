"""Declares the verbs of a return: approve, decline, receive, inspect, close, cancel."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from erp.access.models import Actor
from erp.errors import FieldError, Invalid, repeated
from erp.ids import primary_key, public_id
from erp.shapes import Words
from erp.verbs import Ask, Bulk, Noun, Verb, units_in
from inventory.models import Warehouse
from inventory.stock.states import DocumentStatus
from returns.rma.actions import (
    Verdict,
    approve_return,
    cancel_return,
    close_return,
    decline_return,
    inspect_return,
    receive_return,
)
from returns.rma.models import ReturnAuthorization
from returns.rma.queries import find_return, read_return, with_write_offs
from returns.rma.states import RETURN

NOUN: Noun[ReturnAuthorization] = Noun(
    name="return",
    path="returns/<str:number>",
    argument="return_id",
    right="returns.view",
    find=find_return,
    show=read_return,
    page=lambda row: f"/returns/{row.number}/",
    machine=RETURN,
)


class ReturnVerb(msgspec.Struct, forbid_unknown_fields=True):
    reason: str = ""


class DeclineBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why, in words that the customer may read."""

    reason: Annotated[str, Ask(gettext_lazy("Reason"))] = ""


class ReceivedLine(msgspec.Struct, forbid_unknown_fields=True):
    line: str
    quantity: int


def _received_lines(
    said: QueryDict, _name: str, row: ReturnAuthorization
) -> list[dict[str, object]]:
    """The units that a form says came back, by line."""
    units = {pk: units_in(said, f"receive-{pk}") for pk in _line_ids(row)}
    return [{"line": public_id("rline", pk), "quantity": n} for pk, n in units.items() if n]


def _inspected_lines(
    said: QueryDict, _name: str, row: ReturnAuthorization
) -> list[dict[str, object]]:
    """The units that a form says were looked at, by line, and what becomes of them."""
    units = {pk: units_in(said, f"inspect-{pk}") for pk in _line_ids(row)}
    return [
        {
            "line": public_id("rline", pk),
            "quantity": n,
            "disposition": said.get(f"disposition-{pk}", "restock"),
            "condition": said.get(f"condition-{pk}", ""),
        }
        for pk, n in units.items()
        if n
    ]


def _line_ids(row: ReturnAuthorization) -> list[int]:
    return list(row.lines.order_by("pk").values_list("pk", flat=True))


class ReceiveBody(msgspec.Struct, forbid_unknown_fields=True):
    lines: Annotated[list[ReceivedLine] | None, Ask(read=_received_lines)] = None
    warehouse: str = ""


class InspectedLine(msgspec.Struct, forbid_unknown_fields=True):
    line: str
    quantity: int
    disposition: str
    condition: str = ""


class InspectBody(msgspec.Struct, forbid_unknown_fields=True):
    lines: Annotated[list[InspectedLine], Ask(read=_inspected_lines)]
    warehouse: str = ""


def nothing(_row: object, _body: ReturnVerb, _by: Actor) -> Mapping[str, object]:
    """No argument: the action asks for none, whatever reason is given."""
    return {}


def _line(public: str, index: int) -> int:
    pk = primary_key("rline", public)
    if pk is None:
        raise Invalid(
            errors=[
                FieldError(
                    f"/lines/{index}/line", "unknown-line", _("Not a line of this document.")
                )
            ]
        )
    return pk


def _warehouse(code: str) -> int | None:
    if not code:
        return None
    pk = Warehouse.objects.filter(code=code).values_list("pk", flat=True).first()
    if pk is None:
        raise Invalid(
            errors=[FieldError("/warehouse", "unknown", _("There is no such warehouse."))]
        )
    return pk


def _received(_row: ReturnAuthorization, body: ReceiveBody, _by: Actor) -> Mapping[str, object]:
    units = None
    if body.lines is not None:
        if errors := repeated([line.line for line in body.lines]):
            raise Invalid(errors=errors)
        units = {_line(line.line, n): line.quantity for n, line in enumerate(body.lines)}
    return {"units": units, "warehouse_id": _warehouse(body.warehouse)}


def _inspected(_row: ReturnAuthorization, body: InspectBody, _by: Actor) -> Mapping[str, object]:
    verdicts = [
        Verdict(_line(line.line, n), line.quantity, line.disposition, line.condition)
        for n, line in enumerate(body.lines)
    ]
    return {"verdicts": verdicts, "warehouse_id": _warehouse(body.warehouse)}


def _said(row: ReturnAuthorization) -> Words:
    """What is said of an inspection: where what it scrapped is above the limit, that it waits."""
    found = with_write_offs(ReturnAuthorization.objects.filter(pk=row.pk)).get().write_offs
    if any(one["status"] == DocumentStatus.WAITING for one in found):
        return _(
            "Inspected. The scrapped goods wait for another person to approve their write-off."
        )
    return _("Inspected.")


APPROVE: Verb[ReturnAuthorization, ReturnVerb] = Verb(
    "approve",
    approve_return,
    "returns.approve",
    "Approve a return",
    pgettext_lazy("return", "Approve"),
    gettext_lazy("Approved."),
    body=ReturnVerb,
    arguments=nothing,
    state="approve",
    place="head",
    bulk=Bulk(),
)
DECLINE: Verb[ReturnAuthorization, DeclineBody] = Verb(
    "decline",
    decline_return,
    "returns.decline",
    "Decline a return",
    gettext_lazy("Decline"),
    gettext_lazy("Declined."),
    body=DeclineBody,
    state="decline",
    place="head",
    bulk=Bulk(),
    is_grave=True,
)
CANCEL: Verb[ReturnAuthorization, ReturnVerb] = Verb(
    "cancel",
    cancel_return,
    "returns.cancel",
    "Cancel a return",
    gettext_lazy("Cancel this return"),
    gettext_lazy("Cancelled."),
    body=ReturnVerb,
    arguments=nothing,
    state="cancel",
)
CLOSE: Verb[ReturnAuthorization, ReturnVerb] = Verb(
    "close",
    close_return,
    "returns.close",
    "Close a return",
    gettext_lazy("Close"),
    gettext_lazy("Closed."),
    body=ReturnVerb,
    arguments=nothing,
    state="close",
    place="head",
)
RECEIVE: Verb[ReturnAuthorization, ReceiveBody] = Verb(
    "receive",
    receive_return,
    "returns.receive",
    "Receive returned goods",
    gettext_lazy("Receive"),
    gettext_lazy("Received."),
    body=ReceiveBody,
    arguments=_received,
    state="receive",
)
INSPECT: Verb[ReturnAuthorization, InspectBody] = Verb(
    "inspect",
    inspect_return,
    "returns.inspect",
    "Inspect returned goods",
    gettext_lazy("Inspect"),
    gettext_lazy("Inspected."),
    body=InspectBody,
    arguments=_inspected,
    state="inspect",
    said=_said,
)

VERBS = (APPROVE, DECLINE, CANCEL, CLOSE, RECEIVE, INSPECT)
