"""Proves whose an order is: by the link of a message about it, or by a member of staff."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid
from orders.customers.actions.prove import prove_address
from orders.customers.models import Proof
from orders.order.actions.holds import ACCOUNT, write_released
from orders.order.actions.life import confirm_if_ready
from orders.order.actions.timeline import append_event, lock_order
from orders.order.identities import READER, has_reader
from orders.order.models.order import Hold, Order, OrderAddress
from orders.order.states import OPEN

TERMS = "terms_not_proven"  # why an order is held that only states a contact of somebody with terms
LINK_LASTS = timedelta(days=90)  # after the order was placed


@transaction.atomic(savepoint=False)
def confirm_contact(*, order_id: int, email: str, by: Actor, now: datetime) -> bool:
    """Take in that whoever reads an address says that they placed an order that states it: by a message's link.

    Where the address is known to be their customer's (`prove_address`) it proves it, and the order for them; of
    any other, which an order stated beside a contact of somebody known, only the step is written on the timeline.
    What the order was charged, what holds it, stays: a person decides.
    Returns whether anything is new; an old link, or one to an address that was changed, says nothing.
    """
    order = lock_order(order_id)
    stated = OrderAddress.objects.filter(order=order, kind="shipping", email=email)
    if not email or not stated.exists() or now - order.placed_at > LINK_LASTS:
        return False
    is_new = _note_reader(order, by, now)
    if not prove_address(
        customer_id=order.customer_id,
        value=email.lower(),
        order_id=order.pk,
        by=by,
        now=now,
    ):
        return is_new
    if not order.customer_proof:
        _prove(order, Proof.LINK, "", by, now)
    return True


def _note_reader(order: Order, by: Actor, now: datetime) -> bool:
    """Write on the timeline, once, that the reader of a message says that the order is theirs."""
    if has_reader(order.pk):
        return False
    append_event(order_id=order.pk, kind=READER, by=by, now=now)
    return True


@transaction.atomic(savepoint=False)
def verify_customer(*, order_id: int, reason: str, by: Actor, now: datetime) -> Order:
    """Write down that a member of staff knows that its customer placed an order, and why.

    What holds it for want of that is released. Its prices stay as they are: what is added or changed from here on has
    the customer's terms. Raises Conflict where it is proven already or has ended, Invalid without a reason.
    """
    require(by, "customers.terms")
    order = lock_order(order_id, by)
    if not reason.strip():
        raise Invalid(_("Say how you know that it is theirs."))
    if order.customer_proof:
        raise Conflict(_("This is verified already."))
    if order.status not in OPEN:
        raise Conflict(_("The order is no longer open."))
    _prove(order, Proof.PERSON, reason.strip()[:200], by, now)
    customer = order.customer
    over = [TERMS]
    if customer.has_account or customer.credit_limit is not None:
        over.append(ACCOUNT)
    holds = Hold.objects.filter(order=order, reason__in=over, released_at=None)
    write_released(
        order=order, holds=list(holds.order_by("pk").select_for_update()), by=by, now=now
    )
    confirm_if_ready(order=order, by=by, now=now)
    return order


def _prove(order: Order, how: Proof, reason: str, by: Actor, now: datetime) -> None:
    order.customer_proof, order.updated_at = how, now
    order.save(update_fields=["customer_proof", "updated_at"])
    data = {"proof": str(how), "reason": reason}
    append_event(order_id=order.pk, kind="customer.verified", by=by, now=now, data=data)
