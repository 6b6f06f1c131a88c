"""What a channel orders anew after it had cancelled is no silent matter, and what is cancelled stays so."""

import pytest

from orders.models import IncomingMessage, Order, OrderEvent
from tests.orders.shops import WOO_ORDER, open_channel, paid, post, read_all
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)
OVER = {"cancelled_at": "2026-03-01T12:30:00-05:00", "cancel_reason": "customer"}


def test_a_newer_version_of_a_cancelled_order_waits_for_a_person(tell, laws_hold):
    tell()
    tell("orders/cancelled", **OVER)
    lines = paid()["line_items"]
    lines[0]["current_quantity"] = 1
    for _time in range(2):
        tell(line_items=lines)

    assert Order.objects.get().status == "cancelled"
    held = IncomingMessage.objects.filter(status="held").values_list("cause", flat=True)
    assert list(held) == ["ordered_again"] * 2
    assert "ordered_again" in str(list(OrderEvent.objects.values_list("kind", "data")))
    laws_hold()


@pytest.mark.parametrize(("status", "is_again"), [("processing", True), ("failed", False)])
def test_one_that_a_shop_takes_out_of_the_bin_waits_for_a_person(
    shop, system, laws_hold, status, is_again
):
    """WooCommerce may set a cancelled order to processing with the same goods."""
    woo = open_channel("woocommerce", shop, system)
    for minute, state in enumerate(("processing", "cancelled", status)):
        at = f"2026-03-01T12:{minute:02}:00"
        post(woo, "order.updated", WOO_ORDER | {"status": state, "date_modified_gmt": at})
        read_all()
        relay_all()

    assert Order.objects.get().status == "cancelled"
    held = IncomingMessage.objects.filter(status="held").values_list("cause", flat=True)
    assert list(held) == ["ordered_again"] * is_again
    laws_hold()
