"""However many wait for goods, the queue is read as far as the goods go, and is the same queue."""

from copy import copy
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from orders.allocation import queries
from orders.allocation.actions.backorders import fill_backorders
from orders.allocation.decisions import Waiting, fill, fill_in_turn, queue
from orders.allocation.queries import orders_at_risk, waiting_lines
from orders.models import ChannelPolicy, Order, OrderLine, OrderLinePart
from orders.order.queries import lacking, made_of, waiting_for
from orders.routing.decisions.promise import goods_on
from orders.routing.decisions.warehouse import WarehouseFacts
from tests.conftest import order_body
from tests.orders.steps import copies_of, do, expect_pots, heard_of, receive_pots

DAY = datetime(2026, 11, 1, tzinfo=UTC)
MANY = 1200
WAREHOUSES = [WarehouseFacts(1, "east", "CN", 1), WarehouseFacts(2, "south", "DE", 2)]

lines = st.builds(
    Waiting,
    line_id=st.integers(1, 99),
    order_id=st.integers(1, 9),
    sku=st.just("S"),
    quantity=st.integers(1, 5),
    ship_by=st.none() | st.integers(0, 9).map(lambda days: DAY + timedelta(days=days)),
    placed_at=st.integers(0, 9).map(lambda days: DAY - timedelta(days=days)),
    country=st.sampled_from(["CN", "DE"]),
    made_of=st.sampled_from([((1, 1),), ((1, 2), (2, 1)), ((1, 1), (3, 1))]),
    rank=st.integers(-9, 9),
)


@given(
    st.lists(lines, max_size=12),
    st.dictionaries(st.tuples(st.integers(1, 3), st.integers(1, 2)), st.integers(0, 9)),
)
def test_who_is_served_does_not_depend_on_how_far_the_queue_is_read(waiting, free):
    asked = []
    queued = (asked.append(line) or line for line in queue(waiting))
    served = list(fill_in_turn(queued, free, WAREHOUSES, came={1}))
    assert served == fill(waiting, free, WAREHOUSES)
    given_out = sum(f.quantity * each for f in served for sku, each in f.made_of if sku == 1)
    if waiting and given_out == sum(units for (sku, _w), units in free.items() if sku == 1):
        ids = {f.line_id for f in served}
        assert len(asked) == 1 or asked[-1].line_id in ids


@given(
    st.integers(1, 9),
    st.lists(
        st.tuples(st.none() | st.integers(1, 9).map(lambda d: date(2026, 3, d)), st.integers(1, 9))
    ),
    st.integers(0, 99),
)
def test_more_waiting_than_comes_promises_no_other_day(missing, coming, ahead):
    coming.sort(key=lambda one: (one[0] is None, one[0] or date.max))
    capped = min(ahead, sum(units for _day, units in coming))
    assert goods_on({1: missing}, {1: coming}, {1: ahead}) == goods_on(
        {1: missing}, {1: coming}, {1: capped}
    )


@pytest.mark.django_db(transaction=True)
class TestManyWaiting:
    @pytest.fixture
    def desk(self, make_client, shop):
        ChannelPolicy.objects.update(duplicate_minutes=0)
        return make_client(shop.desk)

    @pytest.fixture
    def waiting(self, desk):
        """Thousands of orders that wait for two pots each, the first placed the last in turn."""
        heard_of(desk, lines=[{"sku": "POT-001", "quantity": 5}])  # all there are
        first = heard_of(desk, lines=[{"sku": "POT-001", "quantity": 2}])
        line = first.lines.get()
        copies = copies_of(first, MANY - 1, priority=1)
        for n, row in enumerate(copies):
            row.ship_by = None if n % 7 == 3 else first.ship_by + timedelta(hours=n % 50)
            row.priority = n % 5
        Order.objects.bulk_update(copies, ["ship_by", "priority"], batch_size=500)
        rows = []
        for row in copies:
            mine = copy(line)
            mine.pk, mine.order_id = None, row.pk
            rows.append(mine)
        OrderLine.objects.bulk_create(rows)
        return first

    def test_placing_the_next_reads_no_more_than_comes(self, desk, shop, system, waiting):
        expect_pots(shop, system, 10, date(2027, 3, 9))
        with transaction.atomic():
            before = lines_read()
            with connection.cursor() as cursor:
                cursor.execute("SELECT orders_expected(%s::bigint[])", [[shop.pot.pk]])
                owed = cursor.fetchone()[0]["owed"]
            assert lines_read() - before < 100
        assert owed[0][0] == shop.pot.pk
        assert owed[0][1] >= 10
        assert (
            desk.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 1}])).status_code
            == 201
        )

    def test_goods_that_come_are_given_without_reading_all(
        self, shop, system, waiting, monkeypatch
    ):
        read = []
        monkeypatch.setattr(queries, "made_of", lambda asked: read.extend(asked) or made_of(asked))
        line_ids = [w.line_id for w in waiting_lines([shop.pot.pk], most=3)]
        read.clear()
        assert do(fill_backorders, system, sku_ids=[shop.pot.pk]) == 0
        assert not read
        receive_pots(shop, system, 5)
        assert len(read) <= 2 * queries.AT_ONCE
        got = OrderLine.objects.filter(pk__in=line_ids).order_by("pk")
        assert sorted(got.values_list("quantity_reserved", flat=True)) == [1, 2, 2]

    def test_the_database_keeps_the_same_queue(self, shop, waiting):
        found = list(waiting_lines([shop.pot.pk]))
        assert len(found) == MANY
        assert found == queue(sorted(found, key=lambda w: w.line_id))

    def test_sums_are_the_databases(self, shop, waiting, django_assert_num_queries):
        OrderLinePart.objects.create(order_line=waiting.lines.get(), sku=shop.tea, quantity=3)
        with django_assert_num_queries(2):
            assert waiting_for(None) == {shop.pot.pk: 2 * (MANY - 1), shop.tea.pk: 6}
        assert waiting_for([shop.tea.pk]) == {shop.tea.pk: 6}
        assert lacking(waiting.pk) == {shop.tea.pk: 6}
        assert [w.line_id for w in waiting_lines([shop.tea.pk])] == [waiting.lines.get().pk]
        assert list(waiting_lines([])) == []

    def test_orders_at_risk_are_read_as_far_as_the_purchase_goes(
        self, shop, system, waiting, monkeypatch
    ):
        expect_pots(shop, system, 4, timezone.localdate() + timedelta(days=400))
        read = []
        monkeypatch.setattr(queries, "made_of", lambda asked: read.extend(asked) or made_of(asked))
        purchase = shop.pot.purchaseline_set.get().purchase_id
        assert sum(row["quantity"] for row in orders_at_risk(purchase)) == 4
        assert len(read) <= queries.AT_ONCE


def lines_read() -> int:
    """How many rows of order lines this transaction has read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = 'orders_orderline'"
        )
        return int(cursor.fetchone()[0])
