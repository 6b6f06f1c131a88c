"""What a channel gave back is told apart: for goods that stay in the order, or for what it took off the order."""

import random
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from erp.audit.proof import prove
from erp.errors import Conflict
from erp.events.relay import deliver, lease_due
from erp.money import plain, rounded
from fulfillment.shipping.actions import ship_order
from orders.changes.actions.cancel import cancel_units
from orders.changes.actions.change import change_order, undo_change
from orders.changes.actions.effect import Wanted
from orders.changes.actions.merge import CannotCombine
from orders.changes.actions.split import split_order
from orders.intake.following.decisions.follow import BEYOND
from orders.models import ChannelOrder, Order, OrderEvent, OrderLine
from orders.order.actions.holds import hold_once, release_order
from orders.payments.actions.record import take_in
from returns.models import Refund, RefundLine
from returns.refunds.actions.follow import record_channel_refund, record_family_refund
from returns.refunds.actions.propose import propose_refund
from returns.refunds.actions.settle import approve_refund, complete_refund
from returns.refunds.queries import units_refunded
from returns.refunds.states import RESERVED
from tests.conftest import owner_cursor, settle
from tests.orders.shops import open_channel, paid, post, read_all
from tests.orders.steps import do, heard_of
from tests.relay import relay_all, run_relay

pytestmark = pytest.mark.django_db(transaction=True)
MUG = Decimal("22.00")  # a mug of the shop's order, with its tax


@pytest.fixture
def order(api):
    """Three teas and a mug, paid."""
    body = [{"sku": "TEA-001", "quantity": 3}, {"sku": "MUG-001", "quantity": 1}]
    return heard_of(api, lines=body)


@pytest.fixture
def shopify(api, system):
    return open_channel("shopify", "tea", system)


def line_of(order, sku):
    return OrderLine.objects.get(order=order, sku_code=sku)


def proposed(order):
    rows = Refund.objects.filter(order=order, status="proposed").order_by("pk")
    return [(r.reason, r.amount) for r in rows]


def cancel_mug(order, system):
    units = {line_of(order, "MUG-001").pk: 1}
    do(cancel_units, system, order_id=order.pk, units=units, reason="the rest")
    run_relay()


def without_mug():
    """The order of the shop once its mug was taken off it."""
    body = paid(updated_at="2026-03-02T10:00:00-05:00")
    mug = next(line for line in body["line_items"] if line["sku"] == "MUG-001")
    mug["current_quantity"] = 0
    body["current_total_price"] = str(Decimal(body["total_price"]) - MUG)
    return body


def refund_of_mug():
    row = {"line_item_id": 2, "quantity": 1, "subtotal": 20.0, "total_tax": 2.0}
    gone = {"kind": "refund", "status": "success", "amount": str(MUG)}
    return {
        "id": 5,
        "order_id": 450789469,
        "refund_line_items": [row],
        "transactions": [gone],
    }


def test_an_allowance_of_the_channel_hides_nothing_that_is_owed(order, system, laws_hold):
    tea = line_of(order, "TEA-001")
    units = {tea.pk: 1}
    do(record_channel_refund, system, order_id=order.pk, key="5", amount=tea.total / 3, units=units)
    mug = line_of(order, "MUG-001").total

    cancel_mug(order, system)

    assert proposed(order) == [("changed", mug)]
    assert line_of(order, "TEA-001").quantity_refunded == 1
    laws_hold()


def test_what_was_owed_is_paid_by_the_channel_first(order, system, laws_hold):
    """Of a refund that is for both, the part above what was owed is for what stays."""
    mug = line_of(order, "MUG-001")
    do(cancel_units, system, order_id=order.pk, units={mug.pk: 1}, reason="the rest")

    units = {mug.pk: 1, line_of(order, "TEA-001").pk: 1}
    do(record_channel_refund, system, order_id=order.pk, key="5", amount=mug.total + 3, units=units)

    rows = RefundLine.objects.filter(refund__reason="channel").order_by("-is_unshipped")
    told = [(row.order_line.sku_code, row.amount, row.is_unshipped) for row in rows]
    assert told == [("MUG-001", mug.total, True), ("TEA-001", 3, False)]
    relay_all()
    assert not proposed(order)
    laws_hold()


