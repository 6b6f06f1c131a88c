"""Runs the outbox in the background: relay, webhooks and heartbeat."""

import logging
from collections.abc import Sequence
from time import monotonic

from celery import current_app, shared_task, signals
from celery.worker import state
from django.db import DatabaseError, connection
from django.utils import timezone

from erp.clocks import why_not_to_work
from erp.events import relay as relays
from erp.events import webhooks
from erp.once import perform
from erp.turns import ask_for_another, ask_for_turns, takes_a_place

logger = logging.getLogger(__name__)
DELIVERERS = 3  # that deliver beside each other
TURN_S = 1.0  # of one task: then whoever else waits has a turn
SLOW_TURN_S = 20.0  # of one that waits for slow receivers: with the last answer still shorter than a task may be
SAID_EVERY_S = 15.0
_said = {"at": float("-inf")}
OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 200, "time_limit": 240}
# Ended before its lease is: what a worker still has is nobody else's.
SHORT = OPTIONS | {"soft_time_limit": 45, "time_limit": 55}


@shared_task(name="erp.tasks.relay", **OPTIONS)
def relay(**_: object) -> None:
    """Have workers deliver events that are due. Woken by commits and every 2 s."""
    if relays.has_due(now=timezone.now()):
        ask_for_turns("erp.tasks.deliver", most=DELIVERERS)


@shared_task(name="erp.tasks.deliver", **SHORT)
def deliver(
    *, delivery_ids: Sequence[int] = (), delivery_id: int | None = None, **_: object
) -> None:
    """Let subscribers act on events for a turn; where more are due than it takes, another turn is asked for.

    delivery_ids, delivery_id   what versions before handed over
    """
    for pk in delivery_ids or ([delivery_id] if delivery_id else []):
        relays.deliver(delivery_id=pk, now=timezone.now())
    if delivery_ids or delivery_id:
        return
    until = monotonic() + TURN_S
    while ids := relays.lease_due(now=timezone.now()):
        relays.deliver_all(delivery_ids=ids, now=timezone.now())
        if monotonic() > until:
            ask_for_another("erp.tasks.deliver")
            return


@shared_task(name="erp.tasks.send_webhooks", **SHORT)
@takes_a_place("webhooks")
def send_webhooks(**_: object) -> None:
    """Give endpoints their new events, and post what is due for a turn.

    One batch every two seconds was eight webhooks a second at most, however quickly receivers answered.
    While somebody is slow to answer, the turn goes on with the others.
    """
    begun, given = monotonic(), float("-inf")
    with webhooks.Sender() as sender:
        while True:
            if monotonic() - given >= TURN_S:
                perform(webhooks.fan_out, now=timezone.now())
                given = monotonic()
            waited = sender.is_waiting()  # whoever has answered since is given more
            tried, waits = sender.post_round(now=timezone.now()), sender.is_waiting()
            if monotonic() - begun > (SLOW_TURN_S if waits else TURN_S) or not (tried or waited):
                return


@shared_task(name="erp.tasks.beat_once", **OPTIONS)
def beat_once(**_: object) -> None:
    """Prove that the worker consumes: /readyz reads this row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO erp_heartbeat (name, at) VALUES ('worker', now())"
            " ON CONFLICT (name) DO UPDATE SET at = excluded.at"
        )


@signals.worker_init.connect
def refuse_with_a_wrong_clock(**_: object) -> None:
    """End a worker before it takes anything, where the clock of its machine is off."""
    why = why_not_to_work()
    connection.close()  # the processes that this one forks must not share it
    if why:
        raise SystemExit(f"{why} No work is taken: set the clock, then start the worker again.")


@signals.heartbeat_sent.connect
def say_what_is_served(**_: object) -> None:
    """Say every 15 seconds, from a worker's own process, which queues it takes from: /readyz reads these rows.

    A worker whose tasks all take minutes lives all the same, and a queue that no worker was given is found.
    """
    if monotonic() - _said["at"] < SAID_EVERY_S:
        return
    _said["at"] = monotonic()
    if why := why_not_to_work():
        logger.critical("%s The worker ends: set the clock, then start it again.", why)
        state.should_stop = 1
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO erp_heartbeat (name, at) SELECT 'queue:' || name, now() FROM unnest(%s::text[]) name"
                " ON CONFLICT (name) DO UPDATE SET at = excluded.at",
                [sorted(current_app.amqp.queues.consume_from)],
            )
    except DatabaseError:
        pass  # the next one says it
    finally:
        connection.close()  # the processes that this one forks must not share it
