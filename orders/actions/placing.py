"""Placing orders: one by the API, a thousand by bulk, all by the same writer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor, Channel
from erp.access.queries import require
from erp.errors import Conflict, DomainError, FieldError, Invalid, NotAllowed
from erp.events.record import event_row, wake_relay_after_commit
from erp.money import rounded
from inventory.actions import OutOfStock
from orders.decisions import pricing, promise, review, routing
from orders.facts import Facts, gather, is_working_day
from orders.intake.checking import address_findings, identities, phone_e164
from orders.intake.incoming import Address, IncomingOrder
from orders.numbers import order_number
from orders.validating import check_order

ZERO = Decimal(0)


class DuplicateExternalId(Conflict):
    """The channel has used this external id for another order; `number` is that order's."""

    code = "duplicate-external-id"

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(
            _("This external_id belongs to order %(number)s, which says something else.")
            % {"number": number}
        )

    def extra(self) -> dict[str, object]:
        return {"number": self.number}


class PaymentReferenceUsed(Conflict):
    """The payment reference has already paid for something on this channel."""

    code = "payment-reference-used"


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


@dataclass
class Batch:
    """Rows decided on but not yet written, in the shape that `orders_place` takes."""

    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            name: []
            for name in (
                "customers", "identities", "orders", "addresses", "lines", "holds", "payments",
                "decisions", "order_events", "events", "reservations",
            )
        }
    )  # fmt: skip

    def add(self, table: str, **row: Any) -> None:
        self.rows[table].append(row)


@transaction.atomic(savepoint=False)
def place_order(
    *, incoming: IncomingOrder, channel: Channel, by: Actor, now: datetime, attempt: int = 1
) -> Placed:
    """Place one order: reserve its stock, record its payment, confirm it if nothing is in the way.

    The same external id with the same content returns the existing order (`existed`).
    Raises Invalid, OutOfStock naming every short SKU, DuplicateExternalId,
    PaymentReferenceUsed; then nothing has changed.
    """
    placed = place_orders(
        incoming=[incoming], channel=channel, by=by, now=now, attempt=attempt
    )[0]
    if placed.refusal:
        raise placed.refusal
    return placed


place_order.wants_attempt = True  # type: ignore[attr-defined]


@transaction.atomic(savepoint=False)
def place_orders(
    *,
    incoming: Sequence[IncomingOrder],
    channel: Channel,
    by: Actor,
    now: datetime,
    placed_at: Sequence[datetime] | None = None,
    attempt: int = 1,
) -> list[Placed]:
    """Place a batch: each order for itself, refusals beside successes, all by one statement.

    placed_at   when each was placed, where that was not now

    The first attempt decides without locks and lets the database refuse what a rival took;
    further attempts, and batches, decide with the stock levels locked.
    """
    require(by, "orders.place")
    if by.channel_id is not None and by.channel_id != channel.pk:
        raise NotAllowed(_("This key belongs to another channel."))
    facts = gather(
        incoming, channel_id=channel.pk, now=now, lock=attempt > 1 or len(incoming) > 1
    )
    if facts.policy is None:
        raise Invalid(_("The channel has no trading policy yet: give it a price list."))
    batch = Batch()
    outcomes: list[Placed] = []
    seen: dict[str, Placed] = {}
    for index, order in enumerate(incoming):
        if order.external_id in seen:
            outcomes.append(_twin(seen[order.external_id], order))
            continue
        at = placed_at[index] if placed_at else now
        outcome = _decide(order, index, facts, batch, channel, by, at)
        seen[order.external_id] = outcome
        outcomes.append(outcome)
    if batch.rows["orders"]:
        write_orders(batch=batch.rows)
    return outcomes


place_orders.wants_attempt = True  # type: ignore[attr-defined]


@transaction.atomic(savepoint=False)
def write_orders(*, batch: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write decided orders with all their rows by one statement: the one writer of orders.

    batch   rows by table, as `orders/sql/place.sql` takes them
    Raises PaymentReferenceUsed; lets IntegrityError through where a rival was faster.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT orders_place(%s::jsonb)", [msgspec.json.encode(batch).decode()]
            )
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        if getattr(diagnostics, "constraint_name", "") == "payment_event_once_per_reference":
            raise PaymentReferenceUsed(
                _("A payment with this reference was already recorded on this channel.")
            ) from error
        raise
    wake_relay_after_commit()


