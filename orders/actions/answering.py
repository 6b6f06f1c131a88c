"""Answering purchase orders in their own notation: owed when they come, made once they are decided."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import NotFound
from orders.actions.advancing import lock_order
from orders.decisions.answering import LineState, OrderAnswer, answer
from orders.intake.answers import Answered, written
from orders.models import ChannelOrder, IncomingMessage, Order, OrderLine, OutgoingDocument

AT_ONCE = 100


def owe_answer(message: IncomingMessage, order_id: int) -> None:
    """Owe the sender of a purchase order its acknowledgement, once."""
    OutgoingDocument.objects.bulk_create(
        [
            OutgoingDocument(
                channel_id=message.channel_id,
                order_id=order_id,
                message_id=message.pk,
                notation=message.source,
            )
        ],
        ignore_conflicts=True,
    )


def answers_to_make() -> list[int]:
    """Ids of the answers that are owed and can be given by now, the oldest first."""
    rows = OutgoingDocument.objects.filter(made_at=None).exclude(
        order__status__in=("draft", "pending")
    )
    return list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic(savepoint=False)
def make_answer(*, document_id: int, now: datetime) -> OutgoingDocument:
    """Write an acknowledgement that is owed, from where the order's units are now."""
    row = OutgoingDocument.objects.get(pk=document_id)
    order = lock_order(row.order_id)
    row = OutgoingDocument.objects.select_for_update().get(pk=document_id)
    if row.made_at is not None or order.status in {"draft", "pending"}:
        return row
    message = IncomingMessage.objects.get(pk=row.message_id)
    told = ChannelOrder.objects.filter(order=order).first()
    row.body = written(
        row.notation,
        Answered(
            theirs=(told.number if told else "") or order.external_id,
            ours=order.number,
            ordered_on=order.placed_at.date(),
            ship_on=order.ship_by.date() if order.ship_by else None,
            currency=order.currency,
            answer=_answer(order),
            control=row.pk,
            at=now,
        ),
        bytes(message.body),
    )
    row.made_at = now
    row.save(update_fields=["body", "made_at"])
    return row


def _answer(order: Order) -> OrderAnswer:
    lines = OrderLine.objects.filter(order=order).order_by("position")
    return answer(
        order.status,
        [
            LineState(
                key=line.key,
                code=line.sku_code,
                ordered=line.quantity_ordered,
                cancelled=line.quantity_cancelled,
                backordered=line.quantity_backordered,
                price=f"{line.unit_price.normalize():f}",
            )
            for line in lines
        ],
    )


@transaction.atomic(savepoint=False)
def owe_second_answer(*, order_id: int, now: datetime) -> bool:
    """Owe a partner another answer: its order was accepted and is cancelled after all."""
    first = OutgoingDocument.objects.filter(
        order_id=order_id, key="", made_at__isnull=False
    ).first()
    if first is None:
        return False
    made = OutgoingDocument.objects.bulk_create(
        [
            OutgoingDocument(
                channel_id=first.channel_id,
                order_id=order_id,
                message_id=first.message_id,
                notation=first.notation,
                key="cancelled",
            )
        ],
        ignore_conflicts=True,
    )
    return bool(made)


@transaction.atomic(savepoint=False)
def fetch_document(*, document_id: int, by: Actor, now: datetime) -> OutgoingDocument:
    """Hand a made document to its partner's connector, and note the first time. Raises NotFound."""
    require(by, "messages.view")
    mine = Q() if by.channel_id is None else Q(channel_id=by.channel_id)
    row = (
        OutgoingDocument.objects.select_for_update()
        .filter(mine, pk=document_id, made_at__isnull=False)
        .first()
    )
    if row is None:
        raise NotFound
    if row.fetched_at is None:
        row.fetched_at = now
        row.save(update_fields=["fetched_at"])
    return row
