"""Fetches exchange rates in the background."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from erp.access.queries import job_actor
from erp.effects.door import effects_are_paused
from erp.once import perform
from erp.turns import takes_a_place
from orders.pricing import gateway as pricing_gateway
from orders.pricing.actions import exchange_rates

logger = logging.getLogger(__name__)


@shared_task(
    name="orders.tasks.rate_orders",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
@takes_a_place("outside", alone="rate_orders")
def rate_orders(**_: object) -> None:
    """Fetch exchange rates where an address for them is set, and give orders the rates they lack."""
    if settings.EXCHANGE_RATES_URL and not effects_are_paused():
        try:
            pricing_gateway.fetch_rates(
                settings.EXCHANGE_RATES_URL, by=job_actor("scheduler"), now=timezone.now()
            )
        except pricing_gateway.NoRates as refusal:
            logger.warning("No exchange rates were fetched: %s", refusal)
    while perform(exchange_rates.rate_orders):
        pass
