"""What review needs to know of an order, from the facts; and what the merchant's rules may ask."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from erp.access.models import Channel
from orders.customers.contacts import address_findings, address_key, identities, phone_e164
from orders.placement.charges import flow_of
from orders.placement.fact_rows import CustomerFacts
from orders.placement.facts import Facts
from orders.placement.foreign import foreign_findings, served_by
from orders.placement.incoming import ForeignOrder, IncomingLine, IncomingOrder
from orders.placement.rows.customer import customer_id_of
from orders.placement.rows.order import payment_status
from orders.policies.custom_fields import as_facts
from orders.policies.order_types import Flow
from orders.pricing.decisions import prices
from orders.review.decisions import review
from orders.review.decisions.rules import Ruled, evaluate
from orders.review.rulebook import plain_facts, rules_of
from orders.routing.decisions import warehouse

ZERO = Decimal(0)


class Reviewed(NamedTuple):
    """How an order was judged, what was paid of it; what rules did and what they were told, where there are any."""

    verdict: review.Review
    paid: Decimal
    ruled: Ruled | None = None
    asked: dict[str, Any] | None = None


def reviewed(
    order: IncomingOrder,
    facts: Facts,
    priced: prices.PricedOrder,
    route: warehouse.Route,
    channel: Channel,
    now: datetime,
) -> Reviewed:
    """Judge an order by what is noticed about it and by the rules in force."""
    assert facts.policy is not None
    flow = flow_of(order, facts)
    asks_risk = facts.policy.risk_source is not None and priced.total > 0
    customer = facts.known_customer(order)
    phone = order.shipping_address.phone or order.customer.phone
    paid = ZERO
    if isinstance(order, ForeignOrder):
        paid = order.paid
    elif order.payment.method == "prepaid":
        stated = order.payment.amount.decimal() if order.payment.amount else None
        paid = priced.total if stated is None else stated
    facts_of_it = review.OrderToReview(
        now=now,
        currency=order.currency,
        total=priced.total,
        paid=paid,
        method=order.payment.method,
        units=sum(line.quantity for line in order.lines),
        holds_on_doubt=(flow.review or facts.policy.review) != "record",
        always_looked_at=flow.review == "always",
        waits=_waits(order, flow, facts, now),
        **_short_of(order, facts, route, now),
        risk_unknown=asks_risk,
        risk_until=now + timedelta(hours=facts.policy.risk_hours)
        if asks_risk and facts.policy.risk_hours
        else None,
        customer_blocked=bool(customer and customer.is_blocked),
        address_findings=address_findings(order.shipping_address),
        phone_doubtful=bool(phone) and phone_e164(phone, order.shipping_address.country) is None,
        blocked=_blocked(order, facts),
        doubles=_doubles(order, facts, customer),
        **_money_of(order, facts, priced, customer),
        **(foreign_findings(order, facts) if isinstance(order, ForeignOrder) else {}),
    )
    if not facts.book:
        return Reviewed(review.review(facts_of_it), paid)
    asked = _asked(order, facts, priced, route, channel, review.findings_of(facts_of_it))
    asked |= {"payment_status": payment_status(paid, priced.total), "at": now}
    ruled = evaluate(rules_of(facts.book, facts.book_at), asked)
    return Reviewed(review.review(facts_of_it, ruled), paid, ruled, plain_facts(asked))


def _asked(
    order: IncomingOrder,
    facts: Facts,
    priced: prices.PricedOrder,
    route: warehouse.Route,
    channel: Channel,
    findings: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What rules may ask of an order, by the names of `orders.decisions.conditions.FIELDS`."""
    assert facts.policy is not None
    address = order.shipping_address
    customer = customer_id_of(order, facts)
    before = facts.placed_before.get(customer, 0) if customer else 0
    units = [line.quantity for line in order.lines]
    return {
        "channel": channel.code,
        "type": order.type or facts.policy.order_type,
        "currency": order.currency,
        "payment_method": order.payment.method,
        "service": served_by(order, facts).code,
        "customer_group": (known.group_code or "")
        if (known := facts.known_customer(order))
        else "",
        "country": address.country,
        "region": address.region,
        "city": address.city,
        "postal_code": address.postal_code,
        "total": priced.total,
        "discount": priced.discount,
        "units": sum(units),
        "lines": len(units),
        "largest_line": max(units, default=0),
        "skus": {_code(line, facts) for line in order.lines},
        "findings": {finding["code"] for finding in findings},
        "backordered": bool(route.backordered),
        "customer_orders": before,
        "customer_is_new": before == 0,
        "tags": set[str](),
        "hours_waiting": 0,
        "custom": as_facts(order.metadata),
        "weight_g": sum(
            facts.skus[x.sku].weight_g * x.quantity for x in order.lines if x.sku in facts.skus
        ),
    }


