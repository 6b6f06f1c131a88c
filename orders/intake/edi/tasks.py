"""Acknowledgements are written once orders are decided."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from erp.once import perform
from orders.intake.edi.actions import answers_to_make, make_answer

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
    while monotonic() < until and (owed := answers_to_make()):
        for pk in owed:
            perform(make_answer, document_id=pk, now=timezone.now())
