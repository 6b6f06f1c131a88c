"""Changes customers' notes, groups, credit terms and tax exemptions, above the limit once somebody else approves."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.approvals.actions import SIGNED, sign_approval, sign_proposal
from erp.approvals.queries import Weight
from erp.errors import FieldError, Invalid, NotFound
from erp.queries import find_one
from orders.customers.approvals import weight_of_exemption, weight_of_proposal, weight_of_terms
from orders.customers.contacts import is_country
from orders.customers.models import Customer, CustomerGroup, TaxExemption, TermsProposal
from orders.customers.queries import require_own
from orders.customers.states import TERMS, ProposalStatus
from orders.customers.tax_ids import tax_id_of
from orders.customers.terms import Terms


@transaction.atomic(savepoint=False)
def change_customer(
    *,
    customer_id: int,
    min_shelf_life_days: int,
    note: str,
    terms: Terms | None = None,
    by: Actor,
    now: datetime,
) -> Customer:
    """Change a customer's minimum shelf life, note, group and credit terms.

    min_shelf_life_days   lots that expire sooner are passed over when their parcels are shipped
    terms                 None leaves them as they are; changing them is a right of its own. Above the limit they wait
                          for another person's approval (`terms_wait`), and those that hold are unchanged
    Raises Invalid, NotFound, NotAllowed; that too for a channel's key where other channels know the customer.
    """
    require(by, "customers.edit")
    sign_history(by)
    if not 0 <= min_shelf_life_days <= 3650:
        raise Invalid(_("Between 0 and 3,650 days."))
    customer = find_one(Customer.objects.select_for_update().filter(pk=customer_id))
    require_own(by, customer)
    customer.min_shelf_life_days, customer.note = min_shelf_life_days, note[:5000]
    if terms is not None and terms != Terms.of(customer):
        require(by, "customers.terms")
        group = _checked(terms)
        weight = weight_of_terms(customer, terms)
        if weight.needs_second_person:
            asked = TermsProposal(
                customer=customer,
                kind=TermsProposal.Kind.TERMS,
                group=group,
                credit_limit=terms.credit_limit,
                payment_days=terms.payment_days,
                has_account=terms.has_account,
            )
            _propose(asked, weight, by, now)
            customer.terms_wait = True
        else:
            _agree(customer, group, terms)
    customer.save()
    return customer


def _checked(terms: Terms) -> CustomerGroup | None:
    """The group that terms name. Raises Invalid for terms that make no sense."""
    if terms.credit_limit is not None and not 0 <= terms.credit_limit < 10**13:
        raise Invalid(_("A credit limit cannot be negative."))
    if not 0 <= terms.payment_days <= 365:
        raise Invalid(_("A payment term is between 0 and 365 days."))
    group = CustomerGroup.objects.filter(code=terms.group).first()
    if terms.group and group is None:
        raise Invalid(_("There is no such customer group."))
    return group


def _agree(customer: Customer, group: CustomerGroup | None, terms: Terms) -> None:
    customer.group, customer.credit_limit = group, terms.credit_limit
    customer.payment_days, customer.has_account = terms.payment_days, terms.has_account


def _propose(asked: TermsProposal, weight: Weight, by: Actor, now: datetime) -> None:
    """Write terms down that wait; they take the place of those that waited for the same."""
    TermsProposal.objects.filter(
        customer=asked.customer,
        kind=asked.kind,
        country=asked.country,
        status=ProposalStatus.WAITING,
    ).update(status=ProposalStatus.REJECTED, ended_by=by, ended_at=now)
    asked.status, asked.by, asked.proposed_at = TERMS.initial, by, now
    sign_proposal(row=asked, weight=weight, by=by)
    asked.save()


@transaction.atomic(savepoint=False)
def exempt_customer(
    *,
    customer_id: int,
    country: str,
    tax_id: str,
    valid_from: date | None = None,
    valid_until: date | None = None,
    by: Actor,
    now: datetime,
) -> TaxExemption | TermsProposal:
    """Exempt a customer's orders to a country from tax, for a tax id with valid check digits.

    The one there was for that country is replaced. Where a limit is set for terms, it waits for another person's
    approval. Raises Invalid naming the field, NotFound, NotAllowed.
    """
    require(by, "customers.terms")
    sign_history(by)
    country = country.strip().upper()
    if not is_country(country):
        raise Invalid(
            errors=[FieldError("/country", "unknown", _("Give an ISO 3166-1 code such as CN."))]
        )
    written = tax_id_of(tax_id, country)
    if not written:
        why = _("Invalid tax id: wrong format or check digits.")
        raise Invalid(errors=[FieldError("/tax_id", "malformed", why)])
    if valid_from and valid_until and valid_from >= valid_until:
        raise Invalid(
            errors=[
                FieldError("/valid_until", "out-of-range", _("The end has to be after the start."))
            ]
        )
    customer = find_one(Customer.objects.select_for_update().filter(pk=customer_id))
    require_own(by, customer)
    asked = TermsProposal(
        customer=customer,
        kind=TermsProposal.Kind.EXEMPTION,
        country=country,
        tax_id=written,
        valid_from=valid_from,
        valid_until=valid_until,
        by=by,
    )
    weight = weight_of_exemption()
    if weight.needs_second_person:
        _propose(asked, weight, by, now)
        return asked
    return _exempt(asked, now)


def _exempt(asked: TermsProposal, now: datetime) -> TaxExemption:
    made, _new = TaxExemption.objects.update_or_create(
        customer=asked.customer,
        country=asked.country,
        defaults={
            "tax_id": asked.tax_id,
            "valid_from": asked.valid_from,
            "valid_until": asked.valid_until,
            "by": asked.by,
            "agreed_at": now,
        },
    )
    return made


@transaction.atomic(savepoint=False)
def approve_terms(*, proposal_id: int, by: Actor, now: datetime) -> TermsProposal:
    """Approve proposed terms: they hold from now on. Raises SecondPersonNeeded for who proposed them, NotFound."""
    require(by, "customers.terms")
    sign_history(by)
    proposal = _locked(proposal_id)
    proposal.status = TERMS.next_state(proposal.status, "approve")
    sign_approval(row=proposal, weight=weight_of_proposal(proposal), by=by)
    _end(proposal, by, now)
    customer = proposal.customer
    if proposal.kind == TermsProposal.Kind.EXEMPTION:
        _exempt(proposal, now)
    else:
        _agree(customer, proposal.group, Terms.of(proposal))
        customer.save(update_fields=["group", "credit_limit", "payment_days", "has_account"])
    return proposal


@transaction.atomic(savepoint=False)
def reject_terms(*, proposal_id: int, by: Actor, now: datetime) -> TermsProposal:
    """Reject proposed terms: nothing changes. Raises NotFound."""
    require(by, "customers.terms")
    proposal = _locked(proposal_id)
    proposal.status = TERMS.next_state(proposal.status, "reject")
    _end(proposal, by, now)
    return proposal


def _locked(proposal_id: int) -> TermsProposal:
    """Lock a proposal behind its customer."""
    found = find_one(TermsProposal.objects.filter(pk=proposal_id))
    customer = Customer.objects.select_for_update().get(pk=found.customer_id)
    proposal = TermsProposal.objects.select_for_update().get(pk=proposal_id)
    proposal.customer = customer
    return proposal


def _end(proposal: TermsProposal, by: Actor, now: datetime) -> None:
    proposal.ended_by, proposal.ended_at = by, now
    proposal.save(update_fields=["status", "ended_by", "ended_at", *SIGNED])


@transaction.atomic(savepoint=False)
def end_exemption(*, exemption_id: int, by: Actor, now: datetime) -> None:
    """End a customer's tax exemption for a country from now on. Raises NotFound."""
    require(by, "customers.terms")
    sign_history(by)
    if not TaxExemption.objects.filter(pk=exemption_id).delete()[0]:
        raise NotFound
