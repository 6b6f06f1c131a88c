"""When an order ships and arrives: cut-offs, working days, and the service's own history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
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
    placed_at, senders, backordered = asked.placed_at, asked.senders, asked.backordered
    transit_p50, transit_p90 = asked.transit_p50, asked.transit_p90
    reasons: list[dict[str, Any]] = []
    latest: tuple[datetime, Sender, date] | None = None
    missed = None
    for sender in senders:
        works = _calendar_of(sender, is_working_day)
        local = placed_at.astimezone(ZoneInfo(sender.time_zone))
        day = local.date()
        if local.time() >= sender.cut_off or not works(sender.country, day):
            if works(sender.country, day):
                missed = sender.cut_off
            day = _working_day_after(day, 1, sender.country, works)
        if backordered and asked.goods_on is not None:
            # They are put away on the day they come, and leave on the next.
            day = _working_day_after(max(day, asked.goods_on), 1, sender.country, works)
        elif backordered:
            day = _working_day_after(day, BACKORDER_DAYS, sender.country, works)
        ship_by = datetime.combine(day, sender.cut_off, ZoneInfo(sender.time_zone)) + timedelta(
            hours=2
        )
        if latest is None or ship_by > latest[0]:
            latest = (ship_by, sender, day)
    assert latest is not None, "an order is shipped by somebody"
    ship_by, sender, day = latest
    if backordered and asked.goods_on is not None:
        reasons.append(reason("goods_expected", day=asked.goods_on.isoformat()))
    elif backordered:
        reasons.append(reason("backorder_estimate", days=BACKORDER_DAYS))
    elif missed is not None:
        reasons.append(reason("after_cut_off", warehouse=sender.code, cut_off=f"{missed:%H:%M}"))
    else:
        reasons.append(
            reason("before_cut_off", warehouse=sender.code, cut_off=f"{sender.cut_off:%H:%M}")
        )
    reasons.append(reason("transit_days", usual=transit_p50, most=transit_p90))
    counterfactual = None
    if missed is not None and not backordered:
        counterfactual = {
            "code": "a_day_earlier_before",
            "params": {"cut_off": f"{missed:%H:%M}"},
        }
    return Promise(
        ship_by=ship_by.astimezone(UTC),
        deliver_from=_working_day_after(day, transit_p50, sender.country, is_working_day),
        deliver_by=_working_day_after(day, transit_p90, sender.country, is_working_day),
        reasons=reasons,
        counterfactual=counterfactual,
        asked=asked,
    )


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
