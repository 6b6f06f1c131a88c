"""Merges duplicate customers and separates them again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Func, Value
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.errors import Conflict, Invalid, NotFound
from erp.events.record import record_event
from erp.queries import find_one
from orders.customers.models import AccountEntry, Customer, CustomerIdentity, CustomerMerge
from orders.customers.queries import require_own
from orders.customers.search import customer_words
from orders.order.models.order import Order
from orders.order.states import OPEN


@transaction.atomic(savepoint=False)
def merge_customers(*, kept_id: int, gone_id: int, by: Actor, now: datetime) -> CustomerMerge:
    """Make one customer of two: orders, identities and account entries of `gone` are `kept`'s from now on.

    Whoever is recognised by either is `kept`; where one was blocked, `kept` is. What was moved is
    remembered, so that `unmerge_customers` gives it back. Raises NotFound, Invalid, Conflict, NotAllowed for a
    channel's key where other channels know one of them.
    """
    require(by, "customers.merge")
    sign_history(by)
    if kept_id == gone_id:
        raise Invalid(_("These are the same customer."))
    both = _locked(kept_id, gone_id)
    kept, gone = both[kept_id], both[gone_id]
    require_own(by, kept, gone)
    if kept.merged_into_id is not None or gone.merged_into_id is not None:
        raise Conflict(_("One of them has been merged into another customer in the meantime."))
    if kept.erased_at is not None or gone.erased_at is not None:
        raise Conflict(_("This customer has been erased."))
    moved: dict[str, Any] = {
        "orders": _move(Order, gone, kept),
        "identities": _move(CustomerIdentity, gone, kept),
        "entries": _move(AccountEntry, gone, kept),
    }
    moved |= _unproven(moved, kept, by)
    merge = CustomerMerge.objects.create(
        kept=kept, gone=gone, moved=moved, was_blocked=kept.is_blocked, at=now, by=by
    )
    kept.is_blocked = kept.is_blocked or gone.is_blocked
    gone.merged_into = kept
    kept.save(update_fields=["is_blocked"])
    gone.save(update_fields=["merged_into"])
    _find_by(kept)
    _tell("customer.merged", merge)
    return merge


@transaction.atomic(savepoint=False)
def unmerge_customers(*, merge_id: int, by: Actor, now: datetime) -> Customer:
    """Take two customers apart again: each gets back what it had; what came since stays where it came.

    Raises NotFound, Conflict, NotAllowed as `merge_customers` does.
    """
    require(by, "customers.merge")
    sign_history(by)
    merge = find_one(CustomerMerge.objects.filter(pk=merge_id))
    both = _locked(merge.kept_id, merge.gone_id)
    merge = CustomerMerge.objects.select_for_update().get(pk=merge_id)
    kept, gone = both[merge.kept_id], both[merge.gone_id]
    require_own(by, kept, gone)
    if merge.undone_at is not None:
        raise Conflict(_("They have already been separated."))
    if kept.merged_into_id is not None:
        raise Conflict(
            _("The remaining customer was itself merged into another: undo that merge first.")
        )
    for name, model in (
        ("orders", Order),
        ("identities", CustomerIdentity),
        ("entries", AccountEntry),
    ):
        model.objects.filter(pk__in=merge.moved[name], customer=kept).update(customer=gone)
    _prove_again(merge.moved)
    gone.merged_into = None
    gone.save(update_fields=["merged_into"])
    if not merge.was_blocked and kept.is_blocked and gone.is_blocked:
        kept.is_blocked = False
        kept.save(update_fields=["is_blocked"])
    merge.undone_at, merge.undone_by = now, by
    merge.save(update_fields=["undone_at", "undone_by"])
    _find_by(kept)
    _find_by(gone)
    _tell("customer.unmerged", merge)
    return gone


def _unproven(moved: Mapping[str, Sequence[int]], kept: Customer, by: Actor) -> dict[str, Any]:
    """Take back what proves identities and open orders that come to a customer with terms; how it was, by id.

    Whoever may merge customers may not agree terms by it: what proved somebody without terms would prove the other, at
    once, by the next link, or as soon as a line is added.
    """
    has_terms = (
        kept.group_id is not None
        or kept.has_account
        or kept.credit_limit is not None
        or kept.exemptions.exists()
    )
    if "customers.terms" in by.verbs or not has_terms:
        return {}
    identities = CustomerIdentity.objects.filter(pk__in=moved["identities"])
    founding = list(identities.filter(is_founding=True).values_list("pk", flat=True))
    proven = identities.filter(proven_at__isnull=False)
    was = {
        str(pk): [how, at.isoformat()]
        for pk, how, at in proven.values_list("pk", "proven_by", "proven_at")
        if at is not None
    }
    proven.update(proven_at=None, proven_by="")
    identities.update(is_founding=False)
    orders = Order.objects.filter(pk__in=moved["orders"], status__in=OPEN).exclude(
        customer_proof=""
    )
    placed_by = {str(pk): how for pk, how in orders.values_list("pk", "customer_proof")}
    orders.update(customer_proof="")
    return {"unproven": was, "unfounded": founding, "unproven_orders": placed_by}


def _prove_again(moved: Mapping[str, Any]) -> None:
    """Prove again what a merge took back, where nobody has meanwhile."""
    for pk, (how, at) in moved.get("unproven", {}).items():
        CustomerIdentity.objects.filter(pk=int(pk), proven_at=None).update(
            proven_by=how, proven_at=datetime.fromisoformat(at)
        )
    CustomerIdentity.objects.filter(pk__in=moved.get("unfounded", ())).update(is_founding=True)
    for pk, how in moved.get("unproven_orders", {}).items():
        Order.objects.filter(pk=int(pk), customer_proof="").update(customer_proof=how)


def _tell(topic: str, merge: CustomerMerge) -> None:
    """Let apps above know that orders have another customer now."""
    record_event(
        topic,
        subject=f"customer:{merge.kept_id}",
        channel_id=None,
        customer_ids=[merge.kept_id, merge.gone_id],
    )


def _locked(*ids: int) -> dict[int, Customer]:
    rows = Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) != len(set(ids)):
        raise NotFound
    return found


def _move(
    model: type[Order] | type[CustomerIdentity] | type[AccountEntry],
    gone: Customer,
    kept: Customer,
) -> list[int]:
    rows = model.objects.select_for_update().filter(customer=gone).order_by("pk")  # as others lock
    ids = list(rows.values_list("pk", flat=True))
    model.objects.filter(pk__in=ids).update(customer=kept)
    return ids


def _find_by(customer: Customer) -> None:
    """Write what a customer is found by: the name, and every e-mail address and phone number."""
    known = list(CustomerIdentity.objects.filter(customer=customer).values_list("kind", "value"))
    words = set(customer_words(customer.name, "", ""))
    for kind, value in known:
        words |= set(
            customer_words("", value if kind == "email" else "", value if kind == "phone" else "")
        )
    Customer.objects.filter(pk=customer.pk).update(
        words=Func(Value(sorted(words)), function="array_to_tsvector")
    )
