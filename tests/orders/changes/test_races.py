"""Many at once, of what came with processing: invoices without gaps, goods given once, gifts and splits once."""

import os
from functools import partial

import pytest
from django.utils import timezone

from erp.errors import DomainError
from erp.events.models import EventDelivery
from erp.events.relay import deliver
from erp.once import perform
from fulfillment.models import FulfillmentOrder
from fulfillment.picking.actions import pick_order
from inventory.models import StockLevel
from orders.allocation.actions.priority import allocate_first
from orders.invoicing.actions.issue import issue_invoice
from orders.models import ChannelPolicy, Invoice, OrderLine
from orders.order.actions.life import cancel_order
from tests.orders.races import at_once
from tests.orders.steps import placed
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


RACES = int(os.environ.get("RACES", "10"))


def tried(action, by, **given):
    """1 where it was done, 0 where it was refused."""
    try:
        perform(action, by=by, now=timezone.now(), **given)
    except DomainError:
        return 0
    return 1


def test_invoices_of_many_at_once_are_numbered_without_gaps(api, system, laws_hold):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    orders = [placed(api, lines=[{"sku": "TEA-001", "quantity": 1}]) for _ in range(12)]
    calls = [partial(tried, issue_invoice, system, order_id=o.pk) for o in orders for _ in range(4)]
    assert at_once(calls) == {1: 12, 0: 36}
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    year = timezone.localtime().year
    assert numbers == [f"INV{year}-{n:06d}" for n in range(1, 13)]
    laws_hold()


def test_goods_are_given_up_once_whoever_wants_them(make_client, shop, system, laws_hold):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    desk = make_client(shop.desk)
    donors = [placed(desk, lines=[{"sku": "POT-001", "quantity": 1}]) for _ in range(5)]
    urgent = [placed(desk, lines=[{"sku": "POT-001", "quantity": 2}]) for _ in range(4)]
    run_relay()
    at_once(
        [partial(tried, allocate_first, system, order_id=o.pk) for o in urgent for _ in range(2)]
    )
    run_relay()
    lines = OrderLine.objects.all()
    assert (
        sum(x.quantity_reserved for x in lines)
        == 5
        == StockLevel.objects.get(sku=shop.pot, warehouse=shop.east).reserved
    )
    assert sum(x.quantity_reserved for x in lines.filter(order__in=urgent)) == 5
    assert not lines.filter(order__in=donors, quantity_reserved__gt=0).exists()
    laws_hold()


def test_given_up_or_picked_never_both(make_client, shop, system, laws_hold):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    desk = make_client(shop.desk)
    for _ in range(RACES):
        donor = placed(desk, lines=[{"sku": "POT-001", "quantity": 5}])
        urgent = placed(desk, lines=[{"sku": "POT-001", "quantity": 5}])
        run_relay()
        work = FulfillmentOrder.objects.get(order=donor, status="released")
        done = at_once(
            [
                partial(tried, allocate_first, system, order_id=urgent.pk),
                partial(tried, pick_order, system, fulfillment_order_id=work.pk),
            ]
        )
        assert done == {1: 1, 0: 1}
        run_relay()
        laws_hold()
        for order in (donor, urgent):
            perform(
                cancel_order,
                order_id=order.pk,
                reason="again",
                by=system,
                now=timezone.now(),
            )
        run_relay()


def test_what_a_rule_wants_is_done_once_however_often_the_event_is_delivered(api, write, laws_hold):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    write("thanks", {"all": []}, gift="MUG-001", gift_units=1)
    orders = [placed(api, lines=[{"sku": "TEA-001", "quantity": 1}]) for _ in range(4)]
    ids = list(
        EventDelivery.objects.filter(event__topic="order.ruled").values_list("pk", flat=True)
    )

    def handed(pk):
        return int(deliver(delivery_id=pk, now=timezone.now()))

    at_once([partial(handed, pk) for pk in ids for _ in range(8)])
    run_relay()
    for order in orders:
        assert order.lines.filter(sku_code="MUG-001").count() == 1
    laws_hold()
