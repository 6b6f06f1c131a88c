"""Orders' background work. Each task loads nothing and makes one call."""

import logging
from datetime import datetime
from time import monotonic

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from erp.access.queries import job_actor
from erp.errors import DomainError
from erp.events.models import Event
from erp.once import perform
from inventory.models import PurchaseOrder
from orders import (
    actions,
    applying,
    assessing,
    collecting,
    fetching,
    rates,
    reconciling,
    telling,
)
from orders.models import ChannelOrder
from orders.queries import orders_at_risk

logger = logging.getLogger(__name__)
READING_S = 20.0
WAREHOUSE_OUT = "warehouse_out"  # why orders are routed anew whose warehouse was switched off


@shared_task(
    name="orders.tasks.learn_names",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=200,
    time_limit=240,
)
def learn_names(**_: object) -> None:
    """Learn the words of new customers' names, for search to correct mistyped ones by."""
    while perform(actions.learn_names):
        pass


@shared_task(
    name="orders.tasks.read_inbox",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=120,
)
def read_inbox(**_: object) -> None:
    """Read what channels have sent, as long as something waits and the time of one task lasts."""
    until = monotonic() + READING_S
    while monotonic() < until and read_some():
        pass


def read_some() -> int:
    """Read the messages that are due, each in a transaction of its own; return how many."""
    by, now = job_actor("intake"), timezone.now()
    leased = perform(actions.lease_messages, now=now)
    for pk in leased:
        try:
            perform(actions.take_message, message_id=pk, by=by, now=timezone.now())
        except Exception as error:
            logger.exception("Message %s could not be read", pk)
            perform(actions.note_failure, message_id=pk, error=error, now=timezone.now())
    return len(leased)


@shared_task(
    name="orders.tasks.ask_shops",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=540,
    time_limit=600,
)
def ask_shops(**_: object) -> None:
    """Ask connected shops for their orders, and count their hours against ours."""
    reconciling.ask_shops(now=timezone.now())


