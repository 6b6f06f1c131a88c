"""Decides when an order ships and arrives: cut-offs, working days, transit history."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from erp.reasons import reason

ENGINE = (
    "promise/3"  # 1 did not keep what it was asked; 2 knew neither days off nor when goods come
)


BACKORDER_DAYS = 14  # working days until goods that are not even ordered are expected to ship


@dataclass(frozen=True, slots=True)
class Sender:
    """A warehouse that ships a part: its local cut-off, its calendar's country, and its own days beside that.

    closed, open   days on which it does not work although its country does, and the other way round
    """

    code: str
    country: str
    time_zone: str
    cut_off: time
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    ship_by: datetime  # UTC
    deliver_from: date
    deliver_by: date
    reasons: list[dict[str, Any]] = field(default_factory=list)
    counterfactual: dict[str, Any] | None = None
    asked: "Asked | None" = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a promise is made from. Transit is in working days: usual, and nearly the worst.

    goods_on   the day on which all that is missing is expected; None: nobody knows
    """

    placed_at: datetime
    senders: Sequence[Sender]
    transit_p50: int
    transit_p90: int
    backordered: bool
    goods_on: date | None = None


def promise(asked: Asked, *, is_working_day: Callable[[str, date], bool]) -> Promise:
    """Promise an order: the slowest sender counts; transit days are working days.

    deliver_from is the service's usual transit (P50), deliver_by nearly its worst (P90).
    """
    latest: _Departure | None = None
    missed = None
    for sender in asked.senders:
        leaves = _departure(asked, sender, is_working_day)
        if leaves.is_missed:
            missed = sender.cut_off
        if latest is None or leaves.ship_by > latest.ship_by:
            latest = leaves
    assert latest is not None, "an order is shipped by somebody"
    country = latest.sender.country
    return Promise(
        ship_by=latest.ship_by.astimezone(UTC),
        deliver_from=_working_day_after(latest.day, asked.transit_p50, country, is_working_day),
        deliver_by=_working_day_after(latest.day, asked.transit_p90, country, is_working_day),
        reasons=[
            _reason_of_departure(asked, latest.sender, missed),
            reason("transit_days", usual=asked.transit_p50, most=asked.transit_p90),
        ],
        counterfactual=_a_day_earlier(asked, missed),
        asked=asked,
    )


def day_to_leave(
    comes_on: date, transit: int, country: str, is_working_day: Callable[[str, date], bool]
) -> date:
    """The last working day on which goods leave that come on a day, or before where nobody works then.

    transit   in working days of the country they leave from
    """
    day = comes_on
    while transit > 0 or not is_working_day(country, day):
        transit -= is_working_day(country, day)
        day -= timedelta(days=1)
    return day


def goods_on(
    missing: Mapping[int, int],
    coming: Mapping[int, Sequence[tuple[date | None, int]]],
    ahead: Mapping[int, int],
) -> date | None:
    """The day on which enough of everything that is missing has come; None where of something nobody knows.

    missing   units by SKU id
    coming    what is on its way: (day, units), the soonest first, those without a day last
    ahead     units that orders before this one wait for
    """
    last: date | None = None
    for sku_id, units in missing.items():
        left = units + ahead.get(sku_id, 0)
        for day, arriving in coming.get(sku_id, ()):
            if left <= 0 or day is None:
                break
            left -= arriving
            last = day if last is None else max(last, day)
        if left > 0:
            return None
    return last


class _Departure(NamedTuple):
    """When a sender's part leaves: by when, on which day there, and whether today's cut-off had passed."""

    ship_by: datetime
    sender: Sender
    day: date
    is_missed: bool


def _departure(
    asked: Asked, sender: Sender, is_working_day: Callable[[str, date], bool]
) -> _Departure:
    works = _calendar_of(sender, is_working_day)
    zone = ZoneInfo(sender.time_zone)
    local = asked.placed_at.astimezone(zone)
    day = local.date()
    is_missed = False
    if local.time() >= sender.cut_off or not works(sender.country, day):
        is_missed = works(sender.country, day)
        day = _working_day_after(day, 1, sender.country, works)
    if asked.backordered and asked.goods_on is not None:
        # They are put away on the day they come, and leave on the next.
        day = _working_day_after(max(day, asked.goods_on), 1, sender.country, works)
    elif asked.backordered:
        day = _working_day_after(day, BACKORDER_DAYS, sender.country, works)
    ship_by = datetime.combine(day, sender.cut_off, zone) + timedelta(hours=2)
    return _Departure(ship_by, sender, day, is_missed)


def _reason_of_departure(asked: Asked, sender: Sender, missed: time | None) -> dict[str, Any]:
    """Why it leaves when it does: goods that come, goods that nobody knows of, or the cut-off."""
    if asked.backordered and asked.goods_on is not None:
        return reason("goods_expected", day=asked.goods_on.isoformat())
    if asked.backordered:
        return reason("backorder_estimate", days=BACKORDER_DAYS)
    if missed is not None:
        return reason("after_cut_off", warehouse=sender.code, cut_off=f"{missed:%H:%M}")
    return reason("before_cut_off", warehouse=sender.code, cut_off=f"{sender.cut_off:%H:%M}")


def _a_day_earlier(asked: Asked, missed: time | None) -> dict[str, Any] | None:
    if missed is None or asked.backordered:
        return None
    return {"code": "a_day_earlier_before", "params": {"cut_off": f"{missed:%H:%M}"}}


def _calendar_of(
    sender: Sender, is_working_day: Callable[[str, date], bool]
) -> Callable[[str, date], bool]:
    """The sender's own working days: its country's, but for the days it says otherwise."""
    if not sender.closed and not sender.open:
        return is_working_day

    def works(country: str, day: date) -> bool:
        if day in sender.closed:
            return False
        return day in sender.open or is_working_day(country, day)

    return works


def _working_day_after(
    day: date, count: int, country: str, is_working_day: Callable[[str, date], bool]
) -> date:
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(country, day):
            count -= 1
    return day
