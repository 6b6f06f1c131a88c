"""Changes returns: request, approve, decline, receive in parts, inspect."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Sum
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.document_numbers import next_number
from erp.errors import Invalid, NotFound
from erp.events.record import record_event
from fulfillment.models import FulfillmentOrder
from inventory.models import Place, StockMovement, Warehouse
from inventory.stock.actions.ledger import movement, place_id
from inventory.stock.actions.losses import propose_loss
from inventory.stock.actions.ship import pieces_sold, post_return
from orders.models import Order, OrderLine
from orders.order.actions.progress import record_return_status, record_returned
from orders.order.actions.timeline import append_event, lock_order
from orders.order.queries import made_of
from orders.order.states import ReturnStatus
from returns.rma.decisions import DESTINATIONS, Progress, return_axis, return_step
from returns.rma.models import ReturnAuthorization, ReturnLine
from returns.rma.queries import CAUSE
from returns.rma.states import RETURN, Disposition
from returns.rma.wishes import Wish, check_wishes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an inspection found of one return line."""

    line_id: int
    quantity: int
    disposition: str
    condition: str = ""


def lock_return(return_id: int) -> tuple[ReturnAuthorization, Order]:
    """Lock a return behind its order. Raises NotFound."""
    found = ReturnAuthorization.objects.filter(pk=return_id).values("order_id").first()
    if found is None or found["order_id"] is None:
        raise NotFound
    order = lock_order(found["order_id"])
    return ReturnAuthorization.objects.select_for_update().get(pk=return_id), order


@transaction.atomic(savepoint=False)
def request_return(
    *, order_id: int, wishes: Sequence[Wish], note: str = "", by: Actor, now: datetime
) -> ReturnAuthorization:
    """Request a return of an order's units.

    Never more than was shipped and is not already on its way back. Raises Invalid naming
    each line that asks for too much.
    """
    require(by, "returns.request")
    order = lock_order(order_id)
    lines = {line.pk: line for line in OrderLine.objects.filter(order=order)}
    check_wishes(wishes, lines)
    authorization = ReturnAuthorization.objects.create(
        number=next_number("RMA", "returns_returnauthorization"),
        order=order,
        channel_id=order.channel_id,
        customer_id=order.customer_id,
        status=RETURN.initial,
        currency=order.currency,
        country=order.country,
        note=note[:2000],
        requested_at=now,
        updated_at=now,
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(
            authorization=authorization,
            order_line_id=wish.order_line_id,
            sku_id=lines[wish.order_line_id].sku_id or 0,  # what was shipped has one
            sku_code=lines[wish.order_line_id].sku_code,
            quantity=wish.quantity,
            reason=wish.reason,
            unit_amount=lines[wish.order_line_id].total / lines[wish.order_line_id].quantity_open,
        )
        for wish in wishes
    )
    _record(authorization, order, "return.requested", by, now)
    return authorization


@transaction.atomic(savepoint=False)
def approve_return(*, return_id: int, by: Actor, now: datetime) -> ReturnAuthorization:
    """Approve a return: the customer may send the goods."""
    return _advance(return_id, "approve", "return.approved", by, now)


@transaction.atomic(savepoint=False)
def decline_return(
    *, return_id: int, reason: str = "", by: Actor, now: datetime
) -> ReturnAuthorization:
    """Refuse a return, with a reason the customer may read."""
    return _advance(return_id, "decline", "return.declined", by, now, note=reason)


@transaction.atomic(savepoint=False)
def cancel_return(*, return_id: int, by: Actor, now: datetime) -> ReturnAuthorization:
    """End a return before anything came back."""
    return _advance(return_id, "cancel", "return.cancelled", by, now)


@transaction.atomic(savepoint=False)
def close_return(*, return_id: int, by: Actor, now: datetime) -> ReturnAuthorization:
    """End a return; what has not come back is no longer expected."""
    return _advance(return_id, "close", "return.closed", by, now)


def _advance(
    return_id: int, verb: str, topic: str, by: Actor, now: datetime, note: str = ""
) -> ReturnAuthorization:
    require(by, f"returns.{verb}")
    authorization, order = lock_return(return_id)
    authorization.status = RETURN.next_state(authorization.status, verb)
    fields = ["status", "updated_at"]
    if verb == "approve":
        authorization.approved_at = now
        fields.append("approved_at")
    if verb == "close":
        authorization.closed_at = now
        fields.append("closed_at")
    if note:
        authorization.note = f"{authorization.note}\n{note}".strip()[:2000]
        fields.append("note")
    authorization.updated_at = now
    authorization.save(update_fields=fields)
    _record(authorization, order, topic, by, now)
    return authorization


