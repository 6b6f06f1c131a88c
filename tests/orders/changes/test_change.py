"""Change sets: what an edit comes to is shown first, done as one, and undone to the minor unit."""

from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from erp.access.queries import actor_of_user
from erp.errors import Invalid
from erp.money import minor_unit, rounded
from erp.once import perform
from fulfillment.models import FulfillmentOrder
from fulfillment.picking.actions import OrderStopped, pick_order
from inventory.models import Reservation
from inventory.stock.actions.ledger import OutOfStock
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import TooLate, Wanted
from orders.changes.actions.merge import merge_orders
from orders.changes.decisions import amounts as decisions_amounts
from orders.models import Adjustment, Hold, Order, OrderChange, OrderLine
from orders.rehearsal.replay import replay
from returns.models import Refund
from tests.conftest import order_body
from tests.relay import run_relay

ZERO = Decimal(0)

ANY = {"If-Match": "*"}


@pytest.fixture
def order(api):
    """Two teas and a mug, paid: 39.90 × 2 + 25.00 and shipping of 12."""
    return Order.objects.get(number=api.post("orders", order_body()).json()["number"])


def lines(order):
    return {line.sku_code: line for line in OrderLine.objects.filter(order=order)}


def wanted(order, added=(), service="", **units):
    known = {code.split("-")[0].lower(): line.pk for code, line in lines(order).items()}
    return Wanted({known[name]: n for name, n in units.items()}, added, service)


def change(order, system, want, **more):
    return perform(
        change_order,
        order_id=order.pk,
        wanted=want,
        reason="asked by phone",
        by=system,
        now=timezone.now(),
        **more,
    )


def reserved(line):
    rows = Reservation.objects.filter(
        holder_kind="order_line", holder_id=line.pk, status="committed"
    )
    return sum(rows.values_list("quantity", flat=True))


