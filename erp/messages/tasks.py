"""Sends due messages in the background."""

from celery import shared_task
from django.utils import timezone

from erp.access.account_mails import send_account_mails
from erp.messages.send import has_due, send_due_messages
from erp.turns import ask_for_another, ask_for_turns, is_waiting, takes_a_place

OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 100, "time_limit": 110}
SENDERS = 3  # that send beside each other, each over a connection of its own
TURN_S = 2.0
AT_ONCE = 1_000  # more than a turn has time for


@shared_task(name="erp.tasks.send_waiting_messages", **OPTIONS)
def send_waiting_messages(**_: object) -> None:
    """Have workers send the notifications that are due."""
    if has_due(now=timezone.now()):
        ask_for_turns("erp.tasks.send_some_messages", most=SENDERS)


@shared_task(name="erp.tasks.send_some_messages", **OPTIONS)
@takes_a_place("mail")
def send_some_messages(**_: object) -> None:
    """Send notifications for a turn; where more are due than it takes, another turn is asked for.

    Mails about accounts, of which there are few, go first: somebody waits for a link to sign in.
    Mails stand before events, or the first one would wait for the last event of a bulk; so while events wait, the
    next turn is left to the schedule: mails take their part of the time, and not all of it.
    """
    send_account_mails(now=timezone.now(), for_s=TURN_S)
    send_due_messages(now=timezone.now(), limit=AT_ONCE, for_s=TURN_S)
    if has_due(now=timezone.now()) and not is_waiting("outbox"):
        ask_for_another("erp.tasks.send_some_messages")
