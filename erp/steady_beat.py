"""Keeps the schedule going when the clock of beat's machine is set back."""

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

SLACK = timedelta(seconds=1)


class SteadyScheduler(PersistentScheduler):
    """Celery's scheduler; what it says has run later than now is due its period from now.

    When a task last ran is kept by the clock, in a file as well: set back by two days, nothing was due for two days.
    """

    def tick(self, *given: Any, **named: Any) -> float:
        """Send what is due; return after how many seconds to look again."""
        now = self.app.now()
        ahead = [x for x in self.schedule.values() if x.last_run_at and x.last_run_at > now + SLACK]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # made of when each is due
        return float(super().tick(*given, **named))
