"""The readers of shops' messages, by kind: money, states, quantities, amounts, recipients, without a database."""

import copy
import json
from decimal import Decimal

import pytest

from erp.money import DIGITS
from orders.customers.contacts import Address
from orders.intake.following.decisions.follow import Ours, Told, follow
from orders.intake.messages.foreign_json import Part, Unreadable
from orders.intake.shops import addresses, shopify, woocommerce
from orders.intake.shops.shopify_money import HAS_MOVED, KINDS
from tests.orders.shops import WOO_ORDER, body_of, paid


def of_shopify(body, topic="orders/updated"):
    (said,) = shopify.read(topic, json.dumps(body).encode(), currency="USD")
    return said


def of_woo(body):
    (said,) = woocommerce.read("order.updated", json.dumps(body).encode(), currency="USD")
    return said


def refund(key=5, **changes):
    row = {"line_item_id": 2, "quantity": 1, "restock_type": "cancel", "subtotal": "20.00"}
    return {"id": key, "transactions": [], "refund_line_items": [row], **changes}


def transaction(**changes):
    known = {"id": 9, "order_id": 1, "kind": "sale", "status": "success", "amount": "10.00"}
    return known | {"currency": "USD"} | changes


class TestMoney:
    def test_goods_that_come_off_move_no_money(self):
        said = of_shopify(body_of(refunds=[refund(), refund(6)]))
        assert [(x.key, x.amount) for x in said.refunds] == [("5", 0), ("6", 0)]
        assert said.paid == 0

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("status", HAS_MOVED)
    def test_a_capture_needs_money_that_came(self, kind, status):
        said = of_shopify(transaction(kind=kind, status=status), "order_transactions/create")
        came = status == "success" and kind in {"sale", "capture"}
        assert {k: (m.amount, m.currency) for k, m in said.captures.items()} == (
            {"9": (10, "USD")} if came else {}
        )

    def test_money_of_a_test_has_not_moved(self):
        for kind in KINDS:
            said = of_shopify(transaction(kind=kind, test=True), "order_transactions/create")
            assert (said.captures, said.refunds) == ({}, [])
        gone = [transaction(kind="refund", amount="4.00", test=True)]
        assert of_shopify(body_of(refunds=[refund(transactions=gone)])).refunds[0].amount == 0

    @pytest.mark.parametrize("words", [("credit", "success"), ("sale", "settled"), ("", "success")])
    def test_words_that_nobody_listed_hold(self, words):
        with pytest.raises(Unreadable, match="state_unknown"):
            of_shopify(transaction(kind=words[0], status=words[1]), "order_transactions/create")

    def test_equal_amounts_are_two_events(self):
        gone = [transaction(kind="refund", amount="4.00")]
        rows = [refund(key, transactions=gone, refund_line_items=[]) for key in (5, 6)]
        assert [x.amount for x in of_shopify(paid(refunds=rows)).refunds] == [4, 4]
        with pytest.raises(Unreadable, match="no_id"):
            of_woo(WOO_ORDER | {"refunds": [{"total": "-4.00"}]})

    def test_the_buyers_currency_is_the_shops_only_where_the_message_says_so(self):
        both = {
            "shop_money": {"amount": "20.00", "currency_code": "USD"},
            "presentment_money": {"amount": "3000", "currency_code": "JPY"},
        }
        row = refund()["refund_line_items"][0] | {"subtotal_set": both}
        for yen, want in (("3000", (20, "USD")), ("1500", (1500, "JPY"))):
            gone = [transaction(kind="refund", amount=yen, currency="JPY")]
            said = of_shopify(
                refund(order_id=1, transactions=gone, refund_line_items=[row]), "refunds/create"
            )
            assert (said.refunds[0].amount, said.refunds[0].currency) == want

    def test_a_refund_waits_until_what_came_covers_it(self):
        told = Told(is_whole=True, refunds={"1": Decimal(5), "2": Decimal(5)}, captured=Decimal(5))
        steps = follow(told, Ours(status="completed", is_shipped=True, captured=Decimal(5)))
        assert [(x.verb, x.params["key"]) for x in steps] == [("refund", "1")]
        shipped = Ours(status="completed", is_shipped=True)
        assert follow(Told(is_whole=True, refunds={"1": Decimal(5)}), shipped) == []

    def test_a_doubt_that_names_what_it_is_about_is_flagged_by_its_code(self):
        """The name stood for a part of the code, which no finding has: the message failed."""
        doubts = ["unit_of_measure:CT", "unit_of_measure:PK", "amounts_differ"]
        told = Told(is_whole=True, doubts=doubts)

        steps = follow(told, Ours(status="confirmed"))
        known = follow(
            told, Ours(status="confirmed", raised={"unit_of_measure": {"names": ["CT", "PK"]}})
        )

        flags = [(x.params["code"], x.params["names"]) for x in steps]
        assert flags == [("unit_of_measure", ["CT", "PK"]), ("amounts_differ", [])]
        assert [x.params["code"] for x in known] == ["amounts_differ"]


