"""Releases expired holds in the background."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from erp.access.queries import job_actor
from erp.errors import DomainError
from erp.once import perform
from orders.order.actions.holds import holds_that_end, note_hold_stays, release_hold

READING_S = 20.0


@shared_task(
    name="orders.tasks.end_holds",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=120,
)
def end_holds(**_: object) -> None:
    """Release the holds whose time is over: cooling-off periods, days to ship from."""
    by, until = job_actor("scheduler"), monotonic() + READING_S
    while monotonic() < until and (ended := holds_that_end(now=timezone.now())):
        released = 0
        for pk in ended:
            try:
                perform(release_hold, hold_id=pk, by=by, now=timezone.now())
                released += 1
            except DomainError as refusal:
                perform(
                    note_hold_stays,
                    hold_id=pk,
                    why=str(refusal),
                    by=by,
                    now=timezone.now(),
                )
        if not released:
            return
