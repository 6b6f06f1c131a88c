"""Fetches orders from shops and sends channel notifications in the background."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from erp.events.models import Event
from erp.turns import takes_a_place
from orders.intake.shops import gateway as shops_gateway
from orders.intake.shops import notification_gateway as news_gateway
from orders.intake.shops.actions.notifications import queue_marks_notification


@shared_task(
    name="orders.tasks.ask_shops",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=540,
    time_limit=600,
)
@takes_a_place("outside", alone="ask_shops")
def ask_shops(**_: object) -> None:
    """Ask connected shops for their orders, and count their hours against ours."""
    shops_gateway.ask_shops(now=timezone.now())


@shared_task(
    name="orders.tasks.tell_shops",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=110,
)
@takes_a_place("outside", alone="tell_shops")
def tell_shops(**_: object) -> None:
    """Tell connected shops what became of their orders."""
    news_gateway.tell_shops(now=timezone.now())


def tell_marks(*, event: Event, now: datetime) -> None:
    """On order.marked: its shop is owed the flag and the remark, unless it gave them itself."""
    facts = event.facts
    if not facts.get("by_channel") and {"flag", "remark"} & set(facts.get("fields", ())):
        queue_marks_notification(order_id=facts["order_id"], key=f"event-{event.pk}", now=now)
