"""Re-evaluates rules that become true as time passes."""

import logging

from celery import shared_task
from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import job_actor
from erp.errors import DomainError
from erp.once import perform
from erp.rounds import by_rows
from erp.turns import takes_a_place
from orders.rehearsal import apply
from orders.routing.actions.reroute import reroute_order, stranded_orders

logger = logging.getLogger(__name__)


WAREHOUSE_OUT = "warehouse_out"  # why orders are routed anew whose warehouse was switched off


@shared_task(
    name="orders.tasks.review_by_time",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
@takes_a_place("rounds", alone="review_by_time")
def review_by_time(**_: object) -> None:
    """Review the orders again that a rule about their waiting has become true of; reroute stranded ones."""
    by = job_actor("scheduler")
    with by_rows("review_by_time") as turn:
        turn.each([by], lambda actor: apply.review_by_time(by=actor, now=timezone.now()))
        turn.each(stranded_orders(), lambda pk: _reroute(pk, by))


def _reroute(pk: int, by: Actor) -> None:
    try:
        perform(reroute_order, order_id=pk, reason=WAREHOUSE_OUT, by=by, now=timezone.now())
    except DomainError as refusal:
        logger.warning("Order %s stays where it was: %s", pk, refusal)
