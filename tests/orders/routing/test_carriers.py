"""Which carrier takes an order: what each reaches and takes, what it costs; large items on their own."""

from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from erp.errors import Invalid
from fulfillment.models import FulfillmentOrder, Parcel
from fulfillment.packing.actions import pack_parcel
from fulfillment.picking.actions import pick_order
from inventory.models import Sku
from orders.models import CarrierOption, Decision
from orders.rehearsal.replay import replay
from orders.review.rule_facts import orders_as_they_are
from orders.routing.actions.carriers import match_carrier, set_carrier
from orders.routing.decisions.carrier import Asked, Option, fee_of, match, obstacle
from orders.routing.decisions.carrier import Parcel as ToSend
from tests.orders.rules import asks
from tests.orders.steps import do, heard_of

BOX = ToSend("standard", "east", "CN", "上海", 1500)


def option(carrier="sf", **changes):
    return Option(
        carrier, carrier.upper(), **{"first_fee": Decimal(10), "step_fee": Decimal(2)} | changes
    )


@pytest.mark.parametrize(
    ("weight", "fee"),
    [(0, 10), (999, 10), (1000, 10), (1001, 12), (2000, 12), (2001, 14), (10000, 28)],
)
def test_every_step_that_is_begun_costs(weight, fee):
    assert fee_of(option(), weight) == fee


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"country": "DE"}, "does_not_reach"),
        ({"country": "CN", "region": "上海"}, ""),
        ({"country": "CN", "region": "北京"}, "does_not_reach"),
        ({"services": ("express",)}, "other_service_only"),
        ({"warehouses": ("south",)}, "not_from_there"),
        ({"min_g": 2000}, "weight_out_of_range"),
        ({"max_g": 1499}, "weight_out_of_range"),
        ({"max_g": 1500}, ""),
    ],
)
def test_what_is_not_taken(changes, why):
    assert obstacle(option(**changes), BOX) == why


def test_cash_and_large_items():
    assert obstacle(option(takes_cod=False), ToSend("s", "w", "CN", "", 1, is_cod=True)) == "no_cod"
    assert obstacle(option(), ToSend("s", "w", "CN", "", 1, is_large=True)) == "no_large"
    assert obstacle(option(takes_large=True), ToSend("s", "w", "CN", "", 1, is_large=True)) == ""


@given(
    st.lists(
        st.builds(
            option,
            st.sampled_from(["a", "b", "c"]),
            first_fee=st.decimals(0, 50, places=2),
            step_fee=st.decimals(0, 9, places=2),
            priority=st.integers(0, 3),
            max_g=st.sampled_from([0, 1000, 3000]),
            country=st.sampled_from(["", "CN", "DE"]),
        ),
        max_size=6,
    ),
    st.integers(0, 5000),
)
def test_the_cheapest_of_those_that_take_it_whatever_their_order(options, weight):
    parcel = ToSend("standard", "east", "CN", "上海", weight)
    found = match(Asked(parcel, tuple(options)))
    fits = [o for o in options if not obstacle(o, parcel)]
    if not fits:
        assert (found.carrier, found.reasons[0]["code"]) == ("", "no_carrier")
        return
    least = min(fee_of(o, weight) for o in fits)
    assert found.carrier in {o.carrier for o in fits if fee_of(o, weight) == least}
    assert match(Asked(parcel, tuple(reversed(options)))).carrier == found.carrier


