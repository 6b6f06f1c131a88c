"""Receives trading partners' purchase orders and acknowledges them."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.access.queries import of_own_channel, require, require_channel
from erp.backlogs import Backlog
from erp.errors import Invalid
from erp.queries import find_one
from erp.zones import zone_of_channel
from orders.intake.edi.acknowledgements import Answered
from orders.intake.edi.decisions import LineState, OrderAnswer, answer
from orders.intake.edi.formats import source_of
from orders.intake.edi.interchanges import acknowledge
from orders.intake.edi.models import OutgoingDocument
from orders.intake.following.models import ChannelOrder
from orders.intake.messages.actions.receive import receive_message
from orders.intake.messages.models import IncomingMessage
from orders.intake.messages.totals import is_charge_key
from orders.order.actions.timeline import lock_order
from orders.order.models.order import Order, OrderLine

AT_ONCE, MOST_ATTEMPTS = 100, 5
UNDECIDED = ("draft", "pending")  # what an order is while its partner has no answer to come
BACKLOG = Backlog(
    name="acknowledgements",
    label=gettext_lazy("Acknowledgements to trading partners"),
    table="orders_outgoingdocument",
    waiting="made_at IS NULL AND parked_at IS NULL AND EXISTS (SELECT FROM orders_order o"
    " WHERE o.id = orders_outgoingdocument.order_id AND o.status NOT IN ('draft', 'pending'))",
    parked="parked_at IS NOT NULL",
    late=timedelta(minutes=15),
    note="notation || ' ' || kind",
    right="messages.replay",
    replay="orders.intake.edi.actions.replay_acknowledgements",
)


def queue_acknowledgement(message: IncomingMessage, order_id: int) -> None:
    """Queue the acknowledgement of a purchase order, once."""
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


def acknowledgements_due(*, now: datetime, but: Collection[int] = ()) -> list[int]:
    """Ids of the answers that are owed and can be given by now, what is due the longest first."""
    rows = OutgoingDocument.objects.filter(made_at=None, parked_at=None, due_at__lte=now)
    rows = rows.exclude(order__status__in=UNDECIDED).exclude(pk__in=but)
    return list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic(savepoint=False)
def note_unwritten(*, document_id: int, error: Exception, now: datetime) -> OutgoingDocument:
    """Write down why an answer could not be written: it is tried later and later, then a person looks."""
    row = OutgoingDocument.objects.select_for_update().get(pk=document_id)
    if row.made_at is not None or row.parked_at is not None:
        return row
    row.error = f"{type(error).__name__}: {error}"[:300].replace("\x00", "")
    row.attempts += 1
    row.due_at = now + timedelta(seconds=min(3600, 20 * 4**row.attempts))
    if row.attempts >= MOST_ATTEMPTS:
        row.parked_at = now
    row.save(update_fields=["error", "attempts", "due_at", "parked_at"])
    return row


@transaction.atomic(savepoint=False)
def replay_acknowledgements(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Write answers again that were given up, with all their tries; return how many."""
    require(by, BACKLOG.right)
    rows = OutgoingDocument.objects.filter(pk__in=ids, parked_at__isnull=False)
    return rows.update(parked_at=None, attempts=0, due_at=now, error="")


@transaction.atomic(savepoint=False)
def write_acknowledgement(*, document_id: int, now: datetime) -> OutgoingDocument:
    """Write a queued acknowledgement from the current state of the order's units."""
    row = OutgoingDocument.objects.get(pk=document_id)
    order = lock_order(row.order_id)
    row = OutgoingDocument.objects.select_for_update().get(pk=document_id)
    if row.made_at is not None or order.status in UNDECIDED:
        return row
    message = IncomingMessage.objects.get(pk=row.message_id)
    told = ChannelOrder.objects.filter(order=order).first()
    zone = zone_of_channel(order.channel_id)
    row.body = acknowledge(
        row.notation,
        Answered(
            theirs=(told.number if told else "") or order.external_id,
            ours=order.number,
            ordered_on=order.placed_at.astimezone(zone).date(),
            ship_on=order.ship_by.astimezone(zone).date() if order.ship_by else None,
            currency=order.currency,
            answer=_answer(order),
            control=row.pk,
            at=now.astimezone(zone),
        ),
        bytes(message.body),
    )
    row.made_at, row.parked_at, row.error = now, None, ""
    row.save(update_fields=["body", "made_at", "parked_at", "error"])
    return row


def _answer(order: Order) -> OrderAnswer:
    """What every line of the partner's is answered; what is charged beside them has no line of theirs."""
    rows = OrderLine.objects.filter(order=order).order_by("position")
    lines = [line for line in rows if not _is_charge(line)]
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


def _is_charge(line: OrderLine) -> bool:
    """Whether a line is a charge by its key, or a service that staff added, which has none.

    A service that has a key and a SKU is a line of the partner's own, mapped to it.
    """
    return line.is_service and (not line.key or (line.sku_id is None and is_charge_key(line.key)))


@transaction.atomic(savepoint=False)
def queue_second_acknowledgement(*, order_id: int, now: datetime) -> bool:
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
    made = OutgoingDocument.objects.filter(pk=document_id, made_at__isnull=False)
    row = find_one(of_own_channel(made, by).select_for_update())
    if row.fetched_at is None:
        row.fetched_at = now
        row.save(update_fields=["fetched_at"])
    return row


@transaction.atomic(savepoint=False)
def receive_document(
    *, channel_id: int, body: bytes, origin: str, by: Actor, now: datetime
) -> IncomingMessage:
    """Keep what somebody handed over: X12, EDIFACT, UBL, or a mail, told by how it begins.

    The same document again is the message that it was. Raises Invalid for another notation,
    NotAllowed on a channel that is not theirs.
    """
    require(by, "orders.place")
    require_channel(by, channel_id)
    source = source_of(body)
    if not source:
        raise Invalid(_("Unknown format: X12, EDIFACT, UBL and e-mail are supported."))
    delivery = hashlib.sha256(body).hexdigest()
    receive_message(
        channel_id=channel_id,
        source=source,
        topic="mail" if source == "mail" else "purchase_order",
        delivery=delivery,
        origin=origin,
        body=body,
    )
    rows = IncomingMessage.objects.defer("body")
    return rows.get(channel_id=channel_id, source=source, delivery=delivery)
