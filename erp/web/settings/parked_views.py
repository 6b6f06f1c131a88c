"""Shows work that was given up, and has it done again: one row, or all of a queue."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.backlogs import Backlog
from erp.metrics.readings import backlogs
from erp.once import perform
from erp.parked.actions import replay_parked
from erp.parked.queries import backlog_named, parked_counts, parked_ids, parked_rows
from erp.web.pages import StaffRequest, page
from erp.web.settings.pages import shown

BACK = "/settings/parked/"


@page("settings.view")
def parked_page(request: StaffRequest) -> HttpResponse:
    """What was given up, by queue, with the newest rows of each."""
    counts = parked_counts()
    queues = [
        {
            "backlog": backlog,
            "count": counts[backlog.name],
            "rows": parked_rows(backlog),
            "may_replay": backlog.right in request.actor.verbs,
        }
        for backlog in backlogs()
        if counts[backlog.name]
    ]
    return shown(request, "parked", queues=queues)


@require_POST
@page("settings.view")
def replay(request: StaffRequest, name: str) -> HttpResponse:
    """Have one row done again, or all of a queue: the queue's own right decides."""
    backlog = backlog_named(name)
    if backlog is None:
        raise Http404
    row = request.POST.get("row", "")
    ids: Sequence[int] = [int(row[:18])] if row.isascii() and row.isdecimal() else []
    done = _replayed(request, backlog, ids or (parked_ids(backlog) if not row else [0]))
    messages.success(request, _("%(n)s will be done again.") % {"n": done})
    return redirect(BACK)


def _replayed(request: StaffRequest, backlog: Backlog, ids: Sequence[int]) -> int:
    return perform(replay_parked, queue=backlog.name, ids=ids, by=request.actor, now=timezone.now())