@pytest.mark.django_db(transaction=True)
class TestChanging:
    def test_fewer_units_are_free_and_the_rest_is_given_back(self, order, system, laws_hold):
        assert order.total == Decimal("116.80")

        set_ = change(order, system, wanted(order, tea=1))

        order.refresh_from_db()
        tea = lines(order)["TEA-001"]
        assert (tea.quantity_ordered, tea.quantity_reserved, reserved(tea)) == (1, 1, 1)
        assert (order.total, order.version, tea.total) == (
            Decimal("76.90"),
            2,
            Decimal("39.90"),
        )
        assert set_.before["total"] == "116.8000"
        run_relay()
        (refund,) = Refund.objects.filter(order=order)
        assert (refund.amount, refund.status, refund.reason) == (
            Decimal("39.90"),
            "proposed",
            "changed",
        )
        assert replay().differing == []
        laws_hold()

    def test_more_units_and_a_new_line_are_held_until_they_are_paid(
        self, api, order, system, laws_hold
    ):
        change(order, system, wanted(order, [("POT-001", 1)], mug=3))

        order.refresh_from_db()
        mug, pot = lines(order)["MUG-001"], lines(order)["POT-001"]
        assert (mug.quantity_ordered, reserved(mug), reserved(pot)) == (3, 3, 1)
        assert (mug.total, pot.total, pot.tax_rate) == (75, 129, Decimal("0.13"))
        assert order.total == Decimal("295.80")
        assert order.payment_status == "part_paid"
        assert list(order.holds.values_list("reason", flat=True)) == ["balance_of_change"]
        run_relay()
        due = {"amount": "179.00", "currency": "CNY"}
        api.post(
            f"orders/{order.number}/payments",
            {"method": "card", "reference": "more", "amount": due},
        )
        order.refresh_from_db()
        assert (order.payment_status, order.open_holds, order.status) == (
            "paid",
            0,
            "confirmed",
        )
        run_relay()
        work = FulfillmentOrder.objects.filter(order=order, status="released")
        assert sum(x.quantity for w in work for x in w.lines.all()) == 6
        laws_hold()

    def test_changed_twice_it_is_held_once_and_goes_on_once_paid(self, api, order, system):
        change(order, system, wanted(order, mug=2))
        change(order, system, wanted(order, mug=3))
        assert list(order.holds.values_list("reason", flat=True)) == ["balance_of_change"]
        due = {"amount": "50.00", "currency": "CNY"}
        api.post(
            f"orders/{order.number}/payments",
            {"method": "card", "reference": "more", "amount": due},
        )
        order.refresh_from_db()
        assert (order.payment_status, order.open_holds) == ("paid", 0)

    def test_merged_while_held_it_goes_on_once_all_is_paid(self, api, system, laws_hold):
        who = {"name": "王芳", "phone": "13800138000"}
        order, other = (
            Order.objects.get(number=api.post("orders", order_body(customer=who)).json()["number"])
            for _each in range(2)
        )
        for each in (order, other):
            change(each, system, wanted(each, mug=2))
        perform(
            merge_orders,
            order_id=order.pk,
            other_ids=[other.pk],
            by=system,
            now=timezone.now(),
        )
        order.refresh_from_db()
        assert order.open_holds == 2
        due = {"amount": "50.00", "currency": "CNY"}
        api.post(
            f"orders/{order.number}/payments", {"method": "card", "reference": "all", "amount": due}
        )
        order.refresh_from_db()
        assert (order.payment_status, order.open_holds) == ("paid", 0)
        laws_hold()

    def test_what_an_authorisation_covers_is_not_asked_for_again(self, api, system, laws_hold):
        order = Order.objects.get(
            number=api.post("orders", order_body(payment={"method": "unpaid"})).json()["number"]
        )
        authorise = f"orders/{order.number}/authorisations"
        body = {
            "method": "card",
            "reference": "a1",
            "amount": {"amount": "116.80", "currency": "CNY"},
        }
        assert api.post(authorise, body).status_code == 200
        change(order, system, wanted(order, tea=1))
        order.refresh_from_db()
        assert (order.total, order.status, order.open_holds) == (
            Decimal("76.90"),
            "confirmed",
            0,
        )
        change(order, system, wanted(order, tea=3))
        order.refresh_from_db()
        assert (order.total, order.open_holds) == (Decimal("156.70"), 1)
        api.post(
            authorise, body | {"reference": "a2", "amount": {"amount": "39.90", "currency": "CNY"}}
        )
        order.refresh_from_db()
        assert (order.payment_status, order.open_holds) == ("authorised", 0)
        laws_hold()

    def test_a_line_taken_out_another_service_and_undone(self, api, order, system, laws_hold):
        from orders.models import ShippingService

        ShippingService.objects.create(code="express", name="Express", currency="CNY", fee=30)
        before = {code: changes_of(line) for code, line in lines(order).items()}
        change(order, system, wanted(order, [("WRAP", 2)], "express", mug=0))
        order.refresh_from_db()
        assert order.total == Decimal("39.90") * 2 + 10 + 30
        assert lines(order)["MUG-001"].quantity_cancelled == 1

        answer = api.post(f"orders/{order.number}/changes/undo", {})

        assert answer.status_code == 200
        order.refresh_from_db()
        assert (order.total, order.shipping_service) == (Decimal("116.80"), "standard")
        after = {code: changes_of(line) for code, line in lines(order).items()}
        assert {code: after[code] for code in before} == before
        assert lines(order)["WRAP"].quantity_cancelled == 2
        assert api.post(f"orders/{order.number}/changes/undo", {}).status_code == 409
        assert replay().differing == []
        laws_hold()

    def test_discounts_follow_their_lines(self, api, promote, system, laws_hold):
        promote("ten", "percentage", percent=Decimal(10))
        order = Order.objects.get(number=api.post("orders", order_body()).json()["number"])
        mug = changes_of(lines(order)["MUG-001"])
        change(order, system, wanted(order, tea=1))
        order.refresh_from_db()
        assert changes_of(lines(order)["MUG-001"]) == mug  # untouched lines keep theirs
        tea = lines(order)["TEA-001"]
        assert tea.total == Decimal("35.91")
        assert Adjustment.objects.get(line=tea).amount == tea.discount
        laws_hold()

    def test_what_is_short_is_refused_or_waits(self, order, make_client, shop, system, laws_hold):
        with pytest.raises(OutOfStock) as refusal:
            change(order, system, wanted(order, [("POT-001", 9)]))
        assert refusal.value.short == {"POT-001": 4}
        assert not OrderChange.objects.exists()
        desk = make_client(shop.desk)
        body = order_body(payment={"method": "cod"})
        other = Order.objects.get(number=desk.post("orders", body).json()["number"])
        change(other, system, wanted(other, [("POT-001", 9)]))
        pot = lines(other)["POT-001"]
        assert (pot.quantity_reserved, pot.quantity_backordered) == (5, 4)
        assert not Hold.objects.filter(order=other).exists()  # on delivery: nothing is awaited
        laws_hold()

    @pytest.mark.parametrize(
        ("want", "pointer"),
        [
            (lambda o: wanted(o, tea=0, mug=0), ""),
            (lambda o: wanted(o, tea=2), ""),
            (lambda o: Wanted({10**9: 1}), "/lines"),
            (lambda o: wanted(o, tea=-1), "/lines"),
            (lambda o: wanted(o, [("TEA-001", 1), ("NONE", 1)]), "/added/1/sku"),
            (lambda o: wanted(o, [("TEA-001", 0)]), "/added/0/quantity"),
            (lambda o: wanted(o, service="rocket"), "/shipping_service"),
        ],
    )
    def test_what_cannot_be_is_named_and_nothing_is_done(self, order, system, want, pointer):
        with pytest.raises(Invalid) as refusal:
            change(order, system, want(order))
        assert [e.pointer for e in refusal.value.errors] == ([pointer] if pointer else [])
        assert Order.objects.get().version == 1

    def test_once_picked_it_is_too_late_and_stale_work_is_not_picked(self, order, system):
        run_relay()
        (work,) = FulfillmentOrder.objects.filter(order=order)
        change(order, system, wanted(order, tea=1))
        with pytest.raises(OrderStopped):  # the warehouse has not heard of it yet
            perform(pick_order, fulfillment_order_id=work.pk, by=system, now=timezone.now())
        run_relay()
        new = FulfillmentOrder.objects.get(order=order, status="released")
        assert new.pk != work.pk
        perform(pick_order, fulfillment_order_id=new.pk, by=system, now=timezone.now())
        with pytest.raises(TooLate):
            change(order, system, wanted(order, tea=2))

    def test_what_was_looked_at_is_what_is_done(self, api, order, system):
        tea = next(
            x for x in api.get(f"orders/{order.number}").json()["lines"] if x["sku"] == "TEA-001"
        )
        body = {"lines": [{"line": tea["id"], "quantity": 5}], "reason": "more"}
        shown = api.post(f"orders/{order.number}/changes/preview", body).json()
        assert shown["total"] == {"amount": "236.50", "currency": "CNY"}
        assert shown["due"] == {"amount": "119.70", "currency": "CNY"}
        assert Order.objects.get().version == 1
        wrong = body | {"total": {"amount": "1.00", "currency": "CNY"}}
        refused = api.post(f"orders/{order.number}/changes", wrong, **ANY)
        assert (refused.status_code, refused.json()["code"]) == (409, "changed-meanwhile")
        done = api.post(f"orders/{order.number}/changes", body | {"total": shown["total"]}, **ANY)
        assert done.json()["totals"]["total"] == shown["total"]
        stranger = {"lines": [{"line": "line_zzz", "quantity": 5}], "reason": "more"}
        answer = api.post(f"orders/{order.number}/changes", stranger, **ANY)
        assert answer.json()["errors"][0]["pointer"] == "/lines/0/line"

    def test_on_its_page(self, order, sign_in):
        client = sign_in("service")
        path = f"/orders/{order.number}/change/"
        tea = lines(order)["TEA-001"]
        assert path in client.get(f"/orders/{order.number}/").content.decode()
        form = {
            "version": "1",
            f"units-{tea.pk}": "1",
            "sku": ["wrap", ""],
            "quantity": ["", ""],
            "service": "standard",
            "reason": "x",
        }

        shown = client.post(path, form | {"verb": "look"})

        assert shown.status_code == 200
        assert shown.context["effect"].changed.total == Decimal("81.90")
        assert "34.90" in shown.content.decode()  # what is given back
        done = client.post(
            path, form | {"verb": "confirm", "total": str(shown.context["effect"].changed.total)}
        )
        assert done.status_code == 302
        assert Order.objects.get().total == Decimal("81.90")
        assert (
            client.post(path, form | {"verb": "confirm"}).status_code == 409
        )  # its version is old
        assert client.post(f"/orders/{order.number}/undo_change/").status_code == 302
        assert Order.objects.get().total == Decimal("116.80")
        assert (
            client.post(path, form | {f"units-{tea.pk}": "many", "verb": "look"}).status_code == 422
        )
        person = actor_of_user(client.actor.user_id)
        assert OrderChange.objects.last().by_id == person.pk


