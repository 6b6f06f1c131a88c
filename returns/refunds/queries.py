"""Refunds as pages, the API and other stages read them."""

from collections.abc import Sequence

from django.db.models import QuerySet

from erp.access.models import Actor
from erp.api.values import money, stamp
from erp.ids import public_id
from returns.refunds.models import Refund
from returns.refunds.states import REFUND


def refunds_visible_to(actor: Actor) -> QuerySet[Refund]:
    """The refunds an actor may know of."""
    if actor.channel_id is not None:
        return Refund.objects.filter(channel_id=actor.channel_id)
    return Refund.objects.all()


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
        "allowed_actions": REFUND.verbs_from(row.status),
        "proposed_at": stamp(row.proposed_at),
        "completed_at": stamp(row.completed_at),
        "updated_at": stamp(row.updated_at),
    }


def refunds_named(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Refunds as events name them, by primary key."""
    rows = Refund.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: {"id": public_id("rfd", pk), "number": number} for pk, number in rows}
