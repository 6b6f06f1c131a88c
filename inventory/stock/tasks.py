"""Expires cart reservations in the background."""

from celery import shared_task
from django.utils import timezone

from erp.once import perform
from inventory.stock.actions.reserve import expire_holds


@shared_task(name="inventory.tasks.expire_reservations", ignore_result=True, acks_late=True)
def expire_reservations(**_: object) -> None:
    """End the holds of carts whose time is over."""
    perform(expire_holds, now=timezone.now())
