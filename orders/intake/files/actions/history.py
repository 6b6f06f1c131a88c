"""Imports past orders: placed, shipped and paid before this system."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Func, Value

from erp.access.models import Actor
from erp.access.queries import require, require_channel
from erp.money import rounded
from erp.search import words
from orders.customers.models import AccountEntry, Customer, CustomerIdentity, Proof
from orders.intake.files.layouts import Sold
from orders.order.blank_rows import BLANK_LINE, BLANK_ORDER
from orders.order.models.order import Order
from orders.order.numbers import order_number
from orders.placement.actions.write import write_orders
from orders.placement.rows.batch import TABLES


@transaction.atomic(savepoint=False)
def claim_rows(*, channel_id: int, keys: Sequence[bytes]) -> set[bytes]:
    """Mark rows of a file as taken in; return those that had not been before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_importedrow (channel_id, key) SELECT %s, k FROM unnest(%s::bytea[]) k"
            " ON CONFLICT DO NOTHING RETURNING key",
            [channel_id, list(keys)],
        )
        return {bytes(key) for (key,) in cursor.fetchall()}


@transaction.atomic(savepoint=False)
def ensure_customers(
    *, channel_code: str, external_ids: Sequence[str], now: datetime
) -> dict[str, int]:
    """The customers with these ids on a channel, made where missing; "" is the unnamed one.

    The file is the merchant's own, and states no contact: an id that is new is its customer's alone, and proves them.
    """
    values = {external_id: f"{channel_code}:{external_id}" for external_id in external_ids}
    known = dict(
        CustomerIdentity.objects.filter(kind="external", value__in=values.values()).values_list(
            "value", "customer_id"
        )
    )
    missing = [external for external, value in values.items() if value not in known]
    made = Customer.objects.bulk_create(
        Customer(
            name=f"#{external}" if external else "",
            words=Func(Value(words(external)), function="array_to_tsvector") if external else None,
        )
        for external in missing
    )
    CustomerIdentity.objects.bulk_create(
        CustomerIdentity(
            customer=customer,
            kind="external",
            value=values[external],
            proven_by=Proof.IMPORT if external else "",
            proven_at=now if external else None,
        )
        for external, customer in zip(missing, made, strict=True)
    )
    known |= {values[e]: c.pk for e, c in zip(missing, made, strict=True)}
    return {external: known[value] for external, value in values.items()}


@transaction.atomic(savepoint=False)
def record_history_orders(
    *,
    channel_id: int,
    currency: str,
    documents: Mapping[str, Sequence[Sold]],
    skus: Mapping[str, int],
    customers: Mapping[str, int],
    by: Actor,
    now: datetime,
) -> int:
    """Write orders of the past, finished and paid; add lines to those known already.

    documents   rows by external id
    Moves no stock, tells nobody, plans nothing. Returns how many orders are new.
    """
    require(by, "imports.run")
    require_channel(by, channel_id)
    known = {
        row["external_id"]: (row["pk"], row["count"])
        for row in Order.objects.filter(channel_id=channel_id, external_id__in=list(documents))
        .values("pk", "external_id")
        .annotate(count=Count("lines"))
    }
    fresh = [document for document in documents if document not in known]
    order_ids = dict(zip(fresh, _next("orders_order", len(fresh)), strict=True))
    line_ids = iter(_next("orders_orderline", sum(map(len, documents.values()))))
    batch: dict[str, list[Mapping[str, object]]] = {name: [] for name in TABLES}
    batch["known"] = [{"id": pk} for pk in set(customers.values())]
    for document, rows in documents.items():
        pk, position = known.get(document) or (order_ids[document], 0)
        lines = [
            _line(next(line_ids), pk, position + index, row, skus[row.sku], currency)
            for index, row in enumerate(rows)
        ]
        batch["lines"] += lines
        if document in known:
            continue
        batch["orders"].append(
            _order(pk, document, rows[0], channel_id, currency, customers, lines, now)
        )
        batch["searches"].append(_search(pk, document, rows))
        batch["order_events"].append(_step(pk, rows[0].file, by, now))
    write_orders(batch=batch)
    if known:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT orders_recount(%s, %s)", [[pk for pk, _n in known.values()], now]
            )
    return len(fresh)


