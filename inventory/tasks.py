"""Inventory's background work. Each task loads nothing and makes one call."""

from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from erp.access.queries import job_actor
from erp.events.models import Event
from erp.jobs.actions import begin_round
from erp.once import perform
from erp.wiring import OWED, resolve
from inventory import actions
from inventory.models import PurchaseLine
from inventory.publishing import publish_due

NIGHT = timedelta(hours=20)  # the nightly round runs once in that time, in its hour


@shared_task(name="inventory.tasks.expire_reservations", ignore_result=True, acks_late=True)
def expire_reservations(**_: object) -> None:
    """End the holds of carts whose time is over."""
    perform(actions.expire_holds, now=timezone.now())


@shared_task(
    name="inventory.tasks.nightly",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=1700,
    time_limit=1800,
)
def nightly(**_: object) -> None:
    """Sort SKUs into classes, block what expires, tell of late purchases, buy, begin counts.

    Asked every hour; does its round once a night, between two and five by the company's clock,
    or at the first asking when it has never done one or has missed a night.
    """
    now = timezone.now()
    local = timezone.localtime(now)
    if not perform(begin_round, name="night", every=NIGHT, due=2 <= local.hour < 5, now=now):
        return
    by = job_actor("scheduler")
    perform(actions.classify_skus, by=by, now=now)
    while perform(actions.block_expiring, today=local.date(), by=by, now=now):
        pass
    perform(actions.warn_of_late_purchases, today=local.date(), by=by, now=now)
    perform(actions.suggest_purchases, by=by, now=now, backordered=resolve(OWED)())
    perform(actions.order_by_itself, by=by, now=now)
    perform(actions.begin_due_counts, by=by, now=now)


def judge_again(*, event: Event, now: datetime) -> None:
    """On stock.posted and purchase.closed: say anew what to buy of these SKUs."""
    ids = event.facts.get("sku_ids")
    if ids is None:
        lines = PurchaseLine.objects.filter(purchase_id=event.facts["purchase_id"])
        ids = list(lines.values_list("sku_id", flat=True))
    actions.suggest_purchases(
        by=job_actor("relay"), now=now, backordered=resolve(OWED)(ids), sku_ids=ids
    )


@shared_task(
    name="inventory.tasks.publish_stock",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=200,
    time_limit=240,
)
def publish_stock(**_: object) -> None:
    """Tell channels the stock that changed."""
    publish_due(now=timezone.now())
