"""Gathers the facts that placement decides on, by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

import msgspec
from django.db import connection
from django.utils.translation import gettext as _

from erp.access.models import Channel
from erp.errors import Invalid
from erp.zones import sound_zone
from inventory.catalogue.decisions import Limit, limited
from inventory.stock.decisions import local_day
from orders.customers.contacts import Contacts, contacts_of
from orders.placement.fact_rows import (
    CouponFacts,
    CustomerFacts,
    ExistingOrder,
    OfferedPromotion,
    PolicyFacts,
    RecentOrder,
    ServiceFacts,
    SkuFacts,
    TaxFacts,
    TypeFacts,
    WarehouseRow,
)
from orders.placement.incoming import ForeignOrder, IncomingOrder
from orders.policies.order_types import OrderTypePolicy
from orders.policies.payment_methods import USE_CREDIT, method_of
from orders.pricing.actions.exchange_rates import DEFAULT_BOOK
from orders.routing.decisions.promise import Promise
from orders.routing.decisions.warehouse import WarehouseFacts


class _Answer(msgspec.Struct):
    policy: PolicyFacts | None
    types: list[TypeFacts] | None
    book_currency: str | None
    rates: list[tuple[str, Decimal | None]] | None
    customer_ids: list[int] | None
    order_ids: list[int] | None
    line_ids: list[int] | None
    payment_ids: list[int] | None
    skus: list[SkuFacts]
    levels: list[tuple[int, int, int, int]]
    allotted: list[tuple[int, int, int]] | None
    limits: list[tuple[int, str, int]] | None
    warehouses: list[WarehouseRow] | None
    lanes: list[tuple[int, str, str, int | None, Decimal | None, bool]] | None
    days: list[tuple[int, date, bool]] | None
    homes: list[tuple[int, int]] | None
    taxes: list[TaxFacts]
    has_taxes: bool
    services: list[ServiceFacts]
    customers: list[CustomerFacts]
    existing: list[ExistingOrder]
    used_references: list[str]
    recent: list[RecentOrder] | None
    blocked: list[str] | None
    promotions: list[OfferedPromotion] | None
    coupons: list[CouponFacts] | None
    book: int | None
    book_at: datetime | None
    placed_before: list[tuple[int, int]] | None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Whose a contact is: by their name, and which kinds of contact they have told."""

    name: str
    kinds: frozenset[str]


@dataclass
class Facts:
    """What is known when orders are placed. `free` shrinks as a batch uses it up.

    free       units that the channel may be promised by (SKU id, warehouse id): net of safety
               stock and of what is set aside for others, within the channel's limits
    allotted   of these, what is set aside for the channel itself
    in_parts   levels that are split over several rows
    has_taxes  whether the merchant has tax rates at all, for wherever: one without any charges none
    rates      what one unit of a currency is worth in the company's
    """

    now: datetime
    contacts: list[Contacts]  # of the orders that are asked about, one each
    policy: PolicyFacts
    flows: dict[str, OrderTypePolicy]
    book_currency: str
    rates: dict[str, Decimal]
    customer_ids: list[int]
    order_ids: list[int]
    line_ids: list[int]
    payment_ids: list[int]
    skus: dict[str, SkuFacts]
    free: dict[tuple[int, int], int]
    allotted: dict[tuple[int, int], int]
    in_parts: set[tuple[int, int]]
    warehouses: list[WarehouseRow]
    lanes: list[tuple[int, str, str, int | None, Decimal | None, bool]]
    homes: dict[int, tuple[int, ...]]  # the warehouses that a SKU ships from, where it is not all
    taxes: list[TaxFacts]
    has_taxes: bool
    services: dict[str, ServiceFacts]
    customers: dict[tuple[str, str], CustomerFacts]
    existing: dict[str, ExistingOrder]
    used_references: set[str]  # payment references this channel has recorded
    recent: list[RecentOrder]
    promotions: list[OfferedPromotion]
    coupons: dict[str, CouponFacts]
    book: int  # of rules, in force; 0: none is
    book_at: datetime | None  # when it was put in force
    placed_before: dict[int, int]  # orders of known customers; asked where rules are in force
    blocked: set[str]  # contacts and addresses that somebody has blocked
    # By SKU id, once something is short: (day, units) on their way, and units that orders wait for, more with each.
    coming: dict[int, list[tuple[date | None, int]]] | None = None
    owed: dict[int, int] = field(default_factory=dict)
    new_customers: dict[tuple[str, str], int] = field(default_factory=dict)
    people: dict[int, KnownPerson] = field(default_factory=dict)  # of all customers met so far
    proven: set[tuple[str, str]] = field(
        default_factory=set
    )  # identities that prove their customer
    promises: dict[tuple[object, ...], Promise] = field(default_factory=dict)  # made so far

    @cached_property
    def routed(self) -> list[WarehouseFacts]:
        """The warehouses as routing sees them."""
        return [warehouse.routed() for warehouse in self.warehouses]

    def senders_to(self, country: str, region: str) -> list[WarehouseFacts]:
        """The warehouses as routing sees them for a destination: a lane of the region before one of the country."""
        bound = {row.id for row in self.warehouses if row.has_lanes}
        if not bound:
            return self.routed
        found = []
        for known in self.routed:
            if known.id not in bound:
                found.append(known)
                continue
            mine = [x for x in self.lanes if x[0] == known.id and x[1] == country]
            lane = next((x for x in mine if x[2] and x[2] == region), None)
            lane = lane or next((x for x in mine if not x[2]), None)
            found.append(
                msgspec.structs.replace(
                    known,
                    reaches=bool(lane and lane[5]),
                    distance_km=lane[3] if lane else None,
                    cost=lane[4] if lane else None,
                )
            )
        return found

    def lacking(self, short: Mapping[str, int]) -> dict[int, int]:
        """Units missing by SKU id, of bundles their parts, given those missing by code."""
        found: dict[int, int] = {}
        for code, units in short.items():
            for part, each in self.skus[code].made_of():
                found[part] = found.get(part, 0) + units * each
        return found

    def give_to(self, warehouse_id: int) -> str:
        """Count an order for a warehouse of limited capacity, for the next of the batch; the day there, or ""."""
        row = next((w for w in self.warehouses if w.id == warehouse_id), None)
        if row is None or row.capacity is None:
            return ""
        row.load = (row.load or 0) + 1
        self.__dict__.pop("routed", None)  # it may be full now
        return local_day(self.now, row.time_zone).isoformat()

    def use(self, promotion: int, code: str, customer_id: int) -> CouponFacts | None:
        """Count a use, so that the next order of the batch sees it; the coupon, where one was named."""
        self.promotions = [
            msgspec.structs.replace(p, left=p.left - 1)
            if p.id == promotion and p.left is not None
            else p
            for p in self.promotions
        ]
        coupon = self.coupons.get(code)
        if coupon is not None:
            coupon.left = None if coupon.left is None else coupon.left - 1
            uses = dict(coupon.uses or ())
            uses[customer_id] = uses.get(customer_id, 0) + 1
            coupon.uses = list(uses.items())
        return coupon


