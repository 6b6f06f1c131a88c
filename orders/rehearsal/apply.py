"""Applies the active rules to open orders: previewed first, then run as a job."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import InProgress
from erp.jobs.actions import end_job
from erp.jobs.models import Job
from erp.jobs.runner import goes_on
from erp.once import perform
from orders.rehearsal.rules import Figure
from orders.review.actions.review_again import review_again, standings
from orders.review.decisions.conditions import fields_of
from orders.review.decisions.rules import change_of, evaluate
from orders.review.fields import FIELDS
from orders.review.rule_facts import open_ids, open_matching, orders_as_they_are
from orders.review.rulebook import current, rules_of

PAGE = 1000


TRIES, PAUSE_S = 5, 0.5  # of a page whose orders somebody else has locked


@dataclass(slots=True)
class Applied:
    """What applying the rules to the open orders would do."""

    orders: int = 0
    newly_held: Figure = field(default_factory=Figure)
    released: Figure = field(default_factory=Figure)
    newly_marked: Figure = field(default_factory=Figure)
    carried_out: Figure = field(default_factory=Figure)  # a gift, a split, another way


def preview(*, now: datetime) -> Applied:
    """Ask the rules in force about every open order, and write nothing."""
    book, found = current(), Applied()
    in_force = rules_of(book.pk, book.at) if book else ()
    for ids in _pages(0):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            known = orders_as_they_are(ids, now)
            stands = standings(known)
        for order in known:
            change = change_of(evaluate(in_force, order.asked), stands[order.id])
            found.orders += 1
            if change.opens:
                found.newly_held.add(order)
            if change.releases:
                found.released.add(order)
            if change.tags or change.flag:
                found.newly_marked.add(order)
            if change.follows:
                found.carried_out.add(order)
    return found


def _pages(after: int) -> Iterator[list[int]]:
    """Ids of the open orders above `after`, page by page."""
    while True:
        ids = open_ids(after=after, most=PAGE)
        if not ids:
            return
        yield ids
        after = ids[-1]


def work(job: Job, by: Actor, until: float) -> bool:
    """Review the open orders again, a page in a transaction, for a slice of time; whether some are left."""
    require(by, "orders.hold")
    figures: dict[str, int] = job.result.get("figures", {})
    for ids in _pages(job.result.get("after", 0)):
        if time.monotonic() > until:
            return True
        done = _patiently(ids, by)
        figures = {name: figures.get(name, 0) + n for name, n in done.items()}
        place = {"after": ids[-1], "figures": figures}
        if not goes_on(job, done=figures["asked"], result=place):
            return False
    perform(end_job, job_id=job.pk, status="done", now=timezone.now())
    return False


def _patiently(ids: list[int], by: Actor) -> dict[str, int]:
    for attempt in range(TRIES):
        try:
            return perform(review_again, order_ids=ids, by=by, now=timezone.now())
        except InProgress:
            if attempt == TRIES - 1:
                raise
            time.sleep(PAUSE_S)
    raise AssertionError("unreachable")


def review_by_time(*, by: Actor, now: datetime) -> int:
    """Review the orders again that a rule about their waiting has become true of; return how many changed."""
    book, changed = current(), 0
    for rule in rules_of(book.pk, book.at) if book else ():
        by_clock = any(FIELDS[name].by_clock for name in fields_of(rule.condition))
        if not by_clock or not rule.counts_at(now):
            continue
        after = 0
        while ids := open_matching(rule.condition, after=after, most=PAGE, now=now):
            done = _patiently(ids, by)
            changed += done["changed"]
            after = ids[-1]
    return changed