class TestStates:
    @pytest.mark.parametrize("status", ["partial-payment", "shipped", "Processing", "bezahlt"])
    def test_a_status_that_nobody_listed_is_not_paid_and_holds(self, status):
        for said in (
            of_woo(WOO_ORDER | {"status": status}),
            of_shopify(paid(financial_status=status)),
        ):
            assert said.paid == 0
            assert said.order.doubts == ["state_unknown"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"financial_status": "paid"},
            {"financial_status": "refunded"},
            {"financial_status": "partially_refunded"},
            {"financial_status": "partially_paid"},
            {"financial_status": "partially_paid", "total_outstanding": "0.00"},
        ],
    )
    def test_status_and_amounts_that_contradict_each_other_hold(self, changes):
        assert of_shopify(body_of(**changes)).order.doubts == ["state_contradicts"]

    def test_partly_paid_is_what_is_not_outstanding(self):
        said = of_shopify(body_of(financial_status="partially_paid", total_outstanding="30.00"))
        assert (said.paid, said.order.doubts) == (Decimal("24.60"), [])

    @pytest.mark.parametrize("status", ["processing", "completed"])
    def test_woocommerce_without_a_date_has_not_been_paid(self, status):
        said = of_woo(WOO_ORDER | {"status": status, "date_paid_gmt": None})
        assert (said.paid, said.order.doubts) == (0, ["state_contradicts"])

    def test_what_the_carrier_collects_has_not_come_when_it_is_worked_on(self):
        said = of_woo(WOO_ORDER | {"payment_method": "cod"})
        assert (said.paid, said.order.payment.method) == (0, "cod")


class TestQuantities:
    def test_current_ones_count_and_come_back_after_they_left(self):
        body = paid(current_total_price="32.60", current_total_tax="2.60")
        body["line_items"][0]["current_quantity"] = 2
        body["line_items"][1]["current_quantity"] = 0
        said = of_shopify(body | {"refunds": [refund()]})
        assert [(x.sku, x.quantity) for x in said.order.lines] == [("TEA-001", 2)]
        assert (said.order.total, said.order.differs) == (Decimal("32.60"), 0)

        came_back = refund()
        came_back["refund_line_items"][0]["restock_type"] = "return"
        said = of_shopify(body | {"refunds": [came_back]})
        assert [x.quantity for x in said.order.lines] == [2, 1]

    def test_a_cancelled_order_is_kept_as_it_was_ordered(self):
        body = body_of(cancelled_at="2026-03-01T10:00:01-05:00", current_total_price="0.00")
        for line in body["line_items"]:
            line["current_quantity"] = 0
        said = of_shopify(body, "orders/cancelled")
        assert [x.quantity for x in said.order.lines] == [2, 1]
        del body["cancelled_at"]
        assert of_shopify(body).order.doubts == ["nothing_left"]

    def test_units_that_are_more_than_ordered_or_no_number_hold(self):
        for changes in ({"current_quantity": 3}, {"quantity": 2**31}, {"quantity": 1.5}):
            body = body_of()
            body["line_items"][0] |= changes
            with pytest.raises(Unreadable, match=r"more_than_ordered|quantity_not_whole"):
                of_shopify(body)

    def test_woocommerces_units_times_price_is_the_line(self):
        line = WOO_ORDER["line_items"][0]
        assert of_woo(WOO_ORDER).order.doubts == []
        said = of_woo(WOO_ORDER | {"line_items": [line | {"quantity": 1}]})
        assert said.order.doubts == ["units_differ"]


