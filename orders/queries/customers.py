"""Reading customers."""

from django.db.models import Exists, OuterRef, QuerySet

from erp.access.models import Actor
from orders.models import (
    Customer,
    CustomerIdentity,
    Order,
)


def customer_ids_by_identity(text: str) -> list[int]:
    """Customers recognised by exactly this e-mail address or phone number."""
    return list(
        CustomerIdentity.objects.filter(value=text.strip().lower()).values_list(
            "customer_id", flat=True
        )
    )


def customers_visible_to(actor: Actor) -> QuerySet[Customer]:
    """The customers an actor may know of: for a key, those with an order on its channel."""
    customers = Customer.objects.filter(merged_into=None)
    if actor.channel_id is not None:
        there = Order.objects.filter(channel_id=actor.channel_id, customer=OuterRef("pk"))
        customers = customers.filter(Exists(there))
    return customers
