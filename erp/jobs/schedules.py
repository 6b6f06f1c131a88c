"""What beat sends and when, and when each task last ran: noted by the workers themselves."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import Task, current_app, signals
from django.db import DatabaseError, connection
from django.utils.translation import gettext_lazy as _

from erp.events.models import Heartbeat
from erp.shapes import Words

NOTED_EVERY_S = 10.0  # of tasks that run every two seconds one run in five is noted
WHAT = {
    "relay": _("Hands new events to the parts of the system that act on them"),
    "beat": _("Proves that a worker consumes its queue"),
    "webhooks": _("Tells webhook endpoints what happened"),
    "jobs": _("Gives waiting jobs to workers"),
    "mail": _("Sends the notifications that are due"),
    "names": _("Learns the names of new customers, for search to correct mistyped ones"),
    "expire": _("Gives back stock that carts held too long"),
    "publish": _("Tells channels the stock that changed"),
    "inbox": _("Reads what channels have sent"),
    "unpaid": _("Reminds of what is not paid, and ends what never was"),
    "holds": _("Releases the holds whose time is over"),
    "merge": _("Merges orders of one customer to one place, on channels that want that"),
    "payments": _("Asks payment providers to capture, void and refund what is due"),
    "review": _(
        "Asks the rules again about orders that have waited; routes those anew whose warehouse is out"
    ),
    "answers": _("Acknowledges the purchase orders of trading partners"),
    "rates": _("Fetches exchange rates, and gives orders the rates they lack"),
    "risk": _("Asks how likely new orders are fraud"),
    "shops": _("Asks connected shops for their orders, and counts them against ours"),
    "letters": _("Fetches the letters that are new in connected mailboxes"),
    "news": _("Tells connected shops what became of their orders"),
    "night": _(
        "Each night: sorts SKUs into classes, blocks lots that expire, tells of late purchase orders, says what to buy"
    ),
    "forget": _("Forgets idempotency keys older than 30 days"),
    "transit": _("Each day: lets shipping services promise what their deliveries have taken"),
    "invoices": _("Invoices the orders of channels that invoice by themselves"),
    "watch": _("Tells staff what is late, short, failing or waits for approval"),
    "tidy": _("Forgets webhook deliveries older than 30 days"),
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
    """Every entry of the schedule, in its order."""
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
    _noted[name] = now
    error = f"{type(retval).__name__}: {retval}"[:300] if failed else ""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO erp_heartbeat (name, at, seconds, error) VALUES (%s, now(), %s, %s)"
                " ON CONFLICT (name) DO UPDATE SET at = now(), seconds = excluded.seconds, error = excluded.error",
                [f"schedule:{name}", now - began, error],
            )
    except DatabaseError:
        pass  # the next run notes it
