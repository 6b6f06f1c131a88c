"""What a removed guard looks like: by its name, the modules that are changed, and how."""

import os
import random
import time
from datetime import timedelta

THINKS_S = 0.7  # between reading and writing: what nobody keeps apart meets


def without_once_row(once) -> None:
    """Every call is a new one, whatever its key."""

    def perform_once(action, *, once, answer, **arguments):
        return perform_answered(action, answer=answer, **arguments)

    perform_answered = once.perform_answered
    once.perform_once = perform_once


def without_commit(once) -> None:
    """One commit in thirty is a rollback, and nobody is told."""
    usual = once._durably

    def durably(body):
        def forgotten(attempt):
            given = body(attempt)
            if random.random() < 1 / 30:
                once.transaction.set_rollback(True)
            return given

        return usual(forgotten)

    once._durably = durably


def without_stock_check(facts) -> None:
    """Orders are placed as if every warehouse had a thousand more of everything."""
    usual = facts.gather

    def gather(*given, **named):
        found = usual(*given, **named)
        for place in list(found.free):
            found.free[place] += 1000
        return found

    facts.gather = gather


def without_order_lock(timeline) -> None:
    """Verbs read the order that they change, and lock nothing."""

    def lock_order(order_id, by=None):
        return timeline.find_one(timeline.Order.objects.filter(pk=order_id))

    def lock_orders(order_ids):
        return list(timeline.Order.objects.filter(pk__in=order_ids).order_by("pk"))

    timeline.lock_order = lock_order
    timeline.lock_orders = lock_orders


def cancel_that_thinks(cancel) -> None:
    """Whoever cancels units looks at them for a while before it writes: others may do so, where nothing is locked."""
    usual = cancel._check

    def check(lines, given):
        usual(lines, given)
        time.sleep(THINKS_S)

    cancel._check = check


def sent_is_done(webhooks) -> None:
    """A webhook that was posted is done, whatever was answered."""
    usual = webhooks._record

    def record(delivery, answer, now):
        usual(delivery, answer._replace(error=""), now)

    webhooks._record = record


def relay_forgets(relay) -> None:
    """A delivery is marked as done first, and acted on afterwards."""

    def deliver_all(*, delivery_ids, now):
        rows = relay.EventDelivery.objects.select_related("event")
        leased = list(rows.filter(pk__in=delivery_ids, status="pending"))
        rows.filter(pk__in=delivery_ids).update(status="done", is_leased=False)
        for delivery in leased:
            with relay.transaction.atomic(durable=True):
                relay.act_on(delivery.subscriber, delivery.event, now)

    relay.deliver_all = deliver_all


def clock_off_by(hours: float, once: str = ""):
    """What the product takes for the time is hours off; Python's own clocks, and those of its libraries, are not.

    once   the path of a file: as long as there is none the clock is right; "": it is off from the beginning
    """

    def plant(timezone) -> None:
        right = timezone.now

        def now():
            is_off = not once or os.path.exists(once)
            return right() + timedelta(hours=hours) if is_off else right()

        timezone.now = now

    return plant


BREACHES = {
    "once-row": {"erp.once": without_once_row},
    "commit": {"erp.once": without_commit},
    "order-lock": {
        "orders.order.actions.timeline": without_order_lock,
        "orders.changes.actions.cancel": cancel_that_thinks,
    },
    "reservation-check": {"orders.placement.facts": without_stock_check},
    "sent-is-done": {"erp.events.webhooks": sent_is_done},
    "relay-forgets": {"erp.events.relay": relay_forgets},
}
