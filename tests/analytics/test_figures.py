"""Figures from the rows themselves: sales on their dates, refunds on theirs."""

from decimal import Decimal

import pytest

from tests.conftest import order_body

pytestmark = pytest.mark.django_db


def test_net_sales_are_sales_less_refunds(api):
    order = api.post("orders", order_body()).json()
    before = api.get("analytics/net_sales").json()
    amount = {"amount": "39.90", "currency": "CNY"}
    refund = api.post("refunds", {"order": order["number"], "amount": amount}).json()
    api.post(f"refunds/{refund['number']}/approve", {})
    api.post(f"refunds/{refund['number']}/complete", {})

    after = api.get("analytics/net_sales").json()

    net = sum(Decimal(line["subtotal"]["amount"]) for line in order["lines"])
    assert Decimal(before["value"]) == net
    total, tax = (Decimal(order["totals"][name]["amount"]) for name in ("total", "tax"))
    given = round(Decimal("39.90") * (1 - tax / total), 4)  # what went back is net of tax, too
    assert Decimal(after["value"]) == net - given
    assert set(after) >= {
        "metric",
        "formula",
        "unit",
        "value",
        "currency",
        "filters",
        "as_of",
        "series",
        "rows_url",
    }
    assert after["currency"] == "CNY"


@pytest.mark.parametrize("by", ["day", "week", "month", "sku", "country", "channel"])
def test_every_grouping_sums_to_the_whole(api, by):
    for _ in range(3):
        api.post("orders", order_body())

    figure = api.get("analytics/units", by=by).json()

    assert (
        sum(Decimal(point["value"]) for point in figure["series"]) == Decimal(figure["value"]) == 9
    )


def test_every_metric_answers_and_an_unknown_one_is_404(api):
    api.post("orders", order_body())
    for metric in api.get("analytics").json()["data"]:
        assert api.get(f"analytics/{metric['metric']}").status_code == 200, metric

    assert api.get("analytics/nonsense").status_code == 404
    assert api.get("analytics/orders", by="colour").status_code == 422


def test_backorders_lower_the_fill_rate(make_client, shop):
    desk = make_client(shop.desk)
    desk.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 10}]))

    assert Decimal(desk.get("analytics/fill_rate").json()["value"]) == Decimal("0.5")


def test_amounts_of_two_currencies_are_never_added(api, shop):
    from datetime import timedelta

    from django.utils import timezone

    from analytics.queries import figure
    from orders.models import Order

    api.post("orders", order_body())
    api.post("orders", order_body())
    first = Order.objects.order_by("pk")[0]
    Order.objects.filter(pk=first.pk).update(currency="GBP")
    now = timezone.now()

    found = figure("gross_sales", since=now - timedelta(days=1), until=now, currency="CNY")

    assert found.currency == "CNY"
    assert found.value == first.subtotal
