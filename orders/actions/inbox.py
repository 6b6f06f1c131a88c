"""The inbox: what channels send is kept first, then read, once, whatever happens in between."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from erp.access.models import Actor, Channel
from erp.access.queries import require
from erp.errors import Conflict, Invalid, NotAllowed, NotFound
from orders.actions.answering import owe_answer
from orders.actions.drafting import take_mail
from orders.actions.following import hear
from orders.intake import edifact, shopify, ubl, woocommerce, x12
from orders.intake.reading import Unreadable
from orders.intake.sniffing import source_of
from orders.intake.statements import Statement
from orders.models import ChannelOrder, IncomingMessage

READERS: Mapping[str, Callable[..., list[Statement]]] = {
    "shopify": shopify.read,
    "woocommerce": woocommerce.read,
    "x12": x12.read,
    "edifact": edifact.read,
    "ubl": ubl.read,
}
ANSWERED = frozenset({"x12", "edifact", "ubl"})  # their senders expect an acknowledgement
MOST_ATTEMPTS = 5
LEASE = timedelta(seconds=60)


@transaction.atomic(savepoint=False)
def receive_message(
    *, channel_id: int, source: str, topic: str, delivery: str, origin: str, body: bytes
) -> int | None:
    """Keep a message as it came; its id, or None when this delivery was received before.

    delivery   what makes it this delivery; "" : what it says
    Two of the same at once wait for each other; one is kept.
    """
    if not delivery:
        delivery = hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_incomingmessage (channel_id, source, topic, delivery, origin, body)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
            [channel_id, source, topic[:80], delivery[:200], origin[:200], body],
        )
        row = cursor.fetchone()
    return row[0] if row else None


@transaction.atomic(savepoint=False)
def receive_document(
    *, channel_id: int, body: bytes, origin: str, by: Actor, now: datetime
) -> IncomingMessage:
    """Keep what somebody handed over: X12, EDIFACT, UBL, or a mail, told by how it begins.

    The same document again is the message that it was. Raises Invalid for another notation,
    NotAllowed on a channel that is not theirs.
    """
    require(by, "orders.place")
    if by.channel_id is not None and by.channel_id != channel_id:
        raise NotAllowed(_("This key belongs to another channel."))
    source = source_of(body)
    if not source:
        raise Invalid(_("It is none of the formats that are read here: X12, EDIFACT, UBL or mail."))
    delivery = hashlib.sha256(body).hexdigest()
    receive_message(
        channel_id=channel_id,
        source=source,
        topic="mail" if source == "mail" else "purchase_order",
        delivery=delivery,
        origin=origin,
        body=body,
    )
    return IncomingMessage.objects.get(channel_id=channel_id, source=source, delivery=delivery)


@transaction.atomic(savepoint=False)
def lease_messages(*, now: datetime, limit: int = 50) -> list[int]:
    """Take messages that wait, raising the counter of each before it is tried; oldest first.

    One that has been tried five times is failed instead: a person must look.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT id FROM orders_incomingmessage WHERE status = 'received' AND due_at <= %s
                ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
            UPDATE orders_incomingmessage m
            SET status = CASE WHEN m.attempts >= %s THEN 'failed' ELSE 'received' END,
                attempts = least(m.attempts + 1, %s), due_at = %s
            FROM due WHERE m.id = due.id RETURNING m.id, m.status
            """,
            [now, limit, MOST_ATTEMPTS, MOST_ATTEMPTS, now + LEASE],
        )
        return sorted(pk for pk, status in cursor.fetchall() if status == "received")


@transaction.atomic(savepoint=False)
def take_message(*, message_id: int, by: Actor, now: datetime) -> IncomingMessage:
    """Read a message and do what it says. Safe to run twice: what was done is not done again.

    It ends processed, or held where no order can be made of it, with the cause.
    """
    message = IncomingMessage.objects.select_for_update().filter(pk=message_id).first()
    if message is None:
        raise NotFound
    if message.status != IncomingMessage.Status.RECEIVED:
        return message
    channel = Channel.objects.get(pk=message.channel_id)
    message.status, message.cause, message.params = "processed", "", {}
    message.processed_at = now
    statements: list[Statement] = []
    try:
        if message.source == "mail":
            message.status, message.cause = take_mail(
                message=message, channel=channel, by=by, now=now
            )
        else:
            statements = READERS[message.source](
                message.topic, bytes(message.body), currency=channel.currency
            )
    except Unreadable as error:
        message.status, message.cause, message.params = "held", error.code, error.params
    for statement in statements:
        told = hear(statement=statement, channel=channel, by=by, now=now)
        if told.order_id is None:
            message.status, message.cause = "held", "order_unknown"
        elif message.order_id is None:
            message.order_id = told.order_id
        elif message.order_id != told.order_id:
            message.also.add(told.order_id)
        message.external_id = message.external_id or told.external_id
        if told.order_id is not None:
            _release_waiting(message, told, now)
            if message.source in ANSWERED:
                owe_answer(message, told.order_id)
    message.save(
        update_fields=["status", "cause", "params", "processed_at", "external_id", "order"]
    )
    return message


def _release_waiting(message: IncomingMessage, told: ChannelOrder, now: datetime) -> None:
    """What was said of this order before anybody knew it is part of its sum by now."""
    IncomingMessage.objects.filter(
        channel_id=message.channel_id,
        external_id__in=[told.external_id, *told.aliases],
        status="held",
        cause="order_unknown",
    ).update(status="processed", cause="", processed_at=now, order=told.order_id)


@transaction.atomic(savepoint=False)
def note_failure(*, message_id: int, error: Exception, now: datetime) -> None:
    """Write down why a try failed. The message is tried again later and later."""
    message = IncomingMessage.objects.select_for_update().get(pk=message_id)
    if message.status != IncomingMessage.Status.RECEIVED:
        return
    message.cause = "error"
    message.params = {"why": f"{type(error).__name__}: {error}"[:500].replace("\x00", "")}
    message.due_at = now + timedelta(seconds=min(600, 2 ** (message.attempts * 2)))
    if message.attempts >= MOST_ATTEMPTS:
        message.status = IncomingMessage.Status.FAILED
    message.save(update_fields=["cause", "params", "due_at", "status"])


@transaction.atomic(savepoint=False)
def replay_messages(
    *, message_ids: Sequence[int], by: Actor, now: datetime
) -> list[IncomingMessage]:
    """Read messages again that are held or failed. Raises Conflict where none of them is."""
    require(by, "messages.replay")
    rows = IncomingMessage.objects.select_for_update().filter(
        Q(status="held") | Q(status="failed"), pk__in=message_ids
    )
    found = list(rows.order_by("pk"))
    if not found:
        raise Conflict(_("Only what is held or has failed can be read again."))
    for message in found:
        message.status, message.attempts, message.due_at = "received", 0, now
        message.save(update_fields=["status", "attempts", "due_at"])
    return found


@transaction.atomic(savepoint=False)
def replay_message(*, message_id: int, by: Actor, now: datetime) -> IncomingMessage:
    """Read one message again. Raises Conflict where it is neither held nor failed."""
    return replay_messages(message_ids=[message_id], by=by, now=now)[0]