@transaction.atomic(savepoint=False)
def receive_return(
    *,
    return_id: int,
    warehouse_id: int | None = None,
    units: Mapping[int, int] | None = None,
    by: Actor,
    now: datetime,
) -> ReturnAuthorization:
    """Receive returned goods into quarantine until they are inspected.

    units   units by return line id, None for all that are still expected
    Raises Invalid when more comes back than was announced.
    """
    require(by, "returns.receive")
    authorization, order = lock_return(return_id)
    RETURN.next_state(authorization.status, "receive")
    lines = _lines(authorization)
    left = {pk: line.quantity - line.quantity_received for pk, line in lines.items()}
    came = {pk: n for pk, n in (left if units is None else dict(units)).items() if n}
    if not came or any(pk not in lines or not 0 < n <= left[pk] for pk, n in came.items()):
        raise Invalid(_("Receive at least one and at most the announced units."))
    warehouse_id = warehouse_id or _home(authorization)
    customer, quarantine = (
        place_id(Place.Kind.CUSTOMER),
        place_id(Place.Kind.QUARANTINE, warehouse_id),
    )
    parts = _parts(lines)
    rows: list[StockMovement] = []
    for pk, quantity in sorted(came.items()):
        line = lines[pk]
        step = f"receive@{line.quantity_received}"
        rows += _movements(line, parts, quantity, (customer, quarantine), step, by, now)
        line.quantity_received += quantity
        line.save(update_fields=["quantity_received"])
    post_return(rows=rows, sold_as=_sold_as(lines))
    by_order_line: dict[int, int] = {}
    for pk, quantity in came.items():
        if (order_line := lines[pk].order_line_id) is not None:
            by_order_line[order_line] = by_order_line.get(order_line, 0) + quantity
    record_returned(order=order, units=by_order_line, now=now)
    authorization.received_at = authorization.received_at or now  # the first receipt's
    _step(authorization, lines.values(), now)
    came_back = {str(pk): count for pk, count in sorted(came.items())}
    _record(authorization, order, "return.received", by, now, units=came_back)
    return authorization


@transaction.atomic(savepoint=False)
def inspect_return(
    *,
    return_id: int,
    warehouse_id: int | None = None,
    verdicts: Sequence[Verdict],
    by: Actor,
    now: datetime,
) -> ReturnAuthorization:
    """Inspect returned units: restocked once, or kept off the shelf.

    What is scrapped above the limit of write-offs stays in quarantine until a second person approves its write-off;
    refused, it is there to be moved, or written off again. Raises Invalid for an unknown disposition, or more units
    than were received.
    """
    require(by, "returns.inspect")
    authorization, order = lock_return(return_id)
    RETURN.next_state(authorization.status, "inspect")
    lines = _lines(authorization)
    warehouse_id = warehouse_id or _home(authorization)
    quarantine = place_id(Place.Kind.QUARANTINE, warehouse_id)
    parts = _parts(lines)
    rows: list[StockMovement] = []
    for verdict in verdicts:
        line = lines.get(verdict.line_id)
        if line is None or verdict.disposition not in Disposition.values:
            raise Invalid(
                _("A disposition is one of: %(all)s.") % {"all": ", ".join(Disposition.values)}
            )
        if not 0 < verdict.quantity <= line.quantity_received - line.quantity_inspected:
            raise Invalid(_("Inspect at least one and at most the received units."))
        kind = DESTINATIONS[verdict.disposition]
        if kind is None:
            raise Invalid(_("Goods already returned are no longer with the customer."))
        target = place_id(kind, None if kind == Place.Kind.LOST else warehouse_id)
        step = f"inspect@{line.quantity_inspected}"
        rows += _movements(line, parts, verdict.quantity, (quarantine, target), step, by, now)
        line.quantity_inspected += verdict.quantity
        line.quantity_restocked += verdict.quantity if verdict.disposition == "restock" else 0
        line.disposition, line.condition = verdict.disposition, verdict.condition[:30]
        line.save(
            update_fields=[
                "quantity_inspected",
                "quantity_restocked",
                "disposition",
                "condition",
            ]
        )
    rows = _without_waiting(rows, warehouse_id, _sold_as(lines), by, now)
    post_return(rows=rows, sold_as=_sold_as(lines))
    _step(authorization, lines.values(), now)
    said = [asdict(verdict) for verdict in verdicts]  # the lines know the last one alone
    _record(authorization, order, "return.inspected", by, now, verdicts=said)
    return authorization


