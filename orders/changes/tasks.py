"""Merges orders automatically and runs rules' follow-up actions in the background."""

import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import job_actor
from erp.errors import DomainError
from erp.events.models import Event
from erp.once import perform
from erp.rounds import by_rows
from orders.changes.actions import follow_rules, merge
from orders.changes.actions.merge import merge_candidates

logger = logging.getLogger(__name__)


@shared_task(
    name="orders.tasks.merge_twins",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=55,
    time_limit=60,
)
def merge_twins(**_: object) -> None:
    """Merge orders of one customer to one place, on channels that want that."""
    by, now = job_actor("scheduler"), timezone.now()
    with by_rows("merge_twins") as turn:
        turn.each(merge_candidates(now=now), lambda pair: _merge(*pair, by))


def _merge(one: int, other: int, by: Actor) -> None:
    try:
        perform(merge.merge_twins, order_id=one, other_id=other, by=by, now=timezone.now())
    except DomainError as refusal:
        logger.info("Orders %s and %s stay two: %s", one, other, refusal)


def carry_out(*, event: Event, now: datetime) -> None:
    """On order.ruled: run the rules' follow-up actions."""
    follow_rules.carry_out(
        order_id=event.facts["order_id"],
        follows=event.facts["follows"],
        by=job_actor("relay"),
        now=now,
    )