@shared_task(
    name="orders.tasks.fetch_mail",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def fetch_mail(**_: object) -> None:
    """Fetch the letters that are new in connected mailboxes."""
    fetching.fetch_mail(now=timezone.now())


@shared_task(
    name="orders.tasks.tell_shops",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def tell_shops(**_: object) -> None:
    """Tell connected shops what became of their orders."""
    while telling.tell_shops(now=timezone.now()):
        pass


@shared_task(
    name="orders.tasks.ask_about_risk",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def ask_about_risk(**_: object) -> None:
    """Ask providers how likely the newest orders are fraud."""
    until = monotonic() + READING_S
    while monotonic() < until and assessing.ask_providers(now=timezone.now()):
        pass


@shared_task(
    name="orders.tasks.answer_partners",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=120,
)
def answer_partners(**_: object) -> None:
    """Write the acknowledgements that partners are owed for orders that are decided by now."""
    until = monotonic() + READING_S
    while monotonic() < until and (owed := actions.answers_to_make()):
        for pk in owed:
            perform(actions.make_answer, document_id=pk, now=timezone.now())


@shared_task(
    name="orders.tasks.rate_orders",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def rate_orders(**_: object) -> None:
    """Fetch exchange rates where an address for them is set, and give orders the rates they lack."""
    if settings.EXCHANGE_RATES_URL:
        try:
            rates.fetch_rates(
                settings.EXCHANGE_RATES_URL, by=job_actor("scheduler"), now=timezone.now()
            )
        except rates.NoRates as refusal:
            logger.warning("No exchange rates were fetched: %s", refusal)
    while perform(actions.rate_orders):
        pass


def tell_of_cancel(*, event: Event, now: datetime) -> None:
    """On order.cancelled: its channel is owed to know, unless it said so itself; so is a partner we answered."""
    order_id = event.facts["order_id"]
    actions.owe_second_answer(order_id=order_id, now=now)
    said = ChannelOrder.objects.filter(order_id=order_id).first()
    if said is not None and said.cancelled is None and not said.deleted:
        actions.owe_news(order_id=order_id, kind="cancelled", key="", said={}, now=now)


@shared_task(
    name="orders.tasks.age_unpaid",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def age_unpaid(**_: object) -> None:
    """Remind customers of what is not paid, and end what never was, each order for itself."""
    by, now = job_actor("scheduler"), timezone.now()
    for pk in actions.unpaid_to_remind(now=now):
        perform(actions.remind_unpaid, order_id=pk, by=by, now=now)
    for pk in actions.unpaid_to_expire(now=now):
        perform(actions.expire_order, order_id=pk, by=by, now=now)
    for pk in actions.balances_to_remind(now=now):
        perform(actions.remind_unpaid, order_id=pk, by=by, now=now)
    for pk in actions.balances_overdue(now=now):
        perform(actions.hold_overdue_balance, order_id=pk, by=by, now=now)


@shared_task(
    name="orders.tasks.end_holds",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=100,
    time_limit=120,
)
def end_holds(**_: object) -> None:
    """Release the holds whose time is over: cooling-off periods, days to ship from."""
    by, until = job_actor("scheduler"), monotonic() + READING_S
    while monotonic() < until and (ended := actions.holds_that_end(now=timezone.now())):
        released = 0
        for pk in ended:
            try:
                perform(actions.release_hold, hold_id=pk, by=by, now=timezone.now())
                released += 1
            except DomainError as refusal:
                perform(
                    actions.note_hold_stays,
                    hold_id=pk,
                    why=str(refusal),
                    by=by,
                    now=timezone.now(),
                )
        if not released:
            return


@shared_task(
    name="orders.tasks.review_by_time",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def review_by_time(**_: object) -> None:
    """Review the orders again that a rule about their waiting has become true of; reroute stranded ones."""
    by = job_actor("scheduler")
    applying.review_by_time(by=by, now=timezone.now())
    for pk in actions.stranded_orders():
        try:
            perform(
                actions.reroute_order,
                order_id=pk,
                reason_text=WAREHOUSE_OUT,
                by=by,
                now=timezone.now(),
            )
        except DomainError as refusal:
            logger.warning("Order %s stays where it was: %s", pk, refusal)


@shared_task(
    name="orders.tasks.ask_payment_providers",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def ask_payment_providers(**_: object) -> None:
    """Ask payment providers for what is owed to be asked; hold orders whose authorisation ends soon."""
    until = monotonic() + READING_S
    while monotonic() < until and collecting.make_calls(now=timezone.now()):
        pass
    perform(actions.warn_of_ending, by=job_actor("scheduler"), now=timezone.now())


@shared_task(
    name="orders.tasks.merge_twins",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=55,
    time_limit=60,
)
def merge_twins(**_: object) -> None:
    """Merge orders of one customer to one place, on channels that want that."""
    by, now = job_actor("scheduler"), timezone.now()
    for one, other in actions.twins(now=now):
        try:
            perform(actions.merge_twins, order_id=one, other_id=other, by=by, now=timezone.now())
        except DomainError as refusal:
            logger.info("Orders %s and %s stay two: %s", one, other, refusal)


def capture_shipped(*, event: Event, now: datetime) -> None:
    """On shipment.shipped: what is in the parcel is to be captured."""
    actions.owe_captures(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)


@shared_task(
    name="orders.tasks.issue_invoices",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def issue_invoices(**_: object) -> None:
    """Invoice the orders of channels that invoice by themselves once they are confirmed."""
    by, until = job_actor("scheduler"), monotonic() + READING_S
    while monotonic() < until and (due := actions.orders_to_invoice()):
        made = [
            perform(actions.follow_invoices, order_id=pk, by=by, now=timezone.now()) for pk in due
        ]
        if not any(made):
            return


def follow_invoices(*, event: Event, now: datetime) -> None:
    """On shipment.shipped, order.edited, order.cancelled: invoices follow what became of the order."""
    actions.follow_invoices(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)


def void_payments(*, event: Event, now: datetime) -> None:
    """On order.cancelled: what was authorised is to be given back."""
    actions.owe_voids(order_id=event.facts["order_id"], now=now)


def tell_marks(*, event: Event, now: datetime) -> None:
    """On order.marked: its shop is owed the flag and the remark, unless it gave them itself."""
    facts = event.facts
    if not facts.get("by_channel") and {"flag", "remark"} & set(facts.get("fields", ())):
        actions.owe_marks(order_id=facts["order_id"], key=f"event-{event.pk}", now=now)


RULES_ASK_FOR = {"tags", "metadata"}


def judge_again(*, event: Event, now: datetime) -> None:
    """On payment, stock, edits, and marks that rules ask for: the rules are asked again about the order."""
    if event.topic == "order.marked" and not RULES_ASK_FOR & set(event.facts.get("fields", ())):
        return
    if "order_id" in event.facts:
        actions.review_again(order_ids=[event.facts["order_id"]], by=job_actor("relay"), now=now)


def carry_out(*, event: Event, now: datetime) -> None:
    """On order.ruled: what rules want beyond holds and marks is done."""
    actions.carry_out(
        order_id=event.facts["order_id"],
        follows=event.facts["follows"],
        by=job_actor("relay"),
        now=now,
    )


CAUSES = {
    "order.released": "hold_ended",
    "order.allocated": "goods_came",
    "order.edited": "order_changed",
}


def promise_again(*, event: Event, now: datetime) -> None:
    """On goods, edits and the end of holds: what was promised is looked at again."""
    actions.revise_promise(
        order_id=event.facts["order_id"],
        cause=CAUSES[event.topic],
        by=job_actor("relay"),
        now=now,
    )


def goods_came(*, event: Event, now: datetime) -> None:
    """On stock.arrived: give the goods to the orders that wait for them."""
    actions.fill_backorders(sku_ids=event.facts["sku_ids"], by=job_actor("relay"), now=now)


def goods_missing(*, event: Event, now: datetime) -> None:
    """On stock.short: orders whose promised goods were not found wait again, held."""
    actions.follow_shortfalls(
        shortfall_ids=event.facts["shortfall_ids"], by=job_actor("relay"), now=now
    )


def goods_late(*, event: Event, now: datetime) -> None:
    """On purchase.delayed: note it on the orders that were promised the goods."""
    purchase = PurchaseOrder.objects.get(pk=event.facts["purchase_id"])
    if purchase.expected_on is None:
        return
    late = sorted({row["order_id"] for row in orders_at_risk(purchase.pk)})
    actions.warn_orders_at_risk(
        order_ids=late,
        purchase=purchase.number,
        expected_on=purchase.expected_on.isoformat(),
        by=job_actor("relay"),
        now=now,
    )
    for pk in late:
        actions.revise_promise(order_id=pk, cause="goods_late", by=job_actor("relay"), now=now)
