"""Finds an order's customer: recognised, met earlier in the batch, or new."""

from orders.customers.search import customer_words
from orders.placement.facts import KnownPerson
from orders.placement.prepared import PreparedOrder
from orders.placement.rows.batch import Batch


def customer_of(prepared: PreparedOrder, batch: Batch) -> int:
    """The customer an order belongs to: recognised, met earlier in this batch, or new."""
    facts, order, pk = prepared.facts, prepared.order, prepared.customer_id
    if prepared.customer:
        batch.add("known", id=prepared.customer.id)
    if pk is None:
        pk = facts.customer_ids[prepared.index]
        name = order.customer.name or order.shipping_address.name
        has_email = any(kind == "email" for kind, _value in prepared.identities)
        facts.people[pk] = KnownPerson(name, has_email)
        batch.add(
            "customers",
            id=pk,
            name=name[:200],
            language=prepared.channel.language,
            words=customer_words(name, order.customer.email, order.customer.phone),
        )
    for identity in prepared.identities:
        if identity not in facts.customers and identity not in facts.new_customers:
            facts.new_customers[identity] = pk
            batch.add("identities", customer_id=pk, kind=identity[0], value=identity[1])
    return pk
