"""Declares the verbs of a customer: change, merge and unmerge, exempt from tax, export and erase."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.errors import FieldError, Invalid, NotFound
from erp.ids import primary_key, public_id
from erp.jobs.models import Job
from erp.money import written
from erp.queries import find_one
from erp.shapes import Words
from erp.verbs import Ask, NoBody, Noun, Verb, units_in
from orders.customers.actions.block import block_customer
from orders.customers.actions.terms import (
    approve_terms,
    change_customer,
    end_exemption,
    exempt_customer,
    reject_terms,
)
from orders.customers.approvals import why_not_approved
from orders.customers.models import Customer, CustomerMerge, TaxExemption, TermsProposal
from orders.customers.states import TERMS
from orders.customers.terms import Terms
from orders.order.actions.erase_customers import erase_customer, export_customer
from orders.order.actions.merge_customers import merge_customers, unmerge_customers
from orders.order.queries import find_customer, read_customer


def _page_of(customer: Customer) -> str:
    return f"/customers/{public_id('cus', customer.pk)}/"


CUSTOMER: Noun[Customer] = Noun(
    name="customer",
    path="customers/<str:customer>",
    argument="customer_id",
    right="customers.view",
    find=find_customer,
    show=read_customer,
    page=_page_of,
)


def _days(said: QueryDict, name: str, _customer: Customer) -> int | None:
    return units_in(said, name) if name in said else None


def _ticked(said: QueryDict, name: str, _customer: Customer) -> bool | None:
    """A box of the form for terms: one that is not ticked is not sent."""
    return said.get(name) == "1" if "credit_limit" in said else None


def _limit(said: QueryDict, name: str, _customer: Customer) -> str | None:
    return str(said.get(name, "")).strip().replace(",", "") or None


class CustomerBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is. `credit_limit` is in the company's currency; null: none was agreed.

    Without a limit a customer buys on account where `has_account` says so.
    """

    note: str | None = None
    min_shelf_life_days: Annotated[int | None, Ask(read=_days)] = None
    group: str | None = None
    credit_limit: Annotated[str | msgspec.UnsetType | None, Ask(read=_limit)] = msgspec.UNSET
    payment_days: Annotated[int | None, Ask(read=_days)] = None
    has_account: Annotated[bool | None, Ask(read=_ticked)] = None


class MergeCustomersBody(msgspec.Struct, forbid_unknown_fields=True):
    """The id of the customer that becomes part of this one."""

    other: str


class ExemptionBody(msgspec.Struct, forbid_unknown_fields=True):
    """Orders to the country (ISO 3166-1) bear no tax, for a tax id whose check digits are right."""

    country: str
    tax_id: str
    valid_from: date | None = None
    valid_until: date | None = None


def _changed(customer: Customer, body: CustomerBody, _by: Actor) -> Mapping[str, object]:
    days = body.min_shelf_life_days
    return {
        "note": customer.note if body.note is None else body.note,
        "min_shelf_life_days": customer.min_shelf_life_days if days is None else days,
        "terms": _terms(customer, body),
    }


def _terms(customer: Customer, body: CustomerBody) -> Terms | None:
    """The terms as they are to be; None where nothing is said of them."""
    said = (body.group, body.payment_days, body.has_account)
    if said == (None, None, None) and body.credit_limit is msgspec.UNSET:
        return None
    now = Terms.of(customer)
    limit = body.credit_limit
    return Terms(
        now.group if body.group is None else body.group,
        now.credit_limit if isinstance(limit, msgspec.UnsetType) else _amount(limit),
        now.payment_days if body.payment_days is None else body.payment_days,
        now.has_account if body.has_account is None else body.has_account,
    )


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    amount = written(text)
    if amount is None:
        detail = _("An amount is a decimal number.")
        raise Invalid(errors=[FieldError("/credit_limit", "malformed", detail)])
    return amount


def _merged(_customer: Customer, body: MergeCustomersBody, by: Actor) -> Mapping[str, object]:
    try:
        return {"gone_id": find_customer(by, body.other).pk}
    except NotFound:
        detail = _("There is no such customer.")
        raise Invalid(errors=[FieldError("/other", "unknown", detail)]) from None


WAITS = gettext_lazy("Proposed. It holds once somebody else has approved it.")


def _said_of_change(customer: Customer) -> Words:
    return WAITS if customer.terms_wait else gettext_lazy("Saved.")


def _said_of_exemption(made: TaxExemption | TermsProposal) -> Words:
    return WAITS if isinstance(made, TermsProposal) else gettext_lazy("Exempt from now on.")


CHANGE: Verb[Customer, CustomerBody] = Verb(
    "change",
    change_customer,
    "customers.edit",
    "Change a customer's note, group or credit terms",
    gettext_lazy("Change"),
    gettext_lazy("Saved."),
    body=CustomerBody,
    arguments=_changed,
    said=_said_of_change,
)
MERGE: Verb[Customer, MergeCustomersBody] = Verb(
    "merge",
    merge_customers,
    "customers.merge",
    "Merge another customer into this one",
    gettext_lazy("Merge"),
    gettext_lazy("Customers merged."),
    body=MergeCustomersBody,
    arguments=_merged,
    argument="kept_id",
)
EXEMPT: Verb[Customer, ExemptionBody] = Verb(
    "exempt",
    exempt_customer,
    "customers.terms",
    "Exempt a customer from tax in a country",
    gettext_lazy("Exempt from tax"),
    gettext_lazy("Exempt from now on."),
    body=ExemptionBody,
    said=_said_of_exemption,
    path="exemptions",
)


def _is_known(customer: Customer) -> bool:
    return customer.erased_at is None


