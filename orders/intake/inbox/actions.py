"""Processes an incoming message with the reader of its source."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from erp.access.models import Actor, Channel
from erp.queries import find_one
from erp.zones import zone_of_channel
from orders.intake.edi import edifact, ubl, x12
from orders.intake.edi.actions import queue_acknowledgement
from orders.intake.following.actions.hear import hear
from orders.intake.following.models import ChannelOrder
from orders.intake.following.queries import is_ordered_again
from orders.intake.mail.actions.drafts import process_mail
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.models import IncomingMessage
from orders.intake.messages.statements import Statement, check_moments, with_passed
from orders.intake.shops import shopify, woocommerce

READERS: Mapping[str, Callable[..., list[Statement]]] = {
    "shopify": shopify.read,
    "woocommerce": woocommerce.read,
    "x12": x12.read,
    "edifact": edifact.read,
    "ubl": ubl.read,
}


ANSWERED = frozenset({"x12", "edifact", "ubl"})  # their senders expect an acknowledgement


@transaction.atomic(savepoint=False)
def process_message(*, message_id: int, by: Actor, now: datetime) -> IncomingMessage:
    """Process a message. Safe to run twice: what was done is not done again.

    It ends processed, or held where no order can be made of it, with the cause.
    """
    message = find_one(IncomingMessage.objects.select_for_update().filter(pk=message_id))
    if message.status != IncomingMessage.Status.RECEIVED:
        return message
    channel = Channel.objects.get(pk=message.channel_id)
    message.status, message.cause, message.params = "processed", "", {}
    message.processed_at = now
    statements: list[Statement] = []
    try:
        if message.source == "mail":
            message.status, message.cause = process_mail(
                message=message, channel=channel, by=by, now=now
            )
        else:
            statements = _read(message, channel, now)
    except Unreadable as error:
        message.status, message.cause, message.params = "held", error.code, error.params
    for statement in statements:
        told = hear(statement=statement, channel=channel, by=by, now=now)
        if is_ordered_again(told, statement):
            message.status, message.cause = "held", "ordered_again"
        if told.order_id is None:
            message.status, message.cause = "held", "order_unknown"
        elif message.order_id is None:
            message.order_id = told.order_id
        elif message.order_id != told.order_id:
            message.also.add(told.order_id)
        message.external_id = message.external_id or told.external_id
        if told.order_id is not None:
            _release_waiting(message, told, now)
            if message.source in ANSWERED and statement.order is not None:
                queue_acknowledgement(message, told.order_id)
    if unread := ", ".join(said.unread for said in statements if said.unread):
        message.status, message.cause, message.params = "held", "not_all_read", {"what": unread}
    message.save(
        update_fields=["status", "cause", "params", "processed_at", "external_id", "order"]
    )
    return message


def _read(message: IncomingMessage, channel: Channel, now: datetime) -> list[Statement]:
    """What a message says; days in the zone of its channel. Raises Unreadable."""
    zone = zone_of_channel(channel.pk)
    more = {"zone": zone} if message.source in ANSWERED else {}
    found = READERS[message.source](
        message.topic, bytes(message.body), currency=channel.currency, **more
    )
    check_moments(found, now)
    return [with_passed(said, now.astimezone(zone).date()) for said in found]


def _release_waiting(message: IncomingMessage, told: ChannelOrder, now: datetime) -> None:
    """What was said of this order before anybody knew it is part of its sum by now."""
    IncomingMessage.objects.filter(
        channel_id=message.channel_id,
        external_id__in=[told.external_id, *told.aliases],
        status="held",
        cause="order_unknown",
    ).update(status="processed", cause="", processed_at=now, order=told.order_id)