def changes_of(line):
    return (
        line.quantity_ordered,
        line.unit_price,
        line.subtotal,
        line.discount,
        line.tax,
        line.total,
    )


money = st.integers(0, 10**6).map(lambda n: Decimal(n) / 1000)


@st.composite
def asked(draw):
    currency = draw(st.sampled_from(("JPY", "CNY", "KWD")))
    inclusive = draw(st.booleans())
    rate = draw(st.sampled_from([ZERO, Decimal("0.13"), Decimal("0.055")]))

    def amounts(units):
        price = draw(money)
        shown = rounded(price * units, currency)
        off = rounded(shown * draw(st.integers(0, 100)) / 100, currency)
        gross, _tax = decisions_amounts.net_and_tax(
            shown, rate, includes_tax=inclusive, currency=currency, rounded=rounded
        )
        net, tax = decisions_amounts.net_and_tax(
            shown - off, rate, includes_tax=inclusive, currency=currency, rounded=rounded
        )
        return decisions_amounts.Amounts(price, gross, gross - net, tax, net + tax)

    kept = []
    for n in range(draw(st.integers(1, 4))):
        units = draw(st.integers(1, 20))
        kept.append(decisions_amounts.LineNow(n, f"S{n}", units, rate, amounts(units)))
    new = [(f"N{n}", 2, amounts(2)) for n in range(draw(st.integers(0, 2)))]
    wanted = draw(st.dictionaries(st.sampled_from(range(len(kept))), st.integers(0, 30)))
    fee = draw(
        st.none()
        | st.builds(decisions_amounts.Fee, st.just("x"), money, st.none() | money, st.just(rate))
    )
    shipping = rounded(draw(money), currency)
    return decisions_amounts.Asked(
        currency, inclusive, kept, wanted, new, shipping, ZERO, rounded(draw(money), currency), fee
    )


@given(asked())
def test_it_adds_up_to_the_minor_unit_whatever_changes(case):
    done = decisions_amounts.change(case, rounded=rounded)

    unit = minor_unit(case.currency)
    after = [done.lines.get(x.id, x.amounts) for x in case.lines] + [a for _s, _n, a in case.added]
    assert done.total == done.subtotal - done.discount + done.shipping + done.tax
    assert done.total == sum((a.total for a in after), ZERO) + done.shipping + done.shipping_tax
    assert done.due == done.total - case.paid
    for line in case.lines:
        now = done.lines.get(line.id)
        units = case.wanted.get(line.id, line.quantity)
        if units == line.quantity:
            assert now is None
            continue
        assert now.total == now.subtotal - now.discount + now.tax
        assert min(now.subtotal, now.discount, now.tax, now.total) >= 0
        assert now.discount <= now.subtotal
        assert all(a == a.quantize(unit) for a in (now.subtotal, now.discount, now.tax, now.total))
        assert abs(now.total - line.amounts.total * units / line.quantity) <= 2 * unit
