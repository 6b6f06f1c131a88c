"""The way of an order: its type, how long it rests, deposits and days to ship from, its rate, its marks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from erp.access.models import Company
from erp.audit.proof import prove
from erp.errors import NotAllowed
from erp.messages.models import Message
from erp.once import perform
from orders.models import ChannelPolicy, ExchangeRate, Hold, Order, OrderType
from orders.order.tasks import end_holds
from orders.payments.tasks import age_unpaid
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder, later_fields
from orders.pricing import gateway as pricing_gateway
from orders.pricing.actions.exchange_rates import write_rates
from orders.pricing.tasks import rate_orders
from tests.conftest import NOON, order_body
from tests.orders.forms import desk_form, structs_of
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)


def open_holds(number):
    rows = Hold.objects.filter(order__number=number, released_at=None).order_by("pk")
    return [(hold.kind, hold.reason) for hold in rows]


def later(**ago):
    """As if the holds had been opened this long ago."""
    for hold in Hold.objects.filter(until__isnull=False):
        Hold.objects.filter(pk=hold.pk).update(until=hold.until - timedelta(**ago))


class TestCoolingOff:
    def test_an_order_rests_then_goes_on_by_itself(self, api):
        ChannelPolicy.objects.update(cooling_off_minutes=30)

        order = api.post("orders", order_body()).json()

        (hold,) = order["holds"]
        assert (order["status"], hold["kind"], hold["reason"]) == (
            "pending",
            "wait",
            "cooling_off",
        )
        until = datetime.fromisoformat(hold["until"])
        assert abs(until - timezone.now() - timedelta(minutes=30)) < timedelta(minutes=1)
        reasons = api.get(f"orders/{order['number']}/decisions").json()["data"][-1]["reasons"]
        assert "held_for_a_while" in [reason["code"] for reason in reasons]

        end_holds()
        assert open_holds(order["number"]) == [("wait", "cooling_off")]
        later(minutes=31)
        end_holds()

        assert api.get(f"orders/{order['number']}").json()["status"] == "confirmed"

    def test_meanwhile_it_can_be_cancelled_and_then_nothing_ends_it(self, api):
        ChannelPolicy.objects.update(cooling_off_minutes=30)
        number = api.post("orders", order_body()).json()["number"]

        api.post(f"orders/{number}/cancel", {"reason": "changed my mind"})
        later(minutes=31)
        end_holds()

        assert api.get(f"orders/{number}").json()["status"] == "cancelled"

    def test_another_hold_outlasts_it(self, api):
        ChannelPolicy.objects.update(cooling_off_minutes=30)
        number = api.post("orders", order_body()).json()["number"]
        api.post(f"orders/{number}/hold", {"kind": "review", "reason": "ask the boss"})

        later(minutes=31)
        end_holds()

        assert open_holds(number) == [("review", "ask the boss")]
        assert api.get(f"orders/{number}").json()["status"] == "pending"

    def test_a_persons_hold_with_an_end_ends_too(self, api):
        number = api.post("orders", order_body()).json()["number"]
        until = (timezone.now() + timedelta(hours=1)).isoformat()
        api.post(f"orders/{number}/hold", {"kind": "other", "reason": "call first", "until": until})

        later(hours=2)
        end_holds()

        assert open_holds(number) == []


class TestTypes:
    def test_what_a_type_says_of_its_orders(self, api, shop, system):
        OrderType.objects.create(
            code="gift-card", name="Gift", review="always", cooling_off_minutes=5
        )

        order = api.post("orders", order_body(type="gift-card")).json()

        assert order["type"] == "gift-card"
        assert open_holds(order["number"]) == [
            ("review", "type_looked_at"),
            ("wait", "cooling_off"),
        ]
        assert api.get("orders", type="gift-card").json()["data"][0]["number"] == order["number"]
        assert api.get("orders", type="phone").json()["data"] == []

    def test_an_unknown_or_retired_type_is_refused_by_name(self, api):
        OrderType.objects.create(code="old", name="Old", is_active=False)

        for code in ("nothing", "old"):
            answer = api.post("orders", order_body(type=code))
            assert answer.status_code == 422
            assert [e["pointer"] for e in answer.json()["errors"]] == ["/type"]

    def test_a_channel_has_a_type_of_its_own(self, api):
        ChannelPolicy.objects.update(order_type="wholesale")

        assert api.post("orders", order_body()).json()["type"] == "wholesale"
        assert api.post("orders", order_body(type="web")).json()["type"] == "web"

    def test_what_replaces_something_is_free_and_not_for_programs_to_give(self, api, shop, system):
        answer = api.post("orders", order_body(type="warranty"))
        assert answer.status_code == 403

        body = order_body(type="warranty", payment={"method": "on_account"})
        incoming = IncomingOrder(**structs_of(body))
        placed = perform(place_order, incoming=incoming, channel=shop.web, by=system, now=NOON)

        order = Order.objects.get(number=placed.number)
        assert (order.total, order.payment_status, order.status) == (0, "paid", "confirmed")
        assert order.lines.first().quantity_reserved > 0

    def test_a_clerk_without_the_right_cannot_give_goods_away(self, shop, make_client, system):
        from erp.access.actions import add_person

        clerk = add_person(
            username="f", name="F", email="", role="finance", password=None, by=system
        )
        body = order_body(type="reissue", payment={"method": "on_account"})
        clerk.verbs = frozenset({"orders.place", "orders.view"})

        with pytest.raises(NotAllowed):
            perform(
                place_order,
                incoming=IncomingOrder(**structs_of(body)),
                channel=shop.web,
                by=clerk,
                now=NOON,
            )
        assert not Order.objects.exists()


def test_a_law_sees_a_type_that_there_is_not(api):
    number = api.post("orders", order_body(type="phone")).json()["number"]
    assert [f.law.code for f in prove() if f.breaches] == []

    Order.objects.update(type="nowhere")

    (broken,) = [f for f in prove() if f.breaches]
    assert (broken.law.code, broken.rows) == (
        "order_types_are_known",
        [{"number": number, "type": "nowhere"}],
    )


class TestDeposits:
    def deposit(self, **changes):
        due = timezone.now() + timedelta(days=10)
        payment = {
            "method": "prepaid",
            "reference": f"dep-{timezone.now().timestamp()}",
            "amount": {"amount": "20.00", "currency": "CNY"},
        }
        return order_body(balance_due_at=due.isoformat(), payment=payment, **changes)

    def test_a_deposit_is_paid_then_the_balance_and_it_goes_on(self, api, shop):
        order = api.post("orders", self.deposit()).json()
        assert (order["status"], order["payment_status"]) == ("pending", "part_paid")
        assert order["balance_due_at"]
        total = Decimal(order["totals"]["total"]["amount"])
        rest = {"amount": str(total - 20), "currency": "CNY"}

        paid = api.post(
            f"orders/{order['number']}/payments",
            {"method": "prepaid", "reference": f"bal-{order['number']}", "amount": rest},
        ).json()

        assert (paid["status"], paid["payment_status"]) == ("confirmed", "paid")

    def test_its_customer_is_reminded_once_of_what_is_left_and_a_person_of_what_never_came(
        self, api
    ):
        number = api.post("orders", self.deposit()).json()["number"]
        age_unpaid()
        assert not Message.objects.exists()

        Order.objects.update(balance_due_at=timezone.now() + timedelta(hours=20))
        for _ in range(2):
            age_unpaid()
            relay_all()
        (mail,) = Message.objects.filter(template="unpaid")
        total = Order.objects.get(number=number).total
        assert f"{total - 20:.2f}" in mail.text

        Order.objects.update(balance_due_at=timezone.now() - timedelta(hours=1))
        for _ in range(2):
            age_unpaid()
        assert open_holds(number) == [("payment", "balance_overdue")]
        assert Order.objects.get(number=number).status == "pending"

        past = timezone.now() - timedelta(days=2)
        by = Hold.objects.get().by
        Hold.objects.update(opened_at=past, released_at=past, released_by=by)
        Order.objects.update(open_holds=0, balance_due_at=past - timedelta(hours=1))
        age_unpaid()
        assert open_holds(number) == [], "somebody looked at it"
        Order.objects.update(balance_due_at=timezone.now() - timedelta(minutes=1))
        age_unpaid()
        assert open_holds(number) == [("payment", "balance_overdue")], "a later day passed as well"

    @pytest.mark.parametrize(
        "changes",
        [
            {"payment": {"method": "prepaid", "reference": "r"}},
            {"payment": {"method": "on_account"}},
        ],
    )
    def test_a_balance_without_a_deposit_is_refused(self, api, changes):
        due = (timezone.now() + timedelta(days=1)).isoformat()
        answer = api.post("orders", order_body(balance_due_at=due, **changes))
        assert [e["pointer"] for e in answer.json()["errors"]] == ["/balance_due_at"]

    def test_a_pre_sale_ships_on_its_day(self, api):
        day = timezone.now().date() + timedelta(days=20)

        order = api.post("orders", order_body(ship_not_before=day.isoformat())).json()

        assert open_holds(order["number"]) == [("wait", "not_before")]
        assert datetime.fromisoformat(order["promise"]["ship_by"]).date() >= day
        assert order["ship_not_before"] == day.isoformat()
        later(days=21)
        end_holds()
        assert api.get(f"orders/{order['number']}").json()["status"] == "confirmed"

    def test_a_day_long_gone_is_refused(self, api):
        answer = api.post("orders", order_body(ship_not_before="2020-01-01"))
        assert [e["pointer"] for e in answer.json()["errors"]] == ["/ship_not_before"]


class TestRates:
    def test_an_order_keeps_the_rate_of_its_day(self, api, shop, system):
        Company.objects.update_or_create(pk=1, defaults={"currency": "EUR"})
        today = timezone.now().date()
        for days, rate in ((3, "0.127"), (1, "0.128"), (-1, "0.200")):
            ExchangeRate.objects.create(currency="CNY", on=today - timedelta(days=days), rate=rate)

        order = api.post("orders", order_body()).json()

        assert order["book"] == {"currency": "EUR", "rate": "0.128"}
        ExchangeRate.objects.update(rate=9)
        assert api.get(f"orders/{order['number']}").json()["book"]["rate"] == "0.128"

    def test_an_order_in_the_books_currency_has_a_rate_of_one(self, api):
        assert api.post("orders", order_body()).json()["book"] == {
            "currency": "CNY",
            "rate": "1",
        }

    def test_a_rate_that_comes_late_is_given_to_who_lacked_it(self, api, shop):
        Company.objects.update_or_create(pk=1, defaults={"currency": "EUR"})
        number = api.post("orders", order_body()).json()["number"]
        assert Order.objects.get(number=number).book_rate is None
        rate_orders()
        assert Order.objects.get(number=number).book_rate is None

        ExchangeRate.objects.create(currency="CNY", on=date(2020, 1, 1), rate="0.125")
        rate_orders()

        order = Order.objects.get(number=number)
        assert (order.book_currency, order.book_rate) == ("EUR", Decimal("0.125"))

    def test_who_came_before_every_rate_keeps_nobody_waiting(self, api, shop, monkeypatch):
        """Fails where orders that no rate covers are taken first, again and again."""
        Company.objects.update_or_create(pk=1, defaults={"currency": "EUR"})
        monkeypatch.setattr("orders.pricing.actions.exchange_rates.AT_ONCE", 1)
        numbers = [api.post("orders", order_body()).json()["number"] for _ in range(3)]
        Order.objects.filter(number__in=numbers[:2]).update(placed_at=NOON - timedelta(days=9000))
        ExchangeRate.objects.create(currency="CNY", on=date(2020, 1, 1), rate="0.125")

        rate_orders()

        rates_of = [Order.objects.get(number=n).book_rate for n in numbers]
        assert rates_of == [None, None, Decimal("0.125")]

    def test_rates_of_the_central_bank_are_crossed_into_the_books_currency(self, system):
        body = (
            b'<?xml version="1.0" encoding="UTF-8"?>'
            b'<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
            b' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
            b"<gesmes:subject>Reference rates</gesmes:subject>"
            b'<Cube><Cube time="2026-03-02"><Cube currency="USD" rate="1.1"/>'
            b'<Cube currency="CNY" rate="8"/></Cube></Cube>'
            b"</gesmes:Envelope>"
        )
        day, euros = pricing_gateway.read_ecb(body)

        assert day == date(2026, 3, 2)
        assert pricing_gateway.in_currency(euros, "CNY") == {
            "USD": Decimal("7.2727272727"),
            "EUR": Decimal(8),
        }
        with pytest.raises(pricing_gateway.NoRates):
            pricing_gateway.in_currency(euros, "XXX")
        for bad in (
            b"",
            b"<a/>",
            body.replace(b"1.1", b"-1"),
            body.replace(b"2026-03-02", b"soon"),
        ):
            with pytest.raises(pricing_gateway.NoRates):
                pricing_gateway.read_ecb(bad)

    def test_rates_from_a_file_say_which_row_is_wrong(self, system):
        row = {
            "currency": "usd",
            "on": date(2026, 3, 2),
            "rate": Decimal("7.1"),
            "source": "bank",
        }
        rows = [row, row | {"currency": "CNY"}, row | {"rate": Decimal(0), "currency": "EUR"}]

        outcome = perform(write_rates, rows=rows, by=system, now=NOON)

        assert sorted(outcome.refused) == [1, 2]
        assert list(ExchangeRate.objects.values_list("currency", "rate")) == [
            ("USD", Decimal("7.1"))
        ]
        again = perform(write_rates, rows=rows[:1], by=system, now=NOON)
        assert (again.created, again.same) == (0, 1)


class TestMarks:
    def test_an_order_is_flagged_and_remarked(self, api):
        number = api.post("orders", order_body()).json()["number"]

        marked = api.post(
            f"orders/{number}/marks",
            {"flag": "red", "remark": "regular", "print_remark": "gift paper"},
        ).json()

        assert (marked["flag"], marked["remark"], marked["print_remark"]) == (
            "red",
            "regular",
            "gift paper",
        )
        assert api.get("orders", flag="red").json()["data"][0]["number"] == number
        left = api.post(f"orders/{number}/marks", {"flag": ""}).json()
        assert (left["flag"], left["remark"]) == ("", "regular")
        kinds = [e["kind"] for e in api.get(f"orders/{number}/events").json()["data"]]
        assert kinds.count("marked") == 2
        same = api.post(f"orders/{number}/marks", {"remark": "regular"})
        assert same.status_code == 200
        assert [e["kind"] for e in api.get(f"orders/{number}/events").json()["data"]].count(
            "marked"
        ) == 2

    def test_tags_are_set_found_and_taken_away(self, api, sign_in):
        number = api.post("orders", order_body()).json()["number"]
        api.post("orders", order_body())

        marked = api.post(f"orders/{number}/marks", {"tags": [" vip", "gift", "vip"]}).json()

        assert marked["tags"] == ["gift", "vip"]
        assert [o["number"] for o in api.get("orders", tag="vip").json()["data"]] == [number]
        client = sign_in()
        assert number in client.get("/orders/", {"tag": "gift"}).content.decode()
        client.post(
            f"/orders/{number}/mark/",
            {"flag": "", "remark": "", "print_remark": "", "tags": "vip，late"},
        )
        assert Order.objects.get(number=number).tags == ["late", "vip"]
        client.post(f"/orders/{number}/mark/", {"flag": "red"})
        assert Order.objects.get(number=number).tags == ["late", "vip"]
        assert api.post(f"orders/{number}/marks", {"tags": ["x" * 41]}).status_code == 422
        assert api.post(f"orders/{number}/marks", {"tags": []}).json()["tags"] == []

    def test_a_colour_that_there_is_not(self, api):
        number = api.post("orders", order_body()).json()["number"]
        answer = api.post(f"orders/{number}/marks", {"flag": "pink"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/flag"


def test_old_hashes_still_hold():
    """What an order does not say of later fields does not change what it is compared by."""
    body = order_body(metadata={"type": "", "a": 1})
    order = IncomingOrder(**structs_of(body))
    import hashlib

    import msgspec

    said = msgspec.to_builtins(order)
    for name in ("reservation", *later_fields()):
        del said[name]
    old = hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()
    assert order.content_hash == old
    typed = msgspec.structs.replace(order, type="phone")
    dated = msgspec.structs.replace(order, ship_not_before=date(2026, 3, 2))
    due = msgspec.structs.replace(order, balance_due_at=datetime(2026, 3, 2, tzinfo=UTC))
    assert len({o.content_hash for o in (order, typed, dated, due)}) == 4


class TestAtTheDesk:
    def test_a_replacement_is_entered_free_of_charge(self, shop, sign_in):
        client = sign_in("service")
        assert "warranty" in dict(client.get("/orders/new/").context["types"])

        answer = desk_form(client, type="warranty")

        order = Order.objects.get()
        assert answer.status_code == 302, answer.content.decode()[:2000]
        assert (order.type, order.total, order.payment_status) == ("warranty", 0, "paid")
        page = client.get(f"/orders/{order.number}/").content.decode()
        assert "Warranty" in page

    def test_a_channel_that_tells_its_customers_itself_is_left_to_it(self, api, shop):
        shop.web.tells_customers = False
        shop.web.save()
        api.post("orders", order_body())
        relay_all()
        assert not Message.objects.exists()

        shop.web.tells_customers = True
        shop.web.save()
        api.post("orders", order_body())
        relay_all()
        assert Message.objects.filter(template="confirmed").count() == 1