def _short_of(
    order: IncomingOrder, facts: Facts, route: warehouse.Route, now: datetime
) -> dict[str, Any]:
    """What its channel wants of an order that lacks goods; a channel that sold it already asks nobody."""
    assert facts.policy is not None
    wanted = facts.policy.short_stock
    if not route.short or wanted == "available" or isinstance(order, ForeignOrder):
        return {}
    until = now + timedelta(days=facts.policy.choice_days) if wanted == "ask" else None
    return {"short_stock": wanted, "choice_until": until}


def _money_of(
    order: IncomingOrder,
    facts: Facts,
    priced: prices.PricedOrder,
    customer: CustomerFacts | None,
) -> dict[str, Any]:
    """What its goods are sold for against their floor and their cost; what its customer would owe with it."""
    assert facts.policy is not None
    found: dict[str, Any] = {}
    sold = [
        (facts.skus[line.sku], line.quantity, price)
        for line, price in zip(order.lines, priced.lines, strict=True)
        if line.sku in facts.skus and price.discount < price.subtotal
    ]
    below = [
        sku.code
        for sku, units, price in sold
        if sku.floor is not None and price.subtotal - price.discount < sku.floor * units
    ]
    if below:
        found["below_floor"] = tuple(dict.fromkeys(below))
    rate = facts.rates.get(order.currency)
    if facts.policy.min_margin is not None and rate:
        costed = [
            (sku.cost * n, p.subtotal - p.discount) for sku, n, p in sold if sku.cost is not None
        ]
        income = sum((net for _cost, net in costed), ZERO) * rate
        if income:
            cost = sum((cost for cost, _net in costed), ZERO)
            found["margin"] = round((income - cost) * 100 / income, 2)
            found["min_margin"] = facts.policy.min_margin
    if order.payment.method == "on_account" and customer and customer.credit_limit is not None:
        found["credit_left"] = customer.credit_limit - (customer.owed or ZERO)
        found["owes"] = round(priced.total * (rate or 1), 4)
    return found


def _code(line: IncomingLine, facts: Facts) -> str:
    """What a line's SKU is called: by us, or by its channel where nobody knows it."""
    return facts.skus[line.sku].code if line.sku in facts.skus else getattr(line, "code", line.sku)


def _waits(
    order: IncomingOrder, flow: Flow, facts: Facts, now: datetime
) -> tuple[tuple[str, datetime], ...]:
    """Why an order rests although nothing is wrong with it, and until when."""
    assert facts.policy is not None
    found = []
    minutes = flow.cooling_off_minutes
    if minutes is None:
        minutes = facts.policy.cooling_off_minutes
    placed_at = getattr(order, "placed_at", None) or now
    if (until := placed_at + timedelta(minutes=minutes)) > now:
        found.append(("cooling_off", until))
    if order.ship_not_before is not None and (until := start_of(order, facts)) > now:
        found.append(("not_before", until))
    return tuple(found)


def start_of(order: IncomingOrder, facts: Facts) -> datetime:
    """When the day begins, in the first warehouse, before which a pre-sale does not ship."""
    assert order.ship_not_before is not None
    zone = ZoneInfo(facts.warehouses[0].time_zone) if facts.warehouses else UTC
    return datetime.combine(order.ship_not_before, time(), zone)


def _blocked(order: IncomingOrder, facts: Facts) -> tuple[str, ...]:
    """Which of an order's contacts somebody has blocked."""
    if not facts.blocked:
        return ()
    address = order.shipping_address
    known = identities(order.customer, address.country)
    found = [kind for kind, value in known if value in facts.blocked]
    return (*found, *(["address"] if address_key(address) in facts.blocked else []))


def _doubles(order: IncomingOrder, facts: Facts, customer: CustomerFacts | None) -> str:
    """The number of a recent order of the same customer for the same goods; "" when there is none."""
    if customer is None or not facts.recent:
        return ""
    items: dict[str, int] = {}
    for line in order.lines:
        items[line.sku] = items.get(line.sku, 0) + line.quantity
    return next(
        (
            recent.number
            for recent in facts.recent
            if recent.customer_id == customer.id
            and recent.items == items
            and recent.external_id != order.external_id
        ),
        "",
    )
