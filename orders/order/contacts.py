"""Reads an order's contact, and who its messages went to, as somebody may see them."""

from typing import TypedDict

from erp.access.models import Actor
from erp.messages.models import Message
from orders.customers.readers import Reader, ShownAddress, reader_of
from orders.order.models.order import Order
from orders.order.queries import shipping_address


class Contact(TypedDict):
    """Who an order is for, as far as a page may show it."""

    may_know: bool
    address: ShownAddress | None
    customer_name: str
    may_reveal: bool
    is_masked: bool


def contact_of(order: Order, reader: Reader) -> Contact:
    """The contact and address of an order, as its reader sees them."""
    address = reader.address(shipping_address(order.pk))
    return {
        "may_know": reader.knows_customers,
        "address": address if reader.knows_customers else None,
        "customer_name": reader.name(order.customer.name),
        "may_reveal": reader.may_reveal and address is not None,
        "is_masked": not reader.is_clear,
    }


def recipient_of(message: Message, actor: Actor) -> str:
    """Who a message went to, as far as somebody may know it."""
    kind = "phone" if message.medium == Message.Medium.SMS else "email"
    return reader_of(actor).identity(kind, message.recipient)