@pytest.mark.parametrize("first", ["refund", "change"])
def test_units_that_the_channel_took_off_are_gone_not_refunded(shopify, system, laws_hold, first):
    """In either order of its messages: nothing is owed, later returns may bring back what is left."""
    post(shopify, "orders/paid", paid())
    read_all()
    relay_all()
    messages = [("refunds/create", refund_of_mug()), ("orders/updated", without_mug())]
    for topic, body in messages if first == "refund" else reversed(messages):
        post(shopify, topic, body)
        read_all()
        relay_all()

    order = Order.objects.get()
    mug = line_of(order, "MUG-001")
    assert (order.total, mug.quantity_open, mug.quantity_refunded) == (Decimal("32.60"), 0, 0)
    assert [row.is_unshipped for row in RefundLine.objects.all()] == [True]
    assert not proposed(order)
    assert not any(units_refunded(order_lines=[line.pk for line in order.lines.all()]).values())
    laws_hold()


def test_money_that_came_twice_goes_back_once(order, system, laws_hold):
    do(
        take_in,
        system,
        order=Order.objects.get(pk=order.pk),
        method="bank",
        amount=Decimal(9),
        reference="x",
    )

    do(record_channel_refund, system, order_id=order.pk, key="5", amount=Decimal(9), units={})

    found = [(r.reason, r.status, r.channel_key) for r in Refund.objects.all()]
    assert found == [("changed", "completed", "5")]
    laws_hold()


@pytest.mark.parametrize("reason", RESERVED)
def test_a_reason_that_the_system_gives_is_nobodys(api, order, system, reason):
    amount = {"amount": "1.00", "currency": order.currency}
    body = {"order": order.number, "amount": amount, "reason": reason}

    answer = api.post("refunds", body, key=f"{reason}{timezone.now()}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/reason"


def test_a_refund_that_a_provider_of_ours_pays_is_another(order, system, laws_hold):
    mine = do(propose_refund, system, order_id=order.pk, amount=Decimal(5), reason="damaged")
    Refund.objects.filter(pk=mine.pk).update(status="submitted")

    do(record_channel_refund, system, order_id=order.pk, key="5", amount=Decimal(5), units={})

    assert [r.status for r in Refund.objects.order_by("pk")] == ["submitted", "completed"]
    laws_hold()


def test_units_without_a_refund_are_a_breach(order):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_orderline SET quantity_refunded = 1 WHERE sku_code = 'MUG-001'"
        )

    found = {finding.law.code: finding for finding in prove() if finding.breaches}
    assert found["refunded_units_have_a_refund"].rows[0]["quantity_refunded"] == 1


@pytest.mark.parametrize("how", ["change", "cancel"])
def test_units_paid_back_by_the_channel_and_then_taken_off_here_are_owed_once(
    order, system, laws_hold, how
):
    """A shop that refunds units without taking them off holds the order; whoever looks takes them off."""
    tea = line_of(order, "TEA-001")
    units = {tea.pk: 2}
    amount = tea.total * 2 / 3
    do(record_channel_refund, system, order_id=order.pk, key="5", amount=amount, units=units)
    assert line_of(order, "TEA-001").quantity_refunded == 2

    if how == "change":
        do(change_order, system, order_id=order.pk, wanted=Wanted({tea.pk: 1}), reason="x")
    else:
        do(cancel_units, system, order_id=order.pk, units=units, reason="x")
    relay_all()

    tea = line_of(order, "TEA-001")
    assert (tea.quantity_open, tea.quantity_refunded) == (1, 0)
    assert proposed(order) == []
    mug = line_of(order, "MUG-001")
    do(cancel_units, system, order_id=order.pk, units={mug.pk: 1}, reason="x")
    assert proposed(order) == [("changed", mug.total)]
    laws_hold()


def test_a_line_that_was_paid_back_is_not_split(api, order, system, laws_hold):
    """Split away and cancelled, it was paid back once more."""
    tea = line_of(order, "TEA-001")
    units = {tea.pk: 2}
    do(record_channel_refund, system, order_id=order.pk, key="5", amount=Decimal(3), units=units)

    with pytest.raises(CannotCombine):
        do(split_order, system, order_id=order.pk, units={tea.pk: 2}, reason="x")
    laws_hold()


