"""Leases orders for fraud scoring and acts on the scores."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.access.queries import require
from erp.backlogs import Backlog
from erp.errors import FieldError, Invalid
from erp.leases import Queue
from orders.order.actions.holds import hold_for_finding, release_order
from orders.order.actions.life import cancel_order
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Hold, Order, OrderLine
from orders.order.models.timeline import Decision
from orders.risk import decisions as risk_decisions
from orders.risk.models import RiskCheck, RiskProvider

CHECKS = Queue(
    table="orders_riskcheck",
    waits="pending",
    gives_up="parked",
    most=6,
    lease=timedelta(seconds=120),
    may="""EXISTS (SELECT 1 FROM orders_order o
                   JOIN orders_riskprovider p ON p.channel_id = o.channel_id AND p.is_active AND p.kind = q.source
                   WHERE o.id = q.order_id AND p.kind <> 'pushed')""",
)
# What a provider is to push, nobody asks for: it waits as long as the order's window.
BACKLOG = Backlog(
    name="risk_checks",
    label=gettext_lazy("Requests for a fraud score"),
    table="orders_riskcheck",
    waiting="status = 'pending'",
    parked="status = 'parked'",
    late=timedelta(days=1),
    note="source",
    right="orders.assess",
    replay="orders.risk.actions.replay_checks",
    leaves=True,
)


UNKNOWN, HIGH = "risk_unknown", "risk_high"


DEFAULT = RiskProvider()  # the limits of a channel that nobody set any for


@transaction.atomic(savepoint=False)
def note_risk_failure(*, check_id: int, error: str, is_final: bool, now: datetime) -> RiskCheck:
    """Write down why a provider did not answer: it is asked later and later, then a person decides."""
    check = RiskCheck.objects.select_for_update().get(pk=check_id)
    if check.status != RiskCheck.Status.PENDING:
        return (
            check  # whoever was thought dead has been answered, or a provider has said it by itself
        )
    check.error, check.attempts, check.is_leased = error[:300], check.attempts + 1, False
    if is_final or check.attempts >= CHECKS.most:
        check.status = RiskCheck.Status.PARKED
    else:
        check.due_at = now + timedelta(seconds=min(3600, 15 * 4 ** (check.attempts - 1)))
    check.save(update_fields=["error", "status", "due_at", "attempts", "is_leased"])
    return check


@transaction.atomic(savepoint=False)
def assess_risk(
    *,
    order_id: int,
    source: str,
    reference: str,
    score: Decimal,
    recommendation: str,
    reasons: Sequence[str],
    by: Actor,
    now: datetime,
) -> RiskCheck:
    """Record a fraud score of an order, once per reference, and act on it.

    score            0 to 100
    recommendation   accept, review, decline, or ""
    Accepted, the order goes on; doubtful, it is held for a person; above the merchant's limit, it
    is cancelled unless something of it has left. Raises Invalid.
    """
    require(by, "orders.assess")
    _check(source, reference, score, recommendation)
    order = lock_order(order_id)
    asked = RiskCheck.objects.filter(order=order, source=source)
    if known := asked.filter(reference=reference, status="done").first():
        return known
    check = asked.exclude(status="done").order_by("pk").first() or RiskCheck(
        order=order, source=source
    )
    check.status, check.reference, check.score = RiskCheck.Status.DONE, reference, score
    check.recommendation, check.reasons = recommendation, [r[:200] for r in reasons[:20]]
    check.done_at, check.error, check.is_leased = now, "", False
    check.save()
    limits = RiskProvider.objects.filter(channel_id=order.channel_id).first() or DEFAULT
    judged = risk_decisions.judge(
        risk_decisions.Scored(score, recommendation, limits.hold_from, limits.decline_from)
    )
    _note_decision(order, check, limits, judged, now)
    append_event(
        order_id=order.pk,
        kind="risk.assessed",
        by=by,
        now=now,
        data={"source": source, "score": f"{score.normalize():f}", "outcome": judged.outcome},
    )
    _act(order, judged.outcome, by, now)
    return check


def _note_decision(
    order: Order,
    check: RiskCheck,
    limits: RiskProvider,
    judged: risk_decisions.Judged,
    now: datetime,
) -> None:
    Decision.objects.create(
        order=order,
        kind="risk",
        engine=risk_decisions.ENGINE,
        at=now,
        inputs={
            "source": check.source,
            "reference": check.reference,
            "score": str(check.score),
            "recommendation": check.recommendation,
            "reasons": check.reasons,
            "hold_from": limits.hold_from,
            "decline_from": limits.decline_from,
        },
        outcome={"outcome": judged.outcome},
        reasons=judged.reasons,
        counterfactual=judged.counterfactual,
    )


def _check(source: str, reference: str, score: Decimal, recommendation: str) -> None:
    errors = []
    if not 1 <= len(source.strip()) <= 40:
        errors.append(
            FieldError(
                "/source", "required", _("Name the scoring provider in at most 40 characters.")
            )
        )
    if not 1 <= len(reference.strip()) <= 100:
        errors.append(FieldError("/reference", "required", _("Enter your own id of this score.")))
    if not 0 <= score <= 100:
        errors.append(FieldError("/score", "out-of-range", _("A score is from 0 to 100.")))
    if recommendation and recommendation not in risk_decisions.RECOMMENDATIONS:
        errors.append(
            FieldError("/recommendation", "unknown", _("One of: accept, review, decline."))
        )
    if errors:
        raise Invalid(errors=errors)


def _act(order: Order, outcome: str, by: Actor, now: datetime) -> None:
    if order.status not in {"pending", "confirmed"}:
        return
    held = list(Hold.objects.filter(order=order, released_at=None, reason__in=(UNKNOWN, HIGH)))
    has_left = OrderLine.objects.filter(order=order, quantity_shipped__gt=0).exists()
    if outcome == risk_decisions.DECLINE and not has_left:
        cancel_order(order_id=order.pk, reason="risk_declined", by=by, now=now)
        return
    if (
        outcome != risk_decisions.ACCEPT
        and not has_left
        and not any(h.reason == HIGH for h in held)
    ):
        hold_for_finding(order_id=order.pk, finding=HIGH, by=by, now=now)
    for hold in held:
        if hold.reason == UNKNOWN or outcome == risk_decisions.ACCEPT:
            release_order(order_id=order.pk, hold_id=hold.pk, by=by, now=now)


@transaction.atomic(savepoint=False)
def replay_checks(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Ask again for scores that no provider gave; return how many."""
    require(by, BACKLOG.right)
    rows = RiskCheck.objects.filter(pk__in=ids, status="parked")
    return rows.update(status="pending", attempts=0, is_leased=False, due_at=now, error="")