_decoder = msgspec.json.Decoder(_Answer, strict=False)


def gather(
    orders: Sequence[IncomingOrder],
    *,
    channel: Channel,
    now: datetime,
    lock: bool,
    promoted: bool = True,
    chosen: Sequence[int] = (),
) -> Facts:
    """Gather everything needed to decide on these orders, and ids for the rows to come.

    lock       take the SKUs' stock levels, in order, until the transaction ends: what is then
               decided cannot be overtaken; customers and promotions are taken before them
    promoted   promotions may be used by these orders; foreign ones use none
    chosen     ids of customers to know of, whatever the orders state
    Raises Invalid where the channel has no trading policy.
    """
    contacts = [
        contacts_of(o.customer, o.shipping_address, o.known_as(channel.code)) for o in orders
    ]
    question = _question(
        orders, contacts, channel_id=channel.pk, now=now, lock=lock, promoted=promoted
    )
    if chosen:
        question["chosen"] = list(chosen)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT orders_facts(%s::jsonb)::text", [msgspec.json.encode(question).decode()]
        )
        answer = _decoder.decode(cursor.fetchone()[0])
    if answer.policy is None:
        raise Invalid(_("The channel has no policy yet: assign a price list."))
    _note_days(answer)
    facts = _known(answer, answer.policy, contacts, now)
    for row in answer.customers:
        kinds = [kind for kind, has in (("email", row.has_email), ("phone", row.has_phone)) if has]
        facts.people[row.id] = KnownPerson(row.name, frozenset(kinds))
    return facts


def _question(
    orders: Sequence[IncomingOrder],
    contacts: Sequence[Contacts],
    *,
    channel_id: int,
    now: datetime,
    lock: bool,
    promoted: bool,
) -> dict[str, object]:
    """What `orders_facts` is asked, to answer for all of these orders at once."""
    known = dict.fromkeys(identity for one in contacts for identity in one.identities)
    return {
        "channel": channel_id,
        "now": now.isoformat(),
        "lock": lock,
        "orders": len(orders),
        "customers": len(orders),
        "lines": sum(len(order.lines) for order in orders),
        "skus": sorted({line.sku for order in orders for line in order.lines}),
        "countries": sorted({order.shipping_address.country for order in orders}),
        "regions": sorted({order.shipping_address.region for order in orders}),
        "external_ids": [order.external_id for order in orders],
        "references": [
            o.payment.reference for o in orders if method_of(o.payment.method).is_paid_ahead
        ],
        "coupons": sorted({code for order in orders for code in order.coupons()}),
        "promoted": promoted and not all(isinstance(o, ForeignOrder) for o in orders),
        "currencies": sorted({order.currency for order in orders}),
        "identities": [value for _kind, value in known],
        "addresses": sorted({one.address_key for one in contacts} - {""}),
        **_credit_asked(orders),
    }


