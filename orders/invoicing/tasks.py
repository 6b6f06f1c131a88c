"""Issues invoices and credit notes as orders change."""

from datetime import datetime
from time import monotonic

from celery import shared_task
from django.utils import timezone

from erp.access.queries import job_actor
from erp.events.models import Event
from erp.once import perform
from orders.invoicing.actions import issue
from orders.invoicing.actions.issue import orders_to_invoice

READING_S = 20.0


@shared_task(
    name="orders.tasks.issue_invoices",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def issue_invoices(**_: object) -> None:
    """Invoice the orders of channels that invoice by themselves once they are confirmed."""
    by, until = job_actor("scheduler"), monotonic() + READING_S
    while monotonic() < until and (due := orders_to_invoice()):
        made = [
            perform(issue.follow_invoices, order_id=pk, by=by, now=timezone.now()) for pk in due
        ]
        if not any(made):
            return


def follow_invoices(*, event: Event, now: datetime) -> None:
    """On shipment.shipped, order.edited, order.cancelled: invoices follow what became of the order."""
    issue.follow_invoices(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)
