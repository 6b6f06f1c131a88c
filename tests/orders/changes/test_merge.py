"""Orders merged and split, and taken back: units, stock and money are conserved to the minor unit."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from erp.errors import Invalid
from erp.money import minor_unit, rounded
from erp.once import perform
from fulfillment.models import FulfillmentOrder, Parcel
from fulfillment.picking.actions import OrderStopped, pick_order
from inventory.models import Reservation
from orders.changes.actions.edit import edit_order
from orders.changes.actions.merge import CannotCombine, merge_orders, seal_order, unmerge_order
from orders.changes.actions.split import split_order
from orders.changes.actions.unsplit import unsplit_order
from orders.changes.decisions.amounts import Amounts
from orders.changes.decisions.merge import divided
from orders.models import ChannelPolicy, Order, OrderLine, OrderMove, Payment
from orders.order.actions.holds import hold_order, release_order
from orders.order.links import tracking_signer
from orders.rehearsal.replay import replay
from tests.conftest import order_body
from tests.orders.forms import WHO
from tests.orders.steps import placed
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


def place(api, **changes):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    return placed(api, **{"customer": WHO} | changes)


def do(action, system, **given_):
    return perform(action, by=system, now=timezone.now(), **given_)


def whole():
    """What all orders together are: conserved whatever becomes of them."""
    lines = OrderLine.objects.all()
    return {
        "total": sum(o.total for o in Order.objects.all()),
        "paid": sum(p.captured - p.refunded for p in Payment.objects.all()),
        "units": sum(x.quantity_ordered - x.quantity_cancelled for x in lines),
        "reserved": sum(x.quantity_reserved for x in lines),
        "held": sum(r.quantity for r in Reservation.objects.filter(status="committed")),
        "tax": sum(o.tax for o in Order.objects.all()),
    }


def shape(order):
    order.refresh_from_db()
    fields = (
        "status",
        "payment_status",
        "total",
        "subtotal",
        "discount",
        "tax",
        "shipping",
        "open_holds",
    )
    rows = OrderLine.objects.filter(order=order).order_by("position")
    return [getattr(order, f) for f in fields], [
        (
            x.pk,
            x.position,
            x.quantity_ordered,
            x.quantity_reserved,
            x.quantity_backordered,
            x.total,
        )
        for x in rows
        if x.quantity_ordered > x.quantity_cancelled
    ]


class TestMerging:
    def test_two_orders_ship_as_one_and_are_taken_apart_again(self, api, system, laws_hold):
        one, two = place(api), place(api, lines=[{"sku": "POT-001", "quantity": 1}])
        run_relay()
        before, was = whole(), (shape(one), shape(two))

        do(merge_orders, system, order_id=one.pk, other_ids=[two.pk], reason="x")

        assert whole() == before
        assert shape(two)[0][::2] == ["merged", 0, 0, 0]
        assert shape(one)[0][2] == before["total"]
        assert one.payment_status == "paid"
        run_relay()
        (work,) = FulfillmentOrder.objects.filter(
            order=one, status="released", lines__sku__code="POT-001"
        )
        assert not FulfillmentOrder.objects.filter(order=two).exclude(status="cancelled").exists()
        laws_hold()

        do(unmerge_order, system, order_id=two.pk)

        assert (shape(one), shape(two)) == was
        assert whole() == before
        run_relay()
        assert FulfillmentOrder.objects.filter(order=two, status="released").count() == 1
        work.refresh_from_db()
        assert work.status == "cancelled"
        laws_hold()

    def test_what_was_merged_leaves_in_one_parcel_and_is_not_taken_apart_then(
        self, api, system, laws_hold
    ):
        one, two = place(api), place(api)
        do(merge_orders, system, order_id=one.pk, other_ids=[two.pk])
        run_relay()
        api.post("shipments", {"order": one.number})
        assert Parcel.objects.get().lines.count() == 4
        link = {"t": tracking_signer().sign(two.number)}
        followed = Client().get("/track/", link, follow=True).content.decode()
        assert (
            Parcel.objects.get().tracking_number in followed
        )  # its customer's link still leads to the goods
        with pytest.raises(CannotCombine):
            do(unmerge_order, system, order_id=two.pk)
        assert api.post(f"orders/{two.number}/cancel", {"reason": "x"}).status_code == 409
        laws_hold()

    def test_holds_go_along_and_come_back(self, api, system, laws_hold):
        one, two = place(api), place(api)
        do(hold_order, system, order_id=two.pk, kind="review", reason="look")
        do(merge_orders, system, order_id=one.pk, other_ids=[two.pk])
        assert (shape(one)[0][-1], shape(two)[0][-1]) == (1, 0)
        do(unmerge_order, system, order_id=two.pk)
        assert (shape(one)[0][-1], shape(two)[0][-1]) == (0, 1)
        laws_hold()

    def test_every_obstacle_is_named(self, api, system, make_client, shop):
        one, sealed, elsewhere = place(api), place(api), order_body(customer=WHO)
        do(seal_order, system, order_id=sealed.pk, is_sealed=True)
        elsewhere["shipping_address"]["line1"] = "别处 9 号"
        other = Order.objects.get(number=api.post("orders", elsewhere).json()["number"])
        stranger = Order.objects.get(number=api.post("orders", order_body()).json()["number"])
        with pytest.raises(CannotCombine) as refusal:
            do(
                merge_orders,
                system,
                order_id=one.pk,
                other_ids=[sealed.pk, other.pk, stranger.pk],
            )
        words = str(refusal.value)
        for order, what in (
            (sealed, "is locked against merging"),
            (other, "a different address"),
            (stranger, "another customer"),
        ):
            assert order.number in words
            assert what in words
        assert not OrderMove.objects.exists()
        with pytest.raises(CannotCombine):
            do(
                split_order,
                system,
                order_id=sealed.pk,
                units={sealed.lines.first().pk: 1},
                reason="x",
            )

    def test_work_of_a_merged_order_is_not_picked(self, api, system):
        one, two = place(api), place(api)
        run_relay()
        work = FulfillmentOrder.objects.get(order=two)
        do(merge_orders, system, order_id=one.pk, other_ids=[two.pk])
        with pytest.raises(OrderStopped):
            do(pick_order, system, fulfillment_order_id=work.pk)

    def test_on_its_page_and_by_the_api(self, api, sign_in, laws_hold):
        one, two = place(api), place(api)
        client = sign_in("service")
        page = client.get(f"/orders/{one.number}/").content.decode()
        assert f'name="with" value="{two.number}"' in page
        client.post(f"/orders/{one.number}/merge/", {"with": [two.number]})
        assert shape(two)[0][0] == "merged"
        assert one.number in client.get(f"/orders/{two.number}/").content.decode()
        client.post(f"/orders/{two.number}/unmerge/")
        assert shape(two)[0][0] == "confirmed"
        assert api.post(f"orders/{one.number}/merge", {"orders": [two.number]}).status_code == 200
        assert api.post(f"orders/{two.number}/unmerge", {}).status_code == 200
        wrong = api.post(f"orders/{one.number}/merge", {"orders": ["SO1"]})
        assert wrong.json()["errors"][0]["pointer"] == "/orders/0"
        laws_hold()


class TestSplitting:
    def test_what_holds_an_order_holds_what_is_split_off_it(self, api, system, laws_hold):
        order = place(
            api, lines=[{"sku": "TEA-001", "quantity": 3}, {"sku": "MUG-001", "quantity": 1}]
        )
        for kind, reason in (("fraud", "looks odd"), ("stock", "short"), ("sku", "unmapped_sku")):
            do(hold_order, system, order_id=order.pk, kind=kind, reason=reason, until=None)
        tea = order.lines.get(sku__code="TEA-001")

        new = do(split_order, system, order_id=order.pk, units={tea.pk: 1}, reason="x")

        new.refresh_from_db()
        assert list(new.holds.values_list("kind", "reason")) == [("fraud", "looks odd")]
        assert new.open_holds == 1
        laws_hold()
        do(hold_order, system, order_id=new.pk, kind="address", reason="its own", until=None)
        with pytest.raises(CannotCombine):
            do(unsplit_order, system, order_id=new.pk)
        own = new.holds.get(kind="address")
        do(release_order, system, order_id=new.pk, hold_id=own.pk)
        do(unsplit_order, system, order_id=new.pk)
        order.refresh_from_db()
        assert (order.open_holds, Order.objects.get(pk=new.pk).open_holds) == (3, 0)
        laws_hold()

    def test_units_stock_and_money_go_along_and_come_back(self, api, promote, system, laws_hold):
        promote("ten", "percentage", percent=Decimal(10))
        order = place(
            api, lines=[{"sku": "TEA-001", "quantity": 3}, {"sku": "MUG-001", "quantity": 1}]
        )
        before, was = whole(), shape(order)
        tea, mug = order.lines.order_by("position")

        new = do(split_order, system, order_id=order.pk, units={tea.pk: 1, mug.pk: 1}, reason="x")

        assert whole() == before
        assert new.external_id == f"{order.external_id}/2"
        assert (new.status, new.payment_status) == ("confirmed", "paid")
        assert shape(order)[0][1] == "paid"
        assert new.shipping == 0
        run_relay()
        assert (
            sum(
                x.quantity
                for w in FulfillmentOrder.objects.filter(order=new, status="released")
                for x in w.lines.all()
            )
            == 2
        )
        laws_hold()
        assert replay().differing == []

        do(unsplit_order, system, order_id=new.pk)

        assert shape(order) == was
        assert whole() == before
        new.refresh_from_db()
        assert (new.status, new.total) == ("merged", 0)
        run_relay()
        laws_hold()

    def test_what_is_there_ships_when_what_is_short_goes_first(
        self, make_client, shop, system, laws_hold
    ):
        desk = make_client(shop.desk)
        order = place(
            desk, lines=[{"sku": "POT-001", "quantity": 8}], payment={"method": "on_account"}
        )
        line = order.lines.get()
        assert (line.quantity_reserved, line.quantity_backordered) == (5, 3)
        new = do(
            split_order,
            system,
            order_id=order.pk,
            units={line.pk: 3},
            short_first=True,
            reason="x",
        )
        line.refresh_from_db()
        assert (line.quantity_reserved, line.quantity_backordered) == (5, 0)
        assert new.lines.get().quantity_backordered == 3
        laws_hold()

    def test_changed_since_it_is_not_joined_again(self, api, system):
        order = place(api)
        tea = order.lines.get(sku_code="TEA-001")
        new = do(split_order, system, order_id=order.pk, units={tea.pk: 1}, reason="x")
        do(edit_order, system, order_id=new.pk, was={"note": ""}, wanted={"note": "x"})
        with pytest.raises(CannotCombine):
            do(unsplit_order, system, order_id=new.pk)

    @pytest.mark.parametrize("units", [{}, {0: 1}, {"tea": 3}, {"tea": 0}, {"tea": 2, "mug": 1}])
    def test_what_cannot_be_is_refused(self, api, system, units):
        order = place(api)
        known = {line.sku_code[:3].lower(): line.pk for line in order.lines.all()}
        with pytest.raises(Invalid):
            do(
                split_order,
                system,
                order_id=order.pk,
                reason="x",
                units={known.get(k, k): n for k, n in units.items()},
            )
        assert Order.objects.count() == 1

    def test_on_its_page_and_by_the_api(self, api, sign_in, laws_hold):
        order = place(api)
        client = sign_in("service")
        tea = order.lines.get(sku_code="TEA-001")
        path = f"/orders/{order.number}/split/"
        assert client.get(path).status_code == 200
        assert client.post(path, {f"units-{tea.pk}": "two", "reason": "x"}).status_code == 422
        assert client.post(path, {f"units-{tea.pk}": "1", "reason": ""}).status_code == 422
        new = client.post(path, {f"units-{tea.pk}": "1", "reason": "x"})["Location"].split("/")[2]
        assert order.number in client.get(f"/orders/{new}/").content.decode()
        client.post(f"/orders/{new}/unsplit/")
        assert shape(Order.objects.get(number=new))[0][0] == "merged"
        line = next(
            x for x in api.get(f"orders/{order.number}").json()["lines"] if x["sku"] == "TEA-001"
        )
        body = {"lines": [{"line": line["id"], "quantity": 1}], "reason": "x"}
        assert api.post(f"orders/{order.number}/split", body).status_code == 200
        assert api.post(f"orders/{order.number}/seal", {"sealed": True}).status_code == 200
        assert Order.objects.get(pk=order.pk).is_sealed
        laws_hold()


money = st.integers(0, 10**6).map(lambda n: Decimal(n) / 1000)


@given(
    st.sampled_from(["JPY", "CNY", "KWD"]),
    money,
    st.integers(2, 40),
    st.integers(1, 39),
    st.integers(0, 100),
)
def test_a_divided_line_is_what_it_was(currency, price, of, units, percent):
    units = min(units, of - 1)
    subtotal = rounded(price * of, currency)
    discount = rounded(subtotal * percent / 100, currency)
    tax = rounded((subtotal - discount) * Decimal("0.13"), currency)
    line = Amounts(price, subtotal, discount, tax, subtotal - discount + tax)
    moved, rest = divided(line, units, of, currency, rounded)
    for name in ("subtotal", "discount", "tax", "total"):
        assert getattr(moved, name) + getattr(rest, name) == getattr(line, name)
        assert min(getattr(moved, name), getattr(rest, name)) >= 0
        assert getattr(moved, name) == getattr(moved, name).quantize(minor_unit(currency))
    for part in (moved, rest):
        assert part.total == part.subtotal - part.discount + part.tax
        assert part.discount <= part.subtotal


class TestByItself:
    def test_orders_of_one_customer_to_one_place_within_minutes(self, api, shop, system, laws_hold):
        from datetime import timedelta

        from orders.changes.tasks import merge_twins

        ChannelPolicy.objects.update(merge_minutes=30)
        one, two, three = place(api), place(api), place(api)
        noted, held = place(api, note="after six"), place(api)
        do(hold_order, system, order_id=held.pk, kind="review", reason="look")
        late = place(api)
        Order.objects.filter(pk=late.pk).update(placed_at=timezone.now() + timedelta(minutes=40))
        elsewhere = order_body(customer=WHO)
        elsewhere["shipping_address"]["line1"] = "别处 9 号"
        other = Order.objects.get(number=api.post("orders", elsewhere).json()["number"])
        before = whole()

        merge_twins()
        merge_twins()

        assert [shape(o)[0][0] for o in (one, two, three)] == ["confirmed", "merged", "merged"]
        assert [shape(o)[0][0] for o in (noted, held, late, other)] == ["confirmed"] * 4
        assert whole() == before
        laws_hold()

    def test_not_where_nobody_wants_it(self, api):
        from orders.changes.tasks import merge_twins

        orders = [place(api) for _ in range(2)]
        merge_twins()
        assert [shape(o)[0][0] for o in orders] == ["confirmed"] * 2


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("by_itself", "merged automatically"),
        ("by_rule", "required by a rule"),
        ("Same parcel", "Same parcel"),
    ],
)
def test_why_orders_became_one_is_said_in_words(reason, words):
    from orders.order.wording import reason_of_move

    assert reason_of_move(reason) == words
