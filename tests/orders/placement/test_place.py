"""Placing orders by the API."""

from decimal import Decimal

import pytest

from inventory.models import Reservation, StockLevel, Warehouse
from orders.models import Customer, Decision, Order, OrderLine, Payment
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


def reserved() -> int:
    return sum(level.reserved for level in StockLevel.objects.all())


class TestPlaceOrder:
    def test_a_prepaid_order_is_confirmed_with_its_stock_reserved(self, api, laws_hold):
        answer = api.post("orders", order_body())

        order = answer.json()
        assert answer.status_code == 201, order
        assert order["status"] == "confirmed"
        assert order["payment_status"] == "paid"
        assert [line["quantity_reserved"] for line in order["lines"]] == [2, 1]
        assert order["totals"]["total"] == {"amount": "116.80", "currency": "CNY"}
        assert order["promise"]["deliver_by"]
        assert reserved() == 3
        assert {d.kind for d in Decision.objects.all()} == {
            "pricing",
            "routing",
            "promise",
            "review",
        }
        laws_hold()

    def test_reading_it_back_gives_the_same_document(self, api):
        placed = api.post("orders", order_body()).json()

        read = api.get(f"orders/{placed['number']}")

        assert read.json() == placed
        assert read["ETag"].startswith('"1.')

    def test_the_same_key_gives_the_stored_answer(self, api):
        body = order_body()

        first, second = (api.post("orders", body, key="k-1") for _ in range(2))

        assert first.content == second.content
        assert second.status_code == 201
        assert second["Idempotent-Replayed"] == "true"
        assert Order.objects.count() == 1

    def test_the_same_key_with_another_body_is_refused(self, api):
        api.post("orders", order_body(), key="k-1")

        answer = api.post("orders", order_body(), key="k-1")

        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")

    def test_a_missing_key_is_refused(self, api):
        answer = api.post("orders", order_body(), key=None)

        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")

    def test_the_same_external_id_under_another_key_returns_the_order(self, api):
        body = order_body()
        first = api.post("orders", body).json()

        again = api.post("orders", body)

        assert again.status_code == 200
        assert again.json() == first

    def test_the_same_external_id_with_another_body_names_the_order(self, api):
        body = order_body()
        number = api.post("orders", body).json()["number"]

        answer = api.post("orders", body | {"note": "other"})

        assert (answer.status_code, answer.json()["code"]) == (409, "duplicate-external-id")
        assert answer.json()["number"] == number

    def test_a_shortage_names_every_sku_and_leaves_nothing(self, api, laws_hold):
        lines = [{"sku": "TEA-001", "quantity": 41}, {"sku": "POT-001", "quantity": 6}]

        answer = api.post("orders", order_body(lines=lines))

        assert answer.status_code == 409
        assert answer.json()["code"] == "insufficient-stock"
        assert {s["sku"]: s["missing"] for s in answer.json()["short"]} == {
            "TEA-001": 1,
            "POT-001": 1,
        }
        assert not Order.objects.exists()
        assert not Customer.objects.exists()
        assert reserved() == 0

    def test_repeated_skus_are_tested_on_their_sum(self, api):
        lines = [{"sku": "POT-001", "quantity": 3}, {"sku": "POT-001", "quantity": 3}]

        assert api.post("orders", order_body(lines=lines)).status_code == 409

    def test_an_order_within_what_is_available_is_split_over_warehouses(self, api, laws_hold):
        answer = api.post("orders", order_body(lines=[{"sku": "TEA-001", "quantity": 40}]))

        assert answer.status_code == 201
        assert Reservation.objects.values("warehouse").distinct().count() == 2
        laws_hold()

    @pytest.mark.parametrize("path", ["orders", "quotes"])
    def test_no_order_is_taken_without_a_warehouse(self, make_client, shop, path):
        Warehouse.objects.update(is_active=False)
        asked = ("currency", "shipping_address", "lines", "shipping_service")
        body = {k: v for k, v in order_body().items() if path == "orders" or k in asked}

        answer = make_client(shop.desk).post(path, body)

        assert answer.status_code == 409
        assert "warehouse" in answer.json()["detail"]

    def test_the_desk_takes_backorders(self, make_client, shop, laws_hold):
        desk = make_client(shop.desk)

        order = desk.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 8}])).json()

        assert order["lines"][0]["quantity_reserved"] == 5
        assert order["lines"][0]["quantity_backordered"] == 3
        laws_hold()

    def test_quantity_breaks_lower_the_price(self, api):
        order = api.post("orders", order_body(lines=[{"sku": "TEA-001", "quantity": 10}])).json()

        assert order["lines"][0]["unit_price"]["amount"] == "35.00"
        assert order["totals"]["shipping"]["amount"] == "0.00"

    def test_part_payment_leaves_it_pending_until_the_rest_comes(self, api, laws_hold):
        payment = {
            "method": "prepaid",
            "reference": "p-1",
            "amount": {"amount": "16.80", "currency": "CNY"},
        }
        order = api.post("orders", order_body(payment=payment)).json()
        assert (order["status"], order["payment_status"]) == ("pending", "part_paid")

        rest = {
            "method": "card",
            "reference": "p-2",
            "amount": {"amount": "100.00", "currency": "CNY"},
        }
        paid = api.post(f"orders/{order['number']}/payments", rest).json()

        assert (paid["status"], paid["payment_status"]) == ("confirmed", "paid")
        assert Payment.objects.count() == 2
        laws_hold()

    def test_the_same_customer_is_recognised_by_e_mail(self, api):
        customer = {"name": "李娜", "email": "Li.Na@example.com", "phone": ""}

        for _ in range(2):
            api.post("orders", order_body(customer=customer))

        assert Customer.objects.count() == 1

    def test_a_used_payment_reference_is_refused(self, api):
        payment = {"method": "prepaid", "reference": "pay_same"}
        api.post("orders", order_body(payment=payment))

        answer = api.post("orders", order_body(payment=payment))

        assert (answer.status_code, answer.json()["code"]) == (409, "payment-reference-used")
        assert Order.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "status", "pointer"),
        [
            ({"colour": "red"}, 400, "/colour"),
            ({"lines": "many"}, 400, "/lines"),
            ({"lines": []}, 422, "/lines"),
            ({"lines": [{"sku": "TEA-001", "quantity": 0}]}, 422, "/lines/0/quantity"),
            ({"lines": [{"sku": "TEA-001", "quantity": -1}]}, 422, "/lines/0/quantity"),
            ({"lines": [{"sku": "TEA-001", "quantity": True}]}, 400, "/lines/0/quantity"),
            ({"lines": [{"sku": "NONE", "quantity": 1}]}, 422, "/lines/0/sku"),
            ({"lines": [{"sku": "TEA-001", "quantity": 1, "price": "1"}]}, 400, "/lines/0/price"),
            ({"currency": "EUR"}, 422, "/currency"),
            ({"shipping_service": "rocket"}, 422, "/shipping_service"),
            ({"coupon_codes": ["X"]}, 422, "/coupon_codes/0"),
            ({"customer": {"name": "x"}}, 422, "/customer"),
            ({"note": "a\u0000b"}, 400, None),
        ],
    )
    def test_refuses_what_it_cannot_accept(self, api, change, status, pointer):
        answer = api.post("orders", order_body(**change))

        assert answer.status_code == status, answer.json()
        assert answer["Content-Type"] == "application/problem+json"
        if pointer is not None:
            assert answer.json()["errors"][0]["pointer"] == pointer
        assert not Order.objects.exists()

    def test_takes_at_most_eight_statements(self, api, django_assert_max_num_queries):
        body = order_body()

        with django_assert_max_num_queries(8) as seen:
            assert api.post("orders", body).status_code == 201

        assert len([q for q in seen if "SAVEPOINT" not in q["sql"]]) <= 5


