"""Promises: by the warehouse's own days and the goods' arrival, learnt from deliveries, revised when facts change."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from erp.messages.models import Message
from erp.once import perform
from fulfillment.models import FulfillmentOrder, Parcel
from fulfillment.tracking.tasks import learn_transit
from fulfillment.tracking.transit import transit_days
from orders.models import (
    ChannelPolicy,
    Decision,
    Order,
    OrderEvent,
    ShippingService,
    WarehouseDay,
)
from orders.rehearsal.replay import replay
from orders.routing.actions import promises
from orders.routing.actions.promises import revise_promise
from orders.routing.calendar import is_working_day
from orders.routing.decisions.promise import Asked, Sender, goods_on, promise
from tests.conftest import order_body
from tests.orders.steps import expect_pots, receive_pots
from tests.relay import run_relay

MONDAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai


EAST = Sender("east", "CN", "Asia/Shanghai", time(16))


def made(sender=EAST, **changes):
    known = {
        "placed_at": MONDAY,
        "senders": [sender],
        "transit_p50": 2,
        "transit_p90": 4,
        "backordered": False,
    }
    return promise(Asked(**known | changes), is_working_day=is_working_day)


class TestPromise:
    def test_own_days_come_before_the_countrys(self):
        assert made().ship_by.date() == date(2026, 3, 2)
        closed = Sender(
            "east", "CN", "Asia/Shanghai", time(16), closed=(date(2026, 3, 2), date(2026, 3, 3))
        )
        assert made(closed).ship_by.date() == date(2026, 3, 4)
        saturday = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
        assert made(placed_at=saturday).ship_by.date() == date(2026, 3, 9)
        busy = Sender("east", "CN", "Asia/Shanghai", time(16), open=(date(2026, 3, 7),))
        assert made(busy, placed_at=saturday).ship_by.date() == date(2026, 3, 7)

    def test_chinas_working_weekends_are_work(self):
        spring = datetime(2026, 2, 13, 4, 0, tzinfo=UTC)  # Friday before the Spring Festival
        assert made(placed_at=spring + timedelta(days=1)).ship_by.date() == date(2026, 2, 14)

    def test_missing_goods_leave_the_day_after_they_come(self):
        late = made(backordered=True, goods_on=date(2026, 3, 10))
        assert late.ship_by.date() == date(2026, 3, 11)
        assert late.reasons[0] == {"code": "goods_expected", "params": {"day": "2026-03-10"}}
        assert made(backordered=True).ship_by.date() == date(
            2026, 3, 20
        )  # nobody knows: 14 working days


@pytest.mark.parametrize(
    ("missing", "coming", "ahead", "on"),
    [
        ({}, {}, {}, None),
        ({1: 5}, {}, {}, None),
        ({1: 5}, {1: [(date(2026, 3, 2), 5)]}, {}, date(2026, 3, 2)),
        ({1: 5}, {1: [(date(2026, 3, 2), 4), (date(2026, 3, 9), 4)]}, {}, date(2026, 3, 9)),
        ({1: 5}, {1: [(date(2026, 3, 2), 5)]}, {1: 1}, None),  # somebody waited before
        ({1: 5}, {1: [(date(2026, 3, 2), 5), (date(2026, 4, 1), 9)]}, {1: 1}, date(2026, 4, 1)),
        ({1: 5}, {1: [(None, 50)]}, {}, None),  # on its way, nobody knows when
        ({1: 1, 2: 1}, {1: [(date(2026, 3, 2), 5)]}, {}, None),
        (
            {1: 1, 2: 1},
            {1: [(date(2026, 3, 2), 5)], 2: [(date(2026, 3, 1), 1)]},
            {},
            date(2026, 3, 2),
        ),
    ],
)
def test_goods_have_come_when_enough_has_after_those_who_waited_before(missing, coming, ahead, on):
    assert goods_on(missing, coming, ahead) == on


def place(client, **changes):
    answer = client.post("orders", order_body(**changes))
    return Order.objects.get(number=answer.json()["number"])


def revise(order, system, cause="goods_came"):
    done = perform(revise_promise, order_id=order.pk, cause=cause, by=system, now=timezone.now())
    order.refresh_from_db()
    return done


@pytest.mark.django_db(transaction=True)
class TestRevised:
    def test_when_it_is_known_when_goods_come_and_when_they_came(
        self, make_client, shop, system, laws_hold
    ):
        order = place(make_client(shop.desk), lines=[{"sku": "POT-001", "quantity": 8}])
        first = (order.ship_by, order.deliver_by)
        on = timezone.now().date() + timedelta(days=60)
        expect_pots(shop, system, 3, on)
        assert revise(order, system, "goods_late")
        assert order.ship_by.date() > on
        assert order.deliver_by > first[1]
        run_relay()
        assert (
            Message.objects.filter(subject_ref=f"order:{order.pk}", template="later").count() == 1
        )
        receive_pots(shop, system, 3)
        order.refresh_from_db()
        assert order.ship_by < first[0]
        steps = OrderEvent.objects.filter(order=order, kind="promise.revised").order_by("pk")
        assert [s.data["reason"] for s in steps] == ["goods_late", "goods_came"]
        assert Decision.objects.filter(order=order, kind="promise").count() == 3
        assert Message.objects.filter(template="later").count() == 1  # sooner is no bad news
        assert replay().differing == []
        laws_hold()

    def test_placing_knows_what_is_on_its_way_and_who_waits_for_it(self, make_client, shop, system):
        """A purchase order that has been sent is known at placing: it used to be fourteen days, whatever came."""
        on = timezone.now().date() + timedelta(days=60)
        expect_pots(shop, system, 8, on)
        wanted = [{"sku": "POT-001", "quantity": 8}]  # five lie there

        first = place(make_client(shop.desk), lines=wanted)
        second = place(make_client(shop.desk), lines=wanted)

        assert first.ship_by.date() > on
        reasons = Decision.objects.get(order=first, kind="promise").reasons
        assert reasons[0] == {"code": "goods_expected", "params": {"day": on.isoformat()}}
        assert not revise(first, system, "order_changed")
        late = Decision.objects.get(
            order=second, kind="promise"
        ).reasons  # three and eight, of eight
        assert late[0]["code"] == "backorder_estimate"
        assert not revise(second, system, "order_changed")

    def test_what_can_be_kept_is_kept(self, api, system):
        order = place(api)
        before = (order.ship_by, order.deliver_from, order.deliver_by)
        assert not revise(order, system, "order_changed")
        assert (order.ship_by, order.deliver_from, order.deliver_by) == before
        assert not OrderEvent.objects.filter(kind="promise.revised").exists()

    def test_a_hold_that_lasted_too_long_is_promised_anew(self, api, system):
        order = place(api)
        long_ago = timezone.now() - timedelta(days=30)
        Order.objects.update(placed_at=long_ago, ship_by=long_ago, deliver_by=long_ago.date())
        assert revise(order, system, "hold_ended")
        assert order.ship_by > timezone.now()

    def test_what_has_left_is_not_promised_anew(self, api, system):
        order = place(api)
        Order.objects.update(
            fulfillment_status="fulfilled", ship_by=timezone.now() - timedelta(days=9)
        )
        assert not revise(order, system)

    def test_a_warehouses_own_days_count_when_placing(self, api, shop, laws_hold):
        ChannelPolicy.objects.update(duplicate_minutes=0)
        before = place(api).ship_by
        today = timezone.now().date()
        for n in range(-1, 10):
            WarehouseDay.objects.create(warehouse=shop.east, on=today + timedelta(days=n))
        assert place(api).ship_by > before
        assert replay().differing == []
        laws_hold()


@pytest.mark.django_db(transaction=True)
class TestLearnt:
    def test_from_what_was_delivered(self, api, shop):
        order = place(api)
        work = FulfillmentOrder.objects.create(
            order=order, warehouse=shop.east, status="shipped", created_at=timezone.now()
        )
        monday = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
        for n in range(40):
            days = 1 if n < 20 else 2 if n < 36 else 7  # Monday to Monday: five working days
            Parcel.objects.create(
                order=order,
                fulfillment_order=work,
                status="delivered",
                carrier="x",
                service="standard",
                tracking_number=f"T{n}",
                packed_at=monday,
                shipped_at=monday,
                delivered_at=monday + timedelta(days=days),
            )
        assert transit_days(monday + timedelta(days=9)) == {("standard", "CNY"): (1, 2, 40)}
        assert transit_days(monday + timedelta(days=200)) == {}
        Parcel.objects.update(
            shipped_at=timezone.now() - timedelta(days=2), delivered_at=timezone.now()
        )
        ShippingService.objects.create(code="standard", name="x", currency="EUR", fee=Decimal(1))
        learn_transit()
        service = ShippingService.objects.get(code="standard", currency="CNY")
        assert 1 <= service.transit_p50 == service.transit_p90 <= 2
        service.transit_p50 = 9
        service.transit_p90 = 9
        service.save()
        learn_transit()  # once a day
        service.refresh_from_db()
        assert service.transit_p50 == 9

    def test_too_few_teach_nothing_and_some_do_not_follow(self, api, system):
        now = timezone.now()
        assert transit_days(now) == {}
        ShippingService.objects.update(learns_days=False)
        assert not perform(
            promises.learn_transit,
            code="standard",
            currency="CNY",
            p50=1,
            p90=2,
            by=system,
            now=now,
        )