@pytest.mark.django_db(transaction=True)
class TestOrders:
    @pytest.fixture(autouse=True)
    def carriers(self, shop):
        for row in (
            {
                "carrier": "cheap",
                "name": "Cheap",
                "country": "CN",
                "first_fee": 5,
                "step_fee": 5,
                "max_g": 1000,
            },
            {
                "carrier": "solid",
                "name": "Solid",
                "country": "CN",
                "first_fee": 9,
                "step_fee": 1,
            },
            {
                "carrier": "freight",
                "name": "Freight",
                "first_fee": 60,
                "step_fee": 1,
                "takes_large": True,
            },
        ):
            CarrierOption.objects.create(**row)

    def test_by_weight_and_why(self, api, shop, laws_hold):
        light = heard_of(api)  # three units of 250 g
        heavy = heard_of(api, lines=[{"sku": "TEA-001", "quantity": 9}])
        assert (light.carrier, heavy.carrier) == ("cheap", "solid")
        (why,) = api.get(f"orders/{heavy.number}/decisions").json()["data"][-1:]
        assert why["kind"] == "matching"
        assert {c["carrier"]: c["out"] for c in why["candidates"]}["cheap"] == "weight_out_of_range"
        assert not replay({"matching"}).differing
        assert replay({"matching"}).agreed["matching/1"] == 2
        laws_hold()

    def test_a_decision_keeps_what_reaches_there_alone(self, api, shop):
        for n in range(20):
            CarrierOption.objects.create(
                carrier="far", name="Far", country="DE", region=f"R{n}", first_fee=1
            )
        CarrierOption.objects.create(
            carrier="near", name="Near", country="CN", region="上海", first_fee=1
        )
        order = heard_of(api)
        assert order.carrier == "near"
        kept = Decision.objects.get(order=order, kind="matching").inputs["asked"]["options"]
        assert {o["carrier"] for o in kept} == {"cheap", "solid", "freight", "near"}

    def test_by_hand_and_found_again(self, api, system):
        order = heard_of(api)
        do(set_carrier, system, order_id=order.pk, carrier="solid")
        do(match_carrier, system, order_id=order.pk)
        order.refresh_from_db()
        assert (order.carrier, order.carrier_by_hand) == ("solid", True)
        do(set_carrier, system, order_id=order.pk, carrier="")
        order.refresh_from_db()
        assert (order.carrier, order.carrier_by_hand) == ("cheap", False)
        with pytest.raises(Invalid):
            do(set_carrier, system, order_id=order.pk, carrier="pigeon")

    def test_a_rule_names_it(self, api, write):
        write("far", asks("weight_g", "gte", "700"), carrier="solid")
        order, small = (
            heard_of(api),
            heard_of(api, lines=[{"sku": "MUG-001", "quantity": 1}]),
        )
        assert (order.carrier, small.carrier) == ("solid", "cheap")
        (known,) = orders_as_they_are([order.pk], timezone.now())
        kept = Decision.objects.get(order=order, kind="rules").inputs["facts"]["weight_g"]
        assert known.asked["weight_g"] == kept == 750

    def test_parcels_go_with_it_and_large_items_alone(self, api, shop, system, laws_hold):
        Sku.objects.filter(code="POT-001").update(is_large=True)
        order = heard_of(
            api, lines=[{"sku": "TEA-001", "quantity": 2}, {"sku": "POT-001", "quantity": 2}]
        )
        assert order.carrier == "cheap"
        work = FulfillmentOrder.objects.get(order=order)
        do(pick_order, system, fulfillment_order_id=work.pk)
        lines = {x.sku.code: x.pk for x in work.lines.select_related("sku")}
        for units in ({lines["POT-001"]: 2}, {lines["TEA-001"]: 1, lines["POT-001"]: 1}):
            with pytest.raises(Invalid):
                do(pack_parcel, system, fulfillment_order_id=work.pk, units=units)
        for _ in range(3):
            do(pack_parcel, system, fulfillment_order_id=work.pk)
        parcels = Parcel.objects.order_by("pk")
        assert [(p.carrier, p.lines.get().quantity) for p in parcels] == [
            ("cheap", 2),
            ("freight", 1),
            ("freight", 1),
        ]
        work.refresh_from_db()
        assert work.status == "packed"
        with pytest.raises(Invalid):
            do(pack_parcel, system, fulfillment_order_id=work.pk)
        laws_hold()

    def test_nobody_takes_it(self, api, shop):
        CarrierOption.objects.exclude(carrier="cheap").delete()
        order = heard_of(api, lines=[{"sku": "TEA-001", "quantity": 9}])
        assert order.carrier == ""
        assert Decision.objects.get(order=order, kind="matching").reasons[0]["code"] == "no_carrier"

    def test_on_the_page(self, api, sign_in):
        order = heard_of(api)
        client = sign_in("service")
        assert "Solid" in client.get(f"/orders/{order.number}/").content.decode()
        assert (
            client.post(f"/orders/{order.number}/set_carrier/", {"carrier": "solid"}).status_code
            == 302
        )
        order.refresh_from_db()
        assert order.carrier == "solid"