class TestBulk:
    def test_each_order_stands_for_itself(self, api, laws_hold):
        good = order_body()
        rows = [
            good,
            good,
            order_body(lines=[{"sku": "NONE", "quantity": 1}]),
            {"x": 1},
            order_body(),
        ]

        answer = api.post("orders/bulk", {"orders": rows})

        assert [row["status"] for row in answer.json()["data"]] == [201, 201, 422, 400, 201]
        assert Order.objects.count() == 2
        laws_hold()

    def test_a_batch_never_sells_more_than_there_is(self, api, laws_hold):
        rows = [order_body(lines=[{"sku": "POT-001", "quantity": 2}]) for _ in range(4)]

        answer = api.post("orders/bulk", {"orders": rows})

        assert [row["status"] for row in answer.json()["data"]] == [201, 201, 409, 409]
        laws_hold()

    def test_a_used_payment_reference_refuses_its_own_order_only(self, api, laws_hold):
        payment = {"method": "prepaid", "reference": "same"}
        rows = [order_body(), order_body(payment=payment), order_body(payment=payment)]

        answer = api.post("orders/bulk", {"orders": rows})

        assert [row["status"] for row in answer.json()["data"]] == [201, 201, 409]
        assert Order.objects.count() == 2
        laws_hold()


def test_a_held_order_reads_back_as_it_was_answered(make_client, shop):
    desk = make_client(shop.desk)
    body = order_body()
    body["shipping_address"]["postal_code"] = "x"

    placed = desk.post("orders", body).json()

    assert placed["holds"][0]["kind"] == "address"
    assert desk.get(f"orders/{placed['number']}").json() == placed


