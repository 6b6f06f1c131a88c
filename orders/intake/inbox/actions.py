"""Processes an incoming message with the reader of its source."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from erp.access.models import Actor, Channel
from erp.queries import find_one
from erp.zones import zone_of_channel
from orders.intake.edi.actions import queue_acknowledgement
from orders.intake.following.actions.hear import hear
from orders.intake.following.actions.sku_mapping import with_clear_goods
from orders.intake.following.models import ChannelOrder
from orders.intake.following.queries import is_ordered_again
from orders.intake.inbox.bodies import ANSWERED, Body
from orders.intake.mail.actions.drafts import process_mail
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.models import IncomingMessage
from orders.intake.messages.statements import Statement, check_moments, with_passed


@transaction.atomic(savepoint=False)
def process_message(*, message_id: int, body: Body, by: Actor, now: datetime) -> IncomingMessage:
    """Process a message whose body was read. Safe to run twice: what was done is not done again.

    It ends processed, or held where no order can be made of it, with the cause.
    """
    rows = IncomingMessage.objects.select_for_update().defer("body")
    message = find_one(rows.filter(pk=message_id))
    if message.status != IncomingMessage.Status.RECEIVED:
        return message
    channel = Channel.objects.get(pk=message.channel_id)
    message.status, message.cause, message.params = "processed", "", {}
    message.processed_at = now
    statements: list[Statement] = []
    try:
        statements = _judged(body, message, channel, now)
    except Unreadable as error:
        message.status, message.cause, message.params = "held", error.code, error.params
    if body.mail is not None:
        message.status, message.cause = process_mail(
            mail=body.mail, sheets=body.sheets, message=message, channel=channel, by=by, now=now
        )
    if statements:
        heard = _heard(message, statements, channel, by, now)
        _settle(message, heard, _unread(statements), _lost(statements))
    message.save(
        update_fields=["status", "cause", "params", "processed_at", "external_id", "order"]
    )
    return message


class Heard(NamedTuple):
    """What hearing a message has left to wait for.

    waiting   the channel's ids of orders that it is about and that have not arrived
    is_again  it orders anew what was cancelled
    """

    waiting: list[str]
    is_again: bool


def _heard(
    message: IncomingMessage,
    statements: Sequence[Statement],
    channel: Channel,
    by: Actor,
    now: datetime,
) -> Heard:
    """Hear what a message says, and link its orders."""
    waiting: list[str] = []
    is_again = False
    for statement in statements:
        told = hear(statement=statement, channel=channel, by=by, now=now)
        message.external_id = message.external_id or told.external_id
        if told.order_id is None:
            waiting.append(told.external_id)
            continue
        waiting = [name for name in waiting if name not in _names(told)]
        is_again |= is_ordered_again(told, statement)
        _link(message, told.order_id)
        _release_waiting(message, told, now)
        if message.source in ANSWERED and statement.order is not None:
            queue_acknowledgement(message, told.order_id)
    return Heard(list(dict.fromkeys(waiting)), is_again=is_again)


def _unread(statements: Sequence[Statement]) -> str:
    return ", ".join(said.unread for said in statements if said.unread)


def _lost(statements: Sequence[Statement]) -> Mapping[str, str]:
    return next((said.lost for said in statements if said.lost), {})


def _settle(message: IncomingMessage, heard: Heard, unread: str, lost: Mapping[str, str]) -> None:
    """Hold a message as long as it waits for orders, then for what of it nobody does, or reads, or did not come.

    unread   other messages that came with it
    lost     what shows that more was sent with it, by its `cause`
    """
    what: dict[str, object] = {"what": unread} if unread else {}
    if lost:
        what["lost"] = dict(lost)
    if heard.waiting:
        again = {"is_again": True} if heard.is_again else {}
        params = {"waiting": heard.waiting, **again, **what}
        message.status, message.cause, message.params = "held", "order_unknown", params
    elif heard.is_again:
        message.status, message.cause, message.params = "held", "ordered_again", what
    elif lost:
        params = {**what, **lost}
        message.status, message.cause, message.params = "held", lost["cause"], params
    elif unread:
        message.status, message.cause, message.params = "held", "not_all_read", what
    else:
        message.status, message.cause, message.params = "processed", "", {}


def _link(message: IncomingMessage, order_id: int) -> None:
    if message.order_id is None:
        message.order_id = order_id
    elif message.order_id != order_id:
        message.also.add(order_id)


def _judged(
    body: Body, message: IncomingMessage, channel: Channel, now: datetime
) -> list[Statement]:
    """What a message says, as far as it may be believed by now; days in the zone of its channel. Raises Unreadable."""
    if body.refusal is not None:
        raise body.refusal
    zone, found = zone_of_channel(channel.pk), list(body.statements)
    check_moments(found, now)
    if message.source in ANSWERED:
        _check_tests(found, channel)
        found = with_clear_goods(statements=found, channel_id=channel.pk)
    return [with_passed(said, now.astimezone(zone).date()) for said in found]


def _check_tests(statements: Sequence[Statement], channel: Channel) -> None:
    """Refuse a message of which one order is known as a test and the other is none, or that tests what is unknown.

    A test would change or cancel goods that somebody waits for; what is wanted would be taken for the test.
    Raises Unreadable.
    """
    names = [said.external_id for said in statements]
    rows = ChannelOrder.objects.filter(channel=channel, external_id__in=names)
    known = {
        name: said is not None and bool(said.get("is_test"))
        for name, said in rows.values_list("external_id", "said")
    }
    ordered = {said.external_id for said in statements if said.order is not None}
    for said in statements:
        is_new = said.external_id in ordered or not said.is_test
        if known.get(said.external_id, said.is_test and is_new) != said.is_test:
            raise Unreadable("test_and_real", what=said.external_id[:60])


def _release_waiting(message: IncomingMessage, told: ChannelOrder, now: datetime) -> None:
    """What was said of this order before anybody knew it is part of its sum by now.

    A message that waits for others too, orders anew what was cancelled, or holds what nobody reads, stays held for
    those.
    """
    known = _names(told)
    held = IncomingMessage.objects.filter(
        channel_id=message.channel_id, status="held", cause="order_unknown"
    )
    # Found each by its own index, then locked in one order.
    of_it, for_it = Q(external_id__in=known), Q(params__waiting__has_any_keys=known)
    found = held.filter(of_it).values("pk").union(held.filter(for_it).values("pk"))
    pks = [row["pk"] for row in found]
    for row in held.filter(pk__in=pks).select_for_update().defer("body").order_by("pk"):
        assert told.order_id is not None
        left = Heard(
            [name for name in row.params.get("waiting", ()) if name not in known],
            is_again=row.params.get("is_again", False),
        )
        _link(row, told.order_id)
        _settle(row, left, row.params.get("what", ""), row.params.get("lost", {}))
        row.processed_at = now
        row.save(update_fields=["status", "cause", "params", "processed_at", "order"])


def _names(told: ChannelOrder) -> list[str]:
    return [told.external_id, *told.aliases]