def _credit_asked(orders: Sequence[IncomingOrder]) -> dict[str, list[str]]:
    """The methods by which customers owe, where one of these orders does: what else is owed counts then."""
    uses = any(order.payment.method in USE_CREDIT for order in orders)
    return {"credit_methods": sorted(USE_CREDIT)} if uses else {}


def _with_sound_zones(rows: list[WarehouseRow]) -> list[WarehouseRow]:
    """The warehouses, each in a zone that there is: decisions take it by its name."""
    for row in rows:
        row.time_zone = sound_zone(row.time_zone)
    return rows


def _note_days(answer: _Answer) -> None:
    """Give each warehouse the days on which it works otherwise than its country."""
    for row in answer.warehouses or () if answer.days else ():
        own = [(on, works) for warehouse, on, works in answer.days or () if warehouse == row.id]
        row.closed = tuple(on for on, works in own if not works)
        row.open = tuple(on for on, works in own if works)


def _allotted(answer: _Answer) -> dict[tuple[int, int], int]:
    allotted: dict[tuple[int, int], int] = {}
    for sku, warehouse, units in answer.allotted or ():
        allotted[sku, warehouse] = allotted.get((sku, warehouse), 0) + units
    return allotted


def _free(answer: _Answer, allotted: dict[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    """What may be promised by the channel: what nobody has, its own allotment, no more than its limits."""
    free = {(sku, warehouse): max(0, units) for sku, warehouse, units, _part in answer.levels}
    for key, units in allotted.items():
        free[key] = free.get(key, 0) + units
    if answer.limits:
        limits = [Limit(sku, kind, value) for sku, kind, value in answer.limits]
        free = limited(free, limits, [w.id for w in answer.warehouses or ()])
    return free


class _Expected(msgspec.Struct):
    coming: list[tuple[int, date | None, int]] | None
    owed: list[tuple[int, int]] | None


def learn_expected(facts: Facts) -> None:
    """Learn what is on its way of these orders' goods, and what others wait for: once, when something is short."""
    if facts.coming is not None:
        return
    stocked = sorted({part for sku in facts.skus.values() for part, _each in sku.made_of()})
    with connection.cursor() as cursor:
        cursor.execute("SELECT orders_expected(%s::bigint[])::text", [stocked])
        answer = msgspec.json.decode(cursor.fetchone()[0], type=_Expected, strict=False)
    facts.owed = dict(answer.owed or ())
    facts.coming = {}
    for sku, day, units in answer.coming or ():
        facts.coming.setdefault(sku, []).append((day, units))


def _homes(answer: _Answer) -> dict[int, tuple[int, ...]]:
    homes: dict[int, tuple[int, ...]] = {}
    for sku, warehouse in answer.homes or ():
        homes[sku] = (*homes.get(sku, ()), warehouse)
    return homes


def _flows(answer: _Answer) -> dict[str, OrderTypePolicy]:
    return {
        t.code: OrderTypePolicy(t.code, t.review, t.cooling_off_minutes, t.is_free, t.is_active)
        for t in answer.types or ()
    }


def _known(answer: _Answer, policy: PolicyFacts, contacts: list[Contacts], now: datetime) -> Facts:
    """The answer as placing reads it: by code, by key, and nothing missing."""
    allotted = _allotted(answer)
    book = answer.book_currency or DEFAULT_BOOK
    rates = {code: rate for code, rate in answer.rates or () if rate is not None}
    return Facts(
        now=now,
        contacts=contacts,
        policy=policy,
        flows=_flows(answer),
        book_currency=book,
        rates=rates | {book: Decimal(1)},
        customer_ids=answer.customer_ids or [],
        order_ids=answer.order_ids or [],
        line_ids=answer.line_ids or [],
        payment_ids=answer.payment_ids or [],
        skus={sku.code: sku for sku in answer.skus},
        free=_free(answer, allotted),
        allotted=allotted,
        in_parts={(sku, warehouse) for sku, warehouse, _units, part in answer.levels if part},
        warehouses=_with_sound_zones(answer.warehouses or []),
        lanes=answer.lanes or [],
        homes=_homes(answer),
        taxes=answer.taxes,
        has_taxes=answer.has_taxes,
        services={service.code: service for service in answer.services},
        customers={(c.kind, c.value): c for c in answer.customers},
        proven={
            (c.kind, c.value) for c in answer.customers if c.proven_by and c.kind == "external"
        },
        existing={e.external_id: e for e in answer.existing},
        used_references=set(answer.used_references),
        recent=answer.recent or [],
        promotions=answer.promotions or [],
        coupons={coupon.code: coupon for coupon in answer.coupons or ()},
        book=answer.book or 0,
        book_at=answer.book_at,
        placed_before=dict(answer.placed_before or ()),
        blocked=set(answer.blocked or ()),
    )
