"""Composes the rows of an order and everything that belongs to it."""

from typing import Any

from erp.access.models import Actor
from erp.approvals.queries import answers_for
from orders.customers.contacts import Address
from orders.order.actions.holds import GIVEN_AWAY
from orders.order.blank_rows import BLANK_ORDER
from orders.order.numbers import order_number
from orders.order.search_words import order_words
from orders.placement.incoming import IncomingOrder
from orders.placement.prepared import PreparedOrder
from orders.placement.rows.batch import Batch, Placed, Placement
from orders.placement.rows.customer import customer_of
from orders.placement.rows.lines import add_lines
from orders.placement.rows.reasons import add_reasons
from orders.review.decisions import review
from orders.review.decisions.rules import Ruled


def compose(placement: Placement, batch: Batch, by: Actor) -> Placed:
    """Turn one order's decisions into rows of the batch."""
    prepared, order = placement.prepared, placement.prepared.order
    number = order_number(prepared.pk)
    customer_id = customer_of(prepared, batch)
    lines = add_lines(placement, batch)
    row, holds = _row(placement, number, customer_id), _holds(placement, by)
    batch.rows["orders"].append(row)
    batch.rows["holds"] += holds
    _add_address(batch, prepared, "shipping", order.shipping_address)
    if order.billing_address:
        _add_address(batch, prepared, "billing", order.billing_address)
    _add_what_waits(prepared, placement.judged.verdict, batch)
    if placement.judged.paid:
        _add_payment(placement, batch, by)
    batch.add(
        "searches",
        order_id=prepared.pk,
        placed_at=row["placed_at"],
        words=_order_words(order, number),
    )
    add_reasons(placement, batch, by, customer_id, [line["id"] for line in lines])
    return Placed(number=number, row=row, lines=lines, holds=holds, priced=placement.priced)


def _row(placement: Placement, number: str, customer_id: int) -> dict[str, Any]:
    """The order's own row: what is decided, over what it states itself, over what nobody said."""
    prepared, priced, promised = placement.prepared, placement.priced, placement.promised
    order, facts, verdict = prepared.order, prepared.facts, placement.judged.verdict
    foreign, at = prepared.foreign, prepared.now.isoformat()
    placed_at = at
    if foreign is not None and foreign.placed_at:
        placed_at = foreign.placed_at.isoformat()  # as its customer knows it; we heard of it now
    return (
        BLANK_ORDER
        | order.stated()
        | {
            "id": prepared.pk,
            "number": number,
            "channel_id": prepared.channel.pk,
            "request_hash": prepared.content,
            "customer_id": customer_id,
            "customer_proof": prepared.recognised.proof,
            "type": order.type or facts.policy.order_type,
            "language": prepared.channel.language,
            "status": verdict.status,
            "payment_status": placement.judged.payment_status,
            "fulfillment_status": "unfulfilled",
            "open_holds": len(verdict.holds),
            "payment_method": order.payment.method,
            "shipping_service": prepared.service.code,
            "prices_include_tax": foreign.includes_tax if foreign else facts.policy.includes_tax,
            "subtotal": priced.subtotal,
            "discount": priced.discount,
            "shipping": priced.shipping,
            "shipping_tax": priced.shipping_tax,
            "tax": priced.tax,
            "total": priced.total,
            "ship_by": promised.ship_by.isoformat(),
            "deliver_from": promised.deliver_from.isoformat(),
            "deliver_by": promised.deliver_by.isoformat(),
            "country": order.shipping_address.country,
            "placed_at": placed_at,
            "confirmed_at": at if verdict.status == "confirmed" else None,
            "updated_at": at,
            "book_currency": facts.book_currency,
            "book_rate": facts.rates.get(order.currency),
        }
        | _marks_by_rules(placement.judged.ruled)
    )


def _marks_by_rules(ruled: Ruled | None) -> dict[str, Any]:
    """The tags and the flag that the merchant's rules give an order; nothing where they give none."""
    given = {"tags": ruled.tags, "flag": ruled.flag} if ruled else {}
    return {name: mark for name, mark in given.items() if mark}


def _holds(placement: Placement, by: Actor) -> list[dict[str, Any]]:
    verdict = placement.judged.verdict
    proposer = answers_for(by) if ("finance", GIVEN_AWAY) in verdict.holds else None
    params = {f["code"]: f.get("params", {}) for f in verdict.findings}
    return [
        {
            "order_id": placement.prepared.pk,
            "kind": kind,
            "reason": code,
            "params": params.get(code, {}),
            "by_id": by.pk,
            "opened_at": placement.prepared.now.isoformat(),
            "until": verdict.until[code].isoformat() if code in verdict.until else None,
            **(
                {"needs_second_person": True, "proposed_for_id": proposer}
                if code == GIVEN_AWAY
                else {}
            ),
        }
        for kind, code in verdict.holds
    ]


def _add_what_waits(prepared: PreparedOrder, verdict: review.Review, batch: Batch) -> None:
    """What somebody has yet to answer: an invoice to issue, the customer's choice, a fraud score."""
    pk, at, invoice = prepared.pk, prepared.now.isoformat(), prepared.order.invoice
    if invoice is not None:
        wish = {name: getattr(invoice, name).strip() for name in invoice.__struct_fields__}
        batch.add("invoices", order_id=pk, requested_at=at, **wish)
    if ("stock", "choice_open") in verdict.holds:
        until = verdict.until["choice_open"].isoformat()
        batch.add("choices", order_id=pk, offered_at=at, until=until)
    if ("fraud", "risk_unknown") in verdict.holds:
        batch.add("risk_checks", order_id=pk, source=prepared.facts.policy.risk_source)


def _add_payment(placement: Placement, batch: Batch, by: Actor) -> None:
    prepared = placement.prepared
    batch.add(
        "payments",
        id=prepared.facts.payment_ids[prepared.index],
        order_id=prepared.pk,
        channel_id=prepared.channel.pk,
        method=prepared.order.payment.method,
        reference=prepared.order.payment.reference,
        currency=prepared.order.currency,
        amount=placement.judged.paid,
        by_id=by.pk,
        created_at=prepared.now.isoformat(),
    )


def _order_words(order: IncomingOrder, number: str) -> list[str]:
    return order_words(
        number,
        order.external_id,
        names=[order.customer.name, order.shipping_address.name],
        emails=[order.customer.email],
        phones=[order.customer.phone, order.shipping_address.phone],
        skus=[line.sku for line in order.lines] + [getattr(order, "number", "")],
    )


def _add_address(batch: Batch, prepared: PreparedOrder, kind: str, address: Address) -> None:
    buyer = prepared.order.customer
    batch.add(
        "addresses",
        order_id=prepared.pk,
        kind=kind,
        name=address.name,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        phone=address.phone or buyer.phone,
        email=buyer.email.strip().lower(),
    )
