"""Recognises whose order it is by what it states, and decides whether that is proven."""

from collections.abc import Sequence
from typing import NamedTuple

from orders.customers.contacts import Contacts, is_same_name
from orders.customers.models import Proof
from orders.placement.fact_rows import CustomerFacts
from orders.placement.facts import Facts

SECOND = {"email": "phone", "phone": "email"}


class Chosen(NamedTuple):
    """A customer who is known whatever the order states: chosen by a person, or whose order it is already."""

    customer_id: int
    proof: str = str(Proof.PERSON)


class Recognised(NamedTuple):
    """Whose order it is, and what tells so.

    customer     whom its contacts are known to belong to; None of a new one
    customer_id  theirs, or that of a new customer met earlier in the batch
    proof        how it is proven that they ordered it; "": it only states what anybody can state
    others       ids of customers whose contact it states as well, and whose it is not: name and other contact differ
    """

    customer: CustomerFacts | None
    customer_id: int | None
    proof: str
    others: tuple[int, ...] = ()


def recognise(
    contacts: Contacts, facts: Facts, *, name: str, chosen: Chosen | None = None
) -> Recognised:
    """Decide who ordered. Stated e-mail addresses and phones group an order under a customer, and prove nothing.

    One says who somebody is unless the name and the other contact both say somebody else: a family, a switchboard and
    a placeholder have one number and are several people, and so is a stranger who states somebody's address.
    A shop's own id proves its customer where it is theirs alone: one that came with a known contact the first time is
    kept with it, and proves nothing until a person or a link says so.
    """
    if chosen is not None:
        known = facts.customers.get(("chosen", str(chosen.customer_id)))
        return Recognised(known, chosen.customer_id, chosen.proof)
    identities, others = contacts.identities, []
    for identity in identities:
        pk = _whose(identity, facts)
        if pk is None:
            continue
        if identity[0] in SECOND and _is_another(identity, pk, identities, name, facts):
            others.append(pk)
            continue
        proof = Proof.SHOP if identity in facts.proven else ""
        return Recognised(facts.customers.get(identity), pk, str(proof), tuple(others))
    is_shops = any(kind == "external" for kind, _value in identities)
    return Recognised(None, None, str(Proof.SHOP) if is_shops else "", tuple(others))


def _whose(identity: tuple[str, str], facts: Facts) -> int | None:
    known = facts.customers.get(identity)
    return known.id if known else facts.new_customers.get(identity)


def _is_another(
    identity: tuple[str, str],
    pk: int,
    identities: Sequence[tuple[str, str]],
    name: str,
    facts: Facts,
) -> bool:
    """Whether an order that states a customer's contact tells by name and other contact that it is not theirs."""
    person, second = facts.people[pk], SECOND[identity[0]]
    stated = [other for other in identities if other[0] == second]
    if not stated or second not in person.kinds or _whose(stated[0], facts) == pk:
        return False
    return not is_same_name(person.name, name)
