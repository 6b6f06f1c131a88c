"""Finds customers by e-mail address or phone number, and asks whose they are."""

from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.errors import NotAllowed
from orders.customers.models import Customer, CustomerIdentity


def require_own(by: Actor, *customers: Customer) -> None:
    """Raise NotAllowed for a channel's key where other channels know one of these customers (locked) as well.

    What a customer is to the company is no channel's to say: a key made an order that named a stranger's phone, and
    wiped staff's note, blocked them on every channel and moved their orders.
    """
    if by.channel_id is None:
        return
    if any(row.order_set.exclude(channel_id=by.channel_id).exists() for row in customers):
        raise NotAllowed(_("Other channels know this customer too: only staff may do this."))


def customer_ids_by_identity(text: str) -> list[int]:
    """Customers recognised by exactly this e-mail address or phone number."""
    return list(
        CustomerIdentity.objects.filter(value=text.strip().lower()).values_list(
            "customer_id", flat=True
        )
    )


def customers_by_contact(text: str) -> tuple[str, dict[int, bool]]:
    """Customers recognised by exactly this e-mail address or phone number, and whether it is proven to be theirs.

    Beside it the contact as it is kept. A shop's own id, whose kind is another, is none.
    """
    value = text.strip().lower()
    found = CustomerIdentity.objects.filter(value=value).exclude(kind="external")
    rows = found.values_list("customer_id", "proven_at")
    return value, {pk: at is not None for pk, at in rows}
