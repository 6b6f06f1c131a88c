"""Fetches e-mails in the background."""

from celery import shared_task
from django.utils import timezone

from erp.turns import takes_a_place
from orders.intake.mail import gateway as mail_gateway


@shared_task(
    name="orders.tasks.fetch_mail",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
@takes_a_place("outside", alone="fetch_mail")
def fetch_mail(**_: object) -> None:
    """Fetch the letters that are new in connected mailboxes."""
    mail_gateway.fetch_mail(now=timezone.now())
