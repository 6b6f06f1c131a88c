"""Stock by the API: bought, received, put away, counted, transferred, held, sold, asked about later."""

from datetime import timedelta

import pytest
from django.utils import timezone

from erp.access.actions import create_api_key
from erp.ids import public_id
from inventory.models import (
    BinLevel,
    BundlePart,
    Lot,
    Place,
    PurchaseLine,
    PurchaseOrder,
    Reservation,
    Sku,
    StockShortfall,
)
from orders.models import Decision, Hold, OrderEvent, Price, PriceList
from tests.conftest import NOON, ApiClient, order_body
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(shop) -> ApiClient:
    """A client of the channel that takes back-orders."""
    secret = create_api_key(
        channel_id=shop.desk.pk, name="key", purpose="owner", by=shop.system, now=NOON
    )
    return ApiClient(secret)


def done(answer, status: int = 200) -> dict:
    assert answer.status_code == status, answer.json()
    return answer.json()


def level(api, sku: str) -> dict:
    row = done(api.get("availability", sku=sku))["data"][0]
    return {key: row[key] for key in ("on_hand", "reserved", "available", "incoming")}


def buy(api, sku: str, units: int) -> str:
    done(api.post("suppliers", {"code": "acme", "name": "Acme"}), 201)
    done(api.post("suppliers/acme/terms", {"sku": sku, "unit_price": "3.50"}), 201)
    order = {
        "supplier": "acme",
        "warehouse": "east",
        "lines": [{"sku": sku, "quantity": units}],
    }
    number = done(api.post("purchase-orders", order), 201)["number"]
    done(api.post(f"purchase-orders/{number}/approve", {}))
    done(api.post(f"purchase-orders/{number}/send", {}))
    return number


class TestPurchase:
    def test_from_draft_to_received_with_damage_and_landed_cost(self, api, laws_hold):
        before = level(api, "POT-001")
        number = buy(api, "POT-001", 10)
        assert level(api, "POT-001")["incoming"] == 10

        done(api.post(f"purchase-orders/{number}/acknowledge", {"reference": "A-1"}))
        arrived = {"lines": [{"sku": "POT-001", "good": 6, "damaged": 1}]}
        part = done(api.post(f"purchase-orders/{number}/receive", arrived))
        assert part["status"] == "part_received"
        assert part["lines"][0]["quantity_incoming"] == 4
        arrived = {"lines": [{"sku": "POT-001", "good": 4}], "reference": "DN-7"}
        whole = done(api.post(f"purchase-orders/{number}/receive", arrived))
        assert whole["status"] == "received"
        after = level(api, "POT-001")
        assert (after["on_hand"] - before["on_hand"], after["incoming"]) == (10, 0)

        done(api.post(f"purchase-orders/{number}/land-cost", {"amount": "11", "basis": "weight"}))
        worth = done(api.get("stock/valuation"))["data"]
        pots = next(row for row in worth if row["sku"] == "POT-001")
        assert pots["units"] == before["on_hand"] + 11
        assert float(pots["value"]) == pytest.approx(11 * 3.5 + 11)
        laws_hold()

    def test_more_than_ordered_has_to_be_accepted(self, api, laws_hold):
        number = buy(api, "POT-001", 10)
        arrived = {"lines": [{"sku": "POT-001", "good": 14}]}

        refused = api.post(f"purchase-orders/{number}/receive", arrived)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["code"] == "over-delivery"
        done(api.post(f"purchase-orders/{number}/receive", arrived | {"accept_over": True}))
        laws_hold()

    def test_what_is_wrong_is_named_by_line_and_nothing_is_written(self, api):
        done(api.post("suppliers", {"code": "acme", "name": "Acme"}), 201)
        lines = [{"sku": "TEA-001", "quantity": 0}, {"sku": "NONE", "quantity": 1}]
        body = {"supplier": "acme", "warehouse": "east", "lines": lines}

        refused = api.post("purchase-orders", body)

        assert refused.status_code == 422
        assert [e["pointer"] for e in refused.json()["errors"]] == ["/lines/1/sku"]
        assert done(api.get("purchase-orders"))["data"] == []

    def test_suggestions_become_purchase_orders_once(self, api, laws_hold):
        number = buy(api, "TEA-001", 7)  # on its way: it counts
        limits = {"sku": "TEA-001", "warehouse": "east", "reorder_point": 30, "order_up_to": 90}
        done(api.post("stock/policies", limits))
        done(api.post(f"purchase-orders/{number}/acknowledge", {}))

        done(api.post("purchase-suggestions", {}))
        rows = done(api.get("purchase-suggestions"))["data"]
        assert [(row["sku"], row["quantity"]) for row in rows] == [("TEA-001", 63)]
        ids = [row["id"] for row in rows if row["sku"] == "TEA-001"]
        assert {why["code"] for why in rows[0]["reasons"]} >= {"position", "covers"}

        made = done(api.post("purchase-suggestions/order", {"suggestions": ids}), 201)["data"]
        assert [row["status"] for row in made] == ["draft"] * len(made)
        again = api.post("purchase-suggestions/order", {"suggestions": ids})
        assert again.status_code == 422
        laws_hold()


