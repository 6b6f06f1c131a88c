"""Finds customers by e-mail address or phone number."""

from orders.customers.models import CustomerIdentity


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
