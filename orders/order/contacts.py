"""Decides what a page shows of an order's contact: whole, masked or nothing."""

from dataclasses import dataclass
from typing import TypedDict

from erp.access.models import Actor
from erp.messages.models import Message
from orders.customers.masking import (
    REVEAL,
    STAR,
    masked_email,
    masked_name,
    masked_phone,
    sees_contacts,
)
from orders.order.models.order import Order, OrderAddress


@dataclass(frozen=True)
class MaskedAddress:
    """An address as `OrderAddress` has it, with place but neither street, name nor number."""

    name: str
    city: str
    region: str
    country: str
    postal_code: str
    phone: str
    email: str
    line1: str = STAR * 3
    line2: str = ""


class Contact(TypedDict):
    """Who an order is for, as far as a page may show it."""

    may_know: bool
    address: OrderAddress | MaskedAddress | None
    customer_name: str
    may_reveal: object  # true or not, for templates
    is_masked: bool


def contact_of(order: Order, actor: Actor) -> Contact:
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


def masked_address(address: OrderAddress) -> MaskedAddress:
    """An address of which the place is left to see: enough for stock and routes."""
    return MaskedAddress(
        name=masked_name(address.name),
        city=address.city,
        region=address.region,
        country=address.country,
        postal_code=address.postal_code,
        phone=masked_phone(address.phone),
        email=masked_email(address.email) if address.email else "",
    )
