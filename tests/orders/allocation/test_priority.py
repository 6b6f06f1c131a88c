"""Who is served first when goods are short: by priority, and at others' expense where a person says so."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from erp.errors import Conflict, Invalid
from erp.jobs.models import Job
from erp.jobs.runner import work
from orders.allocation.actions.priority import allocate_first, prioritise_order
from orders.allocation.decisions import Holder, take_from
from orders.models import ChannelPolicy, Customer, CustomerGroup, Hold, Order, OrderEvent
from orders.order.tasks import end_holds
from tests.orders.steps import do, heard_of, receive_pots
from tests.relay import run_relay

DAY = datetime(2026, 11, 1, tzinfo=UTC)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(-9, 9), st.integers(0, 9)),
        max_size=12,
    ),
    st.dictionaries(st.integers(1, 3), st.integers(0, 30), max_size=3),
    st.integers(-9, 9),
)
def test_only_who_comes_later_gives_up_and_no_more_than_is_missing(lines, missing, rank):
    holders = [
        Holder(n, n, sku, f"S{sku}", f"N{n}", units, of, DAY + timedelta(days=day), DAY)
        for n, (sku, units, of, day) in enumerate(lines)
    ]
    taken = take_from(missing, rank, holders)
    by_line = {h.line_id: h for h in holders}
    assert all(0 < t.units <= by_line[t.line_id].units for t in taken)
    assert all(by_line[t.line_id].rank < rank for t in taken)
    for sku, units in missing.items():
        got = sum(t.units for t in taken if by_line[t.line_id].sku_id == sku)
        there = sum(h.units for h in holders if h.sku_id == sku and h.rank < rank)
        assert got == min(units, there)
    kept = [h for h in holders if h.rank < rank and h.line_id not in {t.line_id for t in taken}]
    for take in taken:  # nobody who is left alone comes later than somebody who gave up
        gave = by_line[take.line_id]
        assert not [
            k
            for k in kept
            if k.sku_id == gave.sku_id
            and (k.rank, -(k.ship_by - DAY).days) < (gave.rank, -(gave.ship_by - DAY).days)
        ]


@pytest.mark.django_db(transaction=True)
class TestOrders:
    @pytest.fixture
    def desk(self, make_client, shop):
        return make_client(shop.desk)

    def placed(self, client, pots, **changes):
        ChannelPolicy.objects.update(duplicate_minutes=0)
        return heard_of(client, lines=[{"sku": "POT-001", "quantity": pots}], **changes)

    def units(self, order):
        line = order.lines.get()
        return line.quantity_reserved, line.quantity_backordered

    def test_what_comes_goes_to_the_higher_priority(self, desk, shop, system, laws_hold):
        self.placed(desk, 5)  # all there are
        first, second = self.placed(desk, 2), self.placed(desk, 2)
        do(prioritise_order, system, order_id=second.pk, priority=5)
        receive_pots(shop, system, 2)
        assert (self.units(first), self.units(second)) == ((0, 2), (2, 0))
        why = second.decision_set.filter(kind="backorder").get().reasons
        assert {"code": "has_priority", "params": {"priority": 5}} in why
        laws_hold()

    def test_a_groups_priority_counts_and_ones_own_more(self, desk, shop, system, laws_hold):
        self.placed(desk, 5)
        plain, member, last = (self.placed(desk, 1) for _ in range(3))
        group = CustomerGroup.objects.create(code="vip", name="VIP", priority=3)
        members = [member.customer_id, last.customer_id, plain.customer_id]
        Customer.objects.filter(pk__in=members).update(group=group)
        Order.objects.filter(pk__in=[member.pk, last.pk]).update(customer_proof="shop")
        do(prioritise_order, system, order_id=last.pk, priority=-1)
        receive_pots(shop, system, 1)  # the oldest only states the contact of a member
        assert [self.units(o) for o in (plain, member, last)] == [(0, 1), (1, 0), (0, 1)]
        laws_hold()

    def test_it_is_served_at_others_expense(self, desk, shop, system, laws_hold):
        early, late = self.placed(desk, 3), self.placed(desk, 2)
        Order.objects.filter(pk=late.pk).update(ship_by=early.ship_by + timedelta(days=3))
        urgent = self.placed(desk, 3)
        assert self.units(urgent) == (0, 3)
        assert do(allocate_first, system, order_id=urgent.pk) == 3
        assert [self.units(o) for o in (early, late, urgent)] == [(2, 1), (0, 2), (3, 0)]
        urgent.refresh_from_db()
        assert urgent.priority == 9
        late.refresh_from_db()
        assert OrderEvent.objects.filter(order=late, kind="promise.revised").exists()
        gave = OrderEvent.objects.filter(kind="stock.given_up").order_by("order_id")
        assert [(e.order_id, e.data["quantity"], e.data["order"]) for e in gave] == [
            (early.pk, 1, urgent.number),
            (late.pk, 2, urgent.number),
        ]
        with pytest.raises(Conflict):
            do(allocate_first, system, order_id=urgent.pk)
        laws_hold()
        receive_pots(shop, system, 3)
        assert [self.units(o) for o in (early, late, urgent)] == [(3, 0), (2, 0), (3, 0)]
        laws_hold()

    def test_equals_and_work_that_has_begun_are_left_alone(self, desk, shop, system, laws_hold):
        equal, begun = self.placed(desk, 2), self.placed(desk, 3)
        do(prioritise_order, system, order_id=equal.pk, priority=9)
        work_ = desk.get("fulfillment-orders", order=begun.number).json()["data"][0]
        assert desk.post(f"fulfillment-orders/{work_['id']}/pick", {}).status_code == 200
        urgent = self.placed(desk, 1)
        with pytest.raises(Conflict):
            do(allocate_first, system, order_id=urgent.pk)
        urgent.refresh_from_db()
        assert urgent.priority == 0  # a refusal changes nothing
        laws_hold()

    def test_what_is_no_priority_is_refused(self, desk, system):
        order = self.placed(desk, 1)
        with pytest.raises(Invalid):
            do(prioritise_order, system, order_id=order.pk, priority=10)

    def test_by_hand_and_in_bulk(self, desk, shop, sign_in):
        self.placed(desk, 5)
        short = self.placed(desk, 2)
        client = sign_in("service")
        assert "serve-dialog" in client.get(f"/orders/{short.number}/").content.decode()
        client.post(f"/orders/{short.number}/prioritise/", {"priority": "4"})
        short.refresh_from_db()
        assert short.priority == 4
        client.post(f"/orders/{short.number}/allocate_first/")
        assert self.units(short) == (2, 0)
        answer = client.post(
            "/lists/orders/bulk/", {"verb": "prioritise", "priority": "-2", "row": [short.pk]}
        )
        assert answer.status_code == 302, answer.content
        work(Job.objects.get().pk)
        short.refresh_from_db()
        assert short.priority == -2

    def test_a_bulk_answer_may_be_nothing_where_nothing_is_an_answer(self, desk, shop, sign_in):
        order = self.placed(desk, 1)
        Order.objects.update(flag="red")
        client = sign_in("service")
        answer = client.post("/lists/orders/bulk/", {"verb": "mark", "flag": "", "row": [order.pk]})
        assert answer.status_code == 302
        work(Job.objects.get().pk)
        order.refresh_from_db()
        assert order.flag == ""
        wrong = client.post(
            "/lists/orders/bulk/", {"verb": "mark", "flag": "pink", "row": [order.pk]}
        )
        assert wrong.status_code == 422


@pytest.mark.django_db(transaction=True)
class TestPreSales:
    def placed(self, client, pots):
        return heard_of(
            client,
            lines=[{"sku": "POT-001", "quantity": pots}],
            ship_not_before=(timezone.localdate() + timedelta(days=5)).isoformat(),
        )

    def end(self):
        Hold.objects.filter(released_at=None).update(until=timezone.now() - timedelta(minutes=1))
        end_holds()
        run_relay()

    def test_they_are_a_pool_of_their_own_and_say_what_is_missing_on_the_day(
        self, make_client, shop, sign_in, laws_hold
    ):
        order = self.placed(make_client(shop.desk), 7)
        assert order.number in sign_in("service").get("/orders/?presale=1").content.decode()
        self.end()
        order.refresh_from_db()
        assert order.status == "confirmed"
        step = OrderEvent.objects.get(order=order, kind="presale.short")
        assert step.data == {"skus": "POT-001 × 2"}
        laws_hold()

    def test_what_cannot_go_on_by_itself_says_why_once(self, make_client, shop):
        order = self.placed(make_client(shop.desk), 1)
        order.lines.update(sku=None, quantity_reserved=0)
        Hold.objects.update(reason="unmapped_sku")
        self.end()
        end_holds()
        hold = Hold.objects.get()
        assert (hold.released_at, hold.until) == (None, None)
        assert OrderEvent.objects.filter(order=order, kind="hold.stays").count() == 1
