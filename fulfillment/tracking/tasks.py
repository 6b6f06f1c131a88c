"""Updates the transit days of shipping services in the background."""

from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import job_actor
from erp.jobs.actions import begin_round
from erp.once import perform
from erp.rounds import by_rows
from erp.turns import takes_a_place
from fulfillment.tracking.transit import transit_days
from orders.routing.actions import promises


@shared_task(
    name="fulfillment.tasks.learn_transit",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
@takes_a_place("rounds", alone="learn_transit")
def learn_transit(**_: object) -> None:
    """Update transit days of shipping services from their deliveries, once a day."""
    now, by = timezone.now(), job_actor("scheduler")
    if not perform(begin_round, name="transit", every=timedelta(days=1), due=True, now=now):
        return
    with by_rows("learn_transit") as turn:
        turn.each(sorted(transit_days(now).items()), lambda found: _learn(*found, by, now))


def _learn(service: tuple[str, str], days: tuple[int, int, int], by: Actor, now: datetime) -> None:
    (code, currency), (p50, p90, _parcels) = service, days
    perform(promises.learn_transit, code=code, currency=currency, p50=p50, p90=p90, by=by, now=now)
