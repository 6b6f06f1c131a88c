"""Quantity breaks count a SKU over all lines of an order; a destination without a tax rate holds it."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.money import rounded, split
from orders.models import Price, PriceList, TaxRate
from orders.pricing.decisions.breaks import LineToPrice
from orders.pricing.decisions.prices import ENGINE, OrderToPrice, price_order
from orders.rehearsal.replay import DECIDING, replay
from tests.conftest import order_body

BREAKS = ((1, Decimal("33.33")), (5, Decimal("31.50")), (10, Decimal("29.99")))


def priced(units, currency="CNY", **how):
    """The price of lines of two SKUs, (sku, units) each."""
    lines = [LineToPrice(sku, n, BREAKS, Decimal("0.13")) for sku, n in units]
    facts = OrderToPrice(currency, False, lines, "standard", Decimal(0), None, Decimal(0))
    return price_order(facts, rounded=rounded, split=split, **how)


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 12)), min_size=1, max_size=6),
    st.sampled_from(("CNY", "JPY", "KWD")),
)
def test_how_units_are_divided_over_lines_does_not_change_their_price(units, currency):
    whole = {sku: sum(n for other, n in units if other == sku) for sku, _n in units}
    divided = priced(units, currency)
    together = priced(list(whole.items()), currency)

    prices = {sku: line.unit_price for sku, line in zip(whole, together.lines, strict=True)}
    assert [line.unit_price for line in divided.lines] == [prices[sku] for sku, _n in units]


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 12)), min_size=1, max_size=6))
def test_the_engine_before_counted_line_by_line(units):
    alone = [priced([one]).lines[0].unit_price for one in units]

    assert [line.unit_price for line in priced(units, by_line=True).lines] == alone


def test_a_decision_of_the_engine_before_is_decided_as_it_was():
    lines = [("A", 5), ("A", 5)]
    asked = msgspec.to_builtins(priced(lines).asked)
    before = priced(lines, by_line=True)

    again = DECIDING["pricing/2"]({"asked": asked})
    now = DECIDING[ENGINE]({"asked": asked})

    assert again["total"] == before.total == Decimal("355.96")
    assert now["total"] == priced(lines).total == Decimal("338.88")


@pytest.mark.django_db
class TestOfAnOrder:
    def test_ten_on_two_lines_cost_what_ten_cost(self, api, shop):
        prices = PriceList.objects.get(code="retail")
        Price.objects.create(
            price_list=prices, sku=shop.tea, min_quantity=6, amount=Decimal("30.00")
        )
        two = [{"sku": "TEA-001", "quantity": 3}, {"sku": "TEA-001", "quantity": 3}]
        answer = api.post("orders", order_body(lines=two)).json()

        assert {line["unit_price"]["amount"] for line in answer["lines"]} == {"30.00"}
        assert not replay({"pricing"}).differing


@pytest.mark.django_db
class TestOfADestination:
    def sent_to(self, api, country, code="1010"):
        body = order_body()
        body["shipping_address"] |= {"country": country, "postal_code": code, "region": "x"}
        return api.post("orders", body).json()

    def test_without_a_rate_it_is_held(self, api):
        answer = self.sent_to(api, "NZ")

        assert [(hold["kind"], hold["reason"]) for hold in answer["holds"]] == [
            ("price", "tax_unknown")
        ]
        assert answer["status"] == "pending"

    def test_where_none_is_due_it_is_not(self, api):
        TaxRate.objects.create(country="NZ", tax_class="standard", rate=0)

        answer = self.sent_to(api, "NZ")

        assert answer["holds"] == []
        assert answer["status"] == "confirmed"

    def test_nor_where_the_merchant_has_no_rates(self, api):
        TaxRate.objects.all().delete()

        assert self.sent_to(api, "NZ")["holds"] == []
