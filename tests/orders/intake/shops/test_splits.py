"""A shop knows nothing of a split made here: what it says is of the order and all that were split off it."""

from decimal import Decimal

import pytest
from django.utils import timezone

from orders.changes.actions.merge import merge_orders
from orders.changes.actions.split import split_order
from orders.intake.following.queries import family_of
from orders.models import ChannelPolicy, Order, OrderLine, Payment
from orders.order.actions.life import cancel_order
from orders.order.models.move import OrderMove
from returns.models import Refund
from tests.orders.shops import paid
from tests.orders.steps import do
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def divided(system):
    """Split a unit of the first line off the shop's order; twice, so that a part of a part is one as well."""

    def divide(times=1):
        found = [Order.objects.get()]
        for _time in range(times):
            line = OrderLine.objects.filter(order=found[0]).order_by("position").first()
            units = {line.pk: 1}
            found.append(do(split_order, system, order_id=found[0].pk, units=units, reason="x"))
            relay_all()
        return found

    return divide


def test_a_family_is_all_that_is_apart_yet(tell, divided, system, django_assert_num_queries):
    tell()
    first, *parts = divided(2)
    with django_assert_num_queries(2):
        assert family_of(first.pk) == [first.pk, *(part.pk for part in parts)]
    with django_assert_num_queries(1):
        assert family_of(parts[1].pk) == [parts[1].pk]
    OrderMove.objects.filter(target=parts[0]).update(source=parts[1])
    assert family_of(first.pk) == [first.pk, *(part.pk for part in parts)]
    assert family_of(parts[1].pk) == [parts[1].pk, parts[0].pk]
    OrderMove.objects.filter(target=parts[1]).update(undone_at=timezone.now(), undone_by=system)
    assert family_of(first.pk) == [first.pk]


def captured():
    return sum(payment.captured for payment in Payment.objects.all())


@pytest.mark.parametrize("times", [1, 2])
def test_a_repeat_changes_nothing(tell, divided, laws_hold, times):
    tell()
    divided(times)
    for _time in range(2):
        tell(tags="seen")
    assert captured() == Decimal("54.60")
    assert not Refund.objects.exists()
    assert {order.status for order in Order.objects.all()} == {"confirmed"}
    laws_hold()


def gone(amount):
    return [
        {
            "id": 5,
            "transactions": [
                {
                    "id": 7,
                    "kind": "refund",
                    "status": "success",
                    "amount": amount,
                    "currency": "USD",
                }
            ],
            "refund_line_items": [],
        }
    ]


@pytest.mark.parametrize("refunds", [[], gone("54.60")])
def test_a_cancel_is_of_all_parts(tell, divided, laws_hold, refunds):
    tell()
    divided(2)
    over = {"cancelled_at": "2026-03-01T12:30:00-05:00", "cancel_reason": "customer"}
    tell("orders/cancelled", refunds=refunds, **over)
    assert {order.status for order in Order.objects.all()} == {"cancelled"}
    refunded = sum(payment.refunded for payment in Payment.objects.all())
    assert refunded == (Decimal("54.60") if refunds else 0)
    laws_hold()


def test_money_that_comes_is_of_all_parts(tell, divided, laws_hold):
    tell(financial_status="pending", total_outstanding="54.60")
    parts = divided()
    tell()
    for part in parts:
        part.refresh_from_db()
        assert part.payments.get().captured == part.total
    assert not Refund.objects.exists()
    laws_hold()


def test_what_cannot_be_followed_holds_every_part(tell, divided, laws_hold):
    tell()
    parts = divided()
    lines = paid()["line_items"]
    lines[0]["current_quantity"] = 1
    tell(line_items=lines)
    for part in parts:
        held = part.holds.filter(released_at=None).values_list("reason", flat=True)
        assert "items_changed" in held
    laws_hold()


@pytest.mark.parametrize("amounts", [["10.00"], ["10.00", "54.60"], ["54.60", "10.00"]])
def test_a_refund_is_given_back_by_the_parts_that_have_it(
    tell, divided, system, laws_hold, amounts
):
    tell()
    parts = divided()
    for amount in amounts:
        tell(refunds=gone(amount), financial_status="partially_refunded")
    refunded = sum(payment.refunded for payment in Payment.objects.all())
    assert refunded == max(Decimal(amount) for amount in amounts)
    assert all(payment.refunded <= payment.captured for payment in Payment.objects.all())
    assert {refund.order_id for refund in Refund.objects.all()} <= {part.pk for part in parts}
    laws_hold()


