"""Reads returns for pages, the API and other stages."""

from collections.abc import Sequence

from django.db.models import QuerySet

from erp.access.models import Actor
from erp.api.values import stamp
from erp.ids import primary_key, public_id
from erp.queries import find_one
from erp.verbs import startable_verbs
from inventory.stock.queries import write_offs_of, write_offs_shown
from returns.rma.models import ReturnAuthorization

CAUSE = "return"  # as movements and stock documents name a return


def with_write_offs(rows: QuerySet[ReturnAuthorization]) -> QuerySet[ReturnAuthorization]:
    """Returns with all that their document shows: order, lines, and the write-offs of what was scrapped."""
    rows = rows.select_related("order").prefetch_related("lines")
    return rows.annotate(**write_offs_of(CAUSE))


def returns_visible_to(actor: Actor) -> QuerySet[ReturnAuthorization]:
    """The returns an actor may know of."""
    if actor.channel_id is not None:
        return ReturnAuthorization.objects.filter(channel_id=actor.channel_id)
    return ReturnAuthorization.objects.all()


def find_return(actor: Actor, number: str) -> ReturnAuthorization:
    """The return of this number, or public id, that an actor may know of; raises NotFound."""
    rows = returns_visible_to(actor).select_related("order")
    pk = primary_key("ret", number)
    return find_one(rows.filter(pk=pk) if pk else rows.filter(number=number))


def read_return(pk: int, _actor: Actor | None = None) -> dict[str, object]:
    """The document of one return."""
    return return_document(with_write_offs(ReturnAuthorization.objects.all()).get(pk=pk))


def return_document(row: ReturnAuthorization) -> dict[str, object]:
    """A return, as `with_write_offs` fetches it, as the API shows it."""
    return {
        "object": "return",
        "id": public_id("ret", row.pk),
        "number": row.number,
        "order": row.order.number if row.order else None,
        "status": row.status,
        "currency": row.currency,
        "note": row.note,
        "lines": [
            {
                "id": public_id("rline", line.pk),
                "line": public_id("line", line.order_line_id) if line.order_line_id else None,
                "sku": line.sku_code,
                "quantity": line.quantity,
                "quantity_received": line.quantity_received,
                "quantity_inspected": line.quantity_inspected,
                "quantity_restocked": line.quantity_restocked,
                "reason": line.reason,
                "condition": line.condition,
                "disposition": line.disposition,
                "flag": line.flag or None,
            }
            for line in row.lines.all()
        ],
        "write_offs": write_offs_shown(row.write_offs),
        "allowed_actions": startable_verbs("return", row.status),
        "requested_at": stamp(row.requested_at),
        "received_at": stamp(row.received_at),
        "updated_at": stamp(row.updated_at),
    }


def returns_of_orders(ids: Sequence[int]) -> dict[int, list[dict[str, object]]]:
    """The returns of orders, by order id: what `expand=returns` adds."""
    found: dict[int, list[dict[str, object]]] = {pk: [] for pk in ids}
    rows = ReturnAuthorization.objects.filter(order_id__in=ids).order_by("pk")
    for row in with_write_offs(rows):
        found[row.order_id or 0].append(return_document(row))
    return found


def page_of_return(pk: int) -> str | None:
    """The path of a return's page, by its primary key; None when there is none."""
    number = ReturnAuthorization.objects.filter(pk=pk).values_list("number", flat=True).first()
    return f"/returns/{number}/" if number else None


def returns_named(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Returns as events name them, by primary key."""
    rows = ReturnAuthorization.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: {"id": public_id("ret", pk), "number": number} for pk, number in rows}