class TestQuote:
    def test_a_quote_equals_the_order_and_stores_nothing(self, api):
        body = order_body()
        basket = {k: body[k] for k in ("currency", "shipping_address", "lines", "shipping_service")}

        quote = api.post("quotes", basket).json()

        assert not Order.objects.exists()
        assert quote["totals"] == api.post("orders", body).json()["totals"]


class TestVerbs:
    def test_hold_and_release(self, api, laws_hold):
        number = api.post("orders", order_body()).json()["number"]

        held = api.post(f"orders/{number}/hold", {"kind": "address", "reason": "call first"}).json()
        assert held["holds"][0]["kind"] == "address"
        assert "release" in held["allowed_actions"]
        released = api.post(f"orders/{number}/release", {}).json()

        assert released["holds"] == []
        assert released["status"] == "confirmed"
        laws_hold()

    def test_words_of_a_cancel_can_be_erased(self, api):
        number = api.post("orders", order_body()).json()["number"]

        answer = api.post(
            f"orders/{number}/cancel", {"reason": "customer", "note": "Mrs Li called"}
        )

        assert answer.json()["note"] == "Mrs Li called"
        assert "Mrs Li" not in api.get(f"orders/{number}/events").content.decode()

    def test_cancel_frees_the_stock_and_cannot_be_repeated(self, api, laws_hold):
        number = api.post("orders", order_body()).json()["number"]

        cancelled = api.post(f"orders/{number}/cancel", {"reason": "changed mind"}).json()
        again = api.post(f"orders/{number}/cancel", {"reason": "changed mind"})

        assert cancelled["status"] == "cancelled"
        assert reserved() == 0
        assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")
        laws_hold()

    def test_a_stale_version_is_refused(self, api):
        number = api.post("orders", order_body()).json()["number"]

        answer = api.post(f"orders/{number}/cancel", {"reason": "x"}, **{"If-Match": '"9.0"'})

        assert answer.status_code == 412

    def test_another_channels_key_finds_nothing(self, api, make_client, shop):
        number = api.post("orders", order_body()).json()["number"]

        other = make_client(shop.desk)

        assert other.get(f"orders/{number}").status_code == 404
        assert other.post(f"orders/{number}/cancel", {"reason": "x"}).status_code == 404
        assert other.get("orders").json()["data"] == []


class TestLists:
    def test_pages_join_without_gap_or_repeat(self, api):
        for _ in range(5):
            api.post("orders", order_body())

        first = api.get("orders", limit="3").json()
        second = api.get("orders", limit="3", cursor=first["next_cursor"]).json()

        numbers = [o["number"] for o in first["data"] + second["data"]]
        assert len(set(numbers)) == 5
        assert first["has_more"]
        assert not second["has_more"]

    def test_a_list_takes_few_statements_however_long(self, api, django_assert_num_queries):
        for _ in range(4):
            api.post("orders", order_body())

        with django_assert_num_queries(3):  # key, orders, lines
            api.get("orders")

    @pytest.mark.parametrize(
        "query", [{"colour": "red"}, {"status": "nice"}, {"cursor": "!"}, {"limit": "0"}]
    )
    def test_refuses_filters_it_does_not_know(self, api, query):
        assert api.get("orders", **query).status_code in {400, 422}


def test_totals_are_stored_to_the_minor_unit(api):
    api.post("orders", order_body())

    order = Order.objects.get()
    lines = OrderLine.objects.all()
    assert order.total == Decimal("116.80")
    assert sum(line.total for line in lines) + order.shipping + order.shipping_tax == order.total


@pytest.mark.django_db(transaction=True)
def test_a_batch_waits_for_the_levels_that_another_batch_has(api, shop):
    """Longer than the three seconds that a single order waits."""
    import threading
    import time

    from django.db import connection, transaction

    from inventory.stock.actions.ledger import lock_skus

    held = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_skus({shop.tea.pk, shop.mug.pk})
            held.set()
            time.sleep(3.6)
        connection.close()

    rival = threading.Thread(target=hold)
    rival.start()
    held.wait()
    answer = api.post("orders/bulk", {"orders": [order_body(), order_body()]})
    rival.join()

    assert answer.status_code == 200
    assert [row["status"] for row in answer.json()["data"]] == [201, 201]
