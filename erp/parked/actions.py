"""Has work done again that was given up."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict
from erp.parked.queries import backlog_named
from erp.security.actions import record_security_event
from erp.wiring import resolve


@transaction.atomic(savepoint=False)
def replay_parked(*, queue: str, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Have parked rows of a queue done again, with all their tries; return how many.

    Raises NotAllowed without the queue's right, Conflict where none of the rows is parked.
    """
    backlog = backlog_named(queue)
    if backlog is None:
        raise Conflict(_("There is no such queue."))
    require(by, backlog.right)
    done: int = resolve(backlog.replay)(ids=ids, by=by, now=now)
    if not done:
        raise Conflict(_("None of these is parked."))
    facts = {"queue": queue, "rows": done}
    record_security_event(kind="parked_replayed", actor=by.pk, facts=facts)
    return done