class TestFloor:
    def test_bins_moves_and_levels_now_and_then(self, api, laws_hold):
        done(api.post("stock/bins", {"warehouse": "east", "codes": ["A-01", "A-02"]}), 201)
        moved = {
            "warehouse": "east",
            "lines": [{"sku": "TEA-001", "quantity": 7, "from": "MAIN", "to": "A-01"}],
        }
        done(api.post("stock/moves", moved), 201)
        apart = {
            "warehouse": "east",
            "lines": [{"sku": "TEA-001", "quantity": 2, "from": "A-01", "to": "DAMAGED"}],
        }
        then = timezone.now()
        done(api.post("stock/moves", apart), 201)

        def lies(**query):
            rows = done(api.get("stock/levels", sku="TEA-001", **query))["data"]
            return {row["bin"]: row["units"] for row in rows if row["warehouse"] == "east"}

        assert lies() == {"MAIN": 13, "A-01": 5, "DAMAGED": 2}
        assert lies(at=then.isoformat()) == {"MAIN": 13, "A-01": 7}
        assert level(api, "TEA-001")["on_hand"] == 38
        too_many = moved | {"lines": [moved["lines"][0] | {"quantity": 99}]}
        assert api.post("stock/moves", too_many).status_code == 422
        laws_hold()

    def test_a_count_that_finds_less_than_is_promised(self, api, desk, laws_hold):
        lines = [{"sku": "POT-001", "quantity": 2}]
        payment = {"method": "cod", "reference": ""}
        old = done(desk.post("orders", order_body(lines=lines, payment=payment)), 201)
        young = done(desk.post("orders", order_body(lines=lines, payment=payment)), 201)
        run_relay()
        count = done(api.post("stock/counts", {"warehouse": "east", "skus": ["POT-001"]}), 201)
        assert [line["expected"] for line in count["lines"]] == [None]  # blind
        found = {"lines": [{"bin": "MAIN", "sku": "POT-001", "counted": 3}]}
        done(api.post(f"stock/counts/{count['number']}/count", found))
        posted = done(api.post(f"stock/counts/{count['number']}/submit", {}))
        assert posted["status"] == "posted"
        run_relay()

        assert level(api, "POT-001") == {
            "on_hand": 3,
            "reserved": 3,
            "available": 0,
            "incoming": 0,
        }
        first, second = (done(desk.get(f"orders/{o['number']}")) for o in (old, young))
        assert first["lines"][0]["quantity_reserved"] == 2
        assert first["holds"] == []
        line = second["lines"][0]
        assert (line["quantity_reserved"], line["quantity_backordered"]) == (1, 1)
        assert [hold["kind"] for hold in second["holds"]] == ["stock"]
        assert not StockShortfall.objects.filter(closed_at=None).exists()
        laws_hold()

        number = buy(api, "POT-001", 5)
        done(
            api.post(
                f"purchase-orders/{number}/receive", {"lines": [{"sku": "POT-001", "good": 5}]}
            )
        )
        run_relay()

        second = done(desk.get(f"orders/{young['number']}"))
        assert second["lines"][0]["quantity_reserved"] == 2
        assert second["holds"] == []
        work = done(desk.get("fulfillment-orders", order=young["number"]))["data"]
        open_work = [row for row in work if row["status"] == "released"]
        assert sum(line["quantity"] for row in open_work for line in row["lines"]) == 2
        laws_hold()

    def test_transfers_arrive_in_parts_and_short(self, api, laws_hold):
        body = {
            "from_warehouse": "east",
            "to_warehouse": "south",
            "lines": [{"sku": "TEA-001", "quantity": 6}],
        }
        number = done(api.post("stock/transfers", body), 201)["number"]
        done(api.post(f"stock/transfers/{number}/ship", {}))
        assert level(api, "TEA-001")["incoming"] == 6
        some = {"lines": [{"sku": "TEA-001", "quantity": 4}]}
        part = done(api.post(f"stock/transfers/{number}/receive", some))
        assert part["status"] == "part_received"
        closed = done(api.post(f"stock/transfers/{number}/receive", {"close": True}))
        assert (closed["status"], closed["lines"][0]["quantity_lost"]) == ("closed", 2)
        assert level(api, "TEA-001") == {
            "on_hand": 38,
            "reserved": 0,
            "available": 38,
            "incoming": 0,
        }
        laws_hold()

    def test_a_frozen_bin_does_not_move(self, api, laws_hold):
        count = done(
            api.post("stock/counts", {"warehouse": "east", "skus": ["TEA-001"], "freezes": True}),
            201,
        )
        change = {
            "warehouse": "east",
            "reason": "x",
            "lines": [{"sku": "TEA-001", "quantity": -1, "bin": "MAIN"}],
        }
        assert api.post("stock/adjustments", change).status_code == 409
        done(api.post(f"stock/counts/{count['number']}/cancel", {}))
        done(api.post("stock/adjustments", change), 201)
        laws_hold()


