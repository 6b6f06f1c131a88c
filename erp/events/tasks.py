"""Runs the outbox in the background: relay, webhooks, heartbeat and cleanup."""

from collections.abc import Sequence
from datetime import timedelta

from celery import current_app, shared_task
from django.db import connection
from django.utils import timezone

from erp.events import relay as relays
from erp.events import webhooks
from erp.once import perform

OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 200, "time_limit": 240}


@shared_task(name="erp.tasks.relay", **OPTIONS)
def relay(**_: object) -> None:
    """Lease events that are due and send each to a worker. Woken by commits and every 2 s."""
    ids = relays.lease_due(now=timezone.now())
    for some in relays.shared_out(ids):
        current_app.send_task("erp.tasks.deliver", kwargs={"delivery_ids": some}, retry=False)
    if len(ids) == relays.BATCH:
        current_app.send_task("erp.tasks.relay", retry=False)


@shared_task(name="erp.tasks.deliver", **OPTIONS)
def deliver(
    *, delivery_ids: Sequence[int] = (), delivery_id: int | None = None, **_: object
) -> None:
    """Let subscribers act on events, each in a transaction of its own. Safe to run twice.

    delivery_id   one alone, as the version before handed them over
    """
    for pk in delivery_ids or [delivery_id or 0]:
        relays.deliver(delivery_id=pk, now=timezone.now())


@shared_task(name="erp.tasks.send_webhooks", **OPTIONS)
def send_webhooks(**_: object) -> None:
    """Give endpoints their new events, and post what is due."""
    perform(webhooks.fan_out, now=timezone.now())
    webhooks.send_due(now=timezone.now())


@shared_task(name="erp.tasks.beat_once", **OPTIONS)
def beat_once(**_: object) -> None:
    """Prove that the worker consumes: /readyz reads this row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO erp_heartbeat (name, at) VALUES ('worker', now())"
            " ON CONFLICT (name) DO UPDATE SET at = excluded.at"
        )


@shared_task(name="erp.tasks.forget_old_keys", **OPTIONS)
def forget_old_keys(**_: object) -> None:
    """Drop idempotency keys older than 30 days (docs/api.md)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM erp_once WHERE at < %s AND scope LIKE 'api:%%'",
            [timezone.now() - timedelta(days=30)],
        )


@shared_task(name="erp.tasks.tidy", **OPTIONS)
def tidy(**_: object) -> None:
    """Drop what is kept for 30 days only: webhook deliveries that ended."""
    perform(webhooks.forget_deliveries, now=timezone.now())