def _without_waiting(
    rows: Sequence[StockMovement],
    warehouse_id: int,
    sold_as: Mapping[str, int],
    by: Actor,
    now: datetime,
) -> list[StockMovement]:
    """The movements of an inspection, without its scrap where that has to wait: a write-off proposes it instead."""
    lost = place_id(Place.Kind.LOST)
    scrap = [row for row in rows if row.to_place_id == lost]
    goods = list(zip(scrap, pieces_sold(scrap, sold_as), strict=True))
    waits = bool(scrap) and propose_loss(warehouse_id=warehouse_id, goods=goods, by=by, now=now)
    return [row for row in rows if not waits or row.to_place_id != lost]


def _lines(authorization: ReturnAuthorization) -> dict[int, ReturnLine]:
    rows = authorization.lines.select_related("sku").order_by("pk").select_for_update(of=("self",))
    return {line.pk: line for line in rows}


def _parts(lines: Mapping[int, ReturnLine]) -> dict[int, list[tuple[int, int]]]:
    return made_of({row.order_line_id: row.sku_id for row in lines.values() if row.order_line_id})


def _sold_as(lines: Mapping[int, ReturnLine]) -> dict[str, int]:
    return {str(pk): row.order_line_id for pk, row in lines.items() if row.order_line_id}


def _home(authorization: ReturnAuthorization) -> int:
    """The warehouse goods come back to when nobody says: the one that sent them, or the first."""
    sent = FulfillmentOrder.objects.filter(order=authorization.order, status="shipped")
    pk = sent.order_by("pk").values_list("warehouse_id", flat=True).first()
    return pk or Warehouse.objects.filter(is_active=True).order_by("priority", "pk")[0].pk


def _movements(
    line: ReturnLine,
    parts: Mapping[int, Sequence[tuple[int, int]]],
    quantity: int,
    way: tuple[int, int],
    step: str,
    by: Actor,
    now: datetime,
) -> list[StockMovement]:
    """Units of a line going from a place to another; of a bundle, its parts."""
    if line.sku.is_service or way[0] == way[1]:
        return []
    made = parts.get(line.order_line_id or 0) or [(line.sku_id, 1)]
    return [
        movement(
            sku_id=sku_id,
            quantity=quantity * each,
            from_id=way[0],
            to_id=way[1],
            kind="return",
            cause=(CAUSE, line.authorization_id, line.pk),
            step=step,
            by=by,
            at=now,
        )
        for sku_id, each in made
    ]


def _step(authorization: ReturnAuthorization, lines: Iterable[ReturnLine], now: datetime) -> None:
    progress = [
        Progress(line.quantity, line.quantity_received, line.quantity_inspected) for line in lines
    ]
    step = return_step(progress)
    if step and authorization.status in RETURN.transitions[step][0]:
        authorization.status = RETURN.next_state(authorization.status, step)
    authorization.updated_at = now
    authorization.save(update_fields=["status", "updated_at", "received_at"])


def _record(
    authorization: ReturnAuthorization,
    order: Order,
    topic: str,
    by: Actor,
    now: datetime,
    **facts: object,
) -> None:
    returned = OrderLine.objects.filter(order=order).aggregate(n=Sum("quantity_returned"))["n"] or 0
    statuses = list(
        ReturnAuthorization.objects.filter(order=order).values_list("status", flat=True)
    )
    record_return_status(order=order, status=ReturnStatus(return_axis(statuses, returned)), now=now)
    append_event(
        order_id=order.pk,
        kind=topic,
        by=by,
        now=now,
        data={"return": authorization.number, **facts},
    )
    record_event(
        topic,
        subject=f"return:{authorization.pk}",
        channel_id=authorization.channel_id,
        return_id=authorization.pk,
        order_id=order.pk,
    )


@transaction.atomic(savepoint=False)
def follow_customers(*, customer_ids: Sequence[int]) -> int:
    """Give returns the customer that their order has by now; say how many changed.

    Returns of no order stay with whom they were opened for.
    """
    whose = Order.objects.filter(pk=OuterRef("order_id")).values("customer_id")
    rows = ReturnAuthorization.objects.filter(customer__in=customer_ids, order__isnull=False)
    return rows.exclude(customer=F("order__customer")).update(customer_id=Subquery(whose))