@pytest.mark.parametrize("amounts", [(5, 15), (5, 5, 15), (15, 5), (5, 10, 15)])
def test_a_refund_that_grows_under_its_id_is_followed(order, system, laws_hold, amounts):
    """A part of it was pending, and a file states the sum so far."""
    tea = line_of(order, "TEA-001")
    for amount in amounts:
        give_back(order, system, Decimal(amount), TEA_001=1)
    found = Refund.objects.filter(order=order).order_by("pk")
    assert sum(refund.amount for refund in found) == max(amounts)
    assert found[0].channel_key == "5"
    tea.refresh_from_db()
    assert tea.quantity_refunded == 1
    laws_hold()


def give_back(order, system, amount, key="5", **units):
    """The channel gives money back, for units by SKU code with "_" for "-"."""
    named = {line_of(order, sku.replace("_", "-")).pk: count for sku, count in units.items()}
    return do(record_channel_refund, system, order_id=order.pk, key=key, amount=amount, units=named)


def cancel(order, system, sku, count):
    units = {line_of(order, sku).pk: count}
    do(cancel_units, system, order_id=order.pk, units=units, reason="x")


def test_its_amount_is_divided_by_what_the_units_are_worth(order, system, laws_hold):
    tea, mug = line_of(order, "TEA-001"), line_of(order, "MUG-001")
    give_back(order, system, tea.total / 3 + mug.total, TEA_001=1, MUG_001=1)

    cancel(order, system, "MUG-001", 1)

    assert proposed(order) == []
    told = set(RefundLine.objects.values_list("order_line", "amount", "is_unshipped"))
    assert told == {(tea.pk, tea.total / 3, False), (mug.pk, mug.total, True)}
    laws_hold()


def test_a_change_that_was_paid_back_is_not_undone(order, system, laws_hold):
    tea = line_of(order, "TEA-001")
    give_back(order, system, tea.total * 2 / 3, TEA_001=2)
    do(change_order, system, order_id=order.pk, wanted=Wanted({tea.pk: 1}), reason="x")

    with pytest.raises(Conflict):
        do(undo_change, system, order_id=order.pk)
    laws_hold()


def test_a_unit_that_was_taken_off_is_gone_though_more_went_back_than_it_was_worth(
    order, system, laws_hold
):
    cancel(order, system, "TEA-001", 1)
    worth = line_of(order, "TEA-001").total / 2
    give_back(order, system, worth + 2, TEA_001=1)  # with some of the shipping

    assert line_of(order, "TEA-001").quantity_refunded == 0
    assert proposed(order) == []
    laws_hold()


def test_one_of_ours_that_waits_is_paid_in_its_place(order, system, laws_hold):
    worth = line_of(order, "TEA-001").total / 3
    units = {line_of(order, "TEA-001").pk: 1}
    mine = do(propose_refund, system, order_id=order.pk, units=units, reason="damaged")
    do(approve_refund, system, refund_id=mine.pk)  # which calls the unit off

    give_back(order, system, worth + 2, TEA_001=1)

    states = list(Refund.objects.order_by("pk").values_list("status", flat=True))
    assert states == ["rejected", "completed"]
    laws_hold()


def test_units_paid_back_before_they_shipped_are_the_ones_that_never_do(order, system, laws_hold):
    give_back(order, system, line_of(order, "TEA-001").total / 3, TEA_001=1)
    do(ship_order, system, order_id=order.pk, units={line_of(order, "TEA-001").pk: 2})

    cancel(order, system, "TEA-001", 1)

    assert proposed(order) == []
    assert line_of(order, "TEA-001").quantity_refunded == 0
    laws_hold()


def test_a_proposal_of_more_than_is_left_becomes_what_is_left(order, system, laws_hold):
    half = rounded(order.total / 2, order.currency)
    do(propose_refund, system, order_id=order.pk, amount=order.total - 1, reason="damaged")

    give_back(order, system, half)

    assert proposed(order) == [("damaged", order.total - half)]
    laws_hold()


def give_back_here(order, system, amount):
    """We refund by ourselves, to the end."""
    mine = do(propose_refund, system, order_id=order.pk, amount=amount, reason="damaged")
    do(approve_refund, system, refund_id=mine.pk)
    do(complete_refund, system, refund_id=mine.pk)


