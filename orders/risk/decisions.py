"""Decides what a fraud score leads to: approve, review or decline."""

from dataclasses import dataclass
from decimal import Decimal

from erp.reasons import Reason, reason

ENGINE = "risk/1"


ACCEPT, REVIEW, DECLINE = "accept", "review", "decline"


RECOMMENDATIONS = (ACCEPT, REVIEW, DECLINE)


@dataclass(frozen=True, slots=True)
class Scored:
    """A provider's answer and the merchant's limits, both from 0 to 100.

    recommendation   the provider's own: accept, review, decline; "" where it gives none
    decline_from     None: nothing is declined by itself
    """

    score: Decimal
    recommendation: str
    hold_from: int
    decline_from: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    outcome: str
    reasons: list[Reason]
    counterfactual: Reason | None = None


def judge(facts: Scored) -> Judged:
    """Judge a score by the merchant's limits; the provider's own advice can only make it stricter.

    It declines by itself where the merchant has set a limit for that, never on advice alone.
    """
    score = f"{facts.score.normalize():f}"
    if facts.decline_from is not None and facts.score >= facts.decline_from:
        return Judged(DECLINE, [reason("risk_declines", score=score, limit=facts.decline_from)])
    reasons = []
    if facts.score >= facts.hold_from:
        reasons.append(reason("risk_holds", score=score, limit=facts.hold_from))
    if facts.recommendation in {REVIEW, DECLINE}:
        reasons.append(reason("risk_advised", advice=facts.recommendation))
    if reasons:
        return Judged(
            REVIEW, reasons, {"code": "risk_passes_below", "params": {"limit": facts.hold_from}}
        )
    return Judged(ACCEPT, [reason("risk_passes", score=score, limit=facts.hold_from)])
