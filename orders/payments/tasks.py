"""Sends payment calls and reminders in the background."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from celery import shared_task
from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import job_actor
from erp.events.models import Event
from erp.once import perform
from erp.rounds import by_rows
from erp.turns import takes_a_place
from orders.payments import gateway as payments_gateway
from orders.payments.actions.intents import warn_of_ending
from orders.payments.actions.overdue import (
    balances_overdue,
    balances_to_remind,
    expire_order,
    hold_overdue_balance,
    remind_unpaid,
    unpaid_to_expire,
    unpaid_to_remind,
)
from orders.payments.actions.provider_calls import (
    queue_captures,
    queue_leftover_voids,
    queue_voids,
)

AGING_S = 120.0
# What is due of an order that is not paid, and what is done of it.
AGING: Sequence[tuple[Callable[..., Sequence[int]], Callable[..., object]]] = (
    (unpaid_to_remind, remind_unpaid),
    (unpaid_to_expire, expire_order),
    (balances_to_remind, remind_unpaid),
    (balances_overdue, hold_overdue_balance),
)


@shared_task(
    name="orders.tasks.age_unpaid",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
@takes_a_place("rounds", alone="age_unpaid")
def age_unpaid(**_: object) -> None:
    """Remind customers of what is not paid, and end what never was, each order for itself."""
    by, now = job_actor("scheduler"), timezone.now()
    with by_rows("age_unpaid", seconds=AGING_S) as turn:
        for find, act in AGING:
            turn.all(partial(find, now=now), partial(_age, act, by, now))


def _age(act: Callable[..., object], by: Actor, now: datetime, order_id: int) -> None:
    perform(act, order_id=order_id, by=by, now=now)


@shared_task(
    name="orders.tasks.ask_payment_providers",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=110,
)
@takes_a_place("outside", alone="ask_payment_providers")
def ask_payment_providers(**_: object) -> None:
    """Ask payment providers for what is owed to be asked; hold orders whose authorisation ends soon."""
    payments_gateway.send_calls(now=timezone.now())
    perform(warn_of_ending, by=job_actor("scheduler"), now=timezone.now())


def capture_shipped(*, event: Event, now: datetime) -> None:
    """On shipment.shipped: what is in the parcel is to be captured."""
    queue_captures(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)
    queue_leftover_voids(order_id=event.facts["order_id"], now=now)


def void_payments(*, event: Event, now: datetime) -> None:
    """On order.cancelled: what was authorised is to be given back."""
    queue_voids(order_id=event.facts["order_id"], now=now)


def void_leftovers(*, event: Event, now: datetime) -> None:
    """On payment.captured and order.edited: what is authorised and will not be captured is to be given back."""
    queue_leftover_voids(order_id=event.facts["order_id"], now=now)