@transaction.atomic(savepoint=False)
def quote_order(
    *, incoming: IncomingOrder, channel: Channel, by: Actor, now: datetime
) -> tuple[pricing.PricedOrder, routing.Route, promise.Promise]:
    """Price, route and promise a basket exactly as placing would, and store nothing.

    Raises Invalid.
    """
    require(by, "orders.view")
    facts = gather([incoming], channel_id=channel.pk, now=now, lock=False)
    if facts.policy is None:
        raise Invalid(_("The channel has no trading policy yet: give it a price list."))
    if errors := check_order(incoming, facts, quote=True):
        raise Invalid(errors=errors)
    priced = _price(incoming, facts)
    route = _route(incoming, facts)
    return priced, route, _promise(incoming, facts, route, now)


def _twin(first: Placed, order: IncomingOrder) -> Placed:
    if first.refusal or first.row.get("request_hash") == order.content_hash():
        return first
    return Placed(refusal=DuplicateExternalId(first.number))


def _decide(
    order: IncomingOrder,
    index: int,
    facts: Facts,
    batch: Batch,
    channel: Channel,
    by: Actor,
    now: datetime,
) -> Placed:
    content = order.content_hash()
    if existing := facts.existing.get(order.external_id):
        if existing.request_hash == content:
            return Placed(number=existing.number, existed=True)
        return Placed(refusal=DuplicateExternalId(existing.number))
    if errors := check_order(order, facts):
        return Placed(refusal=Invalid(errors=errors))
    assert facts.policy is not None
    priced = _price(order, facts)
    route = _route(order, facts)
    if route.short and not facts.policy.accepts_backorders:
        return Placed(refusal=_short(order, route))
    for share in route.shares:
        facts.free[share.sku_id, share.warehouse_id] -= share.quantity
    verdict, paid = _review(order, facts, priced)
    promised = _promise(order, facts, route, now)
    return _compose(
        order,
        index,
        facts,
        batch,
        channel,
        by,
        now,
        content,
        priced,
        route,
        verdict,
        promised,
        paid,
    )


def _short(order: IncomingOrder, route: routing.Route) -> OutOfStock:
    refusal = OutOfStock(route.short)
    refusal.errors = [
        FieldError(
            f"/lines/{index}/quantity",
            "insufficient-stock",
            _("%(sku)s: %(missing)s too many.")
            % {"sku": line.sku, "missing": route.short[line.sku]},
        )
        for index, line in enumerate(order.lines)
        if line.sku in route.short
    ]
    return refusal


def _price(order: IncomingOrder, facts: Facts) -> pricing.PricedOrder:
    assert facts.policy is not None
    address = order.shipping_address
    service = facts.services[order.shipping_service]
    return pricing.price_order(
        pricing.OrderToPrice(
            currency=order.currency,
            includes_tax=facts.policy.includes_tax,
            lines=[
                pricing.LineToPrice(
                    sku=line.sku,
                    quantity=line.quantity,
                    breaks=facts.skus[line.sku].prices or (),
                    tax_rate=facts.tax_rate(
                        address.country, address.region, facts.skus[line.sku].tax_class
                    ),
                )
                for line in order.lines
            ],
            service=service.code,
            shipping_fee=service.fee,
            free_from=service.free_from,
            shipping_tax_rate=facts.tax_rate(address.country, address.region, "standard"),
        ),
        rounded=rounded,
    )


def _route(order: IncomingOrder, facts: Facts) -> routing.Route:
    return routing.route(
        [
            routing.Wanted(index, facts.skus[line.sku].id, line.sku, line.quantity)
            for index, line in enumerate(order.lines)
            if not facts.skus[line.sku].is_service
        ],
        [warehouse.routed() for warehouse in facts.warehouses],
        facts.free,
        country=order.shipping_address.country,
    )


def _review(
    order: IncomingOrder, facts: Facts, priced: pricing.PricedOrder
) -> tuple[review.Review, Decimal]:
    assert facts.policy is not None
    customer = _known_customer(order, facts)
    phone = order.shipping_address.phone or order.customer.phone
    paid = ZERO
    if order.payment.method == "prepaid":
        stated = order.payment.amount.decimal() if order.payment.amount else None
        paid = priced.total if stated is None else stated
    verdict = review.review(
        review.OrderToReview(
            currency=order.currency,
            total=priced.total,
            paid=paid,
            method=order.payment.method,
            units=sum(line.quantity for line in order.lines),
            holds_on_doubt=facts.policy.review == "hold",
            customer_blocked=bool(customer and customer.is_blocked),
            address_findings=address_findings(order.shipping_address),
            phone_doubtful=bool(phone)
            and phone_e164(phone, order.shipping_address.country) is None,
        )
    )
    return verdict, paid


