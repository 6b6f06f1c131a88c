"""Weighs customers' terms: credit by its amount, a group and an exemption whatever they come to."""

from datetime import datetime
from decimal import Decimal

from erp.access.models import Actor
from erp.approvals.models import ApprovalKind
from erp.approvals.queries import NOTHING, Weight, limit_of, ruling_of, worded
from orders.customers.models import Customer, TermsProposal
from orders.customers.terms import Terms

ALWAYS = Weight(limit=Decimal(0))


def weight_of_terms(customer: Customer, terms: Terms) -> Weight:
    """What new terms are compared with: how much may be owed by them.

    Terms that give a customer nothing more than they have need no second person. A group has prices of its own, and
    unlimited credit has no amount: both always need one where a limit is set. A limit is one for the whole
    customer, so raising it in small steps is weighed by where it ends.
    """
    limit, now = limit_of(ApprovalKind.TERMS), Terms.of(customer)
    if limit is None:
        return NOTHING
    if terms.group and terms.group != now.group:
        return ALWAYS
    before, after = now.most_owed(), terms.most_owed()
    is_more = before is not None and (after is None or after > before)
    if not is_more and terms.payment_days <= now.payment_days:
        return NOTHING
    return ALWAYS if after is None else Weight(after, limit)


def weight_of_exemption() -> Weight:
    """What a tax exemption is compared with: it always needs a second person where a limit is set."""
    return NOTHING if limit_of(ApprovalKind.TERMS) is None else ALWAYS


def weight_of_proposal(proposal: TermsProposal) -> Weight:
    """What terms that wait are compared with."""
    if proposal.kind == TermsProposal.Kind.EXEMPTION:
        return weight_of_exemption()
    return weight_of_terms(proposal.customer, Terms.of(proposal))


def why_not_approved(proposal: TermsProposal, actor: Actor, _now: datetime) -> str:
    """Why an actor may not approve proposed terms, in words; "" where nothing keeps them from it."""
    weight = weight_of_proposal(proposal)
    return worded(ruling_of(proposal, weight, actor), weight.limit)
