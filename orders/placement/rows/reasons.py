"""Why an order is as it is: its decisions, its first steps, what promotions and rules did, as rows."""

from decimal import Decimal
from typing import Any

from erp.access.models import Actor, Channel
from erp.events.record import event_row
from erp.reasons import reason
from orders.placement.facts import Facts
from orders.placement.incoming import IncomingOrder
from orders.placement.rows.batch import Batch
from orders.pricing.decisions import prices
from orders.review.decisions import review
from orders.review.decisions import rules as decisions_rules
from orders.review.decisions.review import said_of
from orders.review.decisions.rules import Ruled
from orders.routing.decisions import promise, warehouse


def add_promotions(
    batch: Batch,
    facts: Facts,
    pk: int,
    customer_id: int,
    priced: prices.PricedOrder,
    line_ids: list[int],
) -> None:
    """What promotions took off, and that they were used; the next order of the batch finds fewer uses left."""
    for taken in priced.taken:
        line = None if taken.line is None else line_ids[taken.line]
        batch.add(
            "adjustments",
            order_id=pk,
            line_id=line,
            promotion_id=taken.promotion,
            coupon=taken.coupon,
            amount=taken.amount,
        )
    for promotion, code in priced.used.items():
        coupon = facts.use(promotion, code, customer_id)
        batch.add(
            "promotion_uses",
            promotion_id=promotion,
            coupon_id=coupon.id if coupon else None,
            order_id=pk,
            customer_id=customer_id,
            most=coupon.most if coupon else None,
        )


def add_ruling(
    batch: Batch,
    pk: int,
    at: str,
    book: int,
    ruled: Ruled,
    asked: dict[str, Any],
    channel: Channel,
) -> dict[str, Any]:
    """What rules do to the order's own row; that they were asked, and what they were told, is a decision.

    What is to be done once it is placed (a split, a gift) is an event.
    """
    outcome = ruled.outcome()
    batch.add(
        "decisions",
        order_id=pk,
        kind="rules",
        engine=decisions_rules.ENGINE,
        at=at,
        inputs={"book": book, "facts": asked},
        candidates=[],
        outcome=outcome,
        reasons=ruled.reasons or [reason("no_rule_matched")],
    )
    if follows := decisions_rules.follow_ups(outcome):
        facts = {"order_id": pk, "follows": follows}
        batch.rows["events"].append(event_row("order.ruled", f"order:{pk}", channel.pk, facts))
    return ({"tags": ruled.tags} if ruled.tags else {}) | (
        {"flag": ruled.flag} if ruled.flag else {}
    )


def add_decisions(
    order: IncomingOrder,
    batch: Batch,
    pk: int,
    at: str,
    facts: Facts,
    priced: prices.PricedOrder,
    route: warehouse.Route,
    verdict: review.Review,
    promised: promise.Promise,
) -> None:
    """Add how an order was priced, routed, promised and reviewed: a decision each, with its reasons."""
    assert facts.policy is not None
    batch.add(
        "decisions",
        order_id=pk,
        kind="pricing",
        engine=prices.ENGINE,
        at=at,
        inputs={"asked": priced.asked, "country": order.shipping_address.country},
        candidates=[],
        outcome={
            "subtotal": priced.subtotal,
            "shipping": priced.shipping,
            "tax": priced.tax,
            "total": priced.total,
        },
        reasons=priced.reasons,
    )
    batch.add(
        "decisions",
        order_id=pk,
        kind="routing",
        engine=warehouse.ENGINE,
        at=at,
        inputs={"asked": route.asked},
        candidates=route.candidates,
        outcome={"warehouses": route.warehouses, "short": route.short},
        reasons=route.reasons,
        counterfactual=route.counterfactual,
    )
    batch.add(
        "decisions",
        order_id=pk,
        kind="promise",
        engine=promise.ENGINE,
        at=at,
        inputs={"asked": promised.asked, "service": order.shipping_service},
        candidates=[],
        outcome={
            "ship_by": promised.ship_by.isoformat(),
            "deliver_from": promised.deliver_from.isoformat(),
            "deliver_by": promised.deliver_by.isoformat(),
        },
        reasons=promised.reasons,
        counterfactual=promised.counterfactual,
    )
    batch.add(
        "decisions",
        order_id=pk,
        kind="review",
        engine=review.ENGINE,
        at=at,
        inputs={
            "total": priced.total,
            "method": order.payment.method,
            "policy": "hold" if verdict.holds_on_doubt else "record",
            "findings": verdict.findings,
            "asked": said_of(verdict.asked) if verdict.asked else {},
            **({"is_over": True} if verdict.is_over else {}),
            **(
                {"ruled": {"approves": verdict.ruled.approves, "holds": verdict.ruled.holds}}
                if verdict.ruled
                else {}
            ),
        },
        candidates=[],
        outcome={"status": verdict.status, "holds": [list(h) for h in verdict.holds]},
        reasons=verdict.reasons,
        counterfactual=verdict.counterfactual,
    )


def add_events(
    order: IncomingOrder,
    batch: Batch,
    pk: int,
    at: str,
    channel: Channel,
    by: Actor,
    verdict: review.Review,
    paid: Decimal,
) -> None:
    """Add the first steps of an order's timeline, and the events that others hear of."""
    steps: list[tuple[str, dict[str, Any]]] = [("placed", {"lines": len(order.lines)})]
    if paid:
        steps.append(("payment.captured", {"amount": str(paid), "currency": order.currency}))
    steps += [("hold.opened", {"kind": kind, "reason": code}) for kind, code in verdict.holds]
    if verdict.status == "confirmed":
        steps.append(("confirmed", {}))
    for kind, data in steps:
        batch.add("order_events", order_id=pk, kind=kind, data=data, by_id=by.pk, at=at)
    topics = ["order.placed"] + (["order.confirmed"] if verdict.status == "confirmed" else [])
    if ("stock", "choice_open") in verdict.holds:
        topics.append("order.choice_offered")
    batch.rows["events"] += [
        event_row(topic, f"order:{pk}", channel.pk, {"order_id": pk}) for topic in topics
    ]
