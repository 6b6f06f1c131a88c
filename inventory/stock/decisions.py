"""Decides which bins and lots units are picked from: first expired, then pick sequence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

USES = {"pick": 0, "reserve": 1, "receiving": 2}


@dataclass(frozen=True, slots=True)
class Stored:
    """Units of one SKU and lot in one bin. `sequence` is (zone's, bin's) pick sequence."""

    place_id: int
    lot_id: int | None
    on_hand: int
    use: str = "pick"
    sequence: tuple[int, int] = (0, 0)
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    place_id: int
    lot_id: int | None
    quantity: int


def local_day(now: datetime, time_zone: str) -> date:
    """The day it is in a zone."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def is_off_sale(expires_on: date | None, sell_by_days: int, today: date) -> bool:
    """Whether a lot is sold no more: from the beginning of its last day, less the days that its SKU keeps."""
    return expires_on is not None and expires_on - timedelta(days=sell_by_days) <= today


def choose_bins(
    stored: Sequence[Stored], quantity: int, *, good_until: date | None = None
) -> list[Taken]:
    """Where to take `quantity` units from: first expired first out (FEFO), then pick sequence.

    good_until   lots that expire before this day are passed over: a customer's least shelf life
    Returns fewer units than asked for when there are too few.
    """
    usable = [
        s
        for s in stored
        if s.on_hand > 0 and not (good_until and s.expires_on and s.expires_on < good_until)
    ]
    usable.sort(
        key=lambda s: (
            s.expires_on or date.max,
            USES.get(s.use, 3),
            s.sequence,
            s.place_id,
            s.lot_id or 0,
        )
    )
    taken = []
    for s in usable:
        if quantity <= 0:
            break
        units = min(quantity, s.on_hand)
        taken.append(Taken(s.place_id, s.lot_id, units))
        quantity -= units
    return taken
