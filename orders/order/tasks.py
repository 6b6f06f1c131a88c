"""Releases expired holds in the background."""

from functools import partial

from celery import shared_task
from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import job_actor
from erp.errors import DomainError, InProgress
from erp.once import perform
from erp.rounds import by_rows
from orders.order.actions.holds import holds_that_end, note_hold_stays, release_hold


@shared_task(
    name="orders.tasks.end_holds",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=120,
)
def end_holds(**_: object) -> None:
    """Release the holds whose time is over: cooling-off periods, days to ship from."""
    by = job_actor("scheduler")
    with by_rows("end_holds") as turn:
        turn.all(partial(holds_that_end, now=timezone.now()), lambda pk: _end_hold(pk, by))


def _end_hold(pk: int, by: Actor) -> None:
    """Release a hold, or say why it stays; one whose order is being changed has its turn again."""
    try:
        perform(release_hold, hold_id=pk, by=by, now=timezone.now())
    except InProgress:
        return
    except DomainError as refusal:
        perform(note_hold_stays, hold_id=pk, why=str(refusal), by=by, now=timezone.now())
