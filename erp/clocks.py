"""Keeps a machine whose clock is off from background work: what is due, leased and late, all machines must agree on.

A worker three hours ahead lets go of stock that is still held, and leases what it takes until three hours from now; one
that is behind leases nothing at all. The database's clock is the one that all can ask.
"""

import logging
from datetime import datetime
from time import sleep
from typing import Any

from celery import Task
from celery.exceptions import Reject
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

logger = logging.getLogger(__name__)
MOST_OFF_S = 2.0  # tasks end five seconds before their lease does
PAUSE_S = 1.0  # before a task is given back: others take it meanwhile


def clock_off_s() -> float:
    """Seconds by which this machine's clock is ahead of the database's, negative: behind it.

    As little as it can be: what the answer took on its way is not counted. Raises DatabaseError where none comes.
    """
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    after = timezone.now()
    if there < before:
        return (before - there).total_seconds()
    return min(0.0, (after - there).total_seconds())


def why_not_to_work() -> str:
    """What is wrong with this machine's clock, "" where it may work. Without an answer nothing is known to be."""
    try:
        off = clock_off_s()
    except (DatabaseError, InterfaceError):
        return ""
    if abs(off) <= MOST_OFF_S:
        return ""
    where = "ahead of" if off > 0 else "behind"
    return f"The clock of this machine is {abs(off):.0f} s {where} the database's."


class PunctualTask(Task):
    """A task that a worker gives back where its machine's clock is off; what is called directly is not asked."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Run it, or have another worker do so."""
        if not self.request.called_directly and (why := why_not_to_work()):
            logger.error("%s The task %s is another worker's.", why, self.name)
            sleep(PAUSE_S)
            raise Reject(why, requeue=True)
        return super().__call__(*given, **named)