def held_for(order):
    """What an order was held for, by its timeline: one that has ended has that alone."""
    events = OrderEvent.objects.filter(order=order, kind="hold.opened").order_by("pk")
    return [(event.data["reason"], event.data.get("names", [])) for event in events]


@pytest.mark.parametrize("ours", [Decimal(5), None])
def test_what_a_channel_gave_back_beyond_what_was_left_holds(order, system, laws_hold, ours):
    """It was dropped without a word: money went twice and nobody was told."""
    ours = ours or order.total
    give_back_here(order, system, ours)

    give_back(order, system, order.total)

    beyond = f"{plain(ours, order.currency)} {order.currency}"
    assert held_for(order) == [("refunded_beyond_payment", [beyond])]
    laws_hold()


def test_what_is_beyond_all_parts_of_a_split_order_holds_the_first(order, system, laws_hold):
    tea = line_of(order, "TEA-001")
    part = do(split_order, system, order_id=order.pk, units={tea.pk: 2}, reason="x")
    whole = order.total
    give_back_here(Order.objects.get(pk=part.pk), system, Decimal(3))

    do(
        record_family_refund,
        system,
        order_ids=[order.pk, part.pk],
        key="5",
        amount=whole,
        units=[],
    )

    assert held_for(order) == [("refunded_beyond_payment", [f"3.00 {order.currency}"])]
    laws_hold()


def test_a_refund_told_and_not_recorded_is_a_breach(shopify, system):
    post(shopify, "orders/paid", paid())
    read_all()
    post(shopify, "refunds/create", refund_of_mug())
    read_all()
    assert "channel_refunds_are_recorded" not in breached()  # it is on its way
    relay_all()
    assert "channel_refunds_are_recorded" not in breached()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE returns_refund SET channel_key = '51'")  # of another refund
    assert "channel_refunds_are_recorded" in breached()


def told_of_refunds(**amounts):
    """What a channel's order says was passed on of its refunds, whatever it was."""
    ChannelOrder.objects.update(
        passed_on={key.strip("_"): amount for key, amount in amounts.items()}
    )


def test_what_was_said_to_be_beyond_excuses_that_amount_alone(shopify, system):
    """An earlier hold excused every later refund of its order, and nobody missed what was recorded too much."""
    for topic, body in (("orders/paid", paid()), ("refunds/create", refund_of_mug())):
        post(shopify, topic, body)
        read_all()
        relay_all()
    order, law = Order.objects.get(), "channel_refunds_are_recorded"
    do(hold_once, system, order_id=order.pk, finding=BEYOND, names=["3.00 USD"])
    for amount, is_breach in [
        ("25.00", False),
        ("25.01", True),
        ("22.004", False),
        ("20.00", True),
    ]:
        told_of_refunds(_5=amount)
        assert (law in breached()) == is_breach, amount
    told_of_refunds(_5="22.00", _6="7.00")
    assert law in breached()
    do(hold_once, system, order_id=order.pk, finding=BEYOND, names=["7.00 USD"])
    assert law not in breached()
    do(release_order, system, order_id=order.pk)
    assert law not in breached()


def test_what_had_grown_before_growth_was_followed_is_passed_on_with_the_next_message(
    shopify, system, laws_hold
):
    """The upgrade took it for passed on as it was stated."""
    body = refund_of_mug()
    for topic, said in (("orders/paid", paid()), ("refunds/create", body)):
        post(shopify, topic, said)
        read_all()
        relay_all()
    told = ChannelOrder.objects.get()
    told.refunds["5"]["amount"] = "30.00"
    told.passed_on = {"5": "30.00"}
    told.save()
    assert "channel_refunds_are_recorded" in breached()

    grown = import_module("returns.migrations.0004_refunds_that_grew")
    with connection.cursor() as cursor:
        cursor.execute(grown.AS_RECORDED)

    told.refresh_from_db()
    assert Decimal(told.passed_on["5"]) == MUG
    body["transactions"][0]["amount"] = "30.00"
    post(shopify, "refunds/create", body)
    read_all()
    relay_all()
    assert sum(Refund.objects.values_list("amount", flat=True)) == Decimal("30.00")
    laws_hold()


