"""Shows work that was given up, and has it done again: one row, or all of a queue."""

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
from erp.parked.jobs import replay_all
from erp.parked.queries import MOST_COUNTED, backlog_named, parked_counts, parked_rows
from erp.web.pages import StaffRequest, page
from erp.web.settings.pages import shown

BACK = "/settings/parked/"
MOST = 10_000  # rows of one request: more of them and the browser, or a proxy, gives it up


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
    if row := request.POST.get("row", ""):
        ids = [int(row[:18])] if row.isascii() and row.isdecimal() else []
        done = perform(
            replay_parked, queue=backlog.name, ids=ids, by=request.actor, now=timezone.now()
        )
        messages.success(request, _("%(n)s will be done again.") % {"n": done})
    else:
        _replay_all(request, backlog)
    return redirect(BACK)


def _replay_all(request: StaffRequest, backlog: Backlog) -> None:
    """Replay what a person waits for, and say what is left of it: the page said of 1,000 that they were all."""
    done = replay_all(backlog, by=request.actor, most=MOST)
    told = {"n": f"{done:,}", "left": "0"}
    if left := parked_counts()[backlog.name]:
        told["left"] = f"{left:,}+" if left >= MOST_COUNTED else f"{left:,}"
        text = _("%(n)s will be done again, the oldest first. %(left)s are left: replay all again.")
        messages.warning(request, text % told)
    else:
        messages.success(request, _("%(n)s will be done again.") % told)
