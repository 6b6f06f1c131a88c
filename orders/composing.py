"""Turning an order's decisions into the rows that `orders_place` writes. Writes none itself."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from erp.access.models import Actor, Channel
from erp.errors import DomainError
from erp.events.record import event_row
from erp.search import normal, phone_words, words
from orders.decisions import pricing, promise, review, routing, rules
from orders.decisions.reasons import reason
from orders.decisions.rules import Ruled
from orders.facts import Facts
from orders.foreign import served_by, tax_rate_of
from orders.intake.checking import identities
from orders.intake.incoming import (
    Address,
    ForeignLine,
    ForeignOrder,
    IncomingLine,
    IncomingOrder,
)
from orders.numbers import order_number
from orders.search_rows import order_words

ZERO = Decimal(0)


@dataclass
class Placed:
    """One order of a batch: written (`row`, `lines`), there before (`number`), or refused."""

    number: str = ""
    existed: bool = False
    refusal: DomainError | None = None
    row: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)
    priced: pricing.PricedOrder | None = None


class Judgement(Protocol):
    """How an order was judged; see `orders.reviewing.Reviewed`."""

    @property
    def verdict(self) -> review.Review: ...
    @property
    def paid(self) -> Decimal: ...
    @property
    def ruled(self) -> Ruled | None: ...
    @property
    def asked(self) -> dict[str, Any] | None: ...


@dataclass
class Batch:
    """Rows decided on but not yet written, in the shape that `orders_place` takes."""

    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            name: []
            for name in (
                "customers", "identities", "orders", "addresses", "lines", "holds", "payments",
                "decisions", "order_events", "events", "line_parts", "draws", "reservations",
                "searches", "known", "risk_checks", "promotion_uses", "adjustments",
            )
        }
    )  # fmt: skip

    def add(self, table: str, **row: Any) -> None:
        self.rows[table].append(row)


def known_customer(order: IncomingOrder, facts: Facts) -> Any:
    """The customer that an order's e-mail or phone is known to belong to, or None."""
    country = order.shipping_address.country
    for identity in identities(order.customer, country, order.known_as()):
        if identity in facts.customers:
            return facts.customers[identity]
    return None


def customer_id_of(order: IncomingOrder, facts: Facts) -> int | None:
    """The customer that an order will belong to, known or met earlier in this batch; None for a new one."""
    if known := known_customer(order, facts):
        return int(known.id)
    found = identities(order.customer, order.shipping_address.country, order.known_as())
    return next((facts.new_customers[i] for i in found if i in facts.new_customers), None)


def _customer_id(
    order: IncomingOrder, index: int, facts: Facts, batch: Batch, language: str
) -> int:
    """The customer an order belongs to: recognised, met earlier in this batch, or new."""
    known = known_customer(order, facts)
    found = identities(order.customer, order.shipping_address.country, order.known_as())
    pk = customer_id_of(order, facts)
    if known:
        batch.add("known", id=known.id)
    if pk is None:
        pk = facts.customer_ids[index]
        name = order.customer.name or order.shipping_address.name
        batch.add(
            "customers",
            id=pk,
            name=name[:200],
            language=language,
            words=customer_words(name, order.customer.email, order.customer.phone),
        )
    for identity in found:
        if identity not in facts.customers and identity not in facts.new_customers:
            facts.new_customers[identity] = pk
            batch.add("identities", customer_id=pk, kind=identity[0], value=identity[1])
    return pk


