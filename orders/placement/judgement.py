"""Judges a prepared order: tells review and the merchant's rules what they need to know of it, and asks them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from erp.ids import public_id
from orders.placement.fact_rows import CustomerFacts
from orders.placement.foreign import foreign_findings
from orders.placement.prepared import PreparedOrder, exempt_by
from orders.pricing.decisions import prices
from orders.review.decisions import review
from orders.review.decisions.rules import Ruled, evaluate
from orders.review.fields import FIELDS, PlacedOrder
from orders.review.rulebook import plain_facts, rules_of
from orders.routing.decisions import warehouse

ZERO = Decimal(0)


class Judgement(NamedTuple):
    """How an order was judged, what was paid of it; what rules did and what they were told, where there are any."""

    verdict: review.Review
    paid: Decimal
    payment_status: str
    ruled: Ruled | None = None
    asked: dict[str, Any] | None = None


def judge(
    prepared: PreparedOrder,
    priced: prices.PricedOrder,
    route: warehouse.Route,
    *,
    is_given_away: bool = False,
) -> Judgement:
    """Judge an order by what is noticed about it and by the rules in force.

    is_given_away   it is free of charge and worth more than whoever placed it may give away alone
    """
    order, facts, now, type_policy = (
        prepared.order,
        prepared.facts,
        prepared.now,
        prepared.type_policy,
    )
    policy = facts.policy
    asks_risk = policy.risk_source is not None and priced.total > 0
    paid = _paid(prepared, priced)
    status = payment_status(paid, priced.total)
    facts_of_it = review.OrderToReview(
        now=now,
        currency=order.currency,
        total=priced.total,
        paid=paid,
        method=order.payment.method,
        units=sum(line.quantity for line in order.lines),
        holds_on_doubt=(type_policy.review or policy.review) != "record",
        always_looked_at=type_policy.review == "always",
        is_given_away=is_given_away,
        waits=_waits(prepared),
        **_short_of(prepared, route),
        risk_unknown=asks_risk,
        risk_until=now + timedelta(hours=policy.risk_hours)
        if asks_risk and policy.risk_hours
        else None,
        customer_blocked=_is_blocked(prepared),
        address_findings=prepared.doubts,
        phone_doubtful=prepared.phone_is_doubtful,
        blocked=_blocked(prepared),
        doubles=_doubles(prepared),
        **_who_is_proven(prepared, priced),
        **_money_of(prepared, priced),
        **foreign_findings(prepared, priced, route),
    )
    if not facts.book:
        return Judgement(review.review(facts_of_it), paid, status)
    placed = PlacedOrder(
        prepared,
        priced,
        route,
        review.findings_of(facts_of_it),
        status,
    )
    asked = {field.name: field.placed(placed) for field in FIELDS.values()} | {"at": now}
    ruled = evaluate(rules_of(facts.book, facts.book_at), asked)
    return Judgement(review.review(facts_of_it, ruled), paid, status, ruled, plain_facts(asked))


def _untaxed(prepared: PreparedOrder) -> tuple[str, ...]:
    """SKUs that we price and that no tax rate of ours is for where they go: a rate of nought says none is due."""
    if (
        prepared.foreign is not None
        or prepared.exemption is not None
        or prepared.type_policy.is_free
        or not prepared.facts.has_taxes
    ):
        return ()
    skus = [known.sku for known in prepared.lines if known.sku is not None]
    return tuple(dict.fromkeys(sku.code for sku in skus if sku.tax_class not in prepared.rates))


def _paid(prepared: PreparedOrder, priced: prices.PricedOrder) -> Decimal:
    """What was captured when the order was placed; all of it where a prepaid order says no amount."""
    if prepared.foreign is not None:
        return prepared.foreign.paid
    if not prepared.method.is_paid_ahead:
        return ZERO
    return priced.total if prepared.stated is None else prepared.stated


def payment_status(paid: Decimal, total: Decimal) -> str:
    """How an order stands when it is placed, by what was paid of it."""
    if not paid:
        return "unpaid" if total else "paid"
    return "paid" if paid >= total else "part_paid"


def _short_of(prepared: PreparedOrder, route: warehouse.Route) -> dict[str, Any]:
    """What its channel wants of an order that lacks goods; a channel that sold it already asks nobody."""
    policy = prepared.facts.policy
    wanted = policy.short_stock
    if not route.short or wanted == "available" or prepared.foreign is not None:
        return {}
    until = prepared.now + timedelta(days=policy.choice_days) if wanted == "ask" else None
    return {"short_stock": wanted, "choice_until": until}


def _money_of(prepared: PreparedOrder, priced: prices.PricedOrder) -> dict[str, Any]:
    """Collect facts for the margin, price-floor and credit-limit checks."""
    order, facts, customer = prepared.order, prepared.facts, prepared.terms_of
    found: dict[str, Any] = {}
    sold = [
        (known.sku, known.line.quantity, price)
        for known, price in zip(prepared.lines, priced.lines, strict=True)
        if known.sku is not None and price.discount < price.subtotal
    ]
    below = [
        sku.code
        for sku, units, price in sold
        if sku.floor is not None and price.subtotal - price.discount < sku.floor * units
    ]
    if below:
        found["below_floor"] = tuple(dict.fromkeys(below))
    if untaxed := _untaxed(prepared):
        found["untaxed"] = untaxed
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
    if prepared.method.uses_credit and customer and customer.credit_limit is not None:
        found["credit_left"] = customer.credit_limit - (customer.owed or ZERO)
        found["owes"] = round(priced.total * (rate or 1), 4)
    return found


def _who_is_proven(prepared: PreparedOrder, priced: prices.PricedOrder) -> dict[str, Any]:
    """What is to be noticed of who ordered: terms that are not theirs yet, an account that nobody agreed to."""
    found: dict[str, Any] = {}
    if unproven := unproven_terms(prepared):
        found["unproven_terms"] = unproven
    if prepared.method.uses_credit and priced.total > 0 and not prepared.has_account:
        found["account_not_agreed"] = True
    if prepared.recognised.others:
        found["contact_of"] = tuple(public_id("cus", pk) for pk in prepared.recognised.others)
    return found


def has_terms(customer: CustomerFacts | None) -> bool:
    """Whether something was agreed with a customer that not everybody has."""
    return customer is not None and bool(
        customer.group is not None or customer.may_owe or customer.exempt
    )


def unproven_terms(prepared: PreparedOrder) -> tuple[str, ...]:
    """The terms of the customer whose contact it states that it has not, since nothing proves that they ordered it."""
    customer = prepared.customer
    if customer is None or prepared.recognised.proof:
        return ()
    is_ours = prepared.foreign is None
    exempt = exempt_by(customer, prepared.order.shipping_address.country)
    has = (
        ("group", customer.group is not None),
        ("exemption", is_ours and exempt is not None),
        ("account", prepared.method.uses_credit and customer.may_owe),
    )
    return tuple(name for name, there in has if there)


def _waits(prepared: PreparedOrder) -> tuple[tuple[str, datetime], ...]:
    """Return why an order rests although nothing is wrong with it, and until when."""
    now, found = prepared.now, []
    minutes = prepared.type_policy.cooling_off_minutes
    if minutes is None:
        minutes = prepared.facts.policy.cooling_off_minutes
    placed_at = (prepared.foreign and prepared.foreign.placed_at) or now
    if (until := placed_at + timedelta(minutes=minutes)) > now:
        found.append(("cooling_off", until))
    if prepared.starts_at > now:
        found.append(("not_before", prepared.starts_at))
    return tuple(found)


def _is_blocked(prepared: PreparedOrder) -> bool:
    """Whether anybody with one of these contacts is blocked: another name on the same phone changes nothing of that."""
    known = prepared.facts.customers
    return any(known[identity].is_blocked for identity in prepared.identities if identity in known)


def _blocked(prepared: PreparedOrder) -> tuple[str, ...]:
    """Which of an order's contacts somebody has blocked."""
    blocked = prepared.facts.blocked
    if not blocked:
        return ()
    known = [(kind, value) for kind, value in prepared.identities if kind != "external"]
    found = [kind for kind, value in known if value in blocked]
    return (*found, *(["address"] if prepared.address_key in blocked else []))


def _doubles(prepared: PreparedOrder) -> str:
    """The number of a recent order of the same customer for the same goods; "" when there is none."""
    customer, recent_orders = prepared.customer, prepared.facts.recent
    if customer is None or not recent_orders:
        return ""
    items: dict[str, int] = {}
    for line in prepared.order.lines:
        items[line.sku] = items.get(line.sku, 0) + line.quantity
    return next(
        (
            recent.number
            for recent in recent_orders
            if recent.customer_id == customer.id
            and recent.items == items
            and recent.external_id != prepared.order.external_id
        ),
        "",
    )
