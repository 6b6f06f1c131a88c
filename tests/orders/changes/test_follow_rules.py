"""What rules want beyond holds and marks: gifts, splits, merges, warehouses, telling staff; each once, or noted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from erp.access.models import Actor
from erp.errors import Invalid
from erp.events.models import Event
from erp.notices.models import Notice
from erp.notices.queries import unread_alerts
from erp.once import perform
from inventory.models import Reservation
from orders.changes.actions.follow_rules import carry_out
from orders.models import ChannelPolicy, Order, OrderEvent, OrderLine, ShippingService
from orders.order.actions.life import cancel_order
from orders.rehearsal.apply import preview
from orders.rehearsal.replay import replay
from orders.rehearsal.rules import rehearse
from orders.review.actions.review_again import review_again
from orders.review.rulebook import compiled, current, rules_of
from tests.conftest import order_body
from tests.orders.forms import WHO
from tests.orders.rules import asks
from tests.orders.steps import heard_of
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


EVERY = {"all": []}


def placed(client, **changes):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    return heard_of(client, **changes)


def steps(order):
    return list(
        OrderEvent.objects.filter(order=order).order_by("pk").values_list("kind", flat=True)
    )


def test_a_gift_comes_along_free_and_only_once(api, write, system, laws_hold):
    write("thanks", asks("total", "gte", "50"), gift="MUG-001", gift_units=1)
    order = placed(api, lines=[{"sku": "TEA-001", "quantity": 2}])
    gift = order.lines.get(sku_code="MUG-001")
    assert (gift.quantity_ordered, gift.quantity_reserved, gift.total) == (1, 1, 0)
    assert gift.subtotal == gift.discount > 0
    assert (
        order.total == sum(x.total for x in order.lines.all()) + order.shipping + order.shipping_tax
    )
    assert order.status == "confirmed"
    perform(review_again, order_ids=[order.pk], by=system, now=timezone.now())
    run_relay()
    assert order.lines.count() == 2
    assert not replay().differing
    laws_hold()


def test_a_gift_beside_a_promotions_of_the_same_goods(api, write, shop, promote, laws_hold):
    promote("mug", "gift", gifts=[(shop.mug, 1)])
    write("thanks", EVERY, gift="MUG-001", gift_units=2)
    order = placed(api, lines=[{"sku": "TEA-001", "quantity": 2}])
    mugs = order.lines.filter(sku_code="MUG-001").order_by("position")
    assert [(x.quantity_ordered, x.total) for x in mugs] == [(1, 0), (2, 0)]
    laws_hold()


def test_a_gift_that_is_not_there_is_noted_and_nothing_else_is_lost(api, write, laws_hold):
    write("thanks", EVERY, gift="POT-001", gift_units=6, tags=["vip"])  # five are there
    order = placed(api)
    assert order.lines.count() == 2
    assert order.tags == ["vip"]
    missed = OrderEvent.objects.get(order=order, kind="rule.not_done")
    assert missed.data["what"] == "gifts"
    assert "POT-001" in missed.data["why"]
    laws_hold()


def test_what_waits_for_goods_goes_its_own_way(make_client, shop, write, laws_hold):
    write("apart", asks("backordered", "is", True), split="short")
    desk = make_client(shop.desk)
    order = placed(
        desk, lines=[{"sku": "TEA-001", "quantity": 2}, {"sku": "POT-001", "quantity": 7}]
    )
    other = Order.objects.exclude(pk=order.pk).get()
    assert sum(x.quantity_backordered for x in order.lines.all()) == 0
    assert [
        (x.sku_code, x.quantity_ordered, x.quantity_backordered) for x in other.lines.all()
    ] == [("POT-001", 2, 2)]
    assert Order.objects.count() == 2  # what was split off is not split again
    laws_hold()


def test_each_warehouse_sends_an_order_of_its_own(api, write, laws_hold):
    write("apart", asks("units", "gte", "20"), split="warehouse")
    order = placed(
        api, lines=[{"sku": "TEA-001", "quantity": 30}, {"sku": "POT-001", "quantity": 1}]
    )
    assert Order.objects.count() == 2
    for one in Order.objects.all():
        lines = one.lines.values_list("pk", flat=True)
        held = Reservation.objects.filter(
            holder_id__in=lines, holder_kind="order_line", status="committed"
        )
        assert held.values("warehouse_id").distinct().count() == 1
    assert order.lines.filter(sku_code="TEA-001").get().quantity_ordered == 20
    laws_hold()


def test_a_later_order_joins_the_one_that_waits(api, write, laws_hold):
    write("join", asks("total", "lt", "60"), merge=True)
    first = placed(api, customer=WHO)
    second = placed(api, customer=WHO, lines=[{"sku": "TEA-001", "quantity": 1}])
    third = placed(api, lines=[{"sku": "TEA-001", "quantity": 1}])  # somebody else's
    assert (second.status, third.status) == ("merged", "confirmed")
    first.refresh_from_db()
    assert first.lines.count() == 3
    assert "rule.not_done" not in steps(third)
    laws_hold()


def test_asked_again_another_service_and_warehouse_are_taken(api, write, shop, system, laws_hold):
    ShippingService.objects.create(code="express", name="Express", currency="CNY", fee=30)
    order = placed(api, payment={"method": "unpaid"})
    total = order.total
    write("paid", asks("payment_status", "eq", "paid"), service="express", warehouse="south")
    body = {
        "amount": {"amount": str(order.total), "currency": "CNY"},
        "method": "prepaid",
        "reference": "r1",
    }
    assert api.post(f"orders/{order.number}/payments", body).status_code == 200
    run_relay()
    order.refresh_from_db()
    assert (order.shipping_service, order.total, order.status) == (
        "express",
        total,
        "confirmed",
    )
    held = Reservation.objects.filter(holder_kind="order_line", status="committed")
    assert {r.warehouse_id for r in held} == {shop.south.pk}
    again = steps(order)
    assert (again.count("service.set"), again.count("rerouted")) == (1, 1)
    laws_hold()


def test_a_role_is_told_once(api, write, system, sign_in):
    write("look", asks("total", "gte", "50"), notify="finance")
    order = placed(api)
    assert Event.objects.filter(topic="order.ruled").count() == 1
    perform(review_again, order_ids=[order.pk], by=system, now=timezone.now())
    run_relay()
    notice = Notice.objects.get()
    assert (notice.role, notice.url) == ("finance", f"/orders/{order.number}/")
    page = sign_in("finance").get("/")
    assert order.number in page.content.decode()
    assert order.number not in sign_in("buyer").get("/notices/").content.decode()


def test_a_rehearsal_says_what_would_be_given_and_sent_otherwise(api, write):
    for units in (1, 2, 3):
        placed(api, lines=[{"sku": "TEA-001", "quantity": units}])
    write("now", asks("units", "gte", "3"), gift="MUG-001", gift_units=1)
    draft = write(
        "now",
        asks("units", "gte", "2"),
        gift="MUG-001",
        gift_units=2,
        warehouse="south",
        in_force=False,
    )
    book = current()
    span = {"since": timezone.now() - timedelta(days=1), "until": timezone.now()}
    told = rehearse(compiled(draft), rules_of(book.pk, book.at), **span)
    assert (told.sent_otherwise.orders, told.given_more.orders) == (2, 2)
    assert told.gifts == {"MUG-001": 3}  # two and two, less the one that was given
    assert preview(now=timezone.now()).carried_out.orders == 1


def test_orders_without_such_rules_say_nothing_more(api, write):
    write("plain", EVERY, tags=["x"])
    placed(api)
    assert not Event.objects.filter(topic="order.ruled").exists()


def test_an_order_that_has_ended_is_left_alone(api, write, system):
    write("thanks", EVERY, gift="MUG-001", gift_units=1, notify="finance")
    answer = api.post("orders", order_body(lines=[{"sku": "TEA-001", "quantity": 1}]))
    order = Order.objects.get(number=answer.json()["number"])
    perform(cancel_order, order_id=order.pk, reason="x", by=system, now=timezone.now())
    run_relay()
    assert (order.lines.count(), Notice.objects.count()) == (1, 0)
    assert "rule.not_done" not in steps(order)


def test_too_late_is_noted(api, write, system):
    order = placed(api)
    work = api.get("fulfillment-orders", order=order.number).json()["data"][0]
    api.post(f"fulfillment-orders/{work['id']}/pick", {})
    done = perform(
        carry_out,
        order_id=order.pk,
        follows={"gifts": [["MUG-001", 1, "late"]]},
        by=system,
        now=timezone.now(),
    )
    assert done == []
    assert "rule.not_done" in steps(order)
    assert OrderLine.objects.filter(order=order).count() == 2


@pytest.mark.parametrize(
    ("does", "pointer"),
    [
        ({"gift": "NOTHING"}, "/gift"),
        ({"gift": "WRAP"}, "/gift"),  # a service is not given away
        ({"gift": "MUG-001", "gift_units": 0}, "/gift_units"),
        ({"split": "halves"}, "/split"),
        ({"notify": "system"}, "/notify"),
    ],
)
def test_what_cannot_be_done_is_refused_when_it_is_written(write, does, pointer):
    with pytest.raises(Invalid) as refusal:
        write("wrong", EVERY, in_force=False, **does)
    assert [e.pointer for e in refusal.value.errors] == [pointer]


def test_unseen_notices_are_those_after_the_last_look(api, write, sign_in):
    write("look", EVERY, notify="finance")
    placed(api)
    client = sign_in("finance")
    actor = Actor.objects.get(role="finance")
    assert len(unread_alerts(actor)) == 1
    client.post("/notices/seen/")
    assert unread_alerts(actor) == []
    assert timezone.now() - Notice.objects.get().at < timedelta(minutes=5)
