"""Shows the pages of customers and the personal data access log."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.access.queries import own_currency
from erp.ids import primary_key, public_id
from erp.privacy.actions.erasure import open_matters
from erp.privacy.person import find_person
from erp.privacy.queries import erasure_of, kept_by_law, kept_of
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, refused
from erp.web.verbs import offers
from orders.customers.models import (
    Customer,
    CustomerGroup,
    CustomerIdentity,
    IdentityProof,
    TaxExemption,
)
from orders.customers.readers import Reader, reader_of
from orders.customers.views import reveal
from orders.desk.lists.customers import CUSTOMERS, REVEALS
from orders.desk.similar_customers import alike
from orders.order.customer_verbs import find_proposal
from orders.order.queries import orders_visible_to, proposed_terms
from orders.order.wording import LIKENESS


@page("customers.view")
def customer_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, CUSTOMERS)


@page("customers.view")
def customer_page(request: StaffRequest, customer: str) -> HttpResponse:
    return _customer_page(request, _customer(customer), reader_of(request.actor))


@page("customers.view")
def proposed(request: StaffRequest, customer: str, proposal: str) -> HttpResponse:
    """Go to the customer whose terms are proposed: their page shows them."""
    found = find_proposal(request.actor, customer, proposal)
    return redirect(f"/customers/{public_id('cus', found.customer_id)}/")


@never_cache
@require_POST
@page("customers.reveal")
def reveal_customer(request: StaffRequest, customer: str) -> HttpResponse:
    """Reveal a customer's contacts, and log who asked."""
    row = _customer(customer)
    return _customer_page(request, row, reveal(request, f"customer:{row.pk}"))


@page("customers.view")
def personal_data(request: StaffRequest, customer: str) -> HttpResponse:
    """Show what is kept of a customer, by table, what an erasure would do to it and what it waits for.

    Names no contact: counts and documents alone.
    """
    row = _customer(customer)
    verbs = request.actor.verbs
    if not {"customers.export", "customers.erase"} & verbs:
        return refused(request, _("Your role does not have this permission."), 403)
    person = find_person([row.pk])
    name = called(row, reader_of(request.actor))
    return render(
        request,
        "orders/desk/personal_data.html",
        {
            "customer": row,
            "name": name,
            "crumbs": [
                ("/customers/", _("Customers")),
                (f"/customers/{public_id('cus', row.pk)}/", name or "–"),
            ],
            "kept": kept_of(person),
            "law": kept_by_law(person),
            "obstacles": open_matters(person),
            "erasure": erasure_of(row.pk),
            "may_export": "customers.export" in verbs,
            "may_erase": "customers.erase" in verbs,
        },
    )


def called(row: Customer, reader: Reader) -> str:
    """What a page calls a customer: who was erased has no name any more."""
    if row.erased_at is not None:
        return _("Erased customer")
    return reader.name(row.name)


def _customer(customer: str) -> Customer:
    row = Customer.objects.filter(pk=primary_key("cus", customer) or 0).first()
    if row is None:
        raise Http404
    return row


def _customer_page(request: StaffRequest, row: Customer, reader: Reader) -> HttpResponse:
    """A customer with orders and who may be the same, as their reader sees them."""

    # Who agrees terms checks the tax id that an exemption rests on.
    may_agree = "customers.terms" in request.actor.verbs
    identities = CustomerIdentity.objects.filter(customer=row).order_by("kind")
    orders = orders_visible_to(request.actor).filter(customer=row).select_related("channel")
    return render(
        request,
        "orders/desk/customer.html",
        {
            "customer": row,
            "name": called(row, reader),
            "may_see_all": bool({"customers.export", "customers.erase"} & request.actor.verbs),
            "identities": [reader.identity(i.kind, i.value) for i in identities],
            "proofs": [
                (i, reader.identity(i.kind, i.value), _last_proof(i))
                for i in identities.prefetch_related("proofs__by").order_by("kind", "pk")
            ],
            "offers": offers("customer", row, row, request.actor),
            "may_reveal": reader.may_reveal,
            "orders": orders.order_by("-placed_at", "-id")[:50],
            "may_edit": "customers.edit" in request.actor.verbs,
            "may_merge": "customers.merge" in request.actor.verbs,
            "may_agree": may_agree,
            "currency": own_currency(),
            "groups": [
                ("", "–"),
                *CustomerGroup.objects.order_by("code").values_list("code", "name"),
            ],
            "exemptions": TaxExemption.objects.filter(customer=row)
            .select_related("by")
            .order_by("country"),
            "proposals": [
                (
                    proposal,
                    proposal.tax_id if may_agree else reader.number(proposal.tax_id),
                    offers("terms_proposal", proposal, None, request.actor),
                )
                for proposal in proposed_terms(row)
            ],
            "alike": [
                (
                    a,
                    called(a.customer, reader),
                    [str(LIKENESS[code]) for code in a.reasons],
                    round(a.score * 100),
                )
                for a in (alike(row) if row.merged_into_id is None else ())
            ],
            "merges": [
                (merge, called(merge.gone, reader))
                for merge in row.merges.filter(undone_at=None).select_related("gone", "by")
            ],
            "merged_into": called(row.merged_into, reader) if row.merged_into else "",
        },
    )


def _last_proof(identity: CustomerIdentity) -> IdentityProof | None:
    """What a person, or a link, last said of an identity."""
    return max(identity.proofs.all(), key=lambda proof: proof.pk, default=None)


@page("audit.view")
def looks(request: StaffRequest) -> HttpResponse:
    """Show the personal data access log."""
    return show_list(request, REVEALS, crumbs=[("/settings/", _("Settings"))])
