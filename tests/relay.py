"""Doing what the worker does with events, until nothing is due."""

from datetime import timedelta

from django.utils import timezone

from erp.events.relay import deliver, deliver_all, lease_due
from tests.conftest import settle


def run_relay() -> None:
    """What the worker does, until nothing is due."""
    while ids := lease_due(now=timezone.now() + timedelta(seconds=1)):
        assert deliver_all(delivery_ids=ids, now=timezone.now())


def relay_all() -> None:
    settle()
    while due := lease_due(now=timezone.now()):
        for pk in due:
            deliver(delivery_id=pk, now=timezone.now())
