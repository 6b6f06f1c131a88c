"""Finds an order's customer: recognised, met earlier in the batch, or new."""

from orders.customers.models import Proof
from orders.customers.search import customer_words
from orders.placement.facts import KnownPerson
from orders.placement.prepared import PreparedOrder
from orders.placement.rows.batch import Batch


def customer_of(prepared: PreparedOrder, batch: Batch) -> int:
    """The customer an order belongs to: recognised, met earlier in this batch, or new."""
    facts, order, pk = prepared.facts, prepared.order, prepared.customer_id
    is_new = pk is None
    if prepared.customer:
        batch.add("known", id=prepared.customer.id)
    if pk is None:
        pk = facts.customer_ids[prepared.index]
        name = order.customer.name or order.shipping_address.name
        facts.people[pk] = KnownPerson(name, frozenset(kind for kind, _v in prepared.identities))
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
            batch.add(
                "identities",
                customer_id=pk,
                kind=identity[0],
                value=identity[1],
                is_founding=is_new,
                **_proof(identity, prepared, is_new=is_new),
            )
    return pk


def _proof(identity: tuple[str, str], prepared: PreparedOrder, *, is_new: bool) -> dict[str, str]:
    """What proves a new identity: a shop's own id is its customer's where they are made of it, a contact is nobody's.

    One that comes with the contact of somebody known is kept beside it, and proves nothing: whoever opens an account
    at the shop can state a stranger's address there.
    """
    if identity[0] != "external" or not is_new:
        return {}
    prepared.facts.proven.add(identity)
    return {"proven_by": str(Proof.SHOP), "proven_at": prepared.now.isoformat()}