class TestPromise:
    def test_a_cart_with_a_bundle_becomes_an_order_with_the_last_units(self, api, shop, laws_hold):
        bundle = Sku.objects.create(code="SET", name="Set")
        for part, units in ((shop.pot, 1), (shop.tea, 2)):
            BundlePart.objects.create(bundle=bundle, part=part, quantity=units)
        Price.objects.create(price_list=PriceList.objects.get(), sku=bundle, amount=50)
        assert level(api, "SET")["available"] == 5

        cart = {"lines": [{"sku": "SET", "quantity": 5}], "ttl_seconds": 600}
        held = done(api.post("reservations", cart), 201)
        assert {row["sku"] for row in held["lines"]} == {"POT-001", "TEA-001"}
        assert level(api, "SET")["available"] == level(api, "POT-001")["available"] == 0
        body = order_body(lines=[{"sku": "SET", "quantity": 5}])
        assert api.post("orders", body).status_code == 409
        placed = done(api.post("orders", body | {"reservation": held["id"]}), 201)

        assert placed["lines"][0]["quantity_reserved"] == 5
        assert done(api.get(f"reservations/{held['id']}"))["status"] == "released"
        again = done(api.post("orders", body))  # the same content under another key
        assert again["number"] == placed["number"]
        laws_hold()

    def test_a_cart_whose_time_is_over_says_so_before_its_units_are_given_back(self, api):
        held = done(api.post("reservations", {"lines": [{"sku": "TEA-001", "quantity": 1}]}), 201)
        Reservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        assert done(api.get(f"reservations/{held['id']}"))["status"] == "expired"

    def test_a_count_overtaken_by_a_write_off_says_what_to_count_again(self, desk, laws_hold):
        count = done(desk.post("stock/counts", {"warehouse": "east", "skus": ["TEA-001"]}), 201)
        path = f"stock/counts/{count['number']}"
        found = {"bin": "MAIN", "sku": "TEA-001", "counted": 2}
        done(desk.post(f"{path}/count", {"lines": [found]}))
        level_now = BinLevel.objects.get(
            sku__code="TEA-001", place__code="MAIN", place__warehouse__code="east"
        )
        gone = {"sku": "TEA-001", "quantity": level_now.on_hand, "bin": "MAIN"}
        lost = {"warehouse": "east", "lines": [gone], "reason": "broken"}
        done(desk.post("stock/write-offs", lost), 201)

        refused = desk.post(f"{path}/submit", {})

        assert refused.status_code == 409
        assert "TEA-001 (MAIN)" in refused.json()["detail"]
        done(desk.post(f"{path}/count", {"lines": [found | {"counted": 0}]}))
        done(desk.post(f"{path}/submit", {}))
        laws_hold()

    def test_an_order_refused_leaves_its_cart_as_it_was(self, api, laws_hold):
        cart = {"lines": [{"sku": "POT-001", "quantity": 5}]}
        held = done(api.post("reservations", cart), 201)
        body = order_body(lines=[{"sku": "POT-001", "quantity": 6}], reservation=held["id"])

        assert api.post("orders", body).status_code == 409
        assert done(api.get(f"reservations/{held['id']}"))["status"] == "held"
        laws_hold()

    def test_allotments_safety_and_a_split_level(self, api, desk, shop, laws_hold):
        fixed = {
            "channel": "desk",
            "kind": "fixed",
            "value": 15,
            "sku": "TEA-001",
            "warehouse": "east",
        }
        assert api.post("allotments", fixed).status_code == 404  # another channel's key
        done(desk.post("allotments", fixed), 201)
        assert level(api, "TEA-001")["available"] == 25
        assert level(desk, "TEA-001")["available"] == 40
        done(api.post("stock/policies", {"sku": "TEA-001", "warehouse": "south", "safety": 5}))
        assert level(api, "TEA-001")["available"] == 20
        done(api.post("allotments", {"channel": "web", "kind": "cap", "value": 8}), 201)
        assert level(api, "TEA-001")["available"] == 8
        done(api.post("stock/splits", {"sku": "TEA-001", "warehouse": "east", "parts": 4}))
        assert level(api, "TEA-001")["available"] == 8

        many = order_body(lines=[{"sku": "TEA-001", "quantity": 9}])
        assert api.post("orders", many).status_code == 409
        done(api.post("orders", order_body(lines=[{"sku": "TEA-001", "quantity": 8}])), 201)
        laws_hold()

    def test_goods_go_to_the_oldest_promise_and_the_order_says_why(self, api, desk, laws_hold):
        payment = {"method": "cod", "reference": ""}
        lines = [{"sku": "POT-001", "quantity": 4}]
        numbers = [
            done(desk.post("orders", order_body(lines=lines, payment=payment)), 201)["number"]
            for _ in range(3)
        ]
        run_relay()
        waiting = [
            done(desk.get(f"orders/{n}"))["lines"][0]["quantity_backordered"] for n in numbers
        ]
        assert waiting == [0, 3, 4]

        receipt = {"warehouse": "south", "lines": [{"sku": "POT-001", "quantity": 5}]}
        done(api.post("stock/receipts", receipt), 201)
        run_relay()

        waiting = [
            done(desk.get(f"orders/{n}"))["lines"][0]["quantity_backordered"] for n in numbers
        ]
        assert waiting == [0, 0, 2]
        why = Decision.objects.filter(kind="backorder").order_by("pk")
        assert [row.reasons[1]["code"] for row in why] == ["first_in_line", "turn_after"]
        assert OrderEvent.objects.filter(kind="backorder.filled").count() == 2
        laws_hold()

    def test_a_late_purchase_names_the_orders_at_risk(self, api, desk):
        payment = {"method": "cod", "reference": ""}
        lines = [{"sku": "POT-001", "quantity": 7}]
        number = done(desk.post("orders", order_body(lines=lines, payment=payment)), 201)["number"]
        bought = buy(api, "POT-001", 5)
        late = (timezone.now() + timedelta(days=90)).date().isoformat()

        done(api.post(f"purchase-orders/{bought}/reschedule", {"expected_on": late}))
        run_relay()

        warned = OrderEvent.objects.get(kind="promise.at_risk")
        assert warned.order.number == number
        assert warned.data == {"purchase": bought, "expected_on": late}
        assert not Hold.objects.filter(order=warned.order).exists()


