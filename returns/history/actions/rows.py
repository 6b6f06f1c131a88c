"""Imports history: one chunk of rows in one transaction, each row once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from erp.access.models import Actor, Channel
from erp.access.queries import require
from erp.document_numbers import next_number
from erp.jobs.actions import LEASE
from erp.jobs.models import Job, JobFinding
from erp.money import rounded
from inventory.catalogue.actions import ensure_skus
from inventory.stock.actions.history import PastChange, record_past_adjustments
from orders.intake.files.actions import history
from orders.intake.files.layouts import Rejected, Sold
from returns.history.actions.figures import Chunk, Figures, tried
from returns.refunds.models import Refund, RefundLine
from returns.rma.models import ReturnAuthorization, ReturnLine

ZERO = Decimal(0)


@transaction.atomic(savepoint=False)
def import_rows(*, job_id: int, chunk: Chunk, by: Actor, now: datetime) -> Figures:
    """Take in a chunk: orders, returns, stock adjustments, account entries, rejections.

    History notifies nobody, plans no fulfillment and moves no live stock.
    """
    require(by, "imports.run")
    figures = Figures(rows=len(chunk.rows) + len(chunk.rejected), rejected=len(chunk.rejected))
    fresh_keys = history.claim_rows(
        channel_id=chunk.channel.pk, keys=[key for key, _row in chunk.rows]
    )
    fresh = [row for key, row in chunk.rows if key in fresh_keys]
    figures.already_known = len(chunk.rows) - len(fresh)
    figures.accepted = len(fresh)
    figures.units = sum(row.quantity for row in fresh)
    figures.amount = sum((row.amount for row in fresh), ZERO)
    figures.amount_rejected = sum((row.amount for row in chunk.rejected), ZERO)
    if fresh:
        _write(fresh, chunk.channel, chunk.currency, figures, by, now)
    _note_rejected(job_id, chunk.rejected)
    return figures


def _note_rejected(job_id: int, rejected: Iterable[Rejected]) -> None:
    JobFinding.objects.bulk_create(
        JobFinding(
            job_id=job_id,
            file=row.file,
            row=row.row,
            severity="rejected",
            code=row.code,
            params=dict(row.params),
            raw=list(row.cells),
        )
        for row in rejected
    )


def _write(
    fresh: Sequence[Sold],
    channel: Channel,
    currency: str,
    figures: Figures,
    by: Actor,
    now: datetime,
) -> None:
    skus = ensure_skus(rows=_skus(fresh), by=by)
    customers = history.ensure_customers(
        channel_code=channel.code,
        external_ids=sorted({row.customer for row in fresh}),
        now=now,
    )
    by_kind: dict[str, list[Sold]] = defaultdict(list)
    for row in fresh:
        by_kind[row.kind].append(row)
    if by_kind["order"]:
        figures.orders = history.record_history_orders(
            channel_id=channel.pk,
            currency=currency,
            documents=_by_document(by_kind["order"]),
            skus=skus,
            customers=customers,
            by=by,
            now=now,
        )
    if by_kind["return"]:
        figures.returns, figures.flagged = _record_returns(
            by_kind["return"], channel, currency, skus, customers, now
        )
    if by_kind["adjustment"]:
        figures.adjustments = record_past_adjustments(
            channel_id=channel.pk,
            documents={
                document: [_change(row, skus[row.sku]) for row in rows]
                for document, rows in _by_document(by_kind["adjustment"]).items()
            },
            by=by,
        )
    if by_kind["entry"]:
        history.record_account_entries(
            channel_id=channel.pk,
            currency=currency,
            rows=by_kind["entry"],
            customers=customers,
            by=by,
        )
        figures.adjustments += len(_by_document(by_kind["entry"]))


def _change(row: Sold, sku_id: int) -> PastChange:
    return PastChange(sku_id, row.quantity, row.unit_price, row.name, row.country, row.at)


def _skus(rows: Iterable[Sold]) -> list[dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for row in rows:
        sku = found.setdefault(
            row.sku, {"code": row.sku, "name": row.name, "is_service": row.is_service}
        )
        if not sku["name"]:
            sku["name"] = row.name
    return list(found.values())


def _by_document(rows: Iterable[Sold]) -> dict[str, list[Sold]]:
    documents: dict[str, list[Sold]] = {}
    for row in rows:
        documents.setdefault(row.document, []).append(row)
    return documents


def _record_returns(
    rows: Sequence[Sold],
    channel: Channel,
    currency: str,
    skus: dict[str, int],
    customers: dict[str, int],
    now: datetime,
) -> tuple[int, int]:
    """Write returns of the past, each line tied to earlier purchases as far as there are any."""
    purchases = _purchases(
        channel.pk, {(customers[r.customer], skus[r.sku]) for r in rows if r.customer}
    )
    returned: Counter[int] = Counter()
    flagged = 0
    lines: dict[str, list[ReturnLine]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: r.at):
        left = -row.quantity
        before = len(lines[row.document])
        earlier = (
            purchases.get((customers[row.customer], skus[row.sku]), []) if row.customer else []
        )
        for purchase in reversed(earlier):
            take = min(left, purchase.left) if purchase.at <= row.at else 0
            if take:
                purchase.left -= take
                left -= take
                returned[purchase.line_id] += take
                lines[row.document].append(_line(row, skus[row.sku], take, purchase.line_id, ""))
        if left:
            flagged += 1
            flag = "partly_purchased" if left < -row.quantity else "no_purchase_known"
            flag = flag if row.customer else "no_customer"
            lines[row.document].append(_line(row, skus[row.sku], left, None, flag))
        for line in lines[row.document][before + 1 :]:
            line.continues = True
    made = _write_returns(_by_document(rows), lines, channel, currency, customers, now)
    if returned:
        history.record_history_returns(units=returned, now=now)
    return made, flagged


@dataclass
class _Bought:
    """A line bought earlier; `left` is what of it has not come back, and shrinks as it does."""

    line_id: int
    at: datetime
    left: int


def _purchases(
    channel_id: int, pairs: set[tuple[int, int]]
) -> dict[tuple[int, int], list[_Bought]]:
    """Lines bought earlier and not returned, by (customer, SKU), the oldest first."""
    found: dict[tuple[int, int], list[_Bought]] = defaultdict(list)
    if not pairs:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.customer_id, l.sku_id, l.id, o.placed_at, l.quantity_shipped - l.quantity_returned
            FROM unnest(%s::bigint[], %s::bigint[]) AS p(customer_id, sku_id)
            JOIN orders_order o ON o.customer_id = p.customer_id AND o.channel_id = %s
            JOIN orders_orderline l ON l.order_id = o.id AND l.sku_id = p.sku_id
            WHERE l.quantity_shipped > l.quantity_returned
            ORDER BY o.placed_at, l.id FOR UPDATE OF l
            """,
            [[c for c, _s in pairs], [s for _c, s in pairs], channel_id],
        )
        for customer_id, sku_id, line_id, at, left in cursor.fetchall():
            found[customer_id, sku_id].append(_Bought(line_id, at, left))
    return found


