"""Requests fraud scores in the background."""

from celery import shared_task
from django.utils import timezone

from erp.turns import takes_a_place
from orders.risk import gateway as risk_gateway


@shared_task(
    name="orders.tasks.ask_about_risk",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=110,
)
@takes_a_place("outside", alone="ask_about_risk")
def ask_about_risk(**_: object) -> None:
    """Ask providers how likely the newest orders are fraud."""
    risk_gateway.ask_providers(now=timezone.now())
