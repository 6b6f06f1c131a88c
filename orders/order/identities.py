"""Reads what customers are recognised by: what of it is proven, and the orders that a contact may be shown."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from erp.access.models import Actor
from erp.api.values import stamp
from erp.ids import public_id
from orders.customers.models import Customer
from orders.customers.queries import customers_by_contact
from orders.customers.readers import reader_of
from orders.order.models.order import Order, OrderAddress
from orders.order.models.timeline import OrderEvent

# The step that says that who reads a message's address placed the order.
READER = "contact.confirmed"


def has_reader(order_id: int) -> bool:
    """Whether the reader of a message about an order has said that it is theirs."""
    return OrderEvent.objects.filter(order_id=order_id, kind=READER).exists()


def identity_documents(row: Customer, actor: Actor) -> list[dict[str, object]]:
    """What a customer (identities fetched) is recognised by, and how that was proven; for staff, across channels."""
    if actor.channel_id is not None:
        return []
    reader = reader_of(actor)
    return [
        {
            "id": public_id("idn", one.pk),
            "kind": one.kind,
            "value": reader.identity(one.kind, one.value),
            "verified_by": one.proven_by,
            "verified_at": stamp(one.proven_at),
        }
        for one in row.identities.all()
    ]


def orders_of_contact(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Orders of whom an e-mail address or phone belongs to: those that state it, and of a proven one the proven ones.

    A storefront shows its buyers their orders by it: whoever once stated a stranger's phone beside an address of their
    own had the stranger's orders listed by that address. Of a customer whose address is proven, an order that only
    states another contact of theirs may be somebody else's.
    """
    contact, customers = customers_by_contact(text)
    states = OrderAddress.objects.filter(order=OuterRef("pk"), email=contact)
    proven = [pk for pk, is_proven in customers.items() if is_proven]
    if "@" not in contact:
        return orders.filter(customer__in=proven)
    theirs = Q(customer__in=proven) & ~Q(customer_proof="")
    return orders.filter(theirs | Q(customer__in=list(customers)) & Exists(states))