class TestOrderAndGoods:
    def test_what_an_order_lacks_is_bought_for_it_in_packs_and_once(
        self, desk, api, shop, sign_in, laws_hold
    ):
        done(api.post("suppliers", {"code": "acme", "name": "Acme"}), 201)
        terms = {"sku": "POT-001", "unit_price": "3.50", "pack_size": 12}
        done(api.post("suppliers/acme/terms", terms), 201)
        have = level(api, "POT-001")["available"]
        lines = [{"sku": "POT-001", "quantity": have + 13}]
        number = done(desk.post("orders", order_body(lines=lines)), 201)["number"]
        client = sign_in("buyer")
        page = client.get(f"/orders/{number}/").content.decode()
        assert "Buy for this order" in page

        answer = client.post(f"/orders/{number}/buy/")

        made = api.get(
            answer["Location"].strip("/").replace("purchasing", "purchase-orders")
        ).json()
        assert [line["quantity"] for line in made["lines"]] == [24]
        assert made["number"] in client.get(f"/orders/{number}/").content.decode()
        again = client.post(f"/orders/{number}/buy/", follow=True)
        assert "have already been ordered" in again.content.decode()
        for verb in ("approve", "send"):
            done(api.post(f"purchase-orders/{made['number']}/{verb}", {}))
        arrived = {"lines": [{"sku": "POT-001", "good": 24}]}
        done(api.post(f"purchase-orders/{made['number']}/receive", arrived))
        run_relay()
        order = done(desk.get(f"orders/{number}"))
        assert order["lines"][0]["quantity_backordered"] == 0
        laws_hold()

    def test_goods_that_do_not_keep_long_enough_for_a_customer_are_passed_over(
        self, api, shop, system, sign_in, laws_hold
    ):
        from inventory.models import StockMovement
        from orders.models import Customer, Order

        sku = Sku.objects.create(code="PIE", name="Pie", tracking="lot")
        Price.objects.create(price_list=PriceList.objects.get(), sku=sku, amount=9)
        today = timezone.now().date()
        for lot, days in (("SOON", 20), ("LATE", 200)):
            line = {
                "sku": "PIE",
                "quantity": 5,
                "lot": lot,
                "expires_on": (today + timedelta(days=days)).isoformat(),
            }
            done(api.post("stock/receipts", {"warehouse": "east", "lines": [line]}), 201)
        body = order_body(lines=[{"sku": "PIE", "quantity": 2}])
        number = done(api.post("orders", body), 201)["number"]
        run_relay()
        customer = Order.objects.get(number=number).customer
        page = f"/customers/{public_id('cus', customer.pk)}/"
        sign_in("service").post(f"{page}change/", {"min_shelf_life_days": "90", "note": "x"})
        assert Customer.objects.get(pk=customer.pk).min_shelf_life_days == 90

        done(api.post("shipments", {"order": number}), 201)

        assert StockMovement.objects.get(kind="ship").lot.code == "LATE"
        second = done(api.post("orders", order_body(lines=body["lines"])), 201)["number"]
        run_relay()
        done(api.post("shipments", {"order": second}), 201)
        assert StockMovement.objects.filter(kind="ship").latest("pk").lot.code == "SOON"
        laws_hold()

    def test_a_purchase_order_goes_to_its_supplier_with_its_paper(self, api, mailoutbox):
        from erp.messages.send import send_due_messages

        number = buy(api, "POT-001", 10)
        from inventory.models import Supplier

        Supplier.objects.update(email="orders@acme.example", language="zh-hans")
        run_relay()
        send_due_messages(now=timezone.now() + timedelta(seconds=1))

        (mail,) = [m for m in mailoutbox if m.to == ["orders@acme.example"]]
        assert number in mail.subject
        assert "采购单" in mail.subject
        ((name, content, kind),) = mail.attachments
        assert (name, kind, content[:5]) == (f"{number}.pdf", "application/pdf", b"%PDF-")


