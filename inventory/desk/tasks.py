"""Runs inventory's nightly round; each task makes one call."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from erp.access.queries import job_actor
from erp.jobs.actions import begin_round
from erp.once import perform
from erp.turns import takes_a_place
from erp.wiring import OWED, resolve
from inventory.counting.actions.due import begin_due_counts
from inventory.purchasing.actions.purchase import warn_of_late_purchases
from inventory.replenishment.actions.order import order_by_itself
from inventory.replenishment.actions.suggest import classify_skus, suggest_purchases
from inventory.stock.actions.lots import block_expiring

NIGHT = timedelta(hours=20)  # the nightly round runs once in that time, in its hour


@shared_task(name="inventory.tasks.block_expired", ignore_result=True)
def block_expired(**_: object) -> None:
    """Take lots off sale as their day begins where they lie: every minute, not once a night."""
    by, now = job_actor("scheduler"), timezone.now()
    while perform(block_expiring, by=by, now=now):
        pass


@shared_task(
    name="inventory.tasks.nightly",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=1700,
    time_limit=1800,
)
@takes_a_place("rounds", alone="nightly")
def nightly(**_: object) -> None:
    """Sort SKUs into classes, tell of late purchases, buy, begin counts.

    Asked every hour; does its round once a night, between two and five by the company's clock,
    or at the first asking when it has never done one or has missed a night.
    """
    now = timezone.now()
    local = timezone.localtime(now)
    if not perform(begin_round, name="night", every=NIGHT, due=2 <= local.hour < 5, now=now):
        return
    by = job_actor("scheduler")
    perform(classify_skus, by=by, now=now)
    perform(warn_of_late_purchases, today=local.date(), by=by, now=now)
    perform(suggest_purchases, by=by, now=now, backordered=resolve(OWED)())
    perform(order_by_itself, by=by, now=now)
    perform(begin_due_counts, by=by, now=now)
