"""Declares the verbs of changes: cancel, change, undo, edit, merge, split, seal, and ask about short goods."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from erp.access.models import Actor
from erp.errors import FieldError, Invalid, NotFound, repeated
from erp.ids import primary_key
from erp.shapes import Reason
from erp.verbs import Ask, Bulk, NoBody, Verb
from orders.changes.actions.cancel import cancel_units
from orders.changes.actions.change import change_order, undo_change
from orders.changes.actions.choice import offer_choice
from orders.changes.actions.edit import FIELDS, edit_order
from orders.changes.actions.effect import Wanted
from orders.changes.actions.merge import merge_orders, seal_order, unmerge_order
from orders.changes.actions.split import split_order
from orders.changes.actions.unsplit import unsplit_order
from orders.customers.contacts import Amount
from orders.order.document import OrderFacts
from orders.order.models.order import Order, OrderAddress
from orders.order.queries import find_order


class LineUnits(msgspec.Struct, forbid_unknown_fields=True):
    """How many units of a line are wanted; 0 takes it out. `line` is its id."""

    line: str
    quantity: int


def units_of(order: Order, lines: Sequence[LineUnits]) -> dict[int, int]:
    """Units by order line id, of lines named by their public ids.

    Raises Invalid naming one that is not there, or stands twice: the last would count in silence.
    """
    known = set(order.lines.values_list("pk", flat=True))
    named = [primary_key("line", line.line) for line in lines]
    errors = [
        FieldError(f"/lines/{n}/line", "unknown", _("Not a line of this order."))
        for n, pk in enumerate(named)
        if pk not in known
    ]
    errors += repeated(named)
    if errors:
        raise Invalid(errors=errors)
    return {pk: line.quantity for pk, line in zip(named, lines, strict=True) if pk is not None}


class NewLine(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: int


class ChangeBody(msgspec.Struct, forbid_unknown_fields=True):
    """A change set. `total`, where it is given, is what the order's total was shown to become."""

    lines: list[LineUnits] = []
    added: list[NewLine] = []
    shipping_service: str = ""
    reason: Reason = ""
    total: Amount | None = None


def wanted_of(order: Order, body: ChangeBody) -> Wanted:
    """A change as the API says it: lines by their ids. Raises Invalid for one that is not the order's."""
    return Wanted(
        units=units_of(order, body.lines),
        added=[(line.sku, line.quantity) for line in body.added],
        service=body.shipping_service,
    )


def _changed(order: Order, body: ChangeBody, _by: Actor) -> Mapping[str, object]:
    return {
        "wanted": wanted_of(order, body),
        "reason": body.reason,
        "total": _total_shown(body.total, order.currency),
    }


def _total_shown(total: Amount | None, currency: str) -> Decimal | None:
    """The total that the caller was shown; raises Invalid for one that cannot be read: it guards the change."""
    if total is None:
        return None
    amount = total.decimal()
    if amount is None:
        text = _("An amount is a plain decimal number.")
        raise Invalid(errors=[FieldError("/total/amount", "malformed", text)])
    if total.currency != currency:
        text = _("The order is in %(currency)s.") % {"currency": currency}
        raise Invalid(errors=[FieldError("/total/currency", "wrong-currency", text)])
    return amount


class CancelBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why; `lines` names the units to cancel, without it all that has not shipped is."""

    reason: Annotated[Reason, Ask(gettext_lazy("Reason"))]
    note: str = ""
    lines: list[LineUnits] | None = None


def _cancelled(order: Order, body: CancelBody, _by: Actor) -> Mapping[str, object]:
    units = None if body.lines is None else units_of(order, body.lines)
    return {"units": units, "reason": body.reason, "note": body.note}


class EditBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    city: str | None = None
    note: str | None = None


def _edited(order: Order, body: EditBody, _by: Actor) -> Mapping[str, object]:
    """The fields that are given, and what they are now: one that changes meanwhile is refused."""
    address = OrderAddress.objects.filter(order=order, kind="shipping").first()
    now = {name: getattr(address, name, "") for name in FIELDS} | {"note": order.note}
    given = msgspec.structs.asdict(body)
    wanted = {name: given[name] for name in FIELDS if given[name] is not None}
    return {"was": {name: now[name] for name in wanted}, "wanted": wanted}


MOST_MERGED = 50


class MergeBody(msgspec.Struct, forbid_unknown_fields=True):
    """The numbers of the orders that become part of this one: each is looked for by itself."""

    orders: Annotated[
        list[str],
        msgspec.Meta(max_length=MOST_MERGED),
        Ask(read=lambda said, _name, _order: said.getlist("with")),
    ]
    reason: Reason = ""


def _others(_order: Order, body: MergeBody, by: Actor) -> Mapping[str, object]:
    ids, errors = [], []
    for n, number in enumerate(body.orders):
        try:
            ids.append(find_order(by, number).pk)
        except NotFound:
            errors.append(FieldError(f"/orders/{n}", "unknown", _("There is no such order.")))
    if errors:
        raise Invalid(errors=errors)
    return {"other_ids": ids, "reason": body.reason}


class SplitBody(msgspec.Struct, forbid_unknown_fields=True):
    """What goes into a new order; `short_first`: units that wait for goods go first."""

    lines: list[LineUnits]
    reason: Reason
    short_first: bool = False


def _divided(order: Order, body: SplitBody, _by: Actor) -> Mapping[str, object]:
    units = units_of(order, body.lines)
    return {"units": units, "short_first": body.short_first, "reason": body.reason}


class SealBody(msgspec.Struct, forbid_unknown_fields=True):
    sealed: bool


def _sealed(_order: Order, body: SealBody, _by: Actor) -> Mapping[str, object]:
    return {"is_sealed": body.sealed}


def _may_cancel(order: OrderFacts) -> bool:
    return not order.has_shipped or order.fulfillment_status == "partial"


def _is_untouched(order: OrderFacts) -> bool:
    return order.is_untouched


def _can_ask(order: OrderFacts) -> bool:
    return order.is_untouched and order.is_short


CANCEL: Verb[Order, CancelBody] = Verb(
    "cancel",
    cancel_units,
    "orders.cancel",
    "Cancel an order, or units of it that have not shipped",
    gettext_lazy("Cancel this order"),
    gettext_lazy("Cancelled; the stock has been released."),
    body=CancelBody,
    arguments=_cancelled,
    state="cancel",
    offered=_may_cancel,
    place="head",
    button=pgettext_lazy("verb", "Cancel"),
    is_grave=True,
    warning=gettext_lazy(
        "Its stock is released immediately and what has not shipped will not ship."
    ),
    bulk=Bulk(gettext_lazy("Cancel orders")),
    sentences={
        "cancelled": gettext_lazy("Cancelled: %(reason)s"),
        "cancelled.part": gettext_lazy("%(units)s units cancelled: %(reason)s"),
    },
)
CHANGE: Verb[Order, ChangeBody] = Verb(
    "change",
    change_order,
    "orders.edit",
    "Change units, lines or shipping of an order",
    gettext_lazy("Change"),
    gettext_lazy("Changed."),
    body=ChangeBody,
    arguments=_changed,
    state="edit",
    offered=_is_untouched,
    path="changes",
    is_version_required=True,
    sentences={
        "changed": gettext_lazy(
            "Lines or shipping changed: %(total)s %(currency)s instead of %(was)s"
        )
    },
)
UNDO_CHANGE: Verb[Order, NoBody] = Verb(
    "undo_change",
    undo_change,
    "orders.edit",
    "Undo the newest change of an order",
    gettext_lazy("Undo the change"),
    gettext_lazy("Undone."),
    path="changes/undo",
    is_listed=False,
    sentences={
        "change.undone": gettext_lazy(
            "The change was undone: %(total)s %(currency)s instead of %(was)s"
        )
    },
)
EDIT: Verb[Order, EditBody] = Verb(
    "edit",
    edit_order,
    "orders.edit",
    "Correct the contact, the address or the note of an order",
    gettext_lazy("Edit"),
    gettext_lazy("Saved."),
    body=EditBody,
    arguments=_edited,
    state="edit",
    sentences={"edited": gettext_lazy("Changed: %(fields)s")},
)
OFFER_CHOICE: Verb[Order, NoBody] = Verb(
    "offer_choice",
    offer_choice,
    "orders.hold",
    "Ask the customer of an order what to do about short goods",
    gettext_lazy("Ask the customer"),
    gettext_lazy("The customer has been asked."),
    state="hold",
    offered=_can_ask,
    path="choice",
    sentences={"choice.offered": gettext_lazy("Customer asked about missing items")},
)
MERGE: Verb[Order, MergeBody] = Verb(
    "merge",
    merge_orders,
    "orders.edit",
    "Let an order take in others",
    gettext_lazy("Merge"),
    gettext_lazy("Orders merged."),
    body=MergeBody,
    arguments=_others,
    is_listed=False,
    sentences={
        "merged": gettext_lazy("%(order)s was merged into this order"),
        "merged.into": gettext_lazy("Merged into %(order)s"),
    },
)
UNMERGE: Verb[Order, NoBody] = Verb(
    "unmerge",
    unmerge_order,
    "orders.edit",
    "Take an order out of the one it was merged into",
    gettext_lazy("Take apart again"),
    gettext_lazy("Merge undone: two orders again."),
    is_listed=False,
    sentences={"unmerged": gettext_lazy("Unmerged from %(order)s")},
)
SPLIT: Verb[Order, SplitBody] = Verb(
    "split",
    split_order,
    "orders.edit",
    "Give units of an order to a new one",
    gettext_lazy("Split"),
    gettext_lazy("They are two orders now."),
    body=SplitBody,
    arguments=_divided,
    is_listed=False,
    sentences={
        "split": gettext_lazy("%(order)s was split off"),
        "split.from": gettext_lazy("Split from %(order)s"),
    },
)
UNSPLIT: Verb[Order, NoBody] = Verb(
    "unsplit",
    unsplit_order,
    "orders.edit",
    "Join an order with the one it was split off",
    gettext_lazy("Undo split"),
    gettext_lazy("Split undone: one order again."),
    is_listed=False,
    sentences={"unsplit": gettext_lazy("%(order)s was joined to this order again")},
)
SEAL: Verb[Order, SealBody] = Verb(
    "seal",
    seal_order,
    "orders.edit",
    "Seal an order: it is neither merged nor split",
    gettext_lazy("Seal"),
    gettext_lazy("Saved."),
    body=SealBody,
    arguments=_sealed,
    sentences={
        "sealed": gettext_lazy("Locked against merging and splitting"),
        "unsealed": gettext_lazy("Unlocked for merging and splitting"),
    },
)

VERBS = (
    CANCEL,
    CHANGE,
    UNDO_CHANGE,
    EDIT,
    OFFER_CHOICE,
    MERGE,
    UNMERGE,
    SPLIT,
    UNSPLIT,
    SEAL,
)
