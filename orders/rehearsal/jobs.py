"""Runs large rehearsals as jobs, page by page, with stop and resume."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import require
from erp.jobs.actions import end_job
from erp.jobs.models import Job
from erp.jobs.runner import goes_on
from erp.once import perform
from erp.queries import find_one
from orders.pricing.models.promotions import Promotion
from orders.rehearsal.offers import (
    Offered,
    OtherWay,
    Sent,
    asking_promotion,
    asking_routing,
    page_of_decided,
)
from orders.rehearsal.rules import Rehearsal, asking_rule, page_of_orders
from orders.review.models import RuleRevision
from orders.review.rulebook import compiled, rules_of

AT_ONCE = 20_000  # orders that a page waits for


After = tuple[datetime, int]


Pages = Callable[[datetime, datetime, After], tuple[Sequence[Any], After | None]]


KINDS: dict[str, type[Rehearsal] | type[Offered] | type[Sent]] = {
    "rule": Rehearsal,
    "promotion": Offered,
    "routing": Sent,
}


def orders_in(since: datetime, until: datetime, *, most: int = AT_ONCE + 1) -> int:
    """How many orders were placed in a span, counted up to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM orders_order WHERE placed_at >= %s AND placed_at < %s LIMIT %s) x",
            [since, until, most],
        )
        return int(cursor.fetchone()[0])


def work(job: Job, by: Actor, until: float) -> bool:
    """Ask the orders of a rehearsal for a slice of time, a page after another; whether some are left.

    What is written is the job's own row alone.
    """
    require(by, "settings.view")
    asked = job.asked
    since, ends = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    told = told_of(job)
    at = job.result.get("after")
    after: After | None = (datetime.fromisoformat(at[0]), at[1]) if at else (since, 0)
    pages, ask = _asking(asked)
    done = job.done
    while after is not None:
        if time.monotonic() > until:
            return True
        page, after = pages(since, ends, after)
        for order in page:
            ask(order, told)
        done += len(page)
        place = [after[0].isoformat(), after[1]] if after else None
        result = {"told": msgspec.to_builtins(told), "after": place}
        if not goes_on(job, done=done, result=result):
            return False
    perform(end_job, job_id=job.pk, status="done", now=timezone.now())
    return False


def told_of(job: Job) -> Any:
    """What a rehearsal's job has found so far: a Rehearsal, an Offered or a Sent."""
    kind = KINDS[job.asked["kind"]]
    kept = job.result.get("told")
    return msgspec.convert(kept, kind, strict=False) if kept else kind()


def _asking(asked: Mapping[str, Any]) -> tuple[Pages, Callable[[Any, Any], None]]:
    """Where the orders of a rehearsal come from, and what each is asked. Raises NotFound where it is gone."""
    if asked["kind"] == "rule":
        revision = find_one(
            RuleRevision.objects.select_related("rule").filter(pk=asked["revision"])
        )
        return page_of_orders, asking_rule(compiled(revision), rules_of(asked["book"]))
    if asked["kind"] == "promotion":
        promotion = find_one(Promotion.objects.filter(code=asked["promotion"]))
        return page_of_decided("pricing"), asking_promotion(promotion)
    return page_of_decided("routing"), asking_routing(OtherWay(**asked["way"]))
