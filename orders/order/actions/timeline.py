"""Locks an order, appends to its timeline and derives its statuses."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid
from erp.queries import find_one
from orders.order.models.claim import OrderClaim
from orders.order.models.order import Order
from orders.order.models.timeline import OrderEvent


class Claimed(Conflict):
    """Somebody else has claimed the order."""

    code = "taken-by-another"

    def __init__(self, claim: OrderClaim) -> None:
        super().__init__(
            _("%(name)s has claimed this order until %(time)s.")
            % {"name": claim.by.name, "time": f"{timezone.localtime(claim.until):%H:%M}"}
        )


def lock_order(order_id: int, by: Actor | None = None) -> Order:
    """Lock an order until the transaction ends. Every verb on anything of it starts here.

    by   where a person changes it: raises Claimed where another person has taken it
    """
    order = find_one(Order.objects.select_for_update().filter(pk=order_id))
    if by is not None and by.kind == Actor.Kind.PERSON:
        taken = OrderClaim.objects.filter(order=order, until__gt=Now()).exclude(by=by)
        if claim := taken.select_related("by").first():
            raise Claimed(claim)
    return order


def lock_orders(order_ids: Sequence[int]) -> list[Order]:
    """Lock some orders until the transaction ends, in the order of their ids as everybody does."""
    return list(Order.objects.select_for_update().filter(pk__in=order_ids).order_by("pk"))


@transaction.atomic(savepoint=False)
def append_event(
    *, order_id: int, kind: str, by: Actor, now: datetime, data: Mapping[str, object] | None = None
) -> None:
    """Write one step on an order's timeline. `data` holds ids and codes, never names."""
    OrderEvent.objects.create(order_id=order_id, kind=kind, data=data or {}, by=by, at=now)


@transaction.atomic(savepoint=False)
def add_note(*, order_id: int, text: str, by: Actor, now: datetime) -> Order:
    """Add a person's words to the order's own note."""
    require(by, "orders.note")
    if not text.strip():
        raise Invalid(_("Write a note first."))
    order = lock_order(order_id)
    order.note = f"{order.note}\n{text.strip()}".strip()
    order.updated_at = now
    order.save(update_fields=["note", "updated_at"])
    append_event(order_id=order.pk, kind="note.added", by=by, now=now)
    return order


def derive_axes(order_ids: Sequence[int], now: datetime) -> None:
    """Recompute the stored axes of locked orders from their ledgers and counters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT orders_derive(%s, %s)", [list(order_ids), now])
