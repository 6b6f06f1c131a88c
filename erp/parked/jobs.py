"""Has all of a queue that was given up done again, a step in a transaction of its own."""

from django.utils import timezone
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.backlogs import Backlog
from erp.errors import Conflict
from erp.once import perform
from erp.parked.actions import replay_parked
from erp.parked.queries import parked_in_steps


def replay_all(backlog: Backlog, *, by: Actor, most: int | None = None) -> int:
    """Have every row of a queue done again that is parked, the oldest first; return how many.

    most   rows that somebody waits for; None: all there are
    Raises NotAllowed without the queue's right, Conflict where nothing is parked, or nothing of it may be done again.
    """
    done = 0
    why = Conflict(_("None of these is parked."))
    for ids in parked_in_steps(backlog, most=most):
        try:
            done += perform(replay_parked, queue=backlog.name, ids=ids, by=by, now=timezone.now())
        except Conflict as refused:
            why = refused  # somebody else has replayed these meanwhile, or they may not be
    if not done:
        raise why
    return done
