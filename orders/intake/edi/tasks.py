"""Writes acknowledgements once their orders are decided."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from erp.once import perform
from orders.intake.edi.actions import acknowledgements_due, write_acknowledgement

READING_S = 20.0


@shared_task(
    name="orders.tasks.answer_partners",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=120,
)
def answer_partners(**_: object) -> None:
    """Write the acknowledgements that partners are owed for orders that are decided by now."""
    until = monotonic() + READING_S
    while monotonic() < until and (owed := acknowledgements_due()):
        for pk in owed:
            perform(write_acknowledgement, document_id=pk, now=timezone.now())
