"""Reads what a channel itself was told of customers whom it shares with others.

An e-mail address or a phone number makes one customer of orders of several channels. A key of one of them sees
what its own orders state, and neither sees nor finds what another channel was told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from erp.access.models import Actor
from orders.customers.contacts import Buyer, identities
from orders.customers.models import Customer, CustomerIdentity
from orders.customers.queries import customer_ids_by_identity
from orders.order.models.order import Order, OrderAddress


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader may know of a customer: of a key that shares them, what its channel's orders state.

    known       (kind, value) of what they are recognised by
    is_shared   whether other channels know them too: what is theirs alone is left out then
    """

    name: str
    known: tuple[tuple[str, str], ...]
    is_shared: bool = False


def told_to(actor: Actor, rows: Sequence[Customer]) -> dict[int, Told]:
    """What an actor may know of customers (identities fetched), by id; two statements for a key, none for staff."""
    known = {row.pk: tuple((i.kind, i.value) for i in row.identities.all()) for row in rows}
    shared: Collection[int] = ()
    stated: Mapping[int, list[OrderAddress]] = {}
    if actor.channel_id is not None:
        shared = _shared(actor.channel_id, [row.pk for row in rows])
        stated = _stated(actor.channel_id, shared) if shared else {}
    return {
        row.pk: _own(row, known[row.pk], stated.get(row.pk, []))
        if row.pk in shared
        else Told(row.name, known[row.pk])
        for row in rows
    }


def customers_told(actor: Actor, text: str) -> list[int]:
    """Customers recognised by exactly this e-mail address or phone number, if this actor was told it."""
    found = customer_ids_by_identity(text)
    if actor.channel_id is None or not found:
        return found
    value = text.strip().lower()
    rows = list(Customer.objects.filter(pk__in=found).prefetch_related("identities"))
    told = told_to(actor, rows)
    return [pk for pk in found if any(value == said for _kind, said in told[pk].known)]


def naming_others(actor: Actor, ids: Sequence[int]) -> set[int]:
    """Those of these orders that name a customer whom not a key's channel alone knows: by id, or by a contact.

    Four statements for a key, none for staff.
    """
    if actor.channel_id is None or not ids:
        return set()
    named: dict[int, set[int]] = {
        pk: {customer}
        for pk, customer in Order.objects.filter(pk__in=ids).values_list("pk", "customer_id")
    }
    stated: dict[tuple[str, str], set[int]] = {}
    for at in OrderAddress.objects.filter(order__in=ids):
        for identity in identities(Buyer(email=at.email, phone=at.phone), at.country):
            stated.setdefault(identity, set()).add(at.order_id)
    known = CustomerIdentity.objects.filter(value__in=[value for _kind, value in stated])
    for kind, value, customer in known.values_list("kind", "value", "customer_id"):
        for pk in stated.get((kind, value), ()):
            named[pk].add(customer)
    own = _known_there_alone(actor.channel_id, {pk for found in named.values() for pk in found})
    return {pk for pk, found in named.items() if found - own}


def _known_there_alone(channel_id: int, ids: Collection[int]) -> set[int]:
    """Those who have orders on a channel, and on no other."""
    channels: dict[int, set[int]] = {}
    rows = Order.objects.filter(customer__in=ids).order_by().distinct()
    for customer, channel in rows.values_list("customer_id", "channel_id"):
        channels.setdefault(customer, set()).add(channel)
    return {customer for customer, there in channels.items() if there == {channel_id}}


def _shared(channel_id: int, ids: Sequence[int]) -> set[int]:
    """Those of whom another channel has orders as well."""
    others = Order.objects.filter(customer__in=ids).exclude(channel_id=channel_id).order_by()
    return set(others.values_list("customer_id", flat=True).distinct())


def _stated(channel_id: int, ids: Collection[int]) -> dict[int, list[OrderAddress]]:
    """What the orders of a channel state of customers, the newest first."""
    rows = OrderAddress.objects.filter(order__channel_id=channel_id, order__customer__in=ids)
    found: dict[int, list[OrderAddress]] = {}
    for row in rows.select_related("order").order_by("kind", "-order_id").iterator():
        found.setdefault(row.order.customer_id, []).append(row)
    return found


def _own(row: Customer, known: Sequence[tuple[str, str]], stated: list[OrderAddress]) -> Told:
    own = {
        identity
        for at in stated
        for identity in identities(Buyer(email=at.email, phone=at.phone), at.country)
    }
    names = [at.name for at in sorted(stated, key=lambda at: at.kind != "shipping") if at.name]
    name = row.name if row.name in names else next(iter(names), "")
    return Told(name, tuple(one for one in known if one in own), is_shared=True)
