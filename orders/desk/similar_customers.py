"""Finds customers who may be the same person, with reasons."""

from dataclasses import dataclass

from erp.search import exactly, normal, phone_words
from orders.customers.decisions import Person, resemblance
from orders.customers.models import Customer
from orders.order.models.order import Order, OrderAddress

LOOKED_AT = 5  # of a customer's newest orders


MOST = 40  # orders of others that are compared


@dataclass(frozen=True)
class Alike:
    """Another customer, and why they may be the same: codes, the strongest first; how sure (0 to 1)."""

    customer: Customer
    reasons: list[str]
    score: float


def alike(customer: Customer) -> list[Alike]:
    """Other customers who may be this one, the likeliest first.

    Looked up by the words that orders are found by: phone numbers, e-mail addresses, then names. Buyers whose channel
    hides who they are ("138****1234") resemble nobody.
    """
    own = _people([customer.pk]).get(customer.pk, [])
    if not own:
        return []
    words = {word for person in own for word in phone_words(person.phone)}
    names = {normal(person.name) for person in own if person.name.strip()}
    words |= {normal(person.email)[:100] for person in own if person.email.strip()}
    asked = [exactly(word) for word in words] + [
        exactly(name) for name in names if " " in name or len(name) > 1
    ]
    if not asked:
        return []
    others = list(
        dict.fromkeys(
            Order.objects.extra(
                tables=["orders_ordersearch"],
                where=[
                    "orders_ordersearch.order_id = orders_order.id AND orders_ordersearch.words @@ %s::tsquery"
                ],
                params=[" | ".join(asked)],
            )
            .exclude(customer=customer)
            .order_by("-placed_at", "-pk")
            .values_list("customer_id", flat=True)[:MOST]
        )
    )
    found = []
    people = _people(others)
    for other in Customer.objects.filter(pk__in=others, merged_into=None):
        reasons, score = resemblance(own, people.get(other.pk, []))
        if reasons:
            found.append(Alike(other, reasons, score))
    return sorted(found, key=lambda a: (-a.score, a.customer.pk))[:10]


def _people(ids: list[int]) -> dict[int, list[Person]]:
    """Who the newest orders of customers say they are, by customer."""
    rows = (
        OrderAddress.objects.filter(order__customer_id__in=ids, kind="shipping")
        .order_by("-order_id")
        .values_list(
            "order__customer_id",
            "name",
            "phone",
            "email",
            "line1",
            "line2",
            "postal_code",
            "country",
        )[:500]
    )
    found: dict[int, list[Person]] = {}
    for pk, *said in rows:
        people = found.setdefault(pk, [])
        if len(people) < LOOKED_AT:
            people.append(Person(*said))
    return found
