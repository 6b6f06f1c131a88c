"""Builds the words that an order is found by."""

from collections.abc import Sequence

from erp.search import normal, phone_words, words
from orders.customers.models import CustomerIdentity
from orders.order.models.order import Order, OrderAddress, OrderLine


def order_words(
    number: str,
    external_id: str,
    *,
    names: Sequence[str],
    emails: Sequence[str],
    phones: Sequence[str],
    skus: Sequence[str],
) -> list[str]:
    """Every word of an order: numbers, names, SKUs, e-mails whole and before the @, phones backwards."""
    return list(
        dict.fromkeys(
            [
                *words(number, external_id, *names, *[e.partition("@")[0] for e in emails], *skus),
                *[normal(email)[:100] for email in emails if email.strip()],
                *[word for phone in dict.fromkeys(phones) for word in phone_words(phone)],
            ]
        )
    )


def words_of_order(order: Order) -> list[str]:
    """The words of an order as it is written now."""
    addresses = list(OrderAddress.objects.filter(order=order))
    known = list(CustomerIdentity.objects.filter(customer_id=order.customer_id))
    return order_words(
        order.number,
        order.external_id,
        names=[order.customer.name, *[a.name for a in addresses]],
        emails=[*[i.value for i in known if i.kind == "email"], *[a.email for a in addresses]],
        phones=[*[i.value for i in known if i.kind == "phone"], *[a.phone for a in addresses]],
        skus=list(OrderLine.objects.filter(order=order).values_list("sku_code", flat=True)),
    )
