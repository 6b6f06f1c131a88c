"""Issues invoices and credit notes as orders change."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from erp.access.queries import job_actor
from erp.events.models import Event
from erp.once import perform
from erp.rounds import by_rows
from erp.turns import takes_a_place
from orders.invoicing.actions import issue
from orders.invoicing.actions.issue import orders_to_invoice


@shared_task(
    name="orders.tasks.issue_invoices",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
@takes_a_place("rounds", alone="issue_invoices")
def issue_invoices(**_: object) -> None:
    """Invoice the orders of channels that invoice by themselves once they are confirmed."""
    by = job_actor("scheduler")
    with by_rows("issue_invoices") as turn:
        turn.all(
            orders_to_invoice,
            lambda pk: perform(issue.follow_invoices, order_id=pk, by=by, now=timezone.now()),
        )


def follow_invoices(*, event: Event, now: datetime) -> None:
    """On shipment.shipped, order.edited, order.cancelled: invoices follow what became of the order."""
    issue.follow_invoices(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)
