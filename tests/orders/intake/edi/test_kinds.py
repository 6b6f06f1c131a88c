"""Kinds of purchase orders in X12: those that ship and are paid for as they stand, and those a person looks at."""

import pytest

from orders.intake.edi import x12
from tests.orders.samples import INTERCHANGE

# Element 92, all of it: an order as any other, or not.
AS_ANY = "AC AO CO DR DS EO KN NE NP NS OS PR RA RE RL RN RO SA SS UD"
NOT_SO = (
    "AB BD BE BH BK BL BQ BY CA CB CC CD CE CF CG CN CP CR FF FH IN JL KA KB KC KD KE KG KI KO KP KQ KR KS KT"
    " LB LN LS NA NO RC RR RT RU RW SO SP ST SW TC TM TR UE US WO ZZ"
)


@pytest.mark.parametrize(
    ("kind", "is_any"),
    [*((kind, True) for kind in AS_ANY.split()), *((kind, False) for kind in NOT_SO.split())],
)
def test_an_order_that_does_not_ship_as_any_other_is_looked_at(kind, is_any):
    body = INTERCHANGE.replace(b"BEG*00*SA", f"BEG*00*{kind}".encode())
    (said,) = x12.read("", body, currency="EUR")
    assert said.order.doubts == ([] if is_any else [f"function_unclear:BEG 00 {kind}"])
