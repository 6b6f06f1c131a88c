"""Events of a batch are acted on in sets: with the same outcome as one by one, and by as many statements as for two."""

from threading import Event, Thread
from time import sleep

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from erp.events import relay
from erp.events.models import EventDelivery
from erp.messages.models import Message
from erp.once import perform
from fulfillment.models import FulfillmentLine, FulfillmentOrder
from orders.models import Order, OrderAddress
from orders.order.actions.life import cancel_order
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)


def placed(api, count: int, **more) -> list[Order]:
    numbers = [api.post("orders", order_body(**more)).json()["number"] for _n in range(count)]
    return list(Order.objects.filter(number__in=numbers).order_by("pk"))


def leased() -> list[int]:
    return relay.lease_due(now=timezone.now(), limit=500)


def outcome(order: Order) -> tuple[object, ...]:
    """What a confirmed order has led to, without what is of this one alone."""
    order.refresh_from_db()
    work = FulfillmentOrder.objects.filter(order=order).order_by("pk")
    lines = FulfillmentLine.objects.filter(fulfillment_order__in=work).order_by("pk")
    email = OrderAddress.objects.get(order=order, kind="shipping").email
    told = Message.objects.filter(subject_ref=f"order:{order.pk}").order_by("pk")
    return (
        [(each.warehouse_id, each.status, each.ship_by == order.ship_by) for each in work],
        [(x.order_line.position, x.sku_id, x.quantity) for x in lines],
        [
            (
                x.template,
                x.recipient == email,
                x.subject.replace(order.number, "#"),
                bool(x.attachment),
            )
            for x in told
        ],
        order.carrier,
        order.status,
    )


def test_a_set_comes_to_the_same_as_one_by_one(api, shop):
    alone = placed(api, 4)
    for pk in leased():
        relay.deliver(delivery_id=pk, now=timezone.now())
    together = placed(api, 4)
    assert relay.deliver_all(delivery_ids=leased(), now=timezone.now())
    assert [outcome(order) for order in together] == [outcome(order) for order in alone]
    assert outcome(together[0])[0]
    assert outcome(together[0])[2]


def test_a_set_takes_as_many_statements_however_large_it_is(api, shop):
    counted = []
    relay.deliver_all(delivery_ids=leased(), now=timezone.now())  # what the shop's goods led to
    for size in (2, 12):
        placed(api, size)
        ids = leased()
        with CaptureQueriesContext(connection) as seen:
            assert relay.deliver_all(delivery_ids=ids, now=timezone.now())
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_events_of_one_order_are_acted_on_in_their_order(api, shop, system):
    """Planned after it was cancelled, an order would ship."""
    gone, others = placed(api, 1)[0], placed(api, 3)
    perform(cancel_order, order_id=gone.pk, reason="customer", by=system, now=timezone.now())
    ids = leased()
    assert len(set(EventDelivery.objects.filter(pk__in=ids).values_list("subscriber"))) > 2
    relay.deliver_all(delivery_ids=ids, now=timezone.now())
    assert not FulfillmentOrder.objects.filter(order=gone).exclude(status="cancelled").exists()
    assert all(outcome(order)[0] for order in others)


def test_an_order_that_was_cancelled_meanwhile_gets_no_work_and_stops_nobodys(api, shop):
    gone, *others = placed(api, 3)
    Order.objects.filter(pk=gone.pk).update(status="cancelled")
    assert relay.deliver_all(delivery_ids=leased(), now=timezone.now())
    assert not outcome(gone)[0]
    assert all(outcome(order)[0] for order in others)


def test_a_set_waits_for_whoever_is_cancelling(api, shop, system):
    """Read before the cancel was committed and planned after it, an order would ship."""
    gone, *others = placed(api, 3)
    ids, cancelling, planning = leased(), Event(), Event()

    def cancel() -> None:
        with transaction.atomic():
            cancel_order(order_id=gone.pk, reason="customer", by=system, now=timezone.now())
            cancelling.set()
            planning.wait(5)
            sleep(0.3)  # time to read what is not committed yet
        connection.close()

    thread = Thread(target=cancel)
    thread.start()
    cancelling.wait(5)
    planning.set()
    assert relay.deliver_all(delivery_ids=ids, now=timezone.now())
    thread.join()
    assert not FulfillmentOrder.objects.filter(order=gone).exists()
    assert all(outcome(order)[0] for order in others)