@pytest.mark.parametrize("captures", [True, False])
def test_somebody_who_released_it_has_seen_money_above_an_order(order, system, captures):
    """Also where its money was captured for another order: it has no capture of its own."""
    law = "money_above_an_order_is_owed_or_held"
    kind = "capture" if captures else "moved_in"
    with owner_cursor() as cursor:
        cursor.execute("ALTER TABLE orders_paymentevent DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE orders_payment SET captured = captured + 5, authorised = authorised + 5"
        )
        cursor.execute("UPDATE orders_paymentevent SET kind = %s WHERE kind = 'capture'", [kind])
        cursor.execute("ALTER TABLE orders_paymentevent ENABLE TRIGGER USER")
    assert law in breached()
    do(hold_once, system, order_id=order.pk, finding="overpaid", names=[])
    assert law not in breached()
    do(release_order, system, order_id=order.pk)
    assert law not in breached()


def breached():
    return {finding.law.code for finding in prove() if finding.breaches}


def test_long_ids_of_refunds_stay_apart(order, system, laws_hold):
    """Cut to what fits they were one refund: the second was taken for a part of the first."""
    for end in ("1", "2", "3"):
        give_back(order, system, Decimal(2), key="gid://shop/" + "refund" * 12 + end)
    assert sum(refund.amount for refund in Refund.objects.filter(order=order)) == 6
    laws_hold()


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.parametrize(
    "sums",
    [("9.50", "12.50"), ("21.67", "0.33"), ("25.00",), ("22.00",), ("10.00", "7.00", "9.00")],
)
def test_what_a_shop_gives_back_in_sums_is_not_owed_once_more(
    shopify, system, laws_hold, sums, approved
):
    """A proposal of ours for what was cancelled stayed as it was beside what the shop gave for it."""
    post(shopify, "orders/paid", paid())
    read_all()
    relay_all()
    order = Order.objects.get()
    cancel_mug(order, system)
    mine = Refund.objects.get()
    assert mine.amount == MUG
    if approved:
        do(approve_refund, system, refund_id=mine.pk)
    for n, amount in enumerate(sums):
        give_back(order, system, Decimal(amount), key=str(n))

    told = sum(map(Decimal, sums))
    left = Refund.objects.filter(order=order, status__in=("proposed", "approved"))
    assert sum(refund.amount for refund in left) == max(0, MUG - told)
    laws_hold()


@pytest.mark.parametrize("seed", range(12))
def test_a_relay_that_is_late_proposes_nothing_that_was_given_back(shopify, laws_hold, seed):
    """Whatever order it comes to them in: the shop's refunds, its edit of the lines, and what is owed."""
    post(shopify, "orders/paid", paid())
    read_all()
    relay_all()
    small = {"id": 6, "order_id": 450789469, "refund_line_items": []}
    small["transactions"] = [{"id": 9, "kind": "refund", "status": "success", "amount": "0.33"}]
    messages = [
        ("refunds/create", refund_of_mug()),
        ("orders/updated", without_mug()),
        ("refunds/create", small),
    ]
    chance = random.Random(seed)
    chance.shuffle(messages)
    for topic, body in messages:
        post(shopify, topic, body)
        read_all()
    settle()
    while due := lease_due(now=timezone.now() + timedelta(seconds=1), limit=100):
        chance.shuffle(due)
        for pk in due:
            deliver(delivery_id=pk, now=timezone.now())
        settle()

    order = Order.objects.get()
    assert not proposed(order)
    assert sum(payment.refunded for payment in order.payments.all()) == MUG + Decimal("0.33")
    laws_hold()


def test_each_refund_beyond_what_was_left_is_named(shopify, system, laws_hold):
    post(shopify, "orders/paid", paid())
    read_all()
    relay_all()
    give_back_here(Order.objects.get(), system, Decimal(6))
    for n, amount in enumerate(("50.00", "3.00", "1.60"), 1):
        gone = {"id": n, "kind": "refund", "status": "success", "amount": amount}
        news = {"id": n, "order_id": 450789469, "transactions": [gone], "refund_line_items": []}
        post(shopify, "refunds/create", news)
        read_all()
        relay_all()

    order = Order.objects.get()
    names = [name for _reason, each in held_for(order) for name in each]
    assert {"1.40 USD", "3.00 USD", "1.60 USD"} <= {*names, *_waiting(order)}
    laws_hold()


def _waiting(order):
    return [name for hold in order.holds.all() for name in hold.params.get("names", [])]
