"""Requests fraud scores in the background."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from orders.risk import gateway as risk_gateway

READING_S = 20.0


@shared_task(
    name="orders.tasks.ask_about_risk",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def ask_about_risk(**_: object) -> None:
    """Ask providers how likely the newest orders are fraud."""
    until = monotonic() + READING_S
    while monotonic() < until and risk_gateway.ask_providers(now=timezone.now()):
        pass
