"""A lot is off sale from the moment its last day begins where it lies, however it came to lie there."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from inventory.models import BinLevel, Lot, Place, Sku
from inventory.stock.actions.lots import block_expiring
from inventory.stock.decisions import Stored, choose_bins, is_off_sale, local_day
from tests.conftest import order_body
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pie(shop) -> Sku:
    from orders.models import Price, PriceList

    sku = Sku.objects.create(code="PIE", name="Pie", tracking="lot")
    Price.objects.create(price_list=PriceList.objects.get(), sku=sku, amount=9)
    return sku


def receive(api, lot: str, days: int, **more):
    """Five pies of a lot that expires in so many days, by the warehouse's clock."""
    day = local_day(timezone.now(), "Asia/Shanghai") + timedelta(days=days)
    line = {"sku": "PIE", "quantity": 5, "lot": lot, "expires_on": day.isoformat()} | more
    return api.post("stock/receipts", {"warehouse": "east", "lines": [line]})


def lot(code: str) -> int:
    return Lot.objects.get(code=code).pk


def available(api) -> int:
    return int(api.get("availability", sku="PIE").json()["data"][0]["available"])


@pytest.mark.parametrize(
    ("sell_by_days", "days", "is_sold"),
    [(0, -30, False), (0, 0, False), (0, 1, True), (9, 9, False), (9, 10, True)],
)
def test_an_expired_lot_is_received_into_quarantine(
    api, pie, sell_by_days, days, is_sold, laws_hold
):
    Sku.objects.filter(pk=pie.pk).update(sell_by_days=sell_by_days)

    assert receive(api, "L-1", days).status_code == 201

    kind = BinLevel.objects.get(lot_id=lot("L-1"), on_hand__gt=0).place.kind
    assert kind == (Place.Kind.BIN if is_sold else Place.Kind.QUARANTINE)
    assert available(api) == (5 if is_sold else 0)
    laws_hold()


def test_it_is_not_received_into_a_bin_that_is_sold_from(api, pie):
    refused = receive(api, "L-1", -1, bin="MAIN")

    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/lines/0/bin", "expired")
    ]
    assert not Lot.objects.exists()


def test_a_lot_that_expires_on_the_shelf_goes_off_sale_at_once_and_is_never_shipped(
    api, pie, system, laws_hold
):
    receive(api, "OLD", 3)
    receive(api, "NEW", 90)
    number = api.post("orders", order_body(lines=[{"sku": "PIE", "quantity": 2}])).json()["number"]
    run_relay()
    Lot.objects.filter(code="OLD").update(expires_on=local_day(timezone.now(), "Asia/Shanghai"))

    api.post("shipments", {"order": number})  # before anything has taken it off sale
    left = dict(BinLevel.objects.filter(sku=pie, on_hand__gt=0).values_list("lot_id", "on_hand"))
    assert left == {lot("OLD"): 5, lot("NEW"): 3}
    assert block_expiring(by=system, now=timezone.now()) == 1
    assert available(api) == 3
    assert block_expiring(by=system, now=timezone.now()) == 0
    laws_hold()


def test_the_day_is_the_warehouse_s(pie, shop, system, api):
    receive(api, "L-1", 40)
    Lot.objects.update(expires_on=date(2026, 12, 1))

    before = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert block_expiring(by=system, now=before) == 0
    assert block_expiring(by=system, now=before + timedelta(minutes=1)) == 1


def test_a_lot_without_a_date_never_goes_off_sale():
    assert not is_off_sale(None, 30, date(2026, 1, 1))
    assert choose_bins([Stored(1, None, 5)], 5, good_until=date(2099, 1, 1))[0].quantity == 5
