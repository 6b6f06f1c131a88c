"""Undoes a bulk action order by order, unless somebody has changed the order since."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.errors import Conflict
from erp.verbs import Done
from orders.order.actions.holds import REASON, hold_order, release_order
from orders.order.actions.marks import mark_order
from orders.order.actions.timeline import lock_order
from orders.order.models.order import Hold, Order


class Before(TypedDict):
    """An order before a bulk action: open holds as [kind, reason, until], flag, priority."""

    holds: list[list[str]]
    flag: str
    priority: int


def before_of(*, order_id: int) -> Before:
    """What bulk actions change of an order, as it is now: its open holds, its flag, its priority."""
    order = lock_order(order_id)
    holds = Hold.objects.filter(order=order, released_at=None).order_by("pk")
    return {
        "holds": [
            [hold.kind, hold.reason, hold.until.isoformat() if hold.until else ""] for hold in holds
        ],
        "flag": order.flag,
        "priority": order.priority,
    }


@transaction.atomic(savepoint=False)
def undo_hold(*, order_id: int, done: Done[Before], by: Actor, now: datetime) -> Order:
    """Release the hold that was put on; raises Conflict where it is no longer there."""
    holds = Hold.objects.filter(
        order=order_id,
        released_at=None,
        kind=done.arguments["kind"],
        reason=str(done.arguments["reason"])[:REASON],  # as it was kept
    )
    newest = holds.order_by("-pk").first()
    if newest is None:
        raise Conflict(_("This hold has already been released."))
    return release_order(order_id=order_id, hold_id=newest.pk, by=by, now=now)


@transaction.atomic(savepoint=False)
def undo_release(*, order_id: int, done: Done[Before], by: Actor, now: datetime) -> Order:
    """Put the holds that were released on again; raises Conflict where nothing is left of that to do."""
    order = lock_order(order_id)
    there = set(Hold.objects.filter(order=order, released_at=None).values_list("kind", "reason"))
    gone = [hold for hold in done.before["holds"] if (hold[0], hold[1]) not in there]
    if not gone:
        raise Conflict(_("The holds are back in place."))
    for kind, reason, until in gone:
        at = parse_datetime(until) if until else None
        hold_order(
            order_id=order_id,
            kind=kind,
            reason=reason,
            until=at if at and at > now else None,
            by=by,
            now=now,
        )
    order.refresh_from_db()
    return order


@transaction.atomic(savepoint=False)
def undo_mark(*, order_id: int, done: Done[Before], by: Actor, now: datetime) -> Order:
    """Give an order the flag that it had; raises Conflict where somebody has set another since."""
    lock_unchanged(order_id, "flag", done.arguments)
    return mark_order(order_id=order_id, flag=done.before["flag"], by=by, now=now)


def lock_unchanged(order_id: int, field: str, arguments: Mapping[str, object]) -> None:
    """Lock an order whose field is still what a bulk action made of it. Raises Conflict."""
    order = lock_order(order_id)
    if getattr(order, field) != arguments[field]:
        raise Conflict(_("Someone else has changed it since."))
