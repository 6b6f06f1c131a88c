"""Declares the verbs of an order draft: place it, or dismiss it."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.ids import primary_key
from erp.queries import find_one
from erp.verbs import Bulk, NoBody, Noun, Verb
from orders.intake.mail.actions.drafts import dismiss_draft, place_typed_order
from orders.intake.mail.document import draft_document
from orders.intake.mail.models import OrderDraft
from orders.intake.mail.queries import drafts_visible_to
from orders.intake.mail.states import DRAFT
from orders.placement.incoming import IncomingOrder


def find_draft(actor: Actor, name: str | int) -> OrderDraft:
    """A draft by its public id, or on pages by its primary key; raises NotFound."""
    pk = name if isinstance(name, int) else primary_key("drf", name)
    return find_one(drafts_visible_to(actor).filter(pk=pk or 0))


def _shown(pk: int, by: Actor) -> dict[str, object]:
    return draft_document(find_draft(by, pk), by)


NOUN: Noun[OrderDraft] = Noun(
    name="draft",
    path="drafts/<str:draft>",
    argument="draft_id",
    right="customers.view",
    find=find_draft,
    show=_shown,
    page=lambda draft: f"/orders/drafts/{draft.pk}/",
    machine=DRAFT,
)


def _order_of(draft: OrderDraft, body: IncomingOrder, _by: Actor) -> Mapping[str, object]:
    return {"incoming": body, "channel": draft.channel}


PLACE: Verb[OrderDraft, IncomingOrder] = Verb(
    "place",
    place_typed_order,
    "orders.place",
    "Place the order that a draft asks for",
    gettext_lazy("Create order"),
    gettext_lazy("Order placed."),
    body=IncomingOrder,
    arguments=_order_of,
    state="place",
    is_key_required=True,
)
DISMISS: Verb[OrderDraft, NoBody] = Verb(
    "dismiss",
    dismiss_draft,
    "orders.place",
    "Mark a draft as not an order",
    gettext_lazy("Not an order"),
    gettext_lazy("Marked as not an order."),
    state="dismiss",
    place="head",
    bulk=Bulk(),
)

VERBS = (PLACE, DISMISS)
