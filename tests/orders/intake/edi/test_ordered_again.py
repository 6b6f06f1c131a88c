"""A replacement that comes after the cancel waits for a person, in every notation that has one."""

import pytest

from orders.models import Order
from tests.orders.intake.edi.test_versions import edifact_version, x12_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("version", "codes"),
    [(x12_version, ("00", "01", "05")), (edifact_version, ("9", "1", "5"))],
)
def test_a_replacement_after_the_cancel_waits(handed, laws_hold, version, codes):
    original, cancel, replacement = codes
    handed(version(original, 2, control="101"))
    handed(version(cancel, 2, control="102"))
    assert Order.objects.get().status == "cancelled"
    message = handed(version(replacement, 3, control="103"))
    assert (message.status, message.cause) == ("held", "ordered_again")
    assert Order.objects.get().status == "cancelled"
    laws_hold()


def ubl_order(quantity, day):
    return (
        f"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID><IssueDate>{day}</IssueDate>"
        "<DocumentCurrencyCode>CNY</DocumentCurrencyCode><OrderLine><LineItem><ID>1</ID>"
        f"<Quantity>{quantity}</Quantity><Price><PriceAmount>5</PriceAmount></Price>"
        "<Item><SellersItemIdentification><ID>TEA-001</ID></SellersItemIdentification></Item>"
        "</LineItem></OrderLine></Order>"
    ).encode()


CANCELLATION = (
    b"<OrderCancellation xmlns='urn:oasis:names:specification:ubl:OrderCancellation-2'><ID>C-1</ID>"
    b"<OrderReference><ID>U-1</ID></OrderReference></OrderCancellation>"
)
FIRST = ubl_order(2, "2026-03-01")


@pytest.mark.parametrize("day", ["2026-02-01", "2026-03-01", "2026-03-02"])
def test_an_order_of_ubl_under_the_number_of_a_cancelled_one_waits_whatever_its_date(
    handed, laws_hold, day
):
    handed(FIRST)
    handed(CANCELLATION)
    assert Order.objects.get().status == "cancelled"
    message = handed(ubl_order(3, day))
    is_older = day < "2026-03-01"
    ends = ("processed", "") if is_older else ("held", "ordered_again")
    assert (message.status, message.cause) == ends
    assert Order.objects.get().status == "cancelled"
    assert Order.objects.get().lines.get().quantity_ordered == 2
    laws_hold()


def test_the_same_order_of_ubl_again_after_its_cancel_says_nothing_new(handed, laws_hold):
    for body in (FIRST, CANCELLATION, FIRST + b" "):
        message = handed(body)
        assert (message.status, message.cause) == ("processed", "")
    assert Order.objects.get().status == "cancelled"
    laws_hold()


def test_a_cancel_of_ubl_that_comes_first_ends_the_order_that_it_names(handed, laws_hold):
    waiting = handed(CANCELLATION)
    assert (waiting.status, waiting.cause) == ("held", "order_unknown")
    handed(FIRST)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.order) == ("processed", Order.objects.get())
    assert Order.objects.get().status == "cancelled"
    laws_hold()


@pytest.mark.parametrize("version", [x12_version, edifact_version])
def test_another_original_after_the_cancel_waits(handed, laws_hold, version):
    """It repeats the number and the date of what was cancelled, for other goods."""
    original, cancel = ("00", "01") if version is x12_version else ("9", "1")
    handed(version(original, 2, control="101"))
    handed(version(cancel, 2, control="102"))
    message = handed(version(original, 3, control="103"))
    assert (message.status, message.cause) == ("held", "ordered_again")
    laws_hold()


@pytest.mark.parametrize("version", [x12_version, edifact_version])
@pytest.mark.parametrize("units", [2, 3])
@pytest.mark.parametrize("is_replacement", [True, False])
def test_whatever_orders_after_the_cancel_waits_though_its_goods_are_the_same(
    handed, laws_hold, version, units, is_replacement
):
    original, cancel, again = ("00", "01", "05") if version is x12_version else ("9", "1", "5")
    again = again if is_replacement else original
    handed(version(original, 2, control="101"))
    handed(version(cancel, 2, control="102"))
    message = handed(version(again, units, control="103"))
    is_the_first = again == original and units == 2  # which was sent again
    ends = ("processed", "") if is_the_first else ("held", "ordered_again")
    assert (message.status, message.cause) == ends
    assert Order.objects.get().status == "cancelled"
    laws_hold()


@pytest.mark.parametrize("units", [2, 3])
def test_what_orders_behind_the_cancel_in_one_interchange_waits_as_well(handed, laws_hold, units):
    parts = [x12_version(code, n).decode() for code, n in (("00", 2), ("01", 2), ("05", units))]
    head, tail = parts[0].partition("ST*850")[0], "GE*3*2~IEA*1*000000055~"
    sets = ["ST*850" + part.partition("ST*850")[2].partition("GE*")[0] for part in parts]
    message = handed(f"{head}{''.join(sets)}{tail}".encode())
    assert (message.status, message.cause) == ("held", "ordered_again")
    assert Order.objects.get().status == "cancelled"
    laws_hold()
