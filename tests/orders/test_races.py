"""Many at once, on real connections: exactly the right number succeed, and the laws hold."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from inventory.models import StockLevel
from orders.models import Order
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls: list[Callable[[], int]], threads: int = 16) -> Counter[int]:
    """Make all calls from many threads; count the status codes."""

    def run(call: Callable[[], int]) -> int:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(run, calls))


def test_twenty_units_and_thirty_two_buyers(api, laws_hold):
    lines = [{"sku": "POT-001", "quantity": 1}]
    bodies = [order_body(lines=lines) for _ in range(32)]

    outcome = at_once([lambda b=b: api.post("orders", b).status_code for b in bodies], 32)

    assert outcome == {201: 5, 409: 27}
    assert StockLevel.objects.get(sku__code="POT-001").reserved == 5
    laws_hold()


def test_opposite_line_orders_never_deadlock(api, laws_hold):
    one, two = {"sku": "TEA-001", "quantity": 1}, {"sku": "MUG-001", "quantity": 1}
    bodies = [order_body(lines=[one, two] if n % 2 else [two, one]) for n in range(40)]

    outcome = at_once([lambda b=b: api.post("orders", b).status_code for b in bodies])

    assert outcome == {201: 40}
    laws_hold()


def test_sixteen_repeats_of_a_key_make_one_order_and_one_answer(api, laws_hold):
    bodies = [order_body() for _ in range(5)]
    answers: dict[int, set[bytes]] = {n: set() for n in range(5)}

    def place(n: int) -> int:
        answer = api.post("orders", bodies[n], key=f"repeat-{n}")
        answers[n].add(answer.content)
        return answer.status_code

    outcome = at_once([lambda n=n: place(n) for n in range(5) for _ in range(16)])

    assert outcome == {201: 80}
    assert all(len(seen) == 1 for seen in answers.values())
    assert Order.objects.count() == 5
    laws_hold()


def test_the_same_external_id_under_many_keys_makes_one_order(api, laws_hold):
    body = order_body()

    outcome = at_once([lambda: api.post("orders", body).status_code for _ in range(16)])

    assert outcome == {201: 1, 200: 15}
    assert Order.objects.count() == 1


def test_one_new_customer_however_many_first_orders_at_once(api, laws_hold):
    customer = {"name": "新客", "email": "new@example.com", "phone": ""}
    bodies = [order_body(customer=customer) for _ in range(8)]

    outcome = at_once([lambda b=b: api.post("orders", b).status_code for b in bodies], 8)

    assert outcome == {201: 8}
    assert Order.objects.values("customer").distinct().count() == 1
    laws_hold()


def test_cancel_and_ship_exclude_each_other(api, laws_hold):
    """Of a cancel and a ship at once exactly one wins; the loser is told."""
    for _ in range(10):
        number = api.post("orders", order_body()).json()["number"]

        calls = [
            lambda n=number: api.post(f"orders/{n}/cancel", {"reason": "x"}).status_code,
            lambda n=number: api.post("shipments", {"order": n}).status_code,
        ]
        outcome = at_once(calls, 2)

        order = Order.objects.get(number=number)
        won = {"cancelled": 200, "confirmed": 201}[order.status]
        assert outcome[won] == 1
        assert outcome[409] == 1, outcome
    laws_hold()


def test_two_refunds_of_the_same_money(api, laws_hold):
    order = api.post("orders", order_body()).json()
    amount = order["totals"]["total"]
    body = {"order": order["number"], "amount": amount}

    outcome = at_once([lambda: api.post("refunds", body).status_code for _ in range(8)], 8)

    assert outcome == {201: 1, 422: 7}
    laws_hold()


def test_without_the_check_on_levels_the_sale_would_oversell(api, shop, laws_hold):
    """The guard is the database's: take it away, and the first attempt's optimism shows."""
    from tests.conftest import owner_cursor

    with owner_cursor() as cursor:
        cursor.execute(
            "ALTER TABLE inventory_stocklevel DROP CONSTRAINT stock_level_reserved_within_on_hand"
        )
    try:
        bodies = [order_body(lines=[{"sku": "POT-001", "quantity": 1}]) for _ in range(48)]
        at_once([lambda b=b: api.post("orders", b).status_code for b in bodies], 24)
        reserved = StockLevel.objects.get(sku__code="POT-001").reserved
    finally:
        from tests.conftest import empty_database

        empty_database()
        with owner_cursor() as cursor:
            cursor.execute(
                "ALTER TABLE inventory_stocklevel ADD CONSTRAINT"
                " stock_level_reserved_within_on_hand CHECK (reserved <= on_hand)"
            )

    assert reserved > 5
