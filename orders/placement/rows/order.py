"""An order itself, with everything that belongs to it, as rows."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from erp.access.models import Actor, Channel
from orders.customers.contacts import Address
from orders.order.numbers import order_number
from orders.order.search_words import order_words
from orders.placement.facts import Facts
from orders.placement.foreign import served_by
from orders.placement.incoming import ForeignOrder, IncomingOrder
from orders.placement.rows.batch import Batch, Judgement, Placed
from orders.placement.rows.customer import customer_of
from orders.placement.rows.lines import add_lines
from orders.placement.rows.reasons import add_decisions, add_events, add_promotions, add_ruling
from orders.pricing.decisions import prices
from orders.routing.decisions import promise, warehouse

ZERO = Decimal(0)


def compose(
    order: IncomingOrder,
    index: int,
    facts: Facts,
    batch: Batch,
    channel: Channel,
    by: Actor,
    now: datetime,
    content: str,
    priced: prices.PricedOrder,
    route: warehouse.Route,
    judged: Judgement,
    promised: promise.Promise,
) -> Placed:
    """Turn one order's decisions into rows of the batch."""
    assert facts.policy is not None
    verdict, paid = judged.verdict, judged.paid
    pk = facts.order_ids[index]
    number = order_number(pk)
    at = now.isoformat()
    placed_at = at
    if isinstance(order, ForeignOrder) and order.placed_at:
        placed_at = order.placed_at.isoformat()  # as its customer knows it; we heard of it now
    confirmed = verdict.status == "confirmed"
    language = channel.language
    customer_id = customer_of(order, index, facts, batch, language)
    if facts.book:
        facts.placed_before[customer_id] = facts.placed_before.get(customer_id, 0) + 1
    row = {
        "id": pk,
        "number": number,
        "channel_id": channel.pk,
        "external_id": order.external_id,
        "request_hash": content,
        "customer_id": customer_id,
        "currency": order.currency,
        "language": language,
        "status": verdict.status,
        "payment_status": payment_status(paid, priced.total),
        "fulfillment_status": "unfulfilled",
        "open_holds": len(verdict.holds),
        "payment_method": order.payment.method,
        "shipping_service": served_by(order, facts).code,
        "prices_include_tax": order.includes_tax
        if isinstance(order, ForeignOrder)
        else facts.policy.includes_tax,
        "subtotal": priced.subtotal,
        "discount": priced.discount,
        "shipping": priced.shipping,
        "shipping_tax": priced.shipping_tax,
        "tax": priced.tax,
        "total": priced.total,
        "ship_by": promised.ship_by.isoformat(),
        "deliver_from": promised.deliver_from.isoformat(),
        "deliver_by": promised.deliver_by.isoformat(),
        "note": order.note,
        "metadata": order.metadata,
        "is_history": False,
        "country": order.shipping_address.country,
        "placed_at": placed_at,
        "confirmed_at": at if confirmed else None,
        "updated_at": at,
        "book_currency": facts.book_currency,
        "book_rate": facts.rates.get(order.currency),
    }
    row |= _said_rarely(order, facts)
    if judged.ruled is not None:
        row |= add_ruling(batch, pk, at, facts.book, judged.ruled, judged.asked or {}, channel)
    batch.rows["orders"].append(row)
    _add_address(batch, pk, "shipping", order.shipping_address, order)
    if order.billing_address:
        _add_address(batch, pk, "billing", order.billing_address, order)
    lines = add_lines(order, facts, batch, pk, priced, route, channel)
    if priced.taken:
        add_promotions(batch, facts, pk, customer_id, priced, [x["id"] for x in lines])
    batch.add("searches", order_id=pk, placed_at=placed_at, words=_order_words(order, number))
    params = {f["code"]: f.get("params", {}) for f in verdict.findings}
    holds = [
        {
            "order_id": pk,
            "kind": kind,
            "reason": code,
            "params": params.get(code, {}),
            "by_id": by.pk,
            "opened_at": at,
            "until": verdict.until[code].isoformat() if code in verdict.until else None,
        }
        for kind, code in verdict.holds
    ]
    batch.rows["holds"] += holds
    if order.invoice is not None:
        wish = {
            name: getattr(order.invoice, name).strip() for name in order.invoice.__struct_fields__
        }
        batch.add("invoices", order_id=pk, requested_at=at, **wish)
    if ("stock", "choice_open") in verdict.holds:
        batch.add(
            "choices",
            order_id=pk,
            offered_at=at,
            until=verdict.until["choice_open"].isoformat(),
        )
    if ("fraud", "risk_unknown") in verdict.holds:
        batch.add("risk_checks", order_id=pk, source=facts.policy.risk_source)
    if paid:
        batch.add(
            "payments",
            id=facts.payment_ids[index],
            order_id=pk,
            channel_id=channel.pk,
            method=order.payment.method,
            reference=order.payment.reference,
            currency=order.currency,
            amount=paid,
            by_id=by.pk,
            created_at=at,
        )
    add_decisions(order, batch, pk, at, facts, priced, route, verdict, promised)
    add_events(order, batch, pk, at, channel, by, verdict, paid)
    return Placed(number=number, row=row, lines=lines, holds=holds, priced=priced)


def _said_rarely(order: IncomingOrder, facts: Facts) -> dict[str, Any]:
    """What most orders leave as it is: less to send, less to parse."""
    assert facts.policy is not None
    said: dict[str, Any] = {}
    if (code := order.type or facts.policy.order_type) != "web":
        said["type"] = code
    if order.balance_due_at is not None:
        said["balance_due_at"] = order.balance_due_at.isoformat()
    if order.ship_not_before is not None:
        said["ship_not_before"] = order.ship_not_before.isoformat()
    if isinstance(order, ForeignOrder):
        said |= {"remark": order.remark, "flag": order.flag}
    return said


def _order_words(order: IncomingOrder, number: str) -> list[str]:
    return order_words(
        number,
        order.external_id,
        names=[order.customer.name, order.shipping_address.name],
        emails=[order.customer.email],
        phones=[order.customer.phone, order.shipping_address.phone],
        skus=[line.sku for line in order.lines] + [getattr(order, "number", "")],
    )


def payment_status(paid: Decimal, total: Decimal) -> str:
    """How an order stands when it is placed, by what was paid of it."""
    if not paid:
        return "unpaid" if total else "paid"
    return "paid" if paid >= total else "part_paid"


def _add_address(batch: Batch, pk: int, kind: str, address: Address, order: IncomingOrder) -> None:
    batch.add(
        "addresses",
        order_id=pk,
        kind=kind,
        name=address.name,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        phone=address.phone or order.customer.phone,
        email=order.customer.email.strip().lower(),
    )
