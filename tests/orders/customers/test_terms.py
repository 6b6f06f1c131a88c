"""What was agreed with customers: group prices, exemptions, credit; and what is never sold below."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.access.queries import actor_of_user
from erp.errors import Invalid, NotAllowed
from erp.ids import public_id
from erp.once import perform
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from orders.customers.actions.terms import end_exemption, exempt_customer
from orders.customers.tax_ids import tax_id_of
from orders.models import (
    ChannelPolicy,
    Coupon,
    Customer,
    CustomerGroup,
    GroupPriceList,
    Order,
    Price,
    PriceFloor,
    PriceList,
    TaxExemption,
)
from orders.rehearsal.replay import replay
from orders.review.actions.rules import activate_rule, write_rule
from tests.conftest import order_body
from tests.orders.forms import asked_for
from tests.orders.steps import placed

pytestmark = pytest.mark.django_db(transaction=True)


WHO = {"name": "Trade", "email": "trade@shop.example", "phone": "", "external_id": "7"}


TEA = [{"sku": "TEA-001", "quantity": 2}]


@pytest.fixture
def customer(api):
    api.post("orders", order_body(customer=WHO, lines=TEA))
    ChannelPolicy.objects.update(duplicate_minutes=0)
    return Customer.objects.get()


@pytest.fixture
def trade(shop, customer):
    """The customer is of a group that buys tea cheaper, from ten on cheaper still."""
    group = CustomerGroup.objects.create(code="trade", name="Trade")
    prices = PriceList.objects.create(code="trade", name="Trade", currency="CNY")
    GroupPriceList.objects.create(group=group, price_list=prices)
    for units, amount in ((1, "30.00"), (10, "25.00")):
        Price.objects.create(
            price_list=prices, sku=shop.tea, min_quantity=units, amount=Decimal(amount)
        )
    customer.group = group
    customer.save()
    return group


def place(api, **changes):
    return placed(api, **{"customer": WHO, "lines": TEA} | changes)


def holds(order):
    return [(h.kind, h.reason) for h in order.holds.filter(released_at=None)]


class TestGroups:
    def test_a_groups_own_prices_come_first_and_the_rest_is_the_channels(self, api, trade):
        order = place(api, lines=[*TEA, {"sku": "MUG-001", "quantity": 1}])
        assert {line.sku_code: line.unit_price for line in order.lines.all()} == {
            "TEA-001": 30,
            "MUG-001": 25,
        }
        many = place(api, lines=[{"sku": "TEA-001", "quantity": 10}])
        assert many.lines.get().unit_price == 25
        reasons = api.get(f"orders/{order.number}/decisions").json()["data"][0]["reasons"]
        assert {
            "code": "group_price",
            "params": {"sku": "TEA-001", "amount": "30.00", "group": "trade"},
        }.items() <= reasons[0].items()
        stranger = place(api, customer=WHO | {"email": "other@shop.example", "external_id": "8"})
        assert stranger.lines.get().unit_price == Decimal("39.90")
        assert replay().differing == []

    def test_a_list_of_the_channel_comes_before_one_for_all(self, api, shop, trade):
        special = PriceList.objects.create(code="web-trade", name="x", currency="CNY")
        Price.objects.create(price_list=special, sku=shop.tea, amount=Decimal(20))
        GroupPriceList.objects.create(group=trade, channel=shop.web, price_list=special)
        assert place(api).lines.get().unit_price == 20
        other = PriceList.objects.create(code="euro", name="x", currency="EUR")
        Price.objects.create(price_list=other, sku=shop.mug, amount=Decimal(1))
        GroupPriceList.objects.create(group=trade, channel=shop.web, price_list=other)
        order = place(api, lines=[{"sku": "MUG-001", "quantity": 1}])
        assert order.lines.get().unit_price == 25  # a list in another currency is not asked

    def test_a_price_has_its_dates_and_rules_ask_for_the_group(self, api, trade, system):
        Price.objects.filter(price_list__code="trade").update(
            valid_until=timezone.now() - timedelta(days=1)
        )
        tree = {"field": "customer_group", "op": "eq", "value": "trade"}
        revision = perform(
            write_rule,
            code="t",
            name="t",
            condition=tree,
            tags=["b2b"],
            by=system,
            now=timezone.now(),
        )
        perform(activate_rule, revision_id=revision.pk, by=system, now=timezone.now())
        order = place(api)
        assert (order.lines.get().unit_price, order.tags) == (Decimal("39.90"), ["b2b"])


class TestTax:
    def test_an_exempt_customer_pays_the_net(self, api, customer, system, laws_hold):
        perform(
            exempt_customer,
            customer_id=customer.pk,
            country="cn",
            tax_id="91310000775785552L",
            by=system,
            now=timezone.now(),
        )
        order = place(api, lines=[{"sku": "POT-001", "quantity": 1}])
        line = order.lines.get()
        assert (line.tax, line.tax_rate, order.tax) == (0, 0, 0)
        assert line.total == Decimal("114.16")  # 129.00 / 1.13
        assert order.total == Decimal("114.16") + Decimal("10.62")
        reasons = api.get(f"orders/{order.number}/decisions").json()["data"][0]["reasons"]
        assert reasons[0]["code"] == "tax_exempt"
        assert replay().differing == []
        perform(
            end_exemption,
            exemption_id=TaxExemption.objects.get().pk,
            by=system,
            now=timezone.now(),
        )
        assert place(api).tax > 0
        laws_hold()

    @pytest.mark.parametrize(
        ("text", "country", "written"),
        [
            ("DE136695976", "DE", "DE136695976"),
            ("de 136 695 976", "DE", "DE136695976"),
            ("DE136695978", "DE", ""),
            ("91310000775785552L", "CN", "91310000775785552L"),
            ("91310000775785552A", "CN", ""),
            ("x", "US", ""),
            ("", "CN", ""),
            ("IE6433435F", "FR", "IE6433435F"),
        ],
    )
    def test_check_digits_are_looked_at(self, text, country, written):
        assert tax_id_of(text, country) == written

    def test_what_is_wrong_is_named(self, customer, system):
        for values, pointer in (
            ({"country": "XX", "tax_id": "DE136695976"}, "/country"),
            ({"country": "DE", "tax_id": "DE1"}, "/tax_id"),
        ):
            with pytest.raises(Invalid) as refusal:
                perform(
                    exempt_customer,
                    customer_id=customer.pk,
                    by=system,
                    now=timezone.now(),
                    **values,
                )
            assert [e.pointer for e in refusal.value.errors] == [pointer]


class TestGuards:
    def test_below_the_floor_a_person_looks(self, api, shop, promote):
        ChannelPolicy.objects.update(review="record")
        PriceFloor.objects.create(sku=shop.pot, currency="CNY", amount=Decimal(100))
        pot = [{"sku": "POT-001", "quantity": 1}]
        assert holds(place(api, lines=pot)) == []  # 129 with tax is 114.16 net
        promote("fifth", "percentage", percent=Decimal(20))
        assert holds(place(api, lines=pot)) == [("price", "below_floor")]

    def test_the_margin_is_looked_at_where_it_is_wanted(self, api, shop, system):
        perform(
            receive_stock,
            warehouse_id=shop.east.pk,
            changes=[Change(shop.pot.pk, 5, Decimal(90))],
            reference="PO-9",
            by=system,
            now=timezone.now(),
        )
        ChannelPolicy.objects.update(review="hold", min_margin=Decimal(90), duplicate_minutes=0)
        pot = [{"sku": "POT-001", "quantity": 1}]
        assert holds(place(api, lines=pot)) == [("price", "margin_low")]
        ChannelPolicy.objects.update(min_margin=Decimal(1))
        assert holds(place(api, lines=pot)) == []

    def test_no_more_is_owed_than_was_agreed(self, api, customer, laws_hold):
        customer.credit_limit = Decimal(200)
        customer.save()
        owing = {"payment": {"method": "on_account"}}
        first = place(api, **owing)  # 91.80
        second = place(api, **owing)  # 183.60
        third = place(api, **owing)
        assert [holds(o) for o in (first, second, third)] == [
            [],
            [],
            [("payment", "credit_exceeded")],
        ]
        api.post(f"orders/{third.number}/cancel", {"reason": "x"})
        due = {"amount": str(round(first.total, 2)), "currency": "CNY"}
        paid = api.post(
            f"orders/{first.number}/payments", {"method": "bank", "reference": "b1", "amount": due}
        )
        assert paid.status_code == 200
        assert holds(place(api, **owing)) == []
        assert holds(place(api)) == []  # prepaid is no credit
        laws_hold()

    def test_two_at_once_do_not_owe_more_together(self, api, customer):
        customer.credit_limit = Decimal(100)
        customer.save()
        bodies = [
            order_body(customer=WHO, lines=TEA, payment={"method": "on_account"}) for _ in range(6)
        ]

        def one(body):
            try:
                return api.post("orders", body).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(one, bodies)) == [201] * 6
        rows = Order.objects.filter(payment_method="on_account")
        assert sorted(len(holds(o)) for o in rows) == [0, 1, 1, 1, 1, 1]


class TestPages:
    def test_finance_agrees_and_service_does_not(self, customer, sign_in, trade):
        path = f"/customers/{customer_path(customer)}/"
        form = {
            "min_shelf_life_days": "3",
            "note": "x",
            "group": "trade",
            "credit_limit": "1,000.50",
            "payment_days": "14",
        }
        service, finance = sign_in("service"), sign_in("finance")
        Customer.objects.update(group=None)
        service.post(f"{path}change/", form)
        customer.refresh_from_db()
        assert (customer.group_id, customer.credit_limit) == (None, None)
        finance.post(f"{path}change/", form)
        customer.refresh_from_db()
        assert (customer.group, customer.credit_limit, customer.payment_days) == (
            trade,
            Decimal("1000.50"),
            14,
        )
        finance.post(f"{path}change/", form | {"credit_limit": "much"})
        customer.refresh_from_db()
        assert customer.credit_limit == Decimal("1000.50")
        finance.post(
            f"{path}exempt/",
            {"country": "CN", "tax_id": "91310000775785552L", "valid_until": "2030-01-01"},
        )
        exemption = TaxExemption.objects.get()
        assert "91310000775785552L" in finance.get(path).content.decode()
        assert "91310000775785552L" not in service.get(path).content.decode()
        finance.post(f"{path}exemptions/{public_id('exm', exemption.pk)}/end/")
        assert not TaxExemption.objects.exists()
        with pytest.raises(NotAllowed):
            perform(
                exempt_customer,
                customer_id=customer.pk,
                country="CN",
                tax_id="91310000775785552L",
                by=actor_of_user(service.actor.user_id),
                now=timezone.now(),
            )


def customer_path(customer):
    from erp.ids import public_id

    return public_id("cus", customer.pk)


lines = st.lists(
    st.fixed_dictionaries(
        {
            "sku": st.sampled_from(["TEA-001", "MUG-001", "POT-001", "WRAP"]),
            "quantity": st.integers(1, 12),
        }
    ),
    min_size=1,
    max_size=5,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=lines,
    coupons=st.sets(st.sampled_from(["TEN", "LESS", "SHIP"])),
    country=st.sampled_from(["CN", "DE"]),
    known=st.booleans(),
)
def test_a_quote_is_the_order_whatever_is_in_it(lines, coupons, country, known, market):
    body = order_body(
        lines=lines,
        coupon_codes=sorted(coupons),
        payment={"method": "on_account"},
        **({"customer": WHO} if known else {}),
    )
    body["shipping_address"]["country"] = country

    quote = market.post("quotes", asked_for(body))
    order = market.post("orders", body)

    assert (quote.status_code, order.status_code) == (200, 201), order.content
    quote, order = quote.json(), order.json()
    assert quote["totals"] == order["totals"]
    assert [(x["sku"], x["quantity"], x["unit_price"], x["total"]) for x in quote["lines"]] == [
        (x["sku"], x["quantity_ordered"], x["unit_price"], x["total"]) for x in order["lines"]
    ]
    assert (
        quote["promise"] == order["promise"] or quote["promise"].keys() == order["promise"].keys()
    )
    assert [x["quantity_available"] for x in quote["lines"]] == [
        x["quantity_ordered"] - x["quantity_backordered"] for x in order["lines"]
    ]


@pytest.fixture
def market(make_client, shop, promote, trade, system):
    """A shop with promotions of every kind, group prices, an exemption, and goods that run out."""
    if not Coupon.objects.exists():
        promote("ten", "percentage", percent=10, coupon={})
        promote("less", "amount", amount=7, min_quantity=3, coupon={})
        promote("ship", "free_shipping", min_amount=150, coupon={})
        promote("step", "tiers", tiers=[(150, 15), (500, 80)], priority=1)
        promote("three", "buy_get", buy_quantity=2, get_quantity=1, percent=100, priority=5)
        promote("mug", "gift", gifts=[(shop.mug, 1)], min_amount=100, priority=200)
        ChannelPolicy.objects.update(accepts_backorders=True, duplicate_minutes=0)
        customer = Customer.objects.get(group=trade)
        perform(
            exempt_customer,
            customer_id=customer.pk,
            country="DE",
            tax_id="DE136695976",
            by=system,
            now=timezone.now(),
        )
    return make_client()
