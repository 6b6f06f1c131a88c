"""Stores incoming messages, leases them to readers and replays them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.access.queries import require
from erp.backlogs import Backlog
from erp.errors import Conflict
from erp.leases import Queue
from orders.intake.messages.models import IncomingMessage

INBOX = Queue(
    table="orders_incomingmessage",
    waits="received",
    gives_up="failed",
    most=5,
    lease=timedelta(seconds=60),
)
BACKLOG = Backlog(
    name="inbox",
    label=gettext_lazy("Incoming messages"),
    table="orders_incomingmessage",
    waiting="status = 'received'",
    parked="status = 'failed'",
    late=timedelta(minutes=2),
    note="source || ' ' || topic",
    right="messages.replay",
    replay="orders.intake.messages.actions.receive.replay_failed",
    error="params ->> 'why'",
)


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
def note_failure(*, message_id: int, error: Exception, now: datetime) -> None:
    """Write down why a try failed. The message is tried again later and later."""
    message = IncomingMessage.objects.select_for_update().defer("body").get(pk=message_id)
    if message.status != IncomingMessage.Status.RECEIVED:
        return
    message.cause = "error"
    message.params = {"why": f"{type(error).__name__}: {error}"[:500].replace("\x00", "")}
    message.attempts, message.is_leased = message.attempts + 1, False
    message.due_at = now + timedelta(seconds=min(600, 2 ** (message.attempts * 2)))
    if message.attempts >= INBOX.most:
        message.status = IncomingMessage.Status.FAILED
    message.save(update_fields=["cause", "params", "attempts", "is_leased", "due_at", "status"])


@transaction.atomic(savepoint=False)
def replay_messages(
    *, message_ids: Sequence[int], by: Actor, now: datetime
) -> list[IncomingMessage]:
    """Read messages again that are held or failed. Raises Conflict where none of them is."""
    require(by, "messages.replay")
    # A thousand are replayed at once, of ten megabytes each.
    rows = IncomingMessage.objects.select_for_update().defer("body")
    rows = rows.filter(Q(status="held") | Q(status="failed"), pk__in=message_ids)
    found = list(rows.order_by("pk"))
    if not found:
        raise Conflict(_("Only held or failed messages can be processed again."))
    for message in found:
        message.status, message.attempts, message.due_at = "received", 0, now
        message.is_leased = False
        message.save(update_fields=["status", "attempts", "due_at", "is_leased"])
    return found


@transaction.atomic(savepoint=False)
def replay_message(*, message_id: int, by: Actor, now: datetime) -> IncomingMessage:
    """Read one message again. Raises Conflict where it is neither held nor failed."""
    return replay_messages(message_ids=[message_id], by=by, now=now)[0]


@transaction.atomic(savepoint=False)
def replay_failed(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Read messages again whose reader failed each time; return how many."""
    require(by, BACKLOG.right)
    failed = IncomingMessage.objects.filter(pk__in=ids, status="failed")
    found = list(failed.values_list("pk", flat=True))
    return len(replay_messages(message_ids=found, by=by, now=now)) if found else 0
