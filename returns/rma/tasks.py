"""Moves returns to the merged customer of their order."""

from datetime import datetime

from erp.events.models import Event
from returns.rma import actions as rma_actions


def follow_customers(*, event: Event, now: datetime) -> None:
    """On customer.merged and customer.unmerged: returns belong to whoever their orders belong to."""
    rma_actions.follow_customers(customer_ids=event.facts["customer_ids"])
