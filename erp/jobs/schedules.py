"""Lists scheduled tasks with their last and next runs; workers record each run."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import Task, current_app, signals
from django.db import DatabaseError, connection
from django.utils.translation import gettext_lazy as _

from erp.events.models import Heartbeat
from erp.shapes import Words

FAILURES = 3  # in a row, before staff are told
NOTED_EVERY_S = 10.0  # of tasks that run every two seconds one run in five is noted
WHAT = {
    "relay": _("Relays new events to their subscribers"),
    "beat": _("Checks that the worker is consuming its queue"),
    "webhooks": _("Delivers webhooks to their endpoints"),
    "jobs": _("Hands queued jobs to workers"),
    "mail": _("Sends notifications that are due"),
    "expiry": _("Quarantines lots from the moment they may no longer be sold"),
    "names": _("Indexes new customers' names so that search can correct typos"),
    "expire": _("Releases stock held too long by carts"),
    "publish": _("Publishes stock changes to channels"),
    "inbox": _("Processes incoming channel messages"),
    "unpaid": _("Sends payment reminders and expires unpaid orders"),
    "holds": _("Releases holds whose end time has passed"),
    "merge": _("Merges orders of one customer to one address on channels with auto-merge"),
    "payments": _("Sends due captures, voids and refunds to payment providers"),
    "review": _(
        "Re-evaluates rules for waiting orders and re-routes orders whose warehouse is inactive"
    ),
    "answers": _("Sends acknowledgements for trading partners' purchase orders"),
    "rates": _("Fetches exchange rates and fills in missing ones"),
    "risk": _("Requests fraud scores for new orders"),
    "shops": _("Fetches orders from connected shops and reconciles the counts"),
    "letters": _("Fetches new e-mails from connected mailboxes"),
    "news": _("Notifies connected shops of shipments and cancellations"),
    "night": _("Nightly: reclassifies SKUs, reports late purchase orders and suggests purchases"),
    "transit": _("Daily: updates the transit days of shipping services from actual deliveries"),
    "invoices": _("Issues invoices for channels with automatic invoicing"),
    "watch": _("Alerts staff to late orders, shortages, failures and pending approvals"),
    "backup": _("Makes the nightly backup and drills whether it can be restored"),
    "audit": _("Proves every invariant of stock, orders and money once a night"),
    "retention": _("Deletes what has been kept long enough, rule by rule"),
}
_begun: dict[str, float] = {}
_noted: dict[str, float] = {}


@dataclass(frozen=True)
class Entry:
    """One entry of the schedule: how often it runs, when it last did, when it will next."""

    name: str
    what: Words
    task: str
    every: timedelta
    last: Heartbeat | None

    @property
    def next_at(self) -> datetime | None:
        return self.last.at + self.every if self.last else None


def entries() -> list[Entry]:
    """Return every entry of the schedule, in its order."""
    lasts = {h.name: h for h in Heartbeat.objects.filter(name__startswith="schedule:")}
    return [
        Entry(
            name=name,
            what=WHAT.get(name, name),
            task=entry["task"],
            every=timedelta(seconds=float(entry["schedule"])),
            last=lasts.get(f"schedule:{name}"),
        )
        for name, entry in current_app.conf.beat_schedule.items()
    ]


def failing() -> list[Heartbeat]:
    """The entries whose task has failed several times in a row."""
    names = [f"schedule:{name}" for name in current_app.conf.beat_schedule]
    rows = Heartbeat.objects.filter(name__in=names, failures__gte=FAILURES)
    return list(rows.order_by("name"))


@signals.task_prerun.connect
def _begin(task_id: str = "", **_rest: object) -> None:
    _begun[task_id] = time.monotonic()


@signals.task_postrun.connect
def _note(
    task_id: str = "", task: Task | None = None, retval: object = None, **_rest: object
) -> None:
    """Note a run, at most every ten seconds and entry; a failure always."""
    began = _begun.pop(task_id, None)
    name = next(
        (n for n, e in current_app.conf.beat_schedule.items() if task and e["task"] == task.name),
        "",
    )
    if not name or began is None:
        return
    now = time.monotonic()
    failed = isinstance(retval, Exception)
    if not failed and now - _noted.get(name, 0.0) < NOTED_EVERY_S:
        return
    # The first run that goes well after one that failed is noted at once: it ends the row.
    _noted[name] = 0.0 if failed else now
    error = f"{type(retval).__name__}: {retval}"[:300] if failed else ""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO erp_heartbeat (name, at, seconds, error, failures) VALUES (%s, now(), %s, %s, %s)"
                " ON CONFLICT (name) DO UPDATE SET at = now(), seconds = excluded.seconds, error = excluded.error,"
                " failures = CASE WHEN excluded.error = '' THEN 0 ELSE erp_heartbeat.failures + 1 END",
                [f"schedule:{name}", now - began, error, int(failed)],
            )
    except DatabaseError:
        pass  # the next run notes it
