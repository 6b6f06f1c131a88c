"""Where a parcel is, whatever order its events came in; and our tracking numbers."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from fulfillment.carriers.builtin import is_s10, s10_number
from fulfillment.tracking.decisions import Report, parcel_status

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(hours: int, state: str) -> Report:
    return Report(state, DAY + timedelta(hours=hours))


def test_every_order_of_arrival_gives_the_same_state():
    reports = [
        at(1, "in_transit"),
        at(5, "out_for_delivery"),
        at(6, "delivery_failed"),
        at(30, "delivered"),
    ]

    assert {parcel_status(order) for order in permutations(reports)} == {"delivered"}


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ([], "shipped"),
        ([at(1, "who knows")], "in_transit"),
        ([at(9, "in_transit"), at(5, "delivered")], "delivered"),
        ([at(5, "delivered"), at(9, "return_to_sender")], "return_to_sender"),
        ([at(5, "in_transit"), at(5, "out_for_delivery")], "out_for_delivery"),
    ],
)
def test_the_latest_counts_and_delivered_is_final(reports, status):
    assert parcel_status(reports) == status


def test_the_standards_own_example_has_the_right_check_digit():
    assert is_s10(
        "RA473124829CN"
    )  # UPU S10: 4×8+7×6+3×4+1×2+2×3+4×5+8×9+2×7 = 200; 11 − 200 mod 11 = 9
    assert not is_s10("RA473124828CN")
    assert all(is_s10(s10_number(n)) for n in range(0, 99_999_999, 1_234_567))
