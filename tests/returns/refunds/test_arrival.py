"""A channel's cancel and its refunds come in any order: what they say of an order's units and money is one thing."""

import json
import os
from decimal import Decimal
from itertools import permutations
from random import Random

import pytest

from orders.models import Order, OrderLine, Payment
from returns.models import RefundLine
from tests.orders.shops import open_channel, paid, post, read_all
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = 450789469
WHOLE = ("orders/create", paid())
CANCEL = (
    "orders/cancelled",
    paid(cancelled_at="2026-03-02T10:00:00-05:00", updated_at="2026-03-02T10:00:00-05:00"),
)


def refund(key, amount, **units):
    rows = [{"line_item_id": line[1:], "quantity": count} for line, count in units.items()]
    gone = {"id": key * 10, "kind": "refund", "status": "success", "amount": amount}
    body = {"id": key, "order_id": ORDER, "refund_line_items": rows, "transactions": [gone]}
    return ("refunds/create", body)


# Of two teas (27.60 with their tax), a mug (22.00) and shipping (5.00).
REFUNDS = {
    "of all": [refund(5, "54.60", _1=2, _2=1)],
    "of goods and shipping": [refund(5, "49.60", _1=2, _2=1), refund(6, "5.00")],
    "line by line": [refund(5, "27.60", _1=2), refund(6, "27.00", _2=1)],
    "unit by unit": [refund(5, "13.80", _1=1), refund(6, "13.80", _1=1)],
    "less than all of it": [refund(5, "10.00", _1=2), refund(6, "22.00", _2=1)],
    "of no goods": [refund(5, "20.00"), refund(6, "34.60")],
}


def told(channel, number, news):
    """Tell news, in this order, of an order of this number of its own; return what came of it."""
    for topic, body in news:
        written = json.dumps(body).replace(str(ORDER), str(number)).replace("#1001", f"#{number}")
        post(channel, topic, json.loads(written))
        read_all()
        relay_all()
    order = Order.objects.get(external_id=str(number))
    lines = OrderLine.objects.filter(order=order).order_by("key")
    paid_off: dict[str, tuple[int, Decimal]] = {}
    for row in RefundLine.objects.filter(refund__order=order, is_unshipped=True):
        key = row.order_line.key if row.order_line else ""
        units, amount = paid_off.get(key, (0, Decimal(0)))
        paid_off[key] = (units + row.quantity, amount + row.amount)
    return (
        order.status,
        list(lines.values_list("key", "quantity_refunded", "quantity_cancelled")),
        sorted(paid_off.items()),
        sum(payment.refunded for payment in Payment.objects.filter(order=order)),
    )


@pytest.mark.parametrize("case", sorted(REFUNDS))
def test_cancel_and_refunds_come_to_the_same_in_any_order(system, shop, laws_hold, case):
    channel = open_channel("shopify", shop, system)
    """A sample of the 24; `EVERY_ORDER_OF_ARRIVAL=1` runs them all."""
    ways = list(permutations([WHOLE, CANCEL, *REFUNDS[case]]))
    if not os.environ.get("EVERY_ORDER_OF_ARRIVAL"):
        ways = [ways[0], ways[-1], *Random(case).sample(ways[1:-1], min(len(ways) - 2, 6))]
    found = {}
    for n, news in enumerate(ways):
        names = tuple(body.get("id") if topic[0] == "r" else topic for topic, body in news)
        found[names] = told(channel, ORDER + n, news)
    assert len({repr(end) for end in found.values()}) == 1, found
    laws_hold()
