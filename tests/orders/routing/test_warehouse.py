"""Where an order ships from: near, cheap, in few parcels; chosen by hand; found anew when one is out."""

from decimal import Decimal

import pytest
from django.utils import timezone

from erp.errors import Conflict, Invalid
from erp.once import perform
from fulfillment.models import FulfillmentOrder
from inventory.models import Reservation, Warehouse
from inventory.stock.actions.ledger import OutOfStock
from orders.models import Capacity, ChannelPolicy, Decision, Lane, Order, SkuHome
from orders.rehearsal.replay import replay
from orders.rehearsal.tasks import review_by_time
from orders.routing.actions.reroute import reroute_order
from orders.routing.decisions.warehouse import Asked, Wanted, WarehouseFacts, again
from tests.conftest import order_body
from tests.orders.steps import placed
from tests.relay import run_relay

A, B, C = (
    WarehouseFacts(1, "a", "CN", 1, "广东", distance_km=900, cost=Decimal(5)),
    WarehouseFacts(2, "b", "CN", 2, "上海", distance_km=20, cost=Decimal(9)),
    WarehouseFacts(3, "c", "DE", 3, distance_km=9000, cost=Decimal(30)),
)


def asked(free, warehouses=(A, B, C), quantity=2, **options):
    wanted = [Wanted(0, 1, "X", quantity), Wanted(1, 2, "Y", 1)]
    rows = [(sku, w, n) for w, skus in free.items() for sku, n in skus.items()]
    return again(Asked(wanted, warehouses, rows, "CN", **options))


ALL = {1: 9, 2: 9}


class TestChosen:
    @pytest.mark.parametrize(
        ("by", "region", "first"),
        [
            ("near", "上海", "b"),
            ("near", "广东", "a"),
            ("near", "北京", "b"),
            ("cheap", "上海", "a"),
            ("priority", "上海", "a"),
        ],
    )
    def test_between_equals(self, by, region, first):
        route = asked({1: ALL, 2: ALL, 3: ALL}, by=by, region=region)
        assert route.warehouses == [first]
        assert route.counterfactual["params"]["units_more"] == 0

    def test_one_parcel_comes_before_the_nearest(self):
        route = asked({1: ALL, 2: {1: 9}, 3: ALL}, region="上海")
        assert route.warehouses == ["a"]

    def test_one_that_is_full_comes_last_and_says_so(self):
        full = WarehouseFacts(2, "b", "CN", 2, "上海", is_full=True)
        route = asked({1: ALL, 2: ALL}, (A, full), region="上海")
        assert route.warehouses == ["a"]
        assert {r["code"] for r in route.reasons} >= {"one_parcel_same_country", "is_full"}
        assert asked({2: ALL}, (A, full)).warehouses == ["b"]  # there is no other

    def test_one_that_does_not_ship_there_is_not_asked(self):
        far = WarehouseFacts(1, "a", "CN", 1, reaches=False)
        route = asked({1: ALL, 2: {1: 1}}, (far, B))
        assert (route.warehouses, route.short) == (["b"], {"X": 1, "Y": 1})
        assert {"code": "out_of_reach", "params": {"warehouse": "a"}} in route.reasons

    def test_no_more_parcels_than_allowed(self):
        free = {1: {1: 1}, 2: {1: 1}, 3: {2: 1}}
        assert len(asked(free).warehouses) == 3
        route = asked(free, most_parcels=2)
        assert (len(route.warehouses), sum(route.short.values())) == (2, 1)
        assert route.reasons[-1]["code"] == "parcels_limited"

    def test_a_further_parcel_is_worth_it_or_makes_it_whole(self):
        free = {1: {1: 5, 2: 1}, 2: {1: 1}, 3: {1: 1}}
        few = asked(free, quantity=8, least_units=2)
        assert (few.warehouses, few.short) == (["a"], {"X": 3})
        whole = asked(free, quantity=6, least_units=2)
        assert (len(whole.warehouses), whole.short) == (2, {})

    def test_a_sku_ships_from_its_home(self):
        wanted = [Wanted(0, 1, "X", 1, (), (3,))]
        route = again(Asked(wanted, (A, B, C), [(1, 1, 9), (1, 3, 9)], "CN"))
        assert route.warehouses == ["c"]
        assert again(Asked(wanted, (A, B), [(1, 1, 9)], "CN")).short == {"X": 1}


def routed(order):
    newest = Decision.objects.filter(order=order, kind="routing").latest("pk")
    return newest.outcome["warehouses"]


def held(order):
    lines = order.lines.values_list("pk", flat=True)
    rows = Reservation.objects.filter(
        holder_kind="order_line", holder_id__in=lines, status="committed"
    )
    return set(rows.values_list("warehouse__code", flat=True))


