"""Moments from outside are ones that every zone, table and page can hold."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated

import msgspec
import pytest

from erp.bounds import FARTHEST, check_bounds, read_whole, signed_whole
from erp.errors import Invalid


class Step(msgspec.Struct):
    at: datetime | None = None


class Body(msgspec.Struct):
    name: str = ""
    until: Annotated[datetime, msgspec.Meta(description="x")] | None = None
    steps: list[Step] = []


def hours(n: float) -> timezone:
    return timezone(timedelta(hours=n))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(2199, 12, 31, 23, 59, tzinfo=hours(-12)),
        datetime(2026, 3, 2, tzinfo=hours(14)),
        datetime(2026, 3, 2, tzinfo=hours(-14)),
    ],
)
def test_a_moment_that_can_be(moment):
    check_bounds(Body(until=moment, steps=[Step(), Step(at=moment)]))


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime.fromisoformat("2026-03-02T00:00:00"), "malformed"),
        (datetime(2026, 3, 2, tzinfo=hours(16)), "malformed"),
        (datetime(2026, 3, 2, tzinfo=timezone(-FARTHEST - timedelta(minutes=1))), "malformed"),
        (datetime(1, 1, 1, tzinfo=hours(12)), "out-of-range"),
        (datetime(1899, 12, 31, 23, tzinfo=UTC), "out-of-range"),
        (datetime(2200, 1, 1, tzinfo=UTC), "out-of-range"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=hours(-12)), "out-of-range"),
    ],
)
def test_one_that_cannot_be_is_named(moment, code):
    for body, pointer in (
        (Body(until=moment), "/until"),
        (Body(steps=[Step(at=moment)]), "/steps/0/at"),
    ):
        with pytest.raises(Invalid) as refused:
            check_bounds(body)
        assert [(e.pointer, e.code) for e in refused.value.errors] == [(pointer, code)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("\x00", "malformed"),
        ("a\ud800", "malformed"),
        ("a" * 20_001, "too-long"),
        ("é" * 20_000, ""),
    ],
)
def test_a_text_that_no_column_holds_is_named(name, code):
    if not code:
        check_bounds(Body(name=name))
        return
    with pytest.raises(Invalid) as refused:
        check_bounds(Body(name=name))
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/name", code)]


@pytest.mark.parametrize(
    ("text", "number"), [("", None), (" 7 ", 7), ("0", 0), ("9" * 18, 10**18 - 1)]
)
def test_a_whole_number_that_a_field_says_is_read(text, number):
    assert read_whole(text) == number


@pytest.mark.parametrize("text", ["-1", "1.5", "²", "1e3", "NaN", "\x00", "9" * 19, "9" * 5000])
def test_what_is_no_whole_number_is_named(text):
    """Of 5,000 digits Python itself refuses to make a number: bulk actions failed over one."""
    with pytest.raises(Invalid) as refused:
        read_whole(text, "/row")
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/row", "malformed")]


@pytest.mark.parametrize(
    ("text", "number"), [("-5", -5), (" +5 ", 5), ("0", 0), ("9999999", 9999999)]
)
def test_a_number_with_a_sign_is_read(text, number):
    assert signed_whole(text, 7) == number


@pytest.mark.parametrize(
    "text", ["", "-", "+", "--5", "+-5", "- 5", "1.5", "²", "١", "9" * 8, "9" * 5000]
)
def test_what_is_no_number_with_a_sign_is_none(text):
    """Signs were stripped and the rest looked at: Python reads neither "--5" nor "+-5", and the page failed."""
    assert signed_whole(text, 7) is None
