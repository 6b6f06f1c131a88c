"""Publishes stock to channels in the background."""

from celery import shared_task
from django.utils import timezone

from erp.turns import takes_a_place
from inventory.channels.gateway import publish_due


@shared_task(
    name="inventory.tasks.publish_stock",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=110,
)
@takes_a_place("outside", alone="publish_stock")
def publish_stock(**_: object) -> None:
    """Tell channels the stock that changed."""
    publish_due(now=timezone.now())
