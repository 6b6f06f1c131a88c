"""Blocks customers, and lifts the block."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.errors import Conflict
from erp.queries import find_one
from orders.customers.models import Customer
from orders.customers.queries import require_own


@transaction.atomic(savepoint=False)
def block_customer(*, customer_id: int, is_blocked: bool, by: Actor, now: datetime) -> Customer:
    """Block a customer, so that every order of theirs is held from now on; or lift the block.

    Orders that are open already stay as they are. Raises Conflict where that is so already, NotAllowed for a channel's
    key where other channels know the customer, NotFound.
    """
    require(by, "customers.block")
    sign_history(by)
    customer = find_one(Customer.objects.select_for_update().filter(pk=customer_id))
    require_own(by, customer)
    if customer.is_blocked == is_blocked:
        raise Conflict(
            _("This customer is blocked already.")
            if is_blocked
            else _("This customer is not blocked.")
        )
    customer.is_blocked = is_blocked
    customer.save(update_fields=["is_blocked"])
    return customer
