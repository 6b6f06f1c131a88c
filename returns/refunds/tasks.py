"""Proposes, submits and completes refunds as orders and payments change."""

from datetime import datetime

from erp.access.queries import job_actor
from erp.events.models import Event
from returns.refunds.actions.credit import credit_refunds
from returns.refunds.actions.follow import record_told_refund
from returns.refunds.actions.propose import propose_owed_refund
from returns.refunds.actions.settle import complete_submitted, submit_to_provider
from returns.refunds.actions.take_off import settle_channel_refunds, settle_refunded_units
from returns.refunds.queries import is_paid_back_by_channel


def propose_refund_of_cancelled(*, event: Event, now: datetime) -> None:
    """On order.cancelled: propose to give back what was captured; a channel that cancels pays back itself.

    What it had paid back before was for what it has taken off now.
    """
    if event.facts.get("by_channel"):
        settle_channel_refunds(order_id=event.facts["order_id"], now=now)
        return
    propose_owed_refund(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)


def propose_refund_of_late(*, event: Event, now: datetime) -> None:
    """On payment.captured: money that came for an order that had ended, or for more than is left of it, goes back."""
    order_id = event.facts["order_id"]
    if not is_paid_back_by_channel(order_id):
        propose_owed_refund(order_id=order_id, by=job_actor("relay"), now=now)


def propose_refund_of_overpaid(*, event: Event, now: datetime) -> None:
    """On order.overpaid: a change made the order cost less than was paid; propose to give the rest back."""
    less = {int(pk): count for pk, count in event.facts.get("less", {}).items()}
    settle_refunded_units(order_id=event.facts["order_id"], less=less, now=now)
    propose_owed_refund(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)


def ask_provider(*, event: Event, now: datetime) -> None:
    """On refund.approved: submit the refund to the payment provider that took the money."""
    submit_to_provider(refund_id=event.facts["refund_id"], by=job_actor("relay"), now=now)


def complete_refunded(*, event: Event, now: datetime) -> None:
    """On payment.refunded: the provider gave the money back; our ledger follows."""
    complete_submitted(number=event.facts["key"], by=job_actor("relay"), now=now)


def credit_refund(*, event: Event, now: datetime) -> None:
    """On refund.completed and invoice.issued: what was invoiced and has gone back is credited."""
    credit_refunds(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)


def note_channel_refund(*, event: Event, now: datetime) -> None:
    """On order.refunded_on_channel: the channel has given money back; our ledger follows."""
    record_told_refund(
        order_id=event.facts["order_id"],
        key=event.facts["refund"],
        by=job_actor("relay"),
        now=now,
    )


def settle_refunds_of_channel(*, event: Event, now: datetime) -> None:
    """On order.edited by its channel: what it took off may have been paid back before."""
    if event.facts.get("by_channel"):
        settle_channel_refunds(order_id=event.facts["order_id"], now=now)
