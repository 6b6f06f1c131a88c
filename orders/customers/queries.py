"""Finds customers by e-mail address or phone number."""

from orders.customers.models import CustomerIdentity


def customer_ids_by_identity(text: str) -> list[int]:
    """Customers recognised by exactly this e-mail address or phone number."""
    return list(
        CustomerIdentity.objects.filter(value=text.strip().lower()).values_list(
            "customer_id", flat=True
        )
    )
