"""Reads the days that a file asks for: by when an order has to have left, or on which it should come."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from erp.files import RawRow
from orders.intake.files import dates
from orders.intake.files.figures import FigureReader
from orders.intake.files.rows import HELD
from orders.placement.incoming import Arrival

WORDS = {
    "ship_by": _("Ship by %(day)s"),
    "deliver_on": _("Delivery requested for %(day)s"),
    "deliver_by": _("Deliver by %(day)s"),
}
LONGEST_WAIT = timedelta(days=366)


class Wishes(NamedTuple):
    """When an order should come, and in words what staff should see of what it asks for."""

    arrival: Arrival | None = None
    note: str = ""


class WishReader(FigureReader):
    """Reads days that are asked for; one that cannot be read or kept holds its order."""

    def _wishes(
        self, row: RawRow, head: Mapping[str, str], placed_at: datetime | None, is_over: bool
    ) -> Wishes:
        """What an order asks for. `is_over`: it has left or is cancelled, and nothing is asked for any more."""
        if is_over:
            return Wishes()
        days = {
            name: day
            for name in WORDS
            if head.get(name) and (day := self._asked_day(row, name, head[name], placed_at))
        }
        if "ship_by" in days and days["ship_by"] > min(days.values()):
            self._defect(row, "date_requested", HELD, "ship_by", head["ship_by"])
        by = min((days[x] for x in ("deliver_on", "deliver_by") if x in days), default=None)
        written = head.get("deliver_on") or head.get("deliver_by", "")
        arrival = Arrival(days.get("deliver_on"), by, written[:60]) if by else None
        words = [str(WORDS[name]) % {"day": day.isoformat()} for name, day in days.items()]
        return Wishes(arrival, "\n".join(words))

    def _asked_day(
        self, row: RawRow, name: str, text: str, placed_at: datetime | None
    ) -> date | None:
        zone, notation = self.reading.zone, self.surveyed.notations.get(name, "")
        moment = dates.moment(text, notation, zone) or dates.any_moment(text, zone)
        if moment is None:
            if not dates.says_nothing(text):
                self._defect(row, "date_requested", HELD, name, text)
            return None
        day, now = moment.astimezone(zone).date(), self.reading.now
        ordered = placed_at.astimezone(zone).date() if placed_at else None
        today = now.astimezone(zone).date() if now else ordered
        if (ordered and day < ordered) or (today and day - today > LONGEST_WAIT):
            self._defect(row, "date_requested", HELD, name, text)
        elif now and today and day < today:
            self._defect(row, "date_passed", HELD, name, text)
        return day
