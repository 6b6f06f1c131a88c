"""Interchanges that are marked as tests: orders of theirs are held, and no real one is touched by any."""

import pytest

from orders.models import Order
from tests.orders.intake.edi.test_versions import edifact_version, x12_version

pytestmark = pytest.mark.django_db(transaction=True)


def x12_test(*args, **kw):
    return x12_version(*args, **kw).replace(b"*0*P*", b"*0*T*")


def edifact_test(*args, **kw):
    control = kw["control"].encode()
    return edifact_version(*args, **kw).replace(
        b"+" + control + b"'", b"+" + control + b"++++++1'", 1
    )


NOTATIONS = [
    (x12_version, x12_test, ("00", "01", "05")),
    (edifact_version, edifact_test, ("9", "1", "5")),
]


@pytest.mark.parametrize(("real", "trial", "codes"), NOTATIONS)
def test_an_order_of_a_test_is_held_as_one(handed, laws_hold, real, trial, codes):
    assert handed(trial(codes[0], 2, control="101")).status == "processed"
    order = Order.objects.get()
    assert order.status == "pending"
    assert order.holds.filter(reason="test_order").exists()
    assert handed(trial(codes[1], 2, control="102")).status == "processed"
    assert Order.objects.get().status == "cancelled"
    laws_hold()


def goods():
    return sorted(Order.objects.values_list("status", "lines__quantity_ordered"))


@pytest.mark.parametrize(("real", "trial", "codes"), NOTATIONS)
@pytest.mark.parametrize("is_first", [True, False])
def test_no_test_touches_what_is_none_and_the_other_way_round(
    handed, laws_hold, real, trial, codes, is_first
):
    first, then = (real, trial) if is_first else (trial, real)
    handed(first(codes[0], 2, control="101"))
    before = goods()
    for number, code in enumerate(codes):
        message = handed(then(code, 3, control=f"20{number}"))
        assert (message.status, message.cause) == ("held", "test_and_real")
    message = handed(then(codes[0], 2, control="301"))  # the very same, but for that
    assert (message.status, message.cause) == ("held", "test_and_real")
    assert goods() == before
    laws_hold()


@pytest.mark.parametrize(("real", "trial", "codes"), NOTATIONS)
def test_a_test_that_cancels_what_is_unknown_cancels_nothing_later(
    handed, laws_hold, real, trial, codes
):
    message = handed(trial(codes[1], 2, control="101"))
    assert (message.status, message.cause) == ("held", "test_and_real")
    handed(real(codes[0], 2, control="102"))
    assert Order.objects.get().status != "cancelled"
    laws_hold()


def test_a_run_of_ubl_that_is_called_a_test_is_one(handed):
    handed(
        b"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ProfileExecutionID>TEST-7</ProfileExecutionID>"
        b"<ID>U-1</ID><DocumentCurrencyCode>CNY</DocumentCurrencyCode><OrderLine><LineItem><ID>1</ID>"
        b"<Quantity>2</Quantity><Price><PriceAmount>5</PriceAmount></Price><Item><SellersItemIdentification>"
        b"<ID>TEA-001</ID></SellersItemIdentification></Item></LineItem></OrderLine></Order>"
    )
    assert Order.objects.get().holds.filter(reason="test_order").exists()
