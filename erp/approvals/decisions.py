"""Decides whether a second person is needed, and who may be that person. Pure: amounts and ids in, a ruling out."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

# Why a second person is needed.
ABOVE = "above-limit"
ALWAYS = "always"  # the limit is 0
UNKNOWN = "value-unknown"  # no rate or cost says what it is worth: never guessed
DECIDED = "decided-before"  # when it was proposed, the limit was another

# Why somebody is not that person.
OWN_PROPOSAL = "own-proposal"
JOB = "job-above-limit"


@dataclass(frozen=True)
class Ruling:
    """Whether an approval is allowed: why a second person is needed (""), and why this is not one ("")."""

    need: str = ""
    refusal: str = ""

    @property
    def is_allowed(self) -> bool:
        return not self.refusal


def why_needed(amount: Decimal | None, limit: Decimal | None, *, was_needed: bool = False) -> str:
    """Say why a second person is needed; "" where nobody is.

    amount      all that counts together, in the company's currency; None where nobody knows what that is
    limit       None where no limit is set, 0 where a second person is always needed
    was_needed  decided when it was proposed: never taken back, whatever the limit is now
    """
    if limit is not None:
        if limit == 0:
            return ALWAYS
        if amount is None:
            return UNKNOWN
        if amount > limit:
            return ABOVE
    return DECIDED if was_needed else ""


def may_approve(
    *,
    amount: Decimal | None,
    limit: Decimal | None,
    proposers: Collection[int],
    approver: int,
    is_job: bool,
    was_needed: bool = False,
) -> Ruling:
    """Decide whether somebody may approve what was proposed.

    proposers   whoever had a hand in the proposal, as who answers for them: a key is the person who made it
    approver    who answers for the one that approves; a job (`is_job`) never is a second person
    """
    need = why_needed(amount, limit, was_needed=was_needed)
    if need and is_job:
        return Ruling(need, JOB)
    if need and approver in proposers:
        return Ruling(need, OWN_PROPOSAL)
    return Ruling(need)


def is_looser(before: Decimal | None, after: Decimal | None) -> bool:
    """Whether a limit lets pass what the one before did not; None is no limit."""
    return before is not None and (after is None or after > before)