def test_what_can_be_promised_on_which_day(desk, api, shop):
    have = level(api, "POT-001")["available"]
    number = buy(api, "POT-001", 10)
    body = order_body(lines=[{"sku": "POT-001", "quantity": have + 4}])
    done(desk.post("orders", body), 201)

    row = done(api.get("availability", sku="POT-001", by_date="1"))["data"][0]

    assert [(day["source"], day["available"]) for day in row["by_date"]] == [
        ("", 0),
        (number, 6),
    ]


def test_documents_by_hand_lots_and_a_level_in_parts(api, shop, sign_in, laws_hold):
    from inventory.models import StockDocument, StockLevel, Supplier

    done(api.post("suppliers", {"code": "acme", "name": "Acme"}), 201)
    client, before = sign_in(), level(api, "POT-001")["on_hand"]
    form = {"warehouse": "east", "reason": "broken", "lines": "POT-001 2", "bin": "", "lot": ""}

    client.post("/stock/documents/new/", form | {"kind": "write_off"})
    client.post(
        "/stock/documents/new/",
        form | {"kind": "vendor_return", "supplier": "acme", "lines": "POT-001\t1"},
    )
    nowhere = client.post("/stock/documents/new/", form | {"kind": "write_off", "bin": "X-99"})

    assert nowhere.status_code == 422
    assert level(api, "POT-001")["on_hand"] == before - 3
    returned = StockDocument.objects.get(kind="vendor_return")
    assert returned.supplier == Supplier.objects.get()
    client.post("/inventory/POT-001/split/", {"warehouse": "east", "parts": "4"})
    assert StockLevel.objects.filter(sku__code="POT-001").count() >= 4
    assert level(api, "POT-001")["on_hand"] == before - 3
    line = {"sku": "BREAD", "quantity": 5, "lot": "BATCH-7", "expires_on": "2020-01-31"}
    Sku.objects.create(code="BREAD", name="Bread", tracking="lot")
    done(api.post("stock/receipts", {"warehouse": "east", "lines": [line]}), 201)
    page = client.get("/stock/lots/?expired=1").content.decode()
    assert "BATCH-7" in page
    assert "BATCH-7" not in client.get("/stock/lots/?expiring=1").content.decode()
    laws_hold()