@pytest.mark.django_db(transaction=True)
class TestPlaced:
    def test_lanes_say_where_it_ships_from(self, api, shop, laws_hold):
        Lane.objects.create(warehouse=shop.east, country="CN", distance_km=900, cost=8)
        Lane.objects.create(warehouse=shop.south, country="CN", distance_km=1200, cost=4)
        Lane.objects.create(
            warehouse=shop.south, country="CN", region="上海", distance_km=30, cost=9
        )
        assert routed(placed(api)) == ["south"]
        far = order_body()
        far["shipping_address"]["region"] = "四川"
        assert routed(Order.objects.get(number=api.post("orders", far).json()["number"])) == [
            "east"
        ]
        ChannelPolicy.objects.update(route_by="cheap", duplicate_minutes=0)
        assert routed(placed(api)) == ["east"]
        Lane.objects.filter(warehouse=shop.east).update(is_open=False)
        assert routed(placed(api)) == ["south"]
        abroad = order_body()
        abroad["shipping_address"]["country"] = "DE"
        assert api.post("orders", abroad).status_code == 409  # no lane leads there
        assert replay().differing == []
        laws_hold()

    def test_a_full_warehouse_is_relieved_also_within_a_batch(self, api, shop, laws_hold):
        Capacity.objects.create(warehouse=shop.east, orders_a_day=2)
        ChannelPolicy.objects.update(duplicate_minutes=0)
        rows = api.post("orders/bulk", {"orders": [order_body() for _ in range(3)]}).json()["data"]
        orders = [Order.objects.get(number=row["order"]["number"]) for row in rows]
        assert [routed(o) for o in orders] == [["east"], ["east"], ["south"]]
        assert routed(placed(api)) == ["south"]
        laws_hold()

    def test_a_fixed_warehouse_and_a_limit_of_parcels(self, make_client, shop, laws_hold):
        SkuHome.objects.create(sku=shop.mug, warehouse=shop.south)
        desk = make_client(shop.desk)
        assert routed(placed(desk, lines=[{"sku": "MUG-001", "quantity": 1}])) == ["south"]
        both = placed(desk)
        assert set(routed(both)) == {"east", "south"} or routed(both) == ["south"]
        ChannelPolicy.objects.update(most_parcels=1, duplicate_minutes=0)
        pots = [{"sku": "POT-001", "quantity": 1}, {"sku": "MUG-001", "quantity": 1}]
        limited = placed(desk, lines=pots)
        assert len(routed(limited)) == 1
        assert sum(x.quantity_backordered for x in limited.lines.all()) == 1
        laws_hold()


@pytest.mark.django_db(transaction=True)
class TestRerouted:
    def test_by_hand_with_a_reason(self, api, shop, system, sign_in, laws_hold):
        order = placed(api)
        assert held(order) == {"east"}
        run_relay()
        client = sign_in("service")
        client.post(f"/orders/{order.number}/reroute/", {"warehouse": "south", "reason": "leak"})
        assert held(order) == {"south"}
        decision = Decision.objects.filter(order=order, kind="routing").latest("pk")
        assert decision.reasons[0]["params"] == {
            "warehouse": "south",
            "by": "Service",
            "why": "leak",
        }
        run_relay()
        (work,) = FulfillmentOrder.objects.filter(order=order).exclude(status="cancelled")
        assert work.warehouse.code == "south"
        assert replay().differing == []
        laws_hold()

    def test_what_it_would_lose_is_refused(self, api, system):
        order = placed(api, lines=[{"sku": "POT-001", "quantity": 1}])
        for given, error in (
            ({"warehouse": "south", "reason": "x"}, OutOfStock),
            ({"warehouse": "west", "reason": "x"}, Invalid),
            ({"warehouse": "east", "reason": " "}, Invalid),
        ):
            with pytest.raises(error):
                perform(reroute_order, order_id=order.pk, by=system, now=timezone.now(), **given)
        assert held(order) == {"east"}
        Order.objects.update(fulfillment_status="in_progress")
        with pytest.raises(Conflict):
            perform(
                reroute_order,
                order_id=order.pk,
                reason="x",
                by=system,
                now=timezone.now(),
            )

    def test_when_a_warehouse_is_out(self, api, shop, laws_hold):
        order = placed(api)
        pot = placed(api, lines=[{"sku": "POT-001", "quantity": 1}])
        Warehouse.objects.filter(code="east").update(is_active=False)
        review_by_time()
        assert held(order) == {"south"}
        assert (held(pot), pot.lines.get().quantity_backordered) == (set(), 1)
        laws_hold()
