"""Composes the rows of decisions, events and promotion uses of an order."""

from collections.abc import Sequence
from typing import Any

from erp.access.models import Actor
from erp.events.record import event_row
from erp.reasons import reason
from orders.placement.judgement import has_terms, unproven_terms
from orders.placement.rows.batch import Batch, Placement
from orders.pricing.decisions import prices
from orders.review.decisions import review
from orders.review.decisions import rules as decisions_rules
from orders.review.decisions.review import said_of
from orders.review.decisions.rules import Ruled
from orders.routing.decisions import promise, warehouse


def add_reasons(
    placement: Placement, batch: Batch, by: Actor, customer_id: int, line_ids: Sequence[int]
) -> None:
    """Add what tells why an order is as it is: rules, promotions, decisions, timeline and events."""
    facts = placement.prepared.facts
    if facts.book:
        facts.placed_before[customer_id] = facts.placed_before.get(customer_id, 0) + 1
    if placement.judged.ruled is not None:
        _add_ruling(placement, batch, placement.judged.ruled)
    if placement.priced.taken:
        _add_promotions(placement, batch, customer_id, line_ids)
    _add_decisions(placement, batch)
    _add_events(placement, batch, by)


def _add_promotions(
    placement: Placement, batch: Batch, customer_id: int, line_ids: Sequence[int]
) -> None:
    """What promotions took off, and that they were used; the next order of the batch finds fewer uses left."""
    pk, priced = placement.prepared.pk, placement.priced
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
        coupon = placement.prepared.facts.use(promotion, code, customer_id)
        batch.add(
            "promotion_uses",
            promotion_id=promotion,
            coupon_id=coupon.id if coupon else None,
            order_id=pk,
            customer_id=customer_id,
            most=coupon.most if coupon else None,
        )


def _add_ruling(placement: Placement, batch: Batch, ruled: Ruled) -> None:
    """That the merchant's rules were asked, and what they were told, is a decision."""
    prepared, outcome = placement.prepared, ruled.outcome()
    pk, book = prepared.pk, prepared.facts.book
    batch.add(
        "decisions",
        order_id=pk,
        kind="rules",
        engine=decisions_rules.ENGINE,
        at=prepared.now.isoformat(),
        inputs={"book": book, "facts": placement.judged.asked or {}},
        candidates=[],
        outcome=outcome,
        reasons=ruled.reasons or [reason("no_rule_matched")],
    )


def _add_decisions(placement: Placement, batch: Batch) -> None:
    """Add how an order was priced, routed, promised and reviewed: a decision each, with its reasons."""
    pk, at = placement.prepared.pk, placement.prepared.now.isoformat()
    batch.rows["decisions"] += [
        {"order_id": pk, "at": at, "candidates": [], **decision}
        for decision in (
            _pricing(placement),
            _routing(placement),
            _promise(placement),
            _review(placement),
        )
    ]


def _pricing(placement: Placement) -> dict[str, Any]:
    priced = placement.priced
    return {
        "kind": "pricing",
        "engine": prices.ENGINE,
        "inputs": {
            "asked": priced.asked,
            "country": placement.prepared.order.shipping_address.country,
        },
        "outcome": {
            "subtotal": priced.subtotal,
            "shipping": priced.shipping,
            "tax": priced.tax,
            "total": priced.total,
        },
        "reasons": [*priced.reasons, *_whose_terms(placement)],
    }


def _whose_terms(placement: Placement) -> list[dict[str, Any]]:
    """Why the terms of a customer counted, or did not, where they have any."""
    recognised, unproven = placement.prepared.recognised, unproven_terms(placement.prepared)
    if unproven:
        return [reason("terms_not_proven", terms=list(unproven))]
    if has_terms(recognised.customer) and recognised.proof:
        return [reason("terms_proven", proof=recognised.proof)]
    return []


def _routing(placement: Placement) -> dict[str, Any]:
    route = placement.route
    return {
        "kind": "routing",
        "engine": warehouse.ENGINE,
        "inputs": {"asked": route.asked},
        "candidates": route.candidates,
        "outcome": {"warehouses": route.warehouses, "short": route.short},
        "reasons": route.reasons,
        "counterfactual": route.counterfactual,
    }


def _promise(placement: Placement) -> dict[str, Any]:
    promised = placement.promised
    return {
        "kind": "promise",
        "engine": promise.ENGINE,
        "inputs": {
            "asked": promised.asked,
            "service": placement.prepared.order.shipping_service,
        },
        "outcome": {
            "ship_by": promised.ship_by.isoformat(),
            "deliver_from": promised.deliver_from.isoformat(),
            "deliver_by": promised.deliver_by.isoformat(),
        },
        "reasons": promised.reasons,
        "counterfactual": promised.counterfactual,
    }


def _review(placement: Placement) -> dict[str, Any]:
    verdict = placement.judged.verdict
    inputs: dict[str, Any] = {
        "total": placement.priced.total,
        "method": placement.prepared.order.payment.method,
        "policy": "hold" if verdict.holds_on_doubt else "record",
        "findings": verdict.findings,
        "asked": said_of(verdict.asked) if verdict.asked else {},
    }
    if verdict.is_over:
        inputs["is_over"] = True
    if verdict.ruled:
        inputs["ruled"] = {"approves": verdict.ruled.approves, "holds": verdict.ruled.holds}
    return {
        "kind": "review",
        "engine": review.ENGINE,
        "inputs": inputs,
        "outcome": {"status": verdict.status, "holds": [list(h) for h in verdict.holds]},
        "reasons": verdict.reasons,
        "counterfactual": verdict.counterfactual,
    }


def _add_events(placement: Placement, batch: Batch, by: Actor) -> None:
    """Add the first steps of an order's timeline, and the events that others hear of.

    What rules want done once it is placed (a split, a gift) is an event, too.
    """
    prepared, verdict, paid = placement.prepared, placement.judged.verdict, placement.judged.paid
    order, pk, at = prepared.order, prepared.pk, prepared.now.isoformat()
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
    told: list[tuple[str, dict[str, Any]]] = [(topic, {"order_id": pk}) for topic in topics]
    ruled = placement.judged.ruled
    if ruled is not None and (follows := decisions_rules.follow_ups(ruled.outcome())):
        told.insert(0, ("order.ruled", {"order_id": pk, "follows": follows}))
    batch.rows["events"] += [
        event_row(topic, f"order:{pk}", prepared.channel.pk, facts) for topic, facts in told
    ]