def _line(row: Sold, sku_id: int, units: int, order_line_id: int | None, flag: str) -> ReturnLine:
    return ReturnLine(
        order_line_id=order_line_id,
        sku_id=sku_id,
        sku_code=row.sku,
        quantity=units,
        quantity_received=units,
        quantity_inspected=units,
        reason="other",
        disposition="keep" if row.is_service else "quarantine",
        unit_amount=row.unit_price,
        flag=flag,
    )


def _write_returns(
    documents: dict[str, list[Sold]],
    lines: dict[str, list[ReturnLine]],
    channel: Channel,
    currency: str,
    customers: dict[str, int],
    now: datetime,
) -> int:
    known = {
        row.external_id: row
        for row in ReturnAuthorization.objects.filter(
            channel=channel, external_id__in=list(documents)
        )
    }
    fresh = [document for document in documents if document not in known]
    for document in fresh:
        first = documents[document][0]
        known[document] = ReturnAuthorization(
            number=next_number("RMA", "returns_returnauthorization"),
            channel=channel,
            external_id=document,
            customer_id=customers[first.customer],
            status="closed",
            currency=currency,
            country=first.country,
            is_history=True,
            requested_at=first.at,
            approved_at=first.at,
            received_at=first.at,
            closed_at=first.at,
            updated_at=now,
        )
    ReturnAuthorization.objects.bulk_create(known[document] for document in fresh)
    for document, found in lines.items():
        for line in found:
            line.authorization = known[document]
    ReturnLine.objects.bulk_create(line for found in lines.values() for line in found)
    _write_refunds(documents, known, currency, now)
    return len(fresh)


def _write_refunds(
    documents: dict[str, list[Sold]],
    known: dict[str | None, ReturnAuthorization],
    currency: str,
    now: datetime,
) -> None:
    refunds = []
    for document, rows in documents.items():
        amount = rounded(-sum((row.amount for row in rows), ZERO), currency)
        if amount <= 0:
            continue
        refunds.append(
            Refund(
                number=next_number("RF", "returns_refund"),
                authorization=known[document],
                channel=known[document].channel,
                status="completed",
                reason="return",
                amount=amount,
                currency=currency,
                is_history=True,
                proposed_at=rows[0].at,
                approved_at=rows[0].at,
                completed_at=rows[0].at,
                updated_at=now,
            )
        )
    Refund.objects.bulk_create(refunds)
    RefundLine.objects.bulk_create(RefundLine(refund=r, amount=r.amount) for r in refunds)


@transaction.atomic(savepoint=False)
def import_chunk(
    *,
    job_id: int,
    index: int,
    figures: Figures,
    dry_run: bool,
    chunk: Chunk,
    by: Actor,
    now: datetime,
) -> Figures | None:
    """Take in one chunk of a job's file and count it, both or neither; None when it is to stop.

    figures   of the chunks before this one
    Return the figures with this chunk; None as well when another worker took it in already.
    """
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.status != "running" or job.stop_asked or job.result.get("chunks", 0) != index:
        return None
    if dry_run:
        done = tried(chunk)
        _note_rejected(job_id, chunk.rejected)
    else:
        done = import_rows(job_id=job_id, chunk=chunk, by=by, now=now)
    figures = replace(figures)  # the caller's stays as it is, should this be tried again
    figures.add(done)
    stored = asdict(figures)
    stored |= {name: f"{stored[name]:f}" for name in ("amount", "amount_rejected")}
    job.result = {"chunks": index + 1, "figures": stored}
    job.done, job.failed = figures.rows - figures.rejected, figures.rejected
    job.updated_at, job.leased_until = now, now + LEASE
    job.save(update_fields=["result", "done", "failed", "updated_at", "leased_until"])
    return figures