def test_what_cannot_be_seen_makes_no_other_lot_or_number(api, shop):
    Sku.objects.create(code="MILK", name="Milk", tracking="lot")
    Sku.objects.create(code="PHONE", name="Phone", tracking="serial")

    def come(**line):
        body = {"warehouse": "east", "lines": [{"quantity": 1, **line}]}
        return api.post("stock/receipts", body, key=repr(line))

    done(come(sku="MILK", lot="D1", expires_on="2099-01-01"), 201)
    for lot in ("D1\u200b", " D1 ", "\ufeffD1"):
        done(come(sku="MILK", lot=lot), 201)
    assert Lot.objects.get(sku__code="MILK").code == "D1"
    done(come(sku="PHONE", serials=["S1"]), 201)
    for refused in (
        {"sku": "PHONE", "serials": ["S1\u200b"]},
        {"sku": "PHONE", "serials": ["\u200b"]},
        {"sku": "MUG-001", "lot": "\u200b"},
    ):
        assert come(**refused).status_code == 422, refused


class TestRows:
    """What is wrong with a row is said of that row, however rows are taken apart or summed."""

    @pytest.fixture
    def goods(self, shop):
        Sku.objects.create(code="MILK", name="Milk", tracking="lot")
        Sku.objects.create(code="PHONE", name="Phone", tracking="serial")
        return Place.objects.filter(warehouse=shop.east, kind="bin").first().code

    BEFORE = (
        [],
        [{"sku": "MUG-001", "good": 1, "damaged": 1, "quarantine": 1}],
        [{"sku": "MUG-001"}, {"sku": "MUG-001", "damaged": 1}, {"sku": "POT-001", "good": 1}],
    )
    OLD, LATER = "2020-01-01", "2099-01-01"

    def wrong(self, bin_code):
        """Rows that are refused, with the field that is wrong."""
        return [
            ({"sku": "MILK", "lot": "L1", "expires_on": self.OLD, "bin": bin_code}, "bin"),
            ({"sku": "MILK"}, "lot"),
            ({"sku": "MUG-001", "expires_on": self.LATER}, "expires_on"),
            ({"sku": "MILK", "lot": "L2", "expires_on": self.LATER}, "expires_on"),
            ({"sku": "PHONE", "serials": ["a", "b", "c"]}, "serials"),
        ]

    @pytest.mark.parametrize("before", BEFORE)
    def test_of_a_purchase_that_arrives(self, api, shop, goods, before):
        Lot.objects.create(
            sku=Sku.objects.get(code="MILK"), code="L2", expires_on=timezone.localdate()
        )
        number = buy(api, "MILK", 9)
        purchase = PurchaseOrder.objects.get(number=number)
        for code in ("MUG-001", "POT-001", "PHONE"):
            PurchaseLine.objects.create(
                purchase=purchase,
                sku=Sku.objects.get(code=code),
                warehouse=shop.east,
                quantity=9,
                unit_price=1,
            )
        for row, field in self.wrong(goods):
            lines = [*before, row | {"good": 2}]
            answer = api.post(f"purchase-orders/{number}/receive", {"lines": lines})
            assert answer.status_code == 422, answer.content
            assert self.pointers(answer) == [f"/lines/{len(before)}/{field}"]

    @pytest.mark.parametrize("before", BEFORE)
    def test_of_a_receipt(self, api, goods, before):
        Lot.objects.create(
            sku=Sku.objects.get(code="MILK"), code="L2", expires_on=timezone.localdate()
        )
        first = [{"sku": row["sku"], "quantity": 1} for row in before]
        for row, field in self.wrong(goods):
            lines = [*first, row | {"quantity": 2}]
            answer = api.post("stock/receipts", {"warehouse": "east", "lines": lines})
            assert answer.status_code == 422, answer.content
            assert self.pointers(answer) == [f"/lines/{len(before)}/{field}"]

    @pytest.mark.parametrize(
        ("rows", "wrong"),
        [
            ([("TEA-001", 2), ("TEA-001", 2), ("MUG-001", 9)], [2]),
            ([("TEA-001", 2), ("MUG-001", 1), ("TEA-001", 3)], [2]),
            ([("TEA-001", 9), ("TEA-001", 4)], [0]),
            ([("TEA-001", 1), ("POT-001", 1), ("TEA-001", 9)], [1, 2]),
        ],
    )
    def test_of_a_transfer_that_arrives(self, api, rows, wrong):
        lines = [{"sku": "TEA-001", "quantity": 4}, {"sku": "MUG-001", "quantity": 4}]
        sent = {"from_warehouse": "east", "to_warehouse": "south", "lines": lines}
        number = done(api.post("stock/transfers", sent), 201)["number"]
        done(api.post(f"stock/transfers/{number}/ship", {}))
        came = {"lines": [{"sku": sku, "quantity": units} for sku, units in rows]}
        answer = api.post(f"stock/transfers/{number}/receive", came)
        assert answer.status_code == 422, answer.content
        assert self.pointers(answer) == [f"/lines/{n}/quantity" for n in wrong]

    def test_rows_of_a_transfer_add_up(self, api, laws_hold):
        sent = {
            "from_warehouse": "east",
            "to_warehouse": "south",
            "lines": [{"sku": "TEA-001", "quantity": 4}],
        }
        number = done(api.post("stock/transfers", sent), 201)["number"]
        done(api.post(f"stock/transfers/{number}/ship", {}))
        came = {"lines": [{"sku": "TEA-001", "quantity": 1}, {"sku": "TEA-001", "quantity": 3}]}
        assert done(api.post(f"stock/transfers/{number}/receive", came))["status"] == "received"
        laws_hold()

    def pointers(self, answer):
        return [error["pointer"] for error in answer.json()["errors"]]
