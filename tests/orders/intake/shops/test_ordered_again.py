"""What a channel orders anew after it had cancelled is no silent matter, and what is cancelled stays so."""

import pytest

from orders.models import IncomingMessage, Order, OrderEvent
from tests.orders.shops import paid

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
