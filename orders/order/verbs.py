"""Declares what can be done to an order, and the order's own verbs: hold, release, mark, note, claim, links."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.errors import Invalid
from erp.ids import primary_key, public_id
from erp.shapes import Reason
from erp.verbs import Ask, Bulk, NoBody, Noun, Verb, separated
from orders.order.actions.claims import claim_order, release_claim
from orders.order.actions.holds import hold_order, release_order
from orders.order.actions.links import withdraw_links
from orders.order.actions.marks import mark_order
from orders.order.actions.timeline import add_note, lock_order
from orders.order.actions.undo import before_of, undo_hold, undo_mark, undo_release
from orders.order.document import OrderFacts
from orders.order.models.order import Hold, Order
from orders.order.queries import find_order, read_order
from orders.order.states import ORDER, Flag, HoldKind

NOUN: Noun[Order] = Noun(
    name="order",
    path="orders/<str:number>",
    argument="order_id",
    right="orders.view",
    find=find_order,
    show=read_order,
    page=lambda order: f"/orders/{order.number}/",
    machine=ORDER,
    lock=lock_order,
)


class HoldBody(msgspec.Struct, forbid_unknown_fields=True):
    kind: Annotated[str, Ask(gettext_lazy("Kind"), HoldKind.choices)]
    reason: Annotated[Reason, Ask(gettext_lazy("Reason"))]
    until: Annotated[datetime | None, Ask(gettext_lazy("Ends automatically at (optional)"))] = None


class ReleaseBody(msgspec.Struct, forbid_unknown_fields=True):
    hold: str | None = None


def _custom(said: QueryDict, _name: str, _order: Order) -> dict[str, str]:
    """A form's custom fields, by code."""
    return {
        name.removeprefix("custom."): str(text)
        for name, text in said.items()
        if name.startswith("custom.")
    }


class MarkBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is; "" takes it away."""

    flag: Annotated[
        str | None,
        Ask(gettext_lazy("Flag"), (("", gettext_lazy("None")), *Flag.choices)),
    ] = None
    remark: str | None = None
    print_remark: str | None = None
    tags: Annotated[list[str] | None, Ask(read=separated)] = None
    custom: Annotated[dict[str, str] | None, Ask(read=_custom)] = None  # "" takes a value away


class NoteBody(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, Ask(gettext_lazy("Note"), control="textarea")]


def _released(order: Order, body: ReleaseBody, by: Actor) -> Mapping[str, object]:
    if body.hold is None:
        return {}
    pk = primary_key("hold", body.hold)
    if pk is None:
        raise Invalid(_("There is no such hold."))
    return {"hold_id": pk}


def _undo_hold(order: Order) -> str:
    """Where the hold just put on an order is taken back."""
    newest = Hold.objects.filter(order=order, released_at=None).latest("pk")
    return f"/orders/{order.number}/release/?hold={public_id('hold', newest.pk)}"


def _may_release(order: OrderFacts) -> bool:
    return order.open_holds > 0


RELEASE: Verb[Order, ReleaseBody] = Verb(
    "release",
    release_order,
    "orders.release",
    "Release an order's holds, or one of them",
    gettext_lazy("Release"),
    gettext_lazy("Released."),
    body=ReleaseBody,
    arguments=_released,
    state="release",
    offered=_may_release,
    place="head",
    bulk=Bulk(before=before_of, undo=undo_release),
    sentences={"hold.released": gettext_lazy("Hold released: %(reason)s")},
)
HOLD: Verb[Order, HoldBody] = Verb(
    "hold",
    hold_order,
    "orders.hold",
    "Put a hold on an order",
    gettext_lazy("Hold"),
    gettext_lazy("On hold."),
    body=HoldBody,
    state="hold",
    undo=_undo_hold,
    place="head",
    bulk=Bulk(asks=("kind", "reason"), before=before_of, undo=undo_hold),
    sentences={"hold.opened": gettext_lazy("Put on hold: %(reason)s")},
)
MARK: Verb[Order, MarkBody] = Verb(
    "mark",
    mark_order,
    "orders.mark",
    "Flag an order, or write remarks on it",
    gettext_lazy("Flag"),
    gettext_lazy("Saved."),
    body=MarkBody,
    path="marks",
    bulk=Bulk(before=before_of, undo=undo_mark),
    sentences={"marked": gettext_lazy("Marked: %(fields)s")},
)
NOTE: Verb[Order, NoteBody] = Verb(
    "note",
    add_note,
    "orders.note",
    "Add to an order's note",
    gettext_lazy("Add a note"),
    gettext_lazy("Saved."),
    body=NoteBody,
    path="notes",
    place="more",
    bulk=Bulk(),
    sentences={"note.added": gettext_lazy("Note added")},
)
CLAIM: Verb[Order, NoBody] = Verb(
    "claim",
    claim_order,
    "orders.release",
    "Claim an order: for half an hour nobody else changes it",
    gettext_lazy("Claim"),
    gettext_lazy("Claimed for 30 minutes."),
    state="hold",
    is_listed=False,
    sentences={"claimed": gettext_lazy("Claimed")},
)
GIVE_BACK: Verb[Order, NoBody] = Verb(
    "give_back",
    release_claim,
    "orders.release",
    "Give a claimed order back",
    gettext_lazy("Release claim"),
    gettext_lazy("Claim released."),
    is_listed=False,
    sentences={"given_back": gettext_lazy("Claim released")},
)

WITHDRAW_LINKS: Verb[Order, NoBody] = Verb(
    "withdraw_links",
    withdraw_links,
    "orders.hold",
    "Withdraw the tracking links of an order that were given out until now",
    gettext_lazy("Withdraw links"),
    gettext_lazy("Links that were sent before work no more. The next message brings a new one."),
    path="links/withdraw",
    place="more",
    sentences={"links.withdrawn": gettext_lazy("Tracking links withdrawn")},
)

VERBS = (HOLD, RELEASE, MARK, NOTE, CLAIM, GIVE_BACK, WITHDRAW_LINKS)