class TestAmounts:
    @pytest.mark.parametrize("code", sorted(DIGITS))
    def test_every_currency_keeps_its_minor_unit(self, code):
        unit = Decimal(1).scaleb(-DIGITS[code])
        price = unit * 12345
        line = {"id": 1, "name": "Tea", "quantity": 1, "total": str(price)}
        known = {"currency": code, "line_items": [line]}
        said = of_woo(WOO_ORDER | known | {"total": str(price)})
        assert (said.order.total, said.order.lines[0].subtotal, said.order.differs) == (
            price,
            price,
            0,
        )
        assert of_woo(WOO_ORDER | known | {"total": str(price + unit)}).order.differs == unit

    @pytest.mark.parametrize("code", ["USDT", "POINTS", "RMB", "XAU", "US"])
    def test_every_other_code_holds(self, code):
        for read in (
            lambda: of_woo(WOO_ORDER | {"currency": code}),
            lambda: of_shopify(body_of(currency=code)),
        ):
            with pytest.raises(Unreadable, match="currency_unknown"):
                read()

    def test_two_currencies_of_one_total_hold(self):
        sums = {"shop_money": {"amount": "54.60", "currency_code": "EUR"}}
        with pytest.raises(Unreadable, match="currencies_differ"):
            of_shopify(body_of(total_price_set=sums))

    @pytest.mark.parametrize("included", [True, False])
    @pytest.mark.parametrize("allocated", [True, False])
    def test_discounts_are_taken_off_the_prices_that_the_shop_shows(self, included, allocated):
        line = {"id": 1, "sku": "TEA-001", "quantity": 1, "price": "119.00" if included else "100"}
        off = "11.90" if included else "10.00"
        line |= {"tax_lines": [{"price": "17.10"}]}
        line |= {"discount_allocations": [{"amount": off}]} if allocated else {}
        sums = {"total_price": "107.10", "total_tax": "17.10", "total_discounts": off}
        order = of_shopify(
            body_of(taxes_included=included, line_items=[line], shipping_lines=[], **sums)
        ).order
        (kept,) = order.lines
        assert (kept.subtotal, kept.discount, kept.tax) == (100, 10, Decimal("17.10"))
        assert (order.differs, order.doubts) == (0, [])

    def test_fees_below_zero_come_off_with_their_tax(self):
        body = copy.deepcopy(WOO_ORDER) | {"total": "36.00", "total_tax": "6.00"}
        body["line_items"][0] |= {"total_tax": "8.00", "subtotal_tax": "8.00"}
        body["fee_lines"] = [{"id": 1, "name": "Less", "total": "-10.00", "total_tax": "-2.00"}]
        order = of_woo(body).order
        (kept,) = order.lines
        assert (kept.subtotal, kept.discount, kept.tax) == (40, 10, 6)
        assert (order.differs, order.doubts) == (0, [])

    @pytest.mark.parametrize("value", ["abc", "1,50", "NaN", "1e30", "", None, True, [1], "-1"])
    def test_what_cannot_be_read_is_named_and_never_nought(self, value):
        body = body_of()
        body["line_items"][0]["price"] = value
        line = WOO_ORDER["line_items"][0] | {"total": value}
        for read in (
            lambda: of_shopify(body),
            lambda: of_shopify(body_of(total_price=value)),
            lambda: of_woo(WOO_ORDER | {"line_items": [line]}),
            lambda: of_shopify(transaction(amount=value), "order_transactions/create"),
        ):
            with pytest.raises(Unreadable):
                read()

    def test_a_product_that_no_column_holds_is_refused(self):
        body = body_of()
        body["line_items"][0] |= {"price": "999999999999", "quantity": 1_000_000}
        with pytest.raises(Unreadable, match="amount_too_large"):
            of_shopify(body)

    def test_nought_is_read_where_it_is_true(self):
        line = WOO_ORDER["line_items"][0] | {"subtotal": "40.00", "total": "0.00", "price": 0}
        order = of_woo(WOO_ORDER | {"line_items": [line], "total": "0.00"}).order
        assert (order.total, order.lines[0].discount, order.doubts) == (0, 40, [])


class TestCodesAndRecipients:
    @pytest.mark.parametrize("code", ["ßß", "USA", "Germany", "U", "12"])
    def test_a_country_is_never_cut_to_another_one(self, code):
        address = body_of()["shipping_address"] | {"country_code": code}
        order = of_shopify(body_of(shipping_address=address)).order
        assert (order.shipping_address.country, order.doubts) == ("", ["country_unknown"])

    def test_a_code_of_goods_is_never_cut_to_another_one(self):
        body = body_of()
        body["line_items"][0]["sku"] = "T" * 61
        line = of_shopify(body).order.lines[0]
        assert (len(line.code), line.code[-1]) == (60, "…")

    def test_two_ids_that_are_not_one_number_hold(self):
        with pytest.raises(Unreadable, match="ids_differ"):
            of_shopify(body_of(id=450789470))

    @pytest.mark.parametrize("blank", [None, "", "  "])
    def test_a_company_without_a_person_is_the_recipient(self, blank):
        nobody = {"first_name": blank, "last_name": blank, "name": blank, "company": "Tea Ltd"}
        address = body_of()["shipping_address"] | nobody
        orders = [
            of_shopify(body_of(shipping_address=address, customer=None)).order,
            of_woo(
                WOO_ORDER | {part: WOO_ORDER[part] | nobody for part in ("billing", "shipping")}
            ).order,
        ]
        for order in orders:
            assert (order.shipping_address.name, order.customer.name) == ("Tea Ltd", "Tea Ltd")
            assert "Tea Ltd" not in order.shipping_address.line2


@pytest.mark.parametrize("name", sorted(addresses.LONGEST))
def test_a_text_of_an_address_that_is_too_long_is_doubted(name):
    most = addresses.LONGEST[name]
    to = Address(name="Ann", line1="Street 1", country="DE")

    def doubts(text):
        return addresses.address_doubts(Part({name: text}), to)

    assert doubts("x" * most) == []
    assert doubts("x" * (most + 1)) == [f"too_long:{name}"]