def _next(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _line(
    pk: int, order_id: int, position: int, row: Sold, sku_id: int, currency: str
) -> dict[str, Any]:
    total = rounded(row.amount, currency)
    return BLANK_LINE | {
        "id": pk,
        "order_id": order_id,
        "position": position,
        "sku_id": sku_id,
        "sku_code": row.sku,
        "name": row.name,
        "is_service": row.is_service,
        "quantity_ordered": row.quantity,
        "quantity_shipped": row.quantity,
        "quantity_delivered": row.quantity,
        "unit_price": row.unit_price,
        "subtotal": total,
        "tax": 0,
        "total": total,
    }


def _order(
    pk: int,
    document: str,
    first: Sold,
    channel_id: int,
    currency: str,
    customers: Mapping[str, int],
    lines: Sequence[Mapping[str, Any]],
    now: datetime,
) -> dict[str, object]:
    total = sum(line["total"] for line in lines)
    at = first.at.isoformat()
    return BLANK_ORDER | {
        "id": pk,
        "number": order_number(pk),
        "channel_id": channel_id,
        "external_id": document,
        "customer_id": customers[first.customer],
        "customer_proof": str(Proof.IMPORT) if first.customer else "",
        "currency": currency,
        "status": "completed",
        "payment_status": "paid",
        "fulfillment_status": "fulfilled",
        "payment_method": "on_account",
        "shipping_service": "",
        "prices_include_tax": True,
        "subtotal": total,
        "discount": 0,
        "shipping": 0,
        "tax": 0,
        "total": total,
        "is_history": True,
        "country": first.country,
        "placed_at": at,
        "confirmed_at": at,
        "shipped_at": at,
        "delivered_at": at,
        "ended_at": at,
        "updated_at": now.isoformat(),
    }


def _search(pk: int, document: str, rows: Sequence[Sold]) -> dict[str, object]:
    codes = [row.sku for row in rows]
    return {
        "order_id": pk,
        "placed_at": rows[0].at.isoformat(),
        "words": words(order_number(pk), document, rows[0].customer, *codes),
    }


def _step(pk: int, file: str, by: Actor, now: datetime) -> dict[str, object]:
    return {
        "order_id": pk,
        "kind": "imported",
        "data": {"file": file},
        "by_id": by.pk,
        "at": now.isoformat(),
    }


@transaction.atomic(savepoint=False)
def record_history_returns(*, units: Mapping[int, int], now: datetime) -> None:
    """Count units of the past that came back and were refunded, by order line id."""
    lines = sorted(units)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT orders_return_history(%s, %s, %s)",
            [lines, [units[pk] for pk in lines], now],
        )


@transaction.atomic(savepoint=False)
def record_account_entries(
    *,
    channel_id: int,
    currency: str,
    rows: Sequence[Sold],
    customers: Mapping[str, int],
    by: Actor,
) -> None:
    """Post amounts that belong to no order: bad debts, corrections."""
    require(by, "imports.run")
    require_channel(by, channel_id)
    taken: dict[str, int] = {}
    for document, line in AccountEntry.objects.filter(
        channel_id=channel_id, external_id__in={row.document for row in rows}
    ).values_list("external_id", "line"):
        taken[document] = max(taken.get(document, 0), line)
    entries = []
    for row in rows:
        taken[row.document] = taken.get(row.document, 0) + 1
        entries.append(
            AccountEntry(
                channel_id=channel_id,
                external_id=row.document,
                line=taken[row.document],
                customer_id=customers[row.customer] if row.customer else None,
                sku_code=row.sku,
                description=row.name,
                quantity=row.quantity,
                unit_amount=row.unit_price,
                currency=currency,
                country=row.country,
                at=row.at,
            )
        )
    AccountEntry.objects.bulk_create(entries)
