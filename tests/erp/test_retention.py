"""Which backups are kept: the newest of the last days and weeks, whatever there is."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from erp.backups.decisions import OLD, expired, is_due, is_old

MOMENTS = st.sets(
    st.integers(0, 120 * 24).map(
        lambda hours: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(hours=hours)
    ),
    max_size=60,
)
COUNTS = st.integers(0, 10)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(MOMENTS, COUNTS, COUNTS)
def test_no_more_are_kept_than_days_and_weeks_were_asked_for(made, daily, weekly):
    gone = expired(made, daily=daily, weekly=weekly)
    kept = made - gone

    assert gone <= made
    assert len(kept) <= max(1, daily + weekly)
    assert not made or max(made) in kept
    assert expired(kept, daily=daily, weekly=weekly) == set()


@given(MOMENTS, st.integers(1, 10), COUNTS)
def test_each_of_the_last_days_keeps_its_newest(made, daily, weekly):
    kept = made - expired(made, daily=daily, weekly=weekly)
    for day in sorted({m.date() for m in made})[-daily:]:
        assert max(m for m in made if m.date() == day) in kept


@given(st.sets(st.integers(0, 200), min_size=1), st.integers(1, 7), st.integers(1, 6))
def test_night_after_night_every_week_that_is_still_kept_has_one(nights, daily, weekly):
    """As it happens: one more each night, and what is expired is deleted at once."""
    there: set[datetime] = set()
    for night in sorted(nights):
        there.add(NOON + timedelta(days=night))
        there -= expired(there, daily=daily, weekly=weekly)
    weeks = sorted({(NOON + timedelta(days=n)).isocalendar()[:2] for n in nights})[-weekly:]
    assert {m.isocalendar()[:2] for m in there} >= set(weeks)


def test_one_is_due_once_a_night_and_again_where_one_was_missed():
    at = datetime(2026, 3, 2, 1, 59, tzinfo=UTC)
    yesterday = at - timedelta(hours=20)
    assert not is_due(at, last_good=yesterday, last_try=yesterday)
    assert is_due(at + timedelta(minutes=2), last_good=yesterday, last_try=yesterday)
    assert is_due(at, last_good=None, last_try=None)
    assert is_due(at, last_good=at - timedelta(days=2), last_try=at - timedelta(days=2))


def test_one_that_failed_is_tried_again_after_an_hour():
    old = NOON - timedelta(days=2)
    assert not is_due(NOON, last_good=old, last_try=NOON - timedelta(minutes=59))
    assert is_due(NOON, last_good=old, last_try=NOON - timedelta(minutes=60))


def test_what_is_older_than_a_day_is_old():
    assert is_old(None, NOON)
    assert is_old(NOON - OLD - timedelta(seconds=1), NOON)
    assert not is_old(NOON - timedelta(hours=25), NOON)
