"""Writes acknowledgements once their orders are decided."""

import logging
from functools import partial

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from erp.errors import InProgress
from erp.once import perform
from erp.rounds import by_rows
from orders.intake.edi.actions import (
    acknowledgements_due,
    note_unwritten,
    write_acknowledgement,
)

logger = logging.getLogger(__name__)


@shared_task(
    name="orders.tasks.answer_partners",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=120,
)
def answer_partners(**_: object) -> None:
    """Write the acknowledgements that partners are owed for orders that are decided by now."""
    with by_rows("answer_partners") as turn:
        turn.all(partial(acknowledgements_due, now=timezone.now()), _answer)


def _answer(pk: int) -> None:
    try:
        perform(write_acknowledgement, document_id=pk, now=timezone.now())
    except InProgress:  # somebody is changing the order: it has its turn again, and loses no try
        return
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        logger.exception("Acknowledgement %s could not be written", pk)
        perform(note_unwritten, document_id=pk, error=error, now=timezone.now())
