"""Rehearsing rules: what real orders of the past would have come to with them. Nothing is written, nothing counted up."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from orders.decisions import review
from orders.decisions.rules import Rule, Ruled, evaluate

MOST_SHOWN = 200  # orders named behind a figure
PAGE = 2000
FACTS = """
SELECT o.id, o.number, o.total, o.currency, c.code, o.type, o.payment_method, o.shipping_service,
       coalesce(a.country, o.country), coalesce(a.region, ''), coalesce(a.city, ''), coalesce(a.postal_code, ''),
       o.discount, l.units, l.lines, l.largest, l.skus,
       coalesce(v.inputs -> 'findings', '[]'), v.inputs ->> 'policy', coalesce(r.outcome -> 'short', '{}'),
       (SELECT count(*) FROM orders_order b WHERE b.customer_id = o.customer_id AND b.id < o.id)
FROM orders_order o
JOIN erp_channel c ON c.id = o.channel_id
LEFT JOIN orders_orderaddress a ON a.order_id = o.id AND a.kind = 'shipping'
LEFT JOIN LATERAL (SELECT sum(x.quantity_ordered) AS units, count(*) AS lines, max(x.quantity_ordered) AS largest,
                          array_agg(x.sku_code) AS skus FROM orders_orderline x WHERE x.order_id = o.id) l ON true
LEFT JOIN LATERAL (SELECT d.inputs FROM orders_decision d WHERE d.order_id = o.id AND d.kind = 'review'
                   ORDER BY d.id LIMIT 1) v ON true
LEFT JOIN LATERAL (SELECT d.outcome FROM orders_decision d WHERE d.order_id = o.id AND d.kind = 'routing'
                   ORDER BY d.id LIMIT 1) r ON true
WHERE o.placed_at >= %s AND o.placed_at < %s AND (o.placed_at, o.id) > (%s, %s)
ORDER BY o.placed_at, o.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order as it was when it was placed: what rules may ask of it, what was noticed about it."""

    id: int
    number: str
    total: Decimal
    currency: str
    asked: dict[str, Any]
    findings: list[dict[str, Any]]
    holds_on_doubt: bool


@dataclass(slots=True)
class Figure:
    """So many orders, what they are worth by currency, and which they are, as far as they are shown."""

    orders: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)

    def add(self, order: PastOrder) -> None:
        self.orders += 1
        self.amounts[order.currency] = (
            self.amounts.get(order.currency, Decimal(0)) + order.total
        )
        if len(self.numbers) < MOST_SHOWN:
            self.numbers.append(order.number)


@dataclass(slots=True)
class Rehearsal:
    """What would have differed. `held_before` and `held_after` count orders that something holds."""

    orders: int = 0
    held_before: int = 0
    held_after: int = 0
    matched: Figure = field(default_factory=Figure)
    newly_held: Figure = field(default_factory=Figure)
    held_no_longer: Figure = field(default_factory=Figure)
    newly_marked: Figure = field(default_factory=Figure)

    @property
    def touchless_before(self) -> float:
        return (self.orders - self.held_before) / self.orders if self.orders else 1.0

    @property
    def touchless_after(self) -> float:
        return (self.orders - self.held_after) / self.orders if self.orders else 1.0


def rehearse(
    draft: Rule, in_force: Sequence[Rule], *, since: datetime, until: datetime
) -> Rehearsal:
    """Ask real orders placed from `since` and before `until` with the rules in force, and with `draft` beside them.

    `draft` takes the place of a rule of its own code. Runs in a read-only transaction.
    """
    after = [*(rule for rule in in_force if rule.code != draft.code), draft]
    found = Rehearsal()
    for order in past_orders(since, until):
        _compare(order, in_force, after, draft, found)
    return found


def _compare(
    order: PastOrder,
    before: Sequence[Rule],
    after: Sequence[Rule],
    draft: Rule,
    found: Rehearsal,
) -> None:
    was, would = evaluate(before, order.asked), evaluate(after, order.asked)
    held, would_hold = _held(order, was), _held(order, would)
    found.orders += 1
    found.held_before += held
    found.held_after += would_hold
    if any(code == draft.code for code, _version in would.matched):
        found.matched.add(order)
    if would_hold and not held:
        found.newly_held.add(order)
    if held and not would_hold:
        found.held_no_longer.add(order)
    if (would.tags, would.flag) != (was.tags, was.flag):
        found.newly_marked.add(order)


def _held(order: PastOrder, ruled: Ruled) -> bool:
    return bool(review.holds_of(order.findings, ruled, holds_on_doubt=order.holds_on_doubt))


def past_orders(since: datetime, until: datetime) -> Iterator[PastOrder]:
    """Orders placed in a span, the oldest first, read page by page without writing anything."""
    after = (since, 0)
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(
                "SELECT placed_at, id FROM orders_order WHERE placed_at >= %s AND placed_at < %s"
                " AND (placed_at, id) > (%s, %s) ORDER BY placed_at, id OFFSET %s LIMIT 1",
                [since, until, *after, PAGE - 1],
            )
            last = cursor.fetchone()
            cursor.execute(FACTS, [since, until, *after, PAGE])
            rows = cursor.fetchall()
        yield from map(_past, rows)
        if last is None:
            return
        after = last


def _past(row: Sequence[Any]) -> PastOrder:
    (pk, number, total, currency, channel, kind, method, service, country, region, city, postal_code,
     discount, units, lines, largest, skus, findings, policy, short, before) = row  # fmt: skip
    findings = _json(findings)
    return PastOrder(
        id=pk, number=number, total=total, currency=currency, findings=findings,
        holds_on_doubt=policy != "record",
        asked={
            "channel": channel, "type": kind, "currency": currency, "payment_method": method,
            "service": service, "country": country, "region": region, "city": city,
            "postal_code": postal_code, "total": total, "discount": discount, "units": int(units or 0),
            "lines": lines, "largest_line": largest or 0, "skus": set(skus or ()),
            "findings": {finding["code"] for finding in findings}, "backordered": bool(_json(short)),
            "customer_orders": before, "customer_is_new": before == 0,
        },
    )  # fmt: skip


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
