"""Where a parcel is, whatever order its events came in; what is news; and our tracking numbers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.carriers.builtin import is_s10, s10_number
from fulfillment.planning.states import ParcelStatus
from fulfillment.shipping.decisions import may_reuse
from fulfillment.shipping.numbers import clean_number, number_key
from fulfillment.tracking.decisions import Report, Standing, is_news, standing_of
from fulfillment.tracking.states import TrackingState, state_of

DAY = datetime(2026, 3, 2, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(hours: int, state: str, leg: str = "") -> Report:
    return Report(state, DAY + timedelta(hours=hours), leg)


def status_of(*reports: Report) -> str:
    return standing_of(reports, SHANGHAI).status


reports_of_any_kind = st.lists(
    st.builds(
        at,
        st.integers(0, 72),
        st.sampled_from(TrackingState.values),
        st.sampled_from(("", "out", "back")),
    ),
    max_size=6,
)


@given(reports=reports_of_any_kind, shuffler=st.randoms())
def test_every_order_of_arrival_gives_the_same_parcel(reports, shuffler):
    shuffled = list(reports)
    shuffler.shuffle(shuffled)

    assert standing_of(shuffled, SHANGHAI) == standing_of(reports, SHANGHAI)


@given(reports=reports_of_any_kind)
def test_a_parcel_is_delivered_only_by_a_scan_that_says_so_with_none_back_before_it(reports):
    standing = standing_of(reports, SHANGHAI)

    assert standing.status in ParcelStatus.values
    assert (standing.status == "delivered") == (standing.delivered_at is not None)
    if standing.delivered_at is not None:
        assert any(r.state == "delivered" and r.at == standing.delivered_at for r in reports)
        back = [
            r for r in reports if r.state == "return_to_sender" and r.at <= standing.delivered_at
        ]
        redelivered = any(r.leg == "out" for r in reports)
        assert not back or redelivered


@given(reports=reports_of_any_kind, where=st.integers(0, 6), hours=st.integers(0, 72))
def test_what_nobody_has_mapped_moves_no_parcel(reports, where, hours):
    known = [r for r in reports if r.state != "unknown"]
    with_it = [*known[:where], at(hours, "unknown"), *known[where:]]

    expected = standing_of(known, SHANGHAI)
    if expected.status == "shipped":
        assert standing_of(with_it, SHANGHAI).status == "unknown"
    else:
        assert standing_of(with_it, SHANGHAI) == expected


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ([], "shipped"),
        ([at(9, "in_transit"), at(5, "delivered")], "delivered"),
        ([at(5, "in_transit"), at(5, "out_for_delivery")], "out_for_delivery"),
        ([at(5, "picked_up"), at(6, "pending")], "picked_up"),
        ([at(5, "cancelled"), at(6, "in_transit")], "in_transit"),
        ([at(5, "delivered"), at(9, "return_to_sender")], "return_to_sender"),
        ([at(5, "return_to_sender"), at(9, "in_transit")], "return_to_sender"),
        ([at(5, "return_to_sender"), at(8, "out_for_delivery"), at(9, "delivered")], "returned"),
        ([at(5, "delivered"), at(7, "return_to_sender"), at(9, "delivered")], "returned"),
        ([at(5, "in_transit"), at(9, "delivered", "back")], "returned"),
        ([at(5, "return_to_sender"), at(9, "out_for_delivery", "out")], "out_for_delivery"),
        (
            [at(5, "return_to_sender"), at(8, "in_transit", "out"), at(9, "delivered")],
            "delivered",
        ),
    ],
)
def test_the_latest_counts_and_the_way_back_ends_at_the_sender(reports, status):
    assert status_of(*reports) == status


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Out for delivery", "out_for_delivery"),
        ("IN-TRANSIT", "in_transit"),
        ("lost", "unknown"),
        ("customs_exception", "unknown"),
        ("not delivered", "unknown"),
        ("", "unknown"),
        *((state, state) for state in TrackingState.values),
    ],
)
def test_a_word_is_one_of_the_twelve_or_unknown(word, state):
    assert state_of(word) == state


def told_of(*arrivals: Report, now: datetime | None = None) -> list[str]:
    """What a customer hears while events arrive one after the other."""
    log: list[Report] = []
    said: list[str] = []
    told: dict[str, list[str]] = {}
    before = "shipped"
    for report in arrivals:
        log.append(report)
        standing = standing_of(log, SHANGHAI)
        if is_news(standing, before=before, told=told, now=now or report.at, zone=SHANGHAI):
            said.append(standing.status)
            told[standing.status] = [standing.attempt, str(standing.since)]
        before = standing.status
    return said


OUT, FAILED = "out_for_delivery", "delivery_failed"


@pytest.mark.parametrize(
    ("arrivals", "said"),
    [
        ([at(1, OUT), at(2, "in_transit"), at(3, OUT)], [OUT]),
        ([at(1, OUT), at(2, FAILED), at(3, OUT)], [OUT, FAILED, OUT]),
        ([at(1, OUT), at(25, OUT)], [OUT, OUT]),
        ([at(3, OUT), at(1, OUT)], [OUT]),
        ([at(1, FAILED), at(2, FAILED)], [FAILED]),
        ([at(1, FAILED), at(26, FAILED)], [FAILED, FAILED]),
        ([at(5, FAILED), at(3, OUT), at(4, "delivered")], [FAILED, "delivered"]),
        (
            [at(1, FAILED), at(2, "return_to_sender"), at(3, "in_transit"), at(4, "delivered")],
            [FAILED, "return_to_sender"],
        ),
        ([at(1, "ready_for_pickup"), at(2, "ready_for_pickup")], ["ready_for_pickup"]),
    ],
)
def test_each_state_is_told_once_per_attempt(arrivals, said):
    assert told_of(*arrivals) == said


def test_arrives_today_is_no_news_tomorrow():
    assert told_of(at(1, OUT), now=DAY + timedelta(days=1, hours=1)) == []


@given(reports=reports_of_any_kind)
def test_nothing_is_told_twice_by_hearing_it_again(reports):
    """Carriers answer every poll with the whole log; from the second time on there is no news."""
    standing = standing_of(reports, SHANGHAI)
    told = {standing.status: [standing.attempt, str(standing.since)]}

    assert not is_news(standing, before=standing.status, told=told, now=DAY, zone=SHANGHAI)
    assert not is_news(Standing("shipped"), before="packed", told={}, now=DAY, zone=SHANGHAI)


@given(
    number=st.text("ABC123xyz", min_size=1, max_size=20),
    noise=st.lists(st.sampled_from([" ", "-", "\t", "\u2011", "\u3000"]), max_size=6),
    places=st.lists(st.integers(0, 20), min_size=6, max_size=6),
)
def test_a_number_is_the_same_however_it_is_typed(number, noise, places):
    typed = list(number.swapcase())
    for sign, place in zip(noise, places, strict=False):
        typed.insert(place, sign)

    assert number_key("".join(typed)) == number_key(number)


def test_a_number_is_kept_as_it_came_and_its_surroundings_are_none_of_it():
    assert clean_number("  1z 99-aa\n") == "1z 99-aa"
    assert clean_number("\ufeff１Ｚ\u200b9") == "1Z9"
    assert clean_number("  ") == ""


@pytest.mark.parametrize(
    ("status", "days", "reused"),
    [
        ("delivered", 10, False),
        ("delivered", 31, True),
        ("in_transit", 31, False),
        ("in_transit", 121, True),
    ],
)
def test_a_number_may_be_used_again_long_after_its_parcel_has_ended(status, days, reused):
    assert may_reuse(status=status, shipped_at=DAY, now=DAY + timedelta(days=days)) is reused


def test_the_standards_own_example_has_the_right_check_digit():
    assert is_s10(
        "RA473124829CN"
    )  # UPU S10: 4×8+7×6+3×4+1×2+2×3+4×5+8×9+2×7 = 200; 11 − 200 mod 11 = 9
    assert not is_s10("RA473124828CN")
    assert all(is_s10(s10_number(n)) for n in range(0, 99_999_999, 1_234_567))
