"""Whose order it is: recognised, met earlier in the batch, or new."""

from orders.customers.contacts import identities
from orders.customers.search import customer_words
from orders.placement.facts import Facts
from orders.placement.incoming import IncomingOrder
from orders.placement.rows.batch import Batch


def customer_id_of(order: IncomingOrder, facts: Facts) -> int | None:
    """The customer that an order will belong to, known or met earlier in this batch; None for a new one."""
    if known := facts.known_customer(order):
        return int(known.id)
    found = identities(order.customer, order.shipping_address.country, order.known_as())
    return next((facts.new_customers[i] for i in found if i in facts.new_customers), None)


def customer_of(order: IncomingOrder, index: int, facts: Facts, batch: Batch, language: str) -> int:
    """The customer an order belongs to: recognised, met earlier in this batch, or new."""
    known = facts.known_customer(order)
    found = identities(order.customer, order.shipping_address.country, order.known_as())
    pk = customer_id_of(order, facts)
    if known:
        batch.add("known", id=known.id)
    if pk is None:
        pk = facts.customer_ids[index]
        name = order.customer.name or order.shipping_address.name
        batch.add(
            "customers",
            id=pk,
            name=name[:200],
            language=language,
            words=customer_words(name, order.customer.email, order.customer.phone),
        )
    for identity in found:
        if identity not in facts.customers and identity not in facts.new_customers:
            facts.new_customers[identity] = pk
            batch.add("identities", customer_id=pk, kind=identity[0], value=identity[1])
    return pk
