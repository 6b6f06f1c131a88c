"""Re-evaluates the rules on open orders and applies what changed, set by set."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.events.record import event_row, record_events
from erp.jobs.actions import begin_job
from erp.jobs.models import Job
from erp.reasons import reason
from orders.order.actions.life import confirm_those_ready
from orders.order.models.order import Hold, Order
from orders.order.models.timeline import Decision, OrderEvent
from orders.review.decisions import rules as decisions_rules
from orders.review.decisions.rules import Change, Standing, change_of
from orders.review.rule_facts import KnownOrder, orders_as_they_are
from orders.review.rulebook import current, plain_facts, rules_of

WRITE = """
UPDATE orders_order o SET open_holds = o.open_holds + r.opened - r.released, updated_at = %s,
    tags = o.tags || r.tags, flag = CASE WHEN o.flag = '' THEN r.flag ELSE o.flag END
FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, opened int, released int, tags varchar[], flag text)
WHERE o.id = r.id
"""


@transaction.atomic(savepoint=False)
def review_again(*, order_ids: Sequence[int], by: Actor, now: datetime) -> dict[str, int]:
    """Re-evaluate the active rules on open orders and apply the differences.

    A rule that applies now and did not opens its hold, tags and flags; one that applies no longer has its
    hold released, and so has what was only doubtful once a rule approves. What a person released or took
    away stays so. Orders that nothing holds any more are confirmed. Those that ended or left are skipped.
    Returns how many were asked about, changed, held, released, marked and confirmed.
    """
    require(by, "orders.hold")
    done = dict.fromkeys(("asked", "changed", "held", "released", "marked", "confirmed"), 0)
    book = current()
    if book is None:
        return done
    ids = list(
        Order.objects.select_for_update()
        .filter(pk__in=order_ids, status__in=("pending", "confirmed"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    known = orders_as_they_are(ids, now)
    done["asked"] = len(known)
    in_force = rules_of(book.pk, book.at)
    stands = standings(known)
    changed = []
    for order in known:
        ruled = decisions_rules.evaluate(in_force, order.asked)
        change = change_of(ruled, stands[order.id])
        if change.differs:
            changed.append((order, ruled, change))
    _write(changed, book.pk, by, now)
    done["changed"] = sum(change.acts for _o, _r, change in changed)
    done["held"] = sum(bool(change.opens) for _o, _r, change in changed)
    done["released"] = sum(bool(change.releases) for _o, _r, change in changed)
    done["marked"] = sum(bool(change.tags or change.flag) for _o, _r, change in changed)
    freed = [order.id for order, _r, change in changed if change.releases and not change.opens]
    confirmed = confirm_those_ready(order_ids=freed, by=by, now=now)
    done["confirmed"] = len(confirmed)
    channels = dict(Order.objects.filter(pk__in=freed).values_list("pk", "channel_id"))
    record_events(
        [
            event_row("order.released", f"order:{pk}", channels[pk], {"order_id": pk})
            for pk in freed
            if pk not in confirmed
        ]
    )
    return done


@transaction.atomic(savepoint=False)
def begin_review(*, language: str, by: Actor, now: datetime) -> Job:
    """Open the job that applies the rules in force to the open orders."""
    require(by, "settings.edit")
    return begin_job(
        kind="review",
        name=_("Rules applied to open orders"),
        asked={"language": language},
        total=None,
        by=by,
        now=now,
    )


@transaction.atomic(savepoint=False)
def begin_rehearsal(
    *, name: str, asked: dict[str, Any], total: int, by: Actor, now: datetime
) -> Job:
    """Open the job of a rehearsal, as `orders.rehearsal.jobs` takes it.

    It says the kind, the span, what is tried, the page it is for.
    """
    require(by, "settings.view")
    return begin_job(kind="rehearsal", name=name, asked=asked, total=total, by=by, now=now)


def standings(known: Sequence[KnownOrder]) -> dict[int, Standing]:
    """How orders stand with the rules: what the last judgement said, and which of their holds are open."""
    found = {
        order.id: Standing(
            tags=set(order.asked["tags"]),
            doubtful={f["code"] for f in order.findings if f["severity"] == "doubtful"},
        )
        for order in known
    }
    ids = list(found)
    holds = Hold.objects.filter(order__in=ids, released_at=None).order_by("pk")
    for order_id, pk, kind, code in holds.values_list("order_id", "pk", "kind", "reason"):
        found[order_id].open.append((pk, kind, code))
    judged = Decision.objects.filter(order__in=ids, kind="rules").order_by("pk")
    for order_id, outcome in judged.values_list("order_id", "outcome"):
        found[order_id].last = outcome
    for order_id, flag in Order.objects.filter(pk__in=ids).values_list("pk", "flag"):
        found[order_id].flag = flag
    return found


def _write(
    changed: Sequence[tuple[KnownOrder, decisions_rules.Ruled, Change]],
    book: int,
    by: Actor,
    now: datetime,
) -> None:
    holds: list[Hold] = []
    steps: list[OrderEvent] = []
    decisions: list[Decision] = []
    rows: list[dict[str, Any]] = []
    released: list[int] = []
    for order, ruled, change in changed:
        for kind, rule, minutes in change.opens:
            until = now + timedelta(minutes=minutes) if minutes else None
            holds.append(_hold(order.id, kind, rule, until, by, now))
            steps.append(_step(order.id, "hold.opened", kind, f"rule:{rule}", by, now))
        for pk, kind, code in change.releases:
            released.append(pk)
            steps.append(_step(order.id, "hold.released", kind, code, by, now))
        decisions.append(_decision(order, ruled, book, now))
        rows.append(
            {
                "id": order.id,
                "opened": len(change.opens),
                "released": len(change.releases),
                "tags": change.tags,
                "flag": change.flag,
            }
        )
    Hold.objects.bulk_create(holds)
    Hold.objects.filter(pk__in=released).update(released_at=now, released_by=by)
    OrderEvent.objects.bulk_create(steps)
    Decision.objects.bulk_create(decisions)
    acted = [row for row in rows if row["opened"] or row["released"] or row["tags"] or row["flag"]]
    if acted:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [now, json.dumps(acted)])
    _tell([row["id"] for row in acted if row["opened"]], changed)


def _tell(
    held: Sequence[int], changed: Sequence[tuple[KnownOrder, decisions_rules.Ruled, Change]]
) -> None:
    """Record which orders are held now, and which have rules that others carry out."""
    channels = dict(Order.objects.filter(pk__in=held).values_list("pk", "channel_id"))
    record_events(
        [event_row("order.held", f"order:{pk}", channels[pk], {"order_id": pk}) for pk in held]
    )
    record_events(
        [
            event_row(
                "order.ruled",
                f"order:{order.id}",
                order.channel_id,
                {"order_id": order.id, "follows": change.follows},
            )
            for order, _ruled, change in changed
            if change.follows
        ]
    )


def _hold(
    order_id: int, kind: str, rule: str, until: datetime | None, by: Actor, now: datetime
) -> Hold:
    reason = f"rule:{rule}"
    return Hold(order_id=order_id, kind=kind, reason=reason, by=by, opened_at=now, until=until)


def _decision(
    order: KnownOrder, ruled: decisions_rules.Ruled, book: int, now: datetime
) -> Decision:
    return Decision(
        order_id=order.id,
        kind="rules",
        engine=decisions_rules.ENGINE,
        at=now,
        outcome=ruled.outcome(),
        inputs={"book": book, "facts": plain_facts(order.asked), "again": True},
        reasons=ruled.reasons or [reason("no_rule_matched")],
    )


def _step(order_id: int, step: str, kind: str, code: str, by: Actor, now: datetime) -> OrderEvent:
    return OrderEvent(
        order_id=order_id, kind=step, by=by, at=now, data={"kind": kind, "reason": code}
    )
