"""Reads a letter under its subject: what that cancels, asks the price of or makes depend on something."""

from dataclasses import replace

from orders.intake.mail.conditions import conditions
from orders.intake.mail.courtesies import without_courtesies
from orders.intake.mail.email_orders import EmailOrder, Issue
from orders.intake.mail.objections import CANCELS, objection
from orders.intake.mail.quotations import asks_for_a_quote

DOUBTED = 0.5  # how sure goods are at most that a subject objects to


def under_subject(letter: EmailOrder, subject: str) -> EmailOrder:
    """A letter as its subject lets it be understood: one that cancels orders nothing."""
    known = {issue.code for issue in letter.issues}
    issues = list(letter.issues)
    lines = letter.lines
    words = {"words": subject.strip()[:200]}
    if objection(subject):
        is_cancel = CANCELS.search(without_courtesies(subject)) is not None
        doubted = (replace(x, confidence=min(x.confidence, DOUBTED)) for x in lines)
        lines = () if is_cancel else tuple(doubted)
        issues += [] if "says_no" in known else [Issue("says_no", words)]
    is_quote = letter.is_quote or asks_for_a_quote(subject)
    if is_quote and "asks_for_a_quote" not in known:
        issues.append(Issue("asks_for_a_quote"))
    if "conditional" not in known and conditions(subject):
        issues.append(Issue("conditional", words))
    return replace(letter, lines=lines, is_quote=is_quote, issues=tuple(issues))
