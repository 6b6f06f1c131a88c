"""Declares the verbs of allocation: who gets goods that are short, and buying more of them."""

from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.verbs import Ask, Bulk, NoBody, Verb
from inventory.purchasing.document import purchase_document
from inventory.purchasing.models import PurchaseOrder
from orders.allocation.actions.buy import buy_for
from orders.allocation.actions.priority import (
    HIGHEST,
    allocate_first,
    prioritise_order,
    undo_priority,
)
from orders.order.actions.undo import before_of
from orders.order.models.order import Order


class PriorityBody(msgspec.Struct, forbid_unknown_fields=True):
    """9 is served first, -9 last; 0 as its customer and channel have it."""

    priority: Annotated[
        int,
        Ask(
            gettext_lazy("Priority in shortages"),
            [(str(n), str(n)) for n in range(HIGHEST, -HIGHEST - 1, -1)],
            value=lambda order: str(order.priority),
        ),
    ]


def _bought(made: list[PurchaseOrder], _pk: int, _by: Actor) -> dict[str, object]:
    return {"object": "list", "data": [purchase_document(purchase) for purchase in made]}


PRIORITISE: Verb[Order, PriorityBody] = Verb(
    "prioritise",
    prioritise_order,
    "orders.allocate",
    "Say how early an order is served when goods are short",
    gettext_lazy("Priority"),
    gettext_lazy("Saved."),
    body=PriorityBody,
    path="priority",
    state="edit",
    place="more",
    bulk=Bulk(before=before_of, undo=undo_priority),
    sentences={"prioritised": gettext_lazy("Priority in shortages: %(priority)s")},
)
SERVE_FIRST: Verb[Order, NoBody] = Verb(
    "allocate_first",
    allocate_first,
    "orders.allocate",
    "Give an order what it lacks, from orders that come after it",
    gettext_lazy("Allocate first"),
    gettext_lazy("Stock allocated to this order. Other orders are now backordered."),
    is_listed=False,
    sentences={
        "stock.given_up": gettext_lazy(
            "%(quantity)s of %(sku)s were reallocated to %(order)s, which has priority; now "
            "backordered"
        )
    },
)
BUY: Verb[Order, NoBody] = Verb(
    "buy",
    buy_for,
    "purchasing.edit",
    "Draft purchase orders for what an order lacks",
    gettext_lazy("Buy for this order"),
    gettext_lazy("Purchase orders drafted."),
    path="purchase-orders",
    status=201,
    is_listed=False,
    shows=_bought,
)

VERBS = (PRIORITISE, SERVE_FIRST, BUY)
