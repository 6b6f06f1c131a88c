"""A flash sale: many buyers, few units, carts of every shape; exactly what is there is sold.

`make bench NAME=selling_out` does the same with 10,000 attempts over HTTP.
"""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from inventory.models import BundlePart, Sku, StockLevel
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from inventory.stock.actions.split import split_level
from orders.models import OrderLine, Price, PriceList
from tests.conftest import NOON, order_body

pytestmark = pytest.mark.django_db(transaction=True)


CARTS = (  # each with the units of HOT in it
    ([("HOT", 1)], 1),
    ([("HOT", 1), ("MUG-001", 1)], 1),
    ([("MUG-001", 1), ("HOT", 1)], 1),
    ([("HOT", 1), ("HOT", 1)], 2),
    ([("HOT-SET", 1)], 1),
    ([("HOT-SET", 1), ("HOT", 1)], 2),
    ([("MUG-001", 1), ("HOT-SET", 1), ("TEA-001", 1)], 1),
)


@pytest.mark.parametrize("parts", [1, 4])
def test_a_hundred_units_and_640_attempts_from_32_connections(api, shop, system, laws_hold, parts):
    with transaction.atomic():
        hot = Sku.objects.create(code="HOT", name="Hot")
        bundle = Sku.objects.create(code="HOT-SET", name="Hot set")
        for part in (hot, shop.mug):
            BundlePart.objects.create(bundle=bundle, part=part, quantity=1)
        prices = PriceList.objects.get(code="retail")
        for sku in (hot, bundle):
            Price.objects.create(price_list=prices, sku=sku, amount=9)
        receive_stock(
            warehouse_id=shop.east.pk,
            reference="sale",
            by=system,
            now=NOON,
            changes=[Change(hot.pk, 100), Change(shop.mug.pk, 900), Change(shop.tea.pk, 900)],
        )
        split_level(sku_id=hot.pk, warehouse_id=shop.east.pk, parts=parts, by=system, now=NOON)
    dice = random.Random(7)
    carts = [dice.choice(CARTS) for _ in range(640)]

    def buy(cart) -> tuple[int, int]:
        lines, units = cart
        body = order_body(lines=[{"sku": sku, "quantity": n} for sku, n in lines])
        try:
            status = api.post("orders", body).status_code
            return status, units if status == 201 else 0
        finally:
            connection.close()

    with ThreadPoolExecutor(32) as pool:
        outcomes = list(pool.map(buy, carts))

    assert {status for status, _units in outcomes} == {201, 409}
    assert sum(units for _status, units in outcomes) == 100
    level = StockLevel.objects.filter(sku=hot).aggregate(n=Sum("reserved"), m=Sum("on_hand"))
    assert level == {"n": 100, "m": 100}
    sold = OrderLine.objects.filter(sku_code__in=("HOT", "HOT-SET"))
    assert sold.aggregate(n=Sum("quantity_reserved"))["n"] == 100
    laws_hold()
