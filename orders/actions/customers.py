"""What staff write about customers."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.errors import Invalid, NotFound
from orders.models import Customer


@transaction.atomic(savepoint=False)
def change_customer(
    *, customer_id: int, min_shelf_life_days: int, note: str, by: Actor, now: datetime
) -> Customer:
    """Say how long perishable goods must keep when they leave for a customer, and note the rest.

    min_shelf_life_days   lots that expire sooner are passed over when their parcels are shipped
    Raises Invalid, NotFound.
    """
    require(by, "customers.edit")
    sign_history(by)
    if not 0 <= min_shelf_life_days <= 3650:
        raise Invalid(_("Between 0 and 3,650 days."))
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise NotFound
    customer.min_shelf_life_days, customer.note = min_shelf_life_days, note[:5000]
    customer.save(update_fields=["min_shelf_life_days", "note"])
    return customer