def _promise(
    order: IncomingOrder, facts: Facts, route: routing.Route, now: datetime
) -> promise.Promise:
    service = facts.services[order.shipping_service]
    chosen = [w.sender() for w in facts.warehouses if w.code in route.warehouses]
    return promise.promise(
        placed_at=now,
        senders=chosen or [facts.warehouses[0].sender()],
        transit_p50=service.transit_p50,
        transit_p90=service.transit_p90,
        backordered=bool(route.short),
        is_working_day=is_working_day,
    )


def _known_customer(order: IncomingOrder, facts: Facts) -> Any:
    for identity in identities(order.customer, order.shipping_address.country):
        if identity in facts.customers:
            return facts.customers[identity]
    return None


def _customer_id(
    order: IncomingOrder, index: int, facts: Facts, batch: Batch, language: str
) -> int:
    """The customer an order belongs to: recognised, met earlier in this batch, or new."""
    known = _known_customer(order, facts)
    found = identities(order.customer, order.shipping_address.country)
    pk = (
        known.id
        if known
        else next((facts.new_customers[i] for i in found if i in facts.new_customers), None)
    )
    if pk is None:
        pk = facts.customer_ids[index]
        name = order.customer.name or order.shipping_address.name
        batch.add("customers", id=pk, name=name[:200], language=language)
    for identity in found:
        if identity not in facts.customers and identity not in facts.new_customers:
            facts.new_customers[identity] = pk
            batch.add("identities", customer_id=pk, kind=identity[0], value=identity[1])
    return pk


def _compose(
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
    verdict: review.Review,
    promised: promise.Promise,
    paid: Decimal,
) -> Placed:
    """Turn one order's decisions into rows of the batch."""
    assert facts.policy is not None
    pk = facts.order_ids[index]
    number = order_number(pk)
    at = now.isoformat()
    confirmed = verdict.status == "confirmed"
    language = channel.language
    row = {
        "id": pk,
        "number": number,
        "channel_id": channel.pk,
        "external_id": order.external_id,
        "request_hash": content,
        "customer_id": _customer_id(order, index, facts, batch, language),
        "currency": order.currency,
        "language": language,
        "status": verdict.status,
        "payment_status": _payment_status(paid, priced.total),
        "fulfillment_status": "unfulfilled",
        "open_holds": len(verdict.holds),
        "payment_method": order.payment.method,
        "shipping_service": order.shipping_service,
        "prices_include_tax": facts.policy.includes_tax,
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
        "placed_at": at,
        "confirmed_at": at if confirmed else None,
        "updated_at": at,
    }
    batch.rows["orders"].append(row)
    _add_address(batch, pk, "shipping", order.shipping_address, order)
    if order.billing_address:
        _add_address(batch, pk, "billing", order.billing_address, order)
    lines = _add_lines(order, facts, batch, pk, priced, route, language)
    holds = [
        {
            "order_id": pk,
            "kind": kind,
            "reason": code,
            "params": {},
            "by_id": by.pk,
            "opened_at": at,
        }
        for kind, code in verdict.holds
    ]
    batch.rows["holds"] += holds
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
    language: str,
) -> list[dict[str, Any]]:
    reserved: dict[int, int] = {}
    ids = [facts.line_ids.pop() for _line in order.lines]
    for share in route.shares:
        reserved[share.line] = reserved.get(share.line, 0) + share.quantity
        batch.add(
            "reservations",
            line_id=ids[share.line],
            sku_id=share.sku_id,
            warehouse_id=share.warehouse_id,
            quantity=share.quantity,
        )
    address = order.shipping_address
    lines = []
    for position, (line, price) in enumerate(zip(order.lines, priced.lines, strict=True)):
        sku = facts.skus[line.sku]
        lines.append(
            {
                "id": ids[position],
                "order_id": pk,
                "position": position,
                "sku_id": sku.id,
                "sku_code": sku.code,
                "name": (sku.name_zh if language.startswith("zh") else "") or sku.name,
                "is_service": sku.is_service,
                "quantity_ordered": line.quantity,
                "quantity_reserved": reserved.get(position, 0),
                "quantity_backordered": route.backordered.get(position, 0),
                "unit_price": price.unit_price,
                "subtotal": price.subtotal,
                "discount": ZERO,
                "tax_rate": facts.tax_rate(address.country, address.region, sku.tax_class),
                "tax": price.tax,
                "total": price.total,
            }
        )
    batch.rows["lines"] += lines
    return lines


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
            "total": priced.total, "method": order.payment.method, "policy": facts.policy.review,
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
