"""Sends mails about accounts in the background."""

from celery import shared_task
from django.utils import timezone

from erp.access.account_mails import has_due_account_mails
from erp.access.account_mails import send_account_mails as send_due
from erp.turns import takes_a_place

OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 100, "time_limit": 110}
TURN_S = 2.0


@shared_task(name="erp.tasks.send_account_mails", **OPTIONS)
@takes_a_place("mail")
def send_account_mails(**_: object) -> None:
    """Send people the mails about their own accounts that are due."""
    now = timezone.now()
    if has_due_account_mails(now=now):
        send_due(now=now, for_s=TURN_S)
