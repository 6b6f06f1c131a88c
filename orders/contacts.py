"""What pages show of who an order is for: as it is, masked, or nothing, as the reader's rights go."""

from typing import Any

from erp.access.models import Actor
from erp.messages.models import Message
from orders.masking import (
    REVEAL,
    masked_address,
    masked_email,
    masked_name,
    masked_phone,
    sees_contacts,
)
from orders.models import Order, OrderAddress


def contact_of(order: Order, actor: Actor) -> dict[str, Any]:
    """The contact and address, as far as this person may know them."""
    may_know = "customers.view" in actor.verbs
    address = OrderAddress.objects.filter(order=order, kind="shipping").first()
    is_masked = not sees_contacts(actor)
    shown = masked_address(address) if address and is_masked else address
    return {
        "may_know": may_know,
        "address": shown if may_know else None,
        "customer_name": masked_name(order.customer.name) if is_masked else order.customer.name,
        "may_reveal": is_masked and may_know and REVEAL in actor.verbs and address,
        "is_masked": is_masked,
    }


def recipient_of(message: Message, actor: Actor) -> str:
    """Who a message went to, as far as somebody may know it."""
    if "customers.view" not in actor.verbs:
        return ""
    to = message.recipient
    if sees_contacts(actor):
        return to
    return masked_phone(to) if message.medium == Message.Medium.SMS else masked_email(to)
