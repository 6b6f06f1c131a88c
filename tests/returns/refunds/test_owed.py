"""What an order owes its customer is asked by amount: nothing is kept, nothing goes back twice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from erp.audit.proof import prove
from erp.notices import actions
from erp.notices.models import Notice
from fulfillment.shipping.actions import ship_order
from orders.changes.actions.cancel import cancel_units
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import Wanted
from orders.models import Order, OrderEvent, OrderLine, Payment
from orders.payments.actions.record import take_in
from returns.models import Refund
from returns.refunds.actions.follow import record_channel_refund
from returns.refunds.alerts import watch
from returns.refunds.queries import money_kept, purse_of
from tests.orders.steps import copies_of, do, heard_of
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)
CNY = "CNY"


@pytest.fixture
def order(api):
    """Three teas and a mug, paid."""
    body = [{"sku": "TEA-001", "quantity": 3}, {"sku": "MUG-001", "quantity": 1}]
    return heard_of(api, lines=body)


@pytest.fixture
def post(api):
    def send(path, body=None, status=(200, 201)):
        answer = api.post(path, body or {}, key=f"{path}{body}{timezone.now()}")
        run_relay()
        assert answer.status_code in status, answer.content
        return answer.json()

    return send


def amounts(order, *states):
    rows = Refund.objects.filter(order=order).order_by("pk")
    if states:
        rows = rows.filter(status__in=states)
    return [(r.reason, r.amount) for r in rows]


def pay_out(post, refund):
    post(f"refunds/{refund}/approve")
    post(f"refunds/{refund}/complete")


def test_the_units_of_a_line_that_is_named_twice_are_summed(order, post):
    said = [{"sku": "TEA-001", "quantity": 1}, {"sku": "TEA-001", "quantity": 2}]
    apart = post("refunds", {"order": order.number, "lines": said})
    assert [line["quantity"] for line in apart["lines"]] == [3]
    said[1]["quantity"] = -1
    post("refunds", {"order": order.number, "lines": said}, status=(422,))


def line_of(order, sku):
    return OrderLine.objects.get(order=order, sku_code=sku)


def public(api, order, sku):
    lines = api.get(f"orders/{order.number}").json()["lines"]
    return next(line["id"] for line in lines if line["sku"] == sku)


def money(amount):
    return {"amount": str(amount), "currency": CNY}


class TestAnEndedOrder:
    def test_gives_back_what_a_goodwill_left(self, order, post, laws_hold):
        refund = post(
            "refunds", {"order": order.number, "amount": money("1.00"), "reason": "goodwill"}
        )
        pay_out(post, refund["number"])

        post(f"orders/{order.number}/cancel", {"reason": "customer"})

        assert amounts(order)[1:] == [("cancelled", order.total - 1)]
        laws_hold()

    @pytest.mark.parametrize("paid_out", [False, True])
    def test_gives_back_what_a_change_left(self, api, order, post, laws_hold, paid_out):
        total = order.total
        version = api.get(f"orders/{order.number}")["ETag"]
        body = {
            "lines": [{"line": public(api, order, "TEA-001"), "quantity": 1}],
            "reason": "fewer",
        }
        api.post(f"orders/{order.number}/changes", body, **{"If-Match": version})
        run_relay()
        first = Refund.objects.get(order=order)
        if paid_out:
            pay_out(post, first.number)

        post(f"orders/{order.number}/cancel", {"reason": "customer"})

        assert amounts(order) == [("changed", first.amount), ("cancelled", total - first.amount)]
        laws_hold()

    def test_proposes_anew_what_is_rejected(self, order, post, laws_hold):
        post(f"orders/{order.number}/cancel", {"reason": "customer"})
        refund = Refund.objects.get(order=order)

        post(f"refunds/{refund.number}/reject")

        assert amounts(order, "rejected", "proposed") == [("cancelled", order.total)] * 2
        laws_hold()

    def test_that_became_less_proposes_anew_what_is_rejected(self, order, post, system, laws_hold):
        units = {line_of(order, "MUG-001").pk: 1}
        do(cancel_units, system, order_id=order.pk, units=units, reason="the rest")
        refund = Refund.objects.get(order=order)

        post(f"refunds/{refund.number}/reject")

        assert amounts(order, "rejected", "proposed") == [("changed", refund.amount)] * 2
        laws_hold()

    def test_gives_back_money_that_comes_late(self, api, order, post, system, laws_hold):
        post(f"orders/{order.number}/cancel", {"reason": "customer"})
        with transaction.atomic():
            take_in(
                order=Order.objects.select_for_update().get(pk=order.pk),
                method="bank",
                amount=Decimal(7),
                reference="late",
                by=system,
                now=timezone.now(),
            )
        run_relay()

        assert amounts(order)[1:] == [("cancelled", Decimal(7))]
        laws_hold()

    def test_a_channel_that_gives_a_part_leaves_the_rest_proposed(
        self, order, post, system, laws_hold
    ):
        post(f"orders/{order.number}/cancel", {"reason": "customer"})

        do(
            record_channel_refund,
            system,
            order_id=order.pk,
            key="5",
            amount=Decimal(10),
            units={},
        )

        assert amounts(order, "completed") == [("channel", Decimal(10))]
        assert amounts(order, "proposed") == [("cancelled", order.total - 10)]
        laws_hold()


class TestTheLaw:
    """Money that is kept is a breach that is named, and staff are told of it."""

    def breaches(self, code):
        return [f.rows for f in prove() if f.law.code == code and f.breaches]

    def test_money_kept(self, order, post):
        post(f"orders/{order.number}/cancel", {"reason": "customer"})
        assert not self.breaches("ended_orders_give_money_back")

        with connection.cursor() as cursor:
            cursor.execute("UPDATE returns_refund SET status = 'rejected'")
            cursor.execute("UPDATE orders_order SET ended_at = ended_at - interval '2 hours'")

        assert self.breaches("ended_orders_give_money_back")[0][0]["number"] == order.number
        told = {found.kind: found.params for found in watch(timezone.now())}
        assert told["money_kept"]["order"] == order.number

    def test_it_waits_in_a_queue_until_the_money_has_gone_back(self, order, post, sign_in):
        finance = sign_in("finance")

        def waits():
            return order.number in finance.get("/orders/?kept=1").content.decode()

        assert not waits()
        post(f"orders/{order.number}/cancel", {"reason": "customer"})
        assert waits()
        assert "/orders/?kept=1" in finance.get("/").content.decode()
        refund = Refund.objects.get(order=order).number
        for step in ("approve", "complete"):
            assert waits()
            post(f"refunds/{refund}/{step}")
        assert not waits()

    def test_money_kept_behind_two_hundred_others(self, order, django_assert_num_queries):
        now = timezone.now()
        kept_copies(order, 201, ended_at=now - timedelta(days=9))
        young = kept_copies(order, 1, ended_at=now - timedelta(hours=2))[0]

        with django_assert_num_queries(1):
            found = list(money_kept(ended_before=now - timedelta(hours=1)))

        assert len(found) == 202
        assert found[-1] == (young.pk, young.number, order.total, CNY)
        actions.watch(now=now)
        assert Notice.objects.filter(kind="money_kept").count() == actions.MOST_NEW
        actions.watch(now=now)
        assert young.number in {n.params["order"] for n in Notice.objects.filter(kind="money_kept")}
        assert Notice.objects.filter(kind="money_kept").count() == 202
        assert actions.watch(now=now) == 0

    def test_money_kept_is_what_every_purse_owes(self, order, post):
        refund = post(
            "refunds", {"order": order.number, "amount": money("1.00"), "reason": "goodwill"}
        )
        Order.objects.filter(pk=order.pk).update(status="cancelled", ended_at=timezone.now())
        for step in ("proposed", "approved", "completed", "rejected"):
            if step == "completed":
                post(f"refunds/{refund['number']}/complete")
            elif step == "approved":
                post(f"refunds/{refund['number']}/approve")
            elif step == "rejected":
                Refund.objects.update(status="rejected")
            order.refresh_from_db()
            found = list(money_kept(ended_before=timezone.now()))
            assert [f.amount for f in found] == [purse_of(order).owed], step

    def test_more_promised_than_paid(self, order, post):
        post("refunds", {"order": order.number, "amount": money("5.00"), "reason": "goodwill"})
        assert not self.breaches("no_more_is_promised_back_than_was_paid")

        with connection.cursor() as cursor:
            cursor.execute("UPDATE returns_refund SET amount = 99999")

        assert self.breaches("no_more_is_promised_back_than_was_paid")

    def test_more_refunded_than_came_back(self, api, order, post, system):
        back = returned(api, order, post, system, 1)
        post("refunds", {"return": back})
        assert not self.breaches("returns_refund_what_came")

        with connection.cursor() as cursor:
            cursor.execute("UPDATE returns_refundline SET quantity = 2")

        assert self.breaches("returns_refund_what_came")[0][0]["received"] == 1


def kept_copies(order, count, **changes):
    """Cancelled orders like this one, paid, of whose money nothing is on its way back."""
    paid = Payment.objects.get(order=order)
    copies = copies_of(order, count, status="cancelled", payment_status="paid", **changes)
    Payment.objects.bulk_create(
        Payment(
            order=row,
            method=paid.method,
            currency=paid.currency,
            authorised=paid.captured,
            captured=paid.captured,
            created_at=paid.created_at,
        )
        for row in copies
    )
    return copies


def returned(api, order, post, system, units, announced=None):
    """A return of teas, of which some came back."""
    if not line_of(order, "TEA-001").quantity_shipped:
        do(ship_order, system, order_id=order.pk)
    body = {
        "order": order.number,
        "lines": [
            {"sku": "TEA-001", "quantity": announced or units, "reason": "changed_mind"},
        ],
    }
    made = post("returns", body)
    post(f"returns/{made['number']}/approve")
    receive(post, made["number"], made["lines"][0]["id"], units)
    return made["number"]


def receive(post, number, line, units):
    post(f"returns/{number}/receive", {"lines": [{"line": line, "quantity": units}]})


class TestAReturn:
    def test_is_refunded_once_for_what_came(self, api, order, post, system, laws_hold):
        back = returned(api, order, post, system, 1, announced=2)
        first = post("refunds", {"return": back})
        pay_out(post, first["number"])

        for body in ({"return": back}, {"return": back, "lines": [tea(1)]}):
            answer = post("refunds", body, status=(422,))
            assert "return" in str(answer) or "came back" in str(answer)

        line = api.get(f"returns/{back}").json()["lines"][0]["id"]
        receive(post, back, line, 1)
        second = post("refunds", {"return": back})
        assert second["amount"] == first["amount"]
        assert [x["quantity"] for x in second["lines"]] == [1]
        pay_out(post, second["number"])
        assert line_of(order, "TEA-001").quantity_refunded == 2
        laws_hold()

    def test_is_refunded_less_what_was_given_for_it_before(
        self, api, order, post, system, laws_hold
    ):
        back = returned(api, order, post, system, 3)
        left = order.total - line_of(order, "TEA-001").total
        gift = {"return": back, "amount": money(left + 10), "reason": "goodwill"}
        pay_out(post, post("refunds", gift)["number"])

        refund = post("refunds", {"return": back})

        assert Decimal(refund["amount"]["amount"]) == line_of(order, "TEA-001").total - 10
        laws_hold()

    def test_pays_no_unit_again_that_was_paid_by_lines(self, api, order, post, system):
        do(ship_order, system, order_id=order.pk)
        pay_out(post, post("refunds", {"order": order.number, "lines": [tea(1)]})["number"])
        back = returned(api, order, post, system, 1)

        assert post("refunds", {"return": back}, status=(422,))
        said = post("refunds", {"return": back, "lines": [tea(1)]})  # it is said that it is another
        assert [x["quantity"] for x in said["lines"]] == [1]

    def test_in_another_currency_is_refused(self, order, post):
        body = {"order": order.number, "amount": {"amount": "1.00", "currency": "USD"}}
        assert post("refunds", body, status=(422,))["errors"][0]["pointer"] == "/amount/currency"

    def test_of_equal_amounts_are_each_their_own(self, order, post, laws_hold):
        for n in (1, 2):
            body = {"order": order.number, "amount": money("4.00"), "reason": f"goodwill {n}"}
            pay_out(post, post("refunds", body)["number"])
        assert order.payments.get().refunded == 8
        laws_hold()


def tea(quantity):
    return {"sku": "TEA-001", "quantity": quantity}


class TestARefundBeforeShipping:
    def test_of_units_stops_them(self, api, order, post, system, laws_hold):
        worth = line_of(order, "TEA-001").total / 3
        refund = post("refunds", {"order": order.number, "lines": [tea(2)]})
        post(f"refunds/{refund['number']}/approve")

        line = line_of(order, "TEA-001")
        assert (line.quantity_cancelled, line.quantity_reserved) == (2, 1)
        post(f"refunds/{refund['number']}/complete")
        do(ship_order, system, order_id=order.pk)

        line = line_of(order, "TEA-001")
        assert (line.quantity_shipped, line.quantity_refunded) == (1, 0)
        order.refresh_from_db()
        assert order.payments.get().captured - order.payments.get().refunded == order.total
        assert amounts(order) == [("return", worth * 2)]
        laws_hold()

    def test_of_everything_stops_everything(self, api, order, post, laws_hold):
        body = {"order": order.number, "amount": money(order.total), "reason": "goodwill"}
        pay_out(post, post("refunds", body)["number"])

        assert api.post("shipments", {"order": order.number}).status_code == 409
        order.refresh_from_db()
        assert order.status == "cancelled"
        laws_hold()

    def test_of_everything_that_is_left_stops_the_rest(self, api, order, post, system, laws_hold):
        do(ship_order, system, order_id=order.pk, units={line_of(order, "MUG-001").pk: 1})
        body = {"order": order.number, "amount": money(order.total), "reason": "goodwill"}
        pay_out(post, post("refunds", body)["number"])

        order.refresh_from_db()
        assert order.fulfillment_status == "fulfilled"
        assert line_of(order, "TEA-001").quantity_cancelled == 3
        assert amounts(order) == [("goodwill", order.payments.get().captured)]
        laws_hold()

    def test_of_a_part_of_the_price_stops_nothing(self, order, post, system):
        body = {"order": order.number, "amount": money("5.00"), "reason": "goodwill"}
        pay_out(post, post("refunds", body)["number"])

        do(ship_order, system, order_id=order.pk)

        order.refresh_from_db()
        assert order.fulfillment_status == "fulfilled"

    def test_of_a_unit_that_may_have_shipped_stops_none(self, order, post, system):
        do(ship_order, system, order_id=order.pk, units={line_of(order, "TEA-001").pk: 1})

        pay_out(post, post("refunds", {"order": order.number, "lines": [tea(1)]})["number"])

        assert line_of(order, "TEA-001").quantity_cancelled == 0

    def test_rejected_after_all_leaves_its_money_proposed(self, order, post, laws_hold):
        refund = post("refunds", {"order": order.number, "lines": [tea(2)]})
        post(f"refunds/{refund['number']}/approve")

        post(f"refunds/{refund['number']}/reject")

        assert amounts(order, "proposed") == [
            ("changed", Decimal(refund["amount"]["amount"])),
        ]
        laws_hold()


def test_a_part_cancelled_after_a_return_was_refunded(api, order, post, system, laws_hold):
    """What went back for goods that stay in the total is not what is owed for those that leave it."""
    do(ship_order, system, order_id=order.pk, units={line_of(order, "TEA-001").pk: 3})
    back = returned(api, order, post, system, 1)
    pay_out(post, post("refunds", {"return": back})["number"])
    mug = line_of(order, "MUG-001").total

    post(f"orders/{order.number}/cancel", {"reason": "the rest"})

    assert amounts(order)[1:] == [("changed", mug)]
    laws_hold()


def test_what_did_not_come_with_a_closed_return_can_come_with_another(
    api, order, post, system, laws_hold
):
    back = returned(api, order, post, system, 1, announced=3)
    post(f"returns/{back}/close")
    body = {"sku": "TEA-001", "quantity": 3, "reason": "other"}
    asked = {"order": order.number, "lines": [body]}
    post("returns", asked, status=(422,))

    post("returns", {"order": order.number, "lines": [body | {"quantity": 2}]})

    laws_hold()


def test_every_receipt_and_verdict_stays_on_the_timeline(api, order, post, system):
    back = returned(api, order, post, system, 2)
    line = api.get(f"returns/{back}").json()["lines"][0]["id"]
    for disposition in ("quarantine", "restock"):
        said = {"line": line, "quantity": 1, "disposition": disposition, "condition": "opened"}
        post(f"returns/{back}/inspect", {"lines": [said]})

    events = OrderEvent.objects.filter(order=order).order_by("pk")
    came = events.get(kind="return.received").data["units"]
    looked = [event.data["verdicts"] for event in events.filter(kind="return.inspected")]
    assert list(came.values()) == [2]
    assert [(v["disposition"], v["quantity"]) for (v,) in looked] == [
        ("quarantine", 1),
        ("restock", 1),
    ]


def test_units_that_a_change_took_off_meanwhile_are_refunded_all_the_same(
    api, order, post, system, laws_hold
):
    refund = post("refunds", {"order": order.number, "lines": [tea(3)]})
    do(
        change_order,
        system,
        order_id=order.pk,
        wanted=Wanted({line_of(order, "TEA-001").pk: 1}),
        reason="fewer",
    )
    post(f"orders/{order.number}/cancel", {"reason": "customer"})

    pay_out(post, refund["number"])

    assert line_of(order, "TEA-001").quantity_refunded == 1
    laws_hold()
