"""Processes incoming messages and queues cancellation notifications in the background."""

import logging
from datetime import datetime
from time import monotonic

from celery import shared_task
from django.utils import timezone

from erp.access.queries import job_actor
from erp.events.models import Event
from erp.leases import is_due, lease, worked_on
from erp.once import perform
from erp.turns import ask_for_turns, is_waiting, takes_a_place
from orders.intake.edi.actions import queue_second_acknowledgement
from orders.intake.following.models import ChannelOrder
from orders.intake.inbox.actions import process_message
from orders.intake.inbox.bodies import read_body
from orders.intake.messages.actions.receive import INBOX, note_failure
from orders.intake.shops.actions.notifications import queue_notification

logger = logging.getLogger(__name__)


READERS = 2  # turns asked for beside each other
TURN_S = 2.0  # of one task: then whoever else waits has a turn


@shared_task(
    name="orders.tasks.read_inbox",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=45,
    time_limit=55,
)
@takes_a_place("inbox")
def read_inbox(**_: object) -> None:
    """Read what channels have sent; where more waits than a turn takes, another turn is asked for.

    While mails or events wait, the next turn is left to the schedule: messages stand before them, and a shop's
    backlog would keep both waiting for its end.
    """
    until = monotonic() + TURN_S
    while read_one():
        if monotonic() > until:
            _go_on()
            return


def _go_on() -> None:
    if is_waiting("mail") or is_waiting("outbox"):
        return
    if is_due(INBOX, now=timezone.now()):
        ask_for_turns("orders.tasks.read_inbox", most=READERS)


def read_one() -> int:
    """Read the message that has been due longest, in a transaction of its own; return how many there were.

    Leased in sets, letters of eight seconds each held a worker for minutes, and its end was counted for all of them.
    """
    leased = lease(INBOX, now=timezone.now(), limit=1)
    for pk in leased:
        with worked_on(INBOX, [pk]):
            _read(pk)
    return len(leased)


def _read(message_id: int) -> None:
    try:
        body = read_body(message_id=message_id)
        perform(
            process_message,
            message_id=message_id,
            body=body,
            by=job_actor("intake"),
            now=timezone.now(),
        )
    except Exception as error:
        logger.exception("Message %s could not be read", message_id)
        perform(note_failure, message_id=message_id, error=error, now=timezone.now())


def read_some(*, most: int = 20) -> int:
    """Read so many messages that are due; return how many there were."""
    read = 0
    while read < most and read_one():
        read += 1
    return read


def tell_of_cancel(*, event: Event, now: datetime) -> None:
    """On order.cancelled: its channel is owed to know, unless it said so itself; so is a partner we answered."""
    order_id = event.facts["order_id"]
    queue_second_acknowledgement(order_id=order_id, now=now)
    said = ChannelOrder.objects.filter(order_id=order_id).first()
    if said is not None and said.cancelled is None and not said.deleted:
        queue_notification(order_id=order_id, kind="cancelled", key="", said={}, now=now)