def _job_shown(job: Job, _pk: int, _by: Actor) -> object:
    return {"object": "job", "id": job.pk, "status": job.status}


EXPORT: Verb[Customer, NoBody] = Verb(
    "export",
    export_customer,
    "customers.export",
    "Export all that is kept of a customer, as a job that makes a file",
    gettext_lazy("Export personal data"),
    gettext_lazy("The file is being made: it is listed under Jobs."),
    shows=_job_shown,
    status=202,
    is_sensitive=True,
)
ERASE: Verb[Customer, NoBody] = Verb(
    "erase",
    erase_customer,
    "customers.erase",
    "Erase a customer's personal data; refused while orders are open or money is owed",
    gettext_lazy("Erase personal data"),
    gettext_lazy("The customer is being erased."),
    offered=_is_known,
    shows=_job_shown,
    status=202,
    is_grave=True,
)


def _is_open(customer: Customer) -> bool:
    return (
        not customer.is_blocked and customer.merged_into_id is None and customer.erased_at is None
    )


def _is_blocked(customer: Customer) -> bool:
    return customer.is_blocked


BLOCK: Verb[Customer, NoBody] = Verb(
    "block",
    block_customer,
    "customers.block",
    "Block a customer: every order of theirs is held from now on",
    gettext_lazy("Block customer"),
    gettext_lazy("Customer blocked."),
    arguments=lambda _customer, _body, _by: {"is_blocked": True},
    offered=_is_open,
    place="more",
    is_grave=True,
    warning=gettext_lazy("Every order of this customer will be held from now on."),
)
UNBLOCK: Verb[Customer, NoBody] = Verb(
    "unblock",
    block_customer,
    "customers.block",
    "Lift the block of a customer",
    gettext_lazy("Unblock customer"),
    gettext_lazy("Customer unblocked."),
    arguments=lambda _customer, _body, _by: {"is_blocked": False},
    offered=_is_blocked,
    place="more",
)


def find_exemption(actor: Actor, customer: str, exemption: str) -> TaxExemption:
    """A tax exemption of a customer; raises NotFound."""
    rows = TaxExemption.objects.filter(customer=find_customer(actor, customer))
    return find_one(rows.filter(pk=primary_key("exm", exemption) or 0).select_related("customer"))


def find_proposal(actor: Actor, customer: str, proposal: str) -> TermsProposal:
    """Proposed terms of a customer; raises NotFound."""
    rows = TermsProposal.objects.filter(customer=find_customer(actor, customer))
    rows = rows.select_related("customer__group", "group", "by")
    return find_one(rows.filter(pk=primary_key("trm", proposal) or 0))


def find_merge(actor: Actor, customer: str, merge: str) -> CustomerMerge:
    """A merge of customers by the one that was kept; raises NotFound."""
    rows = CustomerMerge.objects.filter(kept=find_customer(actor, customer))
    return find_one(rows.filter(pk=primary_key("mrg", merge) or 0).select_related("kept"))


EXEMPTION: Noun[TaxExemption] = Noun(
    name="tax_exemption",
    path="customers/<str:customer>/exemptions/<str:exemption>",
    argument="exemption_id",
    right="customers.view",
    find=find_exemption,
    show=lambda _pk, _by: {"object": "tax_exemption", "ended": True},
    page=lambda exemption: _page_of(exemption.customer),
)
END: Verb[TaxExemption, NoBody] = Verb(
    "end",
    end_exemption,
    "customers.terms",
    "End a tax exemption",
    gettext_lazy("End"),
    gettext_lazy("Saved."),
)
PROPOSAL: Noun[TermsProposal] = Noun(
    name="terms_proposal",
    path="customers/<str:customer>/terms/<str:proposal>",
    argument="proposal_id",
    right="customers.view",
    find=find_proposal,
    show=lambda pk, by: read_customer(TermsProposal.objects.get(pk=pk).customer_id, by),
    page=lambda proposal: f"{_page_of(proposal.customer)}terms/{public_id('trm', proposal.pk)}/",
    machine=TERMS,
)
APPROVE_TERMS: Verb[TermsProposal, NoBody] = Verb(
    "approve",
    approve_terms,
    "customers.terms",
    "Approve proposed terms of a customer",
    gettext_lazy("Approve"),
    gettext_lazy("Approved."),
    state="approve",
    why_not=why_not_approved,
    place="head",
)
REJECT_TERMS: Verb[TermsProposal, NoBody] = Verb(
    "reject",
    reject_terms,
    "customers.terms",
    "Reject proposed terms of a customer",
    gettext_lazy("Reject"),
    gettext_lazy("Rejected. Nothing was changed."),
    state="reject",
    place="head",
    is_grave=True,
)
MERGED: Noun[CustomerMerge] = Noun(
    name="customer_merge",
    path="customers/<str:customer>/merges/<str:merge>",
    argument="merge_id",
    right="customers.view",
    find=find_merge,
    show=lambda pk, by: read_customer(CustomerMerge.objects.get(pk=pk).kept_id, by),
    page=lambda merge: _page_of(merge.kept),
)
UNMERGE: Verb[CustomerMerge, NoBody] = Verb(
    "undo",
    unmerge_customers,
    "customers.merge",
    "Undo a merge of customers",
    gettext_lazy("Undo the merge"),
    gettext_lazy("Merge undone: two customers again."),
)

VERBS = (CHANGE, MERGE, EXEMPT, BLOCK, UNBLOCK, EXPORT, ERASE)
EXEMPTION_VERBS = (END,)
MERGE_VERBS = (UNMERGE,)
TERMS_VERBS = (APPROVE_TERMS, REJECT_TERMS)
