"""Reads refunds for pages, the API and other stages."""

from collections.abc import Sequence

from django.db.models import QuerySet

from erp.access.models import Actor
from erp.api.values import money, stamp
from erp.ids import primary_key, public_id
from erp.queries import find_one
from erp.verbs import startable_verbs
from returns.refunds.models import Refund


def refunds_visible_to(actor: Actor) -> QuerySet[Refund]:
    """The refunds an actor may know of."""
    if actor.channel_id is not None:
        return Refund.objects.filter(channel_id=actor.channel_id)
    return Refund.objects.all()


def find_refund(actor: Actor, number: str) -> Refund:
    """The refund of this number, or public id, that an actor may know of; raises NotFound."""
    rows = refunds_visible_to(actor).select_related("order", "authorization")
    pk = primary_key("rfd", number)
    return find_one(rows.filter(pk=pk) if pk else rows.filter(number=number))


def read_refund(pk: int, _actor: Actor | None = None) -> dict[str, object]:
    """The document of one refund."""
    rows = Refund.objects.select_related("order", "authorization").prefetch_related("lines")
    return refund_document(rows.get(pk=pk))


def refund_document(row: Refund) -> dict[str, object]:
    """A refund (order, return and lines fetched) as the API shows it."""
    return {
        "object": "refund",
        "id": public_id("rfd", row.pk),
        "number": row.number,
        "order": row.order.number if row.order else None,
        "return": row.authorization.number if row.authorization else None,
        "status": row.status,
        "reason": row.reason,
        "amount": money(row.amount, row.currency),
        "lines": [
            {
                "line": public_id("line", line.order_line_id) if line.order_line_id else None,
                "quantity": line.quantity,
                "amount": money(line.amount, row.currency),
            }
            for line in row.lines.all()
        ],
        "allowed_actions": startable_verbs("refund", row.status),
        "proposed_at": stamp(row.proposed_at),
        "completed_at": stamp(row.completed_at),
        "updated_at": stamp(row.updated_at),
    }


def refunds_named(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Refunds as events name them, by primary key."""
    rows = Refund.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: {"id": public_id("rfd", pk), "number": number} for pk, number in rows}
