"""Checks for new staff alerts in the background."""

from celery import shared_task
from django.utils import timezone

from erp.notices import actions as notices

OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 200, "time_limit": 240}


@shared_task(name="erp.tasks.watch", **OPTIONS)
def watch(**_: object) -> None:
    """Tell staff what their roles are told of: what is late, short, failing or waits for approval."""
    notices.watch(now=timezone.now())