def compose(
    order: IncomingOrder,
    index: int,
    facts: Facts,
    batch: Batch,
    channel: Channel,
    by: Actor,
    now: datetime,
    content: str,
    priced: pricing.PricedOrder,
    route: routing.Route,
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
    customer_id = _customer_id(order, index, facts, batch, language)
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
        "payment_status": _payment_status(paid, priced.total),
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
        row |= _ruled(batch, pk, at, facts.book, judged.ruled, judged.asked or {})
    batch.rows["orders"].append(row)
    _add_address(batch, pk, "shipping", order.shipping_address, order)
    if order.billing_address:
        _add_address(batch, pk, "billing", order.billing_address, order)
    lines = _add_lines(order, facts, batch, pk, priced, route, channel)
    if priced.taken:
        _add_promotions(batch, facts, pk, customer_id, priced, [x["id"] for x in lines])
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
    _add_decisions(order, batch, pk, at, facts, priced, route, verdict, promised)
    _add_events(order, batch, pk, at, channel, by, verdict, paid)
    return Placed(number=number, row=row, lines=lines, holds=holds, priced=priced)


def _add_promotions(
    batch: Batch,
    facts: Facts,
    pk: int,
    customer_id: int,
    priced: pricing.PricedOrder,
    line_ids: list[int],
) -> None:
    """What promotions took off, and that they were used; the next order of the batch finds fewer uses left."""
    for taken in priced.taken:
        line = None if taken.line is None else line_ids[taken.line]
        batch.add(
            "adjustments", order_id=pk, line_id=line, promotion_id=taken.promotion,
            coupon=taken.coupon, amount=taken.amount,
        )  # fmt: skip
    for promotion, code in priced.used.items():
        coupon = facts.use(promotion, code, customer_id)
        batch.add(
            "promotion_uses", promotion_id=promotion, coupon_id=coupon.id if coupon else None,
            order_id=pk, customer_id=customer_id, most=coupon.most if coupon else None,
        )  # fmt: skip


def _ruled(
    batch: Batch, pk: int, at: str, book: int, ruled: Ruled, asked: dict[str, Any]
) -> dict[str, Any]:
    """What rules do to the order's own row; that they were asked, and what they were told, is a decision."""
    batch.add(
        "decisions", order_id=pk, kind="rules", engine=rules.ENGINE, at=at,
        inputs={"book": book, "facts": asked}, candidates=[],
        outcome={
            "matched": ruled.matched, "approves": ruled.approves, "holds": ruled.holds,
            "tags": ruled.tags, "flag": ruled.flag,
        },
        reasons=ruled.reasons or [reason("no_rule_matched")],
    )  # fmt: skip
    return ({"tags": ruled.tags} if ruled.tags else {}) | (
        {"flag": ruled.flag} if ruled.flag else {}
    )


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


def customer_words(name: str, email: str, phone: str) -> list[str]:
    """What a customer is found by; see `erp/search.py`."""
    return [
        *words(name, email.partition("@")[0]),
        *([normal(email)[:100]] if email.strip() else []),
        *phone_words(phone),
    ]


def _order_words(order: IncomingOrder, number: str) -> list[str]:
    return order_words(
        number,
        order.external_id,
        names=[order.customer.name, order.shipping_address.name],
        emails=[order.customer.email],
        phones=[order.customer.phone, order.shipping_address.phone],
        skus=[line.sku for line in order.lines] + [getattr(order, "number", "")],
    )


def _payment_status(paid: Decimal, total: Decimal) -> str:
    if not paid:
        return "unpaid" if total else "paid"
    return "paid" if paid >= total else "part_paid"


def _add_address(
    batch: Batch, pk: int, kind: str, address: Address, order: IncomingOrder
) -> None:
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


def _add_lines(
    order: IncomingOrder,
    facts: Facts,
    batch: Batch,
    pk: int,
    priced: pricing.PricedOrder,
    route: routing.Route,
    channel: Channel,
) -> list[dict[str, Any]]:
    reserved: dict[int, int] = {}
    ids = [facts.line_ids.pop() for _line in order.lines]
    language = channel.language
    for share in route.shares:
        reserved[share.line] = reserved.get(share.line, 0) + share.quantity
        for part, each in share.parts:
            _reserve(
                batch,
                facts,
                channel,
                ids[share.line],
                (part, share.warehouse_id),
                share.quantity * each,
            )
    address = order.shipping_address
    lines = []
    for position, (line, price) in enumerate(zip(order.lines, priced.lines, strict=True)):
        sku = facts.skus.get(line.sku)
        lines.append(
            {
                "id": ids[position],
                "order_id": pk,
                "position": position,
                **_sold(line, facts, language),
                "quantity_ordered": line.quantity,
                "quantity_reserved": reserved.get(position, 0),
                "quantity_backordered": route.backordered.get(position, 0),
                "unit_price": price.unit_price,
                "subtotal": price.subtotal,
                "discount": price.discount,
                "tax_rate": _tax_rate(line, address, facts),
                "tax": price.tax,
                "total": price.total,
            }
        )
        for part, each in (sku.parts if sku else None) or ():
            batch.add("line_parts", order_line_id=ids[position], sku_id=part, quantity=each)
    batch.rows["lines"] += lines
    return lines


def _tax_rate(line: IncomingLine, address: Address, facts: Facts) -> Decimal:
    if isinstance(line, ForeignLine):
        return tax_rate_of(line)
    return facts.tax_rate(address.country, address.region, facts.skus[line.sku].tax_class)


def _sold(line: IncomingLine, facts: Facts, language: str) -> dict[str, Any]:
    """What a line says was sold: one of our SKUs, or what its channel calls it."""
    sku = facts.skus.get(line.sku)
    known: dict[str, Any] = {}
    if isinstance(line, ForeignLine):
        known = {"key": line.key[:60], "listing": line.listing[:60]}
        if sku is None:
            return known | {
                "sku_id": None, "sku_code": line.code, "name": line.name,
                "is_service": line.is_service,
            }  # fmt: skip
    assert sku is not None
    return known | {
        "sku_id": sku.id,
        "sku_code": sku.code,
        "name": (sku.name_zh if language.startswith("zh") else "") or sku.name,
        "is_service": sku.is_service,
    }


def _reserve(
    batch: Batch,
    facts: Facts,
    channel: Channel,
    line_id: int,
    key: tuple[int, int],
    units: int,
) -> None:
    """Reserve units of (SKU id, warehouse id), first from what is set aside for the channel."""
    row: dict[str, Any] = {
        "holder_id": line_id,
        "sku_id": key[0],
        "warehouse_id": key[1],
        "quantity": units,
    }
    if key in facts.in_parts:
        row["in_parts"] = True
    batch.rows["reservations"].append(row)
    if drawn := min(units, facts.allotted.get(key, 0)):
        facts.allotted[key] -= drawn
        batch.add(
            "draws", channel_id=channel.pk, sku_id=key[0], warehouse_id=key[1], quantity=drawn
        )


def _add_decisions(
    order: IncomingOrder,
    batch: Batch,
    pk: int,
    at: str,
    facts: Facts,
    priced: pricing.PricedOrder,
    route: routing.Route,
    verdict: review.Review,
    promised: promise.Promise,
) -> None:
    assert facts.policy is not None
    wanted = [{"sku": line.sku, "quantity": line.quantity} for line in order.lines]
    batch.add(
        "decisions", order_id=pk, kind="pricing", engine=pricing.ENGINE, at=at,
        inputs={
            "lines": wanted, "currency": order.currency, "service": order.shipping_service,
            "includes_tax": facts.policy.includes_tax, "country": order.shipping_address.country,
        },
        candidates=[],
        outcome={"subtotal": priced.subtotal, "shipping": priced.shipping, "tax": priced.tax, "total": priced.total},
        reasons=priced.reasons,
    )  # fmt: skip
    batch.add(
        "decisions", order_id=pk, kind="routing", engine=routing.ENGINE, at=at,
        inputs={"lines": wanted, "country": order.shipping_address.country},
        candidates=route.candidates,
        outcome={"warehouses": route.warehouses, "short": route.short},
        reasons=route.reasons, counterfactual=route.counterfactual,
    )  # fmt: skip
    batch.add(
        "decisions", order_id=pk, kind="promise", engine=promise.ENGINE, at=at,
        inputs={"placed_at": at, "service": order.shipping_service, "warehouses": route.warehouses},
        candidates=[],
        outcome={
            "ship_by": promised.ship_by.isoformat(), "deliver_from": promised.deliver_from.isoformat(),
            "deliver_by": promised.deliver_by.isoformat(),
        },
        reasons=promised.reasons, counterfactual=promised.counterfactual,
    )  # fmt: skip
    batch.add(
        "decisions", order_id=pk, kind="review", engine=review.ENGINE, at=at,
        inputs={
            "total": priced.total, "method": order.payment.method, "policy": "hold" if verdict.holds_on_doubt else "record",
            "findings": verdict.findings,
        },
        candidates=[],
        outcome={"status": verdict.status, "holds": [list(h) for h in verdict.holds]},
        reasons=verdict.reasons, counterfactual=verdict.counterfactual,
    )  # fmt: skip


def _add_events(
    order: IncomingOrder,
    batch: Batch,
    pk: int,
    at: str,
    channel: Channel,
    by: Actor,
    verdict: review.Review,
    paid: Decimal,
) -> None:
    steps: list[tuple[str, dict[str, Any]]] = [("placed", {"lines": len(order.lines)})]
    if paid:
        steps.append(("payment.captured", {"amount": str(paid), "currency": order.currency}))
    steps += [("hold.opened", {"kind": kind, "reason": code}) for kind, code in verdict.holds]
    if verdict.status == "confirmed":
        steps.append(("confirmed", {}))
    for kind, data in steps:
        batch.add("order_events", order_id=pk, kind=kind, data=data, by_id=by.pk, at=at)
    topics = ["order.placed"] + (["order.confirmed"] if verdict.status == "confirmed" else [])
    batch.rows["events"] += [
        event_row(topic, f"order:{pk}", channel.pk, {"order_id": pk}) for topic in topics
    ]
