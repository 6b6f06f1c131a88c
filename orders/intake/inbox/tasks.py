"""Processes incoming messages and queues cancellation notifications in the background."""

import logging
from datetime import datetime
from time import monotonic

from celery import current_app, shared_task
from django.utils import timezone

from erp.access.queries import job_actor
from erp.events.models import Event
from erp.leases import lease, lease_left
from erp.once import perform
from orders.intake.edi.actions import queue_second_acknowledgement
from orders.intake.following.models import ChannelOrder
from orders.intake.inbox.actions import process_message
from orders.intake.messages.actions.receive import INBOX, note_failure
from orders.intake.shops.actions.notifications import queue_notification

logger = logging.getLogger(__name__)


TURN_S = 2.0  # of one task: then whoever else waits has a turn
AT_ONCE = 20


@shared_task(
    name="orders.tasks.read_inbox",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=120,
)
def read_inbox(**_: object) -> None:
    """Read what channels have sent; where more waits than a turn takes, another turn is asked for."""
    until = monotonic() + TURN_S
    while read_some():
        if monotonic() > until:
            current_app.send_task("orders.tasks.read_inbox", retry=False)
            return


def read_some() -> int:
    """Read the messages that are due, each in a transaction of its own; return how many.

    Those that a worker died with come one at a time, after all others.
    """
    now = timezone.now()
    leased = lease(INBOX, now=now, limit=AT_ONCE) or lease_left(INBOX, now=now, limit=1)
    by = job_actor("intake")
    for pk in leased:
        try:
            perform(process_message, message_id=pk, by=by, now=timezone.now())
        except Exception as error:
            logger.exception("Message %s could not be read", pk)
            perform(note_failure, message_id=pk, error=error, now=timezone.now())
    return len(leased)


def tell_of_cancel(*, event: Event, now: datetime) -> None:
    """On order.cancelled: its channel is owed to know, unless it said so itself; so is a partner we answered."""
    order_id = event.facts["order_id"]
    queue_second_acknowledgement(order_id=order_id, now=now)
    said = ChannelOrder.objects.filter(order_id=order_id).first()
    if said is not None and said.cancelled is None and not said.deleted:
        queue_notification(order_id=order_id, kind="cancelled", key="", said={}, now=now)