def refund(key, amount, units=None, transaction=None):
    """A refund as a shop tells it: units by line id."""
    rows = [
        {"line_item_id": line, "quantity": n, "subtotal": 0} for line, n in (units or {}).items()
    ]
    gone = {"id": transaction or key + 70, "kind": "refund", "status": "success"}
    return {
        "id": key,
        "transactions": [gone | {"amount": str(amount), "currency": "USD"}],
        "refund_line_items": rows,
    }


def given_back(orders):
    """What went back of each order, and what is proposed of it."""
    completed = [Refund.objects.filter(order=order, status="completed") for order in orders]
    proposed = [Refund.objects.filter(order=order, status="proposed") for order in orders]
    return [sum(r.amount for r in rows) for rows in (*completed, *proposed)]


def test_a_part_that_was_merged_back_is_paid_in_its_shop(tell, divided, system, laws_hold):
    tell(financial_status="pending", total_outstanding="54.60")
    first, part = divided()
    do(merge_orders, system, order_id=first.pk, other_ids=[part.pk])
    tell(financial_status="paid", total_outstanding="0.00")
    relay_all()

    first.refresh_from_db()
    assert (captured(), first.status) == (Decimal("54.60"), "confirmed")
    laws_hold()


@pytest.mark.parametrize("refunds", [[], gone("54.60")])
def test_a_cancel_holds_what_a_part_was_merged_into(tell, divided, system, laws_hold, refunds):
    tell()
    first, part = divided()
    tell(id=450789470, name="#1002", admin_graphql_api_id="gid://shopify/Order/450789470")
    other = Order.objects.exclude(pk__in=[first.pk, part.pk]).get()
    ChannelPolicy.objects.update(duplicate_minutes=0)
    do(merge_orders, system, order_id=other.pk, other_ids=[part.pk])
    over = {"cancelled_at": "2026-03-01T12:30:00-05:00", "cancel_reason": "customer"}
    tell("orders/cancelled", refunds=refunds, **over)

    other.refresh_from_db()
    held = list(other.holds.filter(released_at=None).values_list("reason", flat=True))
    assert held == ["merged_source_changed"]
    laws_hold()


@pytest.mark.parametrize("units", [None, {1: 1}])
def test_what_was_cancelled_here_is_paid_back_once(tell, divided, system, laws_hold, units):
    """The clerk's proposal stayed beside the shop's refund, which another part was given."""
    tell()
    first, part = divided()
    do(cancel_order, system, order_id=part.pk, reason="customer")
    relay_all()
    tell(refunds=[refund(5, "13.80", units)], financial_status="partially_refunded")

    assert given_back([first, part]) == [0, Decimal("13.80"), 0, 0]
    laws_hold()


def test_refunds_of_a_divided_line_are_of_one_unit_each(tell, divided, laws_hold):
    tell()
    orders = divided()
    told = [refund(5, "13.80", {1: 1}), refund(6, "13.80", {1: 1})]
    for n in (1, 2):
        tell(refunds=told[:n], financial_status="partially_refunded")

    assert given_back(orders) == [Decimal("13.80"), Decimal("13.80"), 0, 0]
    lines = OrderLine.objects.filter(order__in=orders, sku_code="TEA-001")
    assert sorted(lines.values_list("quantity_refunded", flat=True)) == [1, 1]
    laws_hold()


@pytest.mark.parametrize("sums", [("15.00", "16.00"), ("45.00", "48.00"), ("1.00", "54.60")])
def test_a_refund_that_grows_is_recorded_as_it_was_stated(tell, divided, laws_hold, sums):
    tell()
    orders = divided()
    for amount in sums:
        tell(refunds=[refund(5, amount)], financial_status="partially_refunded")
    assert sum(given_back(orders)[:2]) == Decimal(sums[-1])
    laws_hold()


def test_an_address_that_is_doubted_holds_every_part(tell, divided):
    tell()
    orders = divided()
    address = paid()["shipping_address"] | {"address1": "", "zip": ""}
    tell(shipping_address=address)

    held = [
        sorted(order.holds.filter(released_at=None).values_list("reason", flat=True))
        for order in orders
    ]
    assert held[0]
    assert held[0] == held[1]
