"""Sends due messages in the background."""

from celery import shared_task
from django.utils import timezone

from erp.messages.send import send_due_messages

OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 200, "time_limit": 240}


@shared_task(name="erp.tasks.send_waiting_messages", **OPTIONS)
def send_waiting_messages(**_: object) -> None:
    """Send the notifications that are due."""
    send_due_messages(now=timezone.now())
