"""Imports orders from files: keeps the file, places its orders chunk by chunk, each once."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor, Channel
from erp.access.queries import require, require_channel
from erp.encodings import TITLES
from erp.errors import ChooseAgain, Invalid
from erp.jobs.actions import begin_from_file, begin_job
from erp.jobs.models import Job, JobFinding
from erp.once import wants_attempt
from orders.intake.files.columns import FIELDS
from orders.intake.files.headings import missing, plain
from orders.intake.files.models import OrderLayout
from orders.intake.files.remittances import FIELDS as REMITTED_FIELDS
from orders.intake.files.rows import Defect
from orders.intake.following.actions.hear import hear, raised_at_placing
from orders.intake.following.actions.sku_mapping import all_mapped
from orders.intake.following.models import ChannelOrder
from orders.intake.messages.statements import Statement
from orders.order.models.order import Order
from orders.placement.actions.place import place_foreign_orders
from orders.placement.incoming import ForeignOrder
from orders.policies.payment_methods import METHODS

ZERO = Decimal(0)


HELD_FOR = timedelta(seconds=90)  # a chunk is done, or its worker is dead


FIGURES = (
    "orders",
    "payments",
    "already_known",
    "changed",
    "held",
    "rejected",
    "rows",
    "units",
    "amount",
    "charges",
)


FIELDS_OF = {"orders": FIELDS, "remittance": REMITTED_FIELDS}


@transaction.atomic(savepoint=False)
def keep_order_file(
    *, name: str, pieces: Iterable[bytes], channel: Channel, by: Actor, now: datetime
) -> Job:
    """Keep a file of orders, whole, before anything is made of it. Raises Invalid."""
    require_channel(by, channel.pk)
    job = begin_from_file(
        kind="order_file",
        name=name,
        asked={"channel": channel.code},
        pieces=pieces,
        right="orders.place",
        by=by,
        now=now,
    )
    job.status, job.finished_at = Job.Status.DONE, now
    job.save(update_fields=["status", "finished_at"])
    return job


@transaction.atomic(savepoint=False)
def begin_order_file(
    *,
    file_id: int,
    what: str,
    columns: Mapping[str, str],
    payment: str,
    country: str,
    dry_run: bool,
    save_as: str,
    headings: Sequence[str],
    language: str,
    is_ours: bool = False,
    encoding: str = "",
    by: Actor,
    now: datetime,
) -> Job:
    """Begin the job that takes a kept file's orders in, or only tries it.

    what      "orders", or "remittance": what carriers collected on delivery
    columns   {field: heading}
    save_as   the name to keep this mapping under; "" keeps none
    encoding  what the file is declared to be in; "": what its bytes look like
    is_ours   the caller works on it, not the next worker; should the caller die, a worker goes on
    Raises Invalid naming each field that is needed and has no column.
    """
    require(by, "orders.place")
    file = Job.objects.get(pk=file_id, kind="order_file")
    columns = _mapping(what, columns, headings)
    if payment not in METHODS:
        raise Invalid(_("Choose how the orders are paid."))
    if encoding and encoding not in TITLES:
        raise Invalid(_("Choose the encoding from the list."))
    options = {"payment": payment, "country": country[:2].upper(), "encoding": encoding}
    _keep_layout(save_as.strip(), columns, options, headings, by)
    job = begin_job(
        kind="orders",
        name=file.name,
        total=None,
        by=by,
        now=now,
        asked={
            "file": file.pk,
            "what": what,
            "channel": file.asked["channel"],
            "columns": columns,
            "options": options,
            "dry_run": dry_run,
            "language": language,
        },
    )
    if is_ours:
        job.leased_until = now + HELD_FOR
        job.save(update_fields=["leased_until"])
    return job


def _keep_layout(
    name: str,
    columns: Mapping[str, str],
    options: Mapping[str, str],
    headings: Sequence[str],
    by: Actor,
) -> None:
    """Keep a mapping for the next file like this one, where it was given a name."""
    if name:
        OrderLayout.objects.update_or_create(
            name=name[:60],
            defaults={
                "columns": columns,
                "options": options,
                "headings": "\n".join(map(plain, headings)),
                "by": by,
            },
        )


def _mapping(what: str, columns: Mapping[str, str], headings: Sequence[str]) -> dict[str, str]:
    """The columns that say something we know. Raises Invalid where one is needed, or said twice."""
    fields = {field.name for field in FIELDS_OF[what]}
    found = {name: heading for name, heading in columns.items() if name in fields and heading}
    lacking = [str(f.title) for f in missing(found, headings, FIELDS_OF[what])]
    if lacking:
        raise Invalid(_("Choose the column for: %(names)s.") % {"names": ", ".join(lacking)})
    if len(set(found.values())) != len(found):
        raise Invalid(_("A column can map to one field only."))
    return found


@wants_attempt
@transaction.atomic(savepoint=False)
def import_order_chunk(
    *,
    job_id: int,
    index: int,
    orders: Sequence[tuple[int, Statement | None, Sequence[Defect]]],
    total_rows: int,
    channel: Channel,
    dry_run: bool,
    by: Actor,
    now: datetime,
    attempt: int = 1,
) -> bool:
    """Import one chunk of a file's orders and count it, both or neither; False when told to stop.

    index     how many orders of the file were taken before this chunk
    orders    (rows, what they say or None, what is wrong with them)
    dry_run   everything is done and taken back again, so that it says exactly what would happen
    An order that is known already follows what the file says; said twice, it changes nothing.
    """
    require_channel(by, channel.pk)
    job = Job.objects.select_for_update().get(pk=job_id)
    if not may_go_on(job, index):
        return False
    before = transaction.savepoint()
    rows_of = {id(said): rows for rows, said, _defects in orders}
    figures, same = _take([s for _rows, s, _defects in orders if s], channel, by, now, attempt)
    figures["already_known"] = sum(rows_of[id(said)] for said in same)
    if dry_run:
        transaction.savepoint_rollback(before)
    else:
        transaction.savepoint_commit(before)
    defects = [defect for _rows, _said, found in orders for defect in found]
    JobFinding.objects.bulk_create(finding_of(job_id, defect) for defect in defects)
    rejected = sum(rows for rows, said, _defects in orders if said is None)
    counted_on(
        job,
        taken=len(orders),
        rows=sum(rows for rows, _s, _d in orders),
        rejected=rejected,
        total_rows=total_rows,
        figures=figures,
        now=now,
    )
    return True


def may_go_on(job: Job, index: int) -> bool:
    """Whether a job is to take its next chunk, and this is it."""
    return job.status == "running" and not job.stop_asked and job.result.get("taken", 0) == index


def counted_on(
    job: Job,
    *,
    taken: int,
    rows: int,
    rejected: int,
    total_rows: int,
    figures: Mapping[str, int | Decimal],
    now: datetime,
) -> None:
    """Count a chunk on its job, and keep the lease."""
    so_far = job.result.get("figures", {})
    figures = {**figures, "rows": rows, "rejected": rejected}
    job.result = {
        "taken": job.result.get("taken", 0) + taken,
        "figures": {
            name: str(Decimal(so_far.get(name, "0")) + figures.get(name, 0)) for name in FIGURES
        },
    }
    job.done += rows - rejected
    job.failed += rejected
    job.total = total_rows
    job.updated_at, job.leased_until = now, now + HELD_FOR
    job.save(update_fields=["result", "done", "failed", "total", "updated_at", "leased_until"])


def finding_of(job_id: int, defect: Defect) -> JobFinding:
    """What is wrong with a row, as its job keeps it."""
    params = {"column": defect.column, "value": defect.value, **defect.params}
    return JobFinding(
        job_id=job_id,
        file=defect.row.file[:200],
        row=defect.row.row,
        severity=defect.severity,
        code=defect.code,
        params=params,
        raw=[cell[:200] for cell in defect.row.cells[:100]],
    )


def _take(
    said: Sequence[Statement], channel: Channel, by: Actor, now: datetime, attempt: int
) -> tuple[dict[str, int | Decimal], list[Statement]]:
    """Place what is new, let follow what is known; what came of it, counted, and what changed nothing."""
    names = [statement.external_id for statement in said]
    known = {
        told.external_id: told
        for told in ChannelOrder.objects.filter(channel=channel, external_id__in=names)
    }
    placed_otherwise = set(
        Order.objects.filter(channel_id=channel.pk, external_id__in=names).values_list(
            "external_id", flat=True
        )
    ) - set(known)
    fresh: dict[str, Statement] = {}
    later: list[Statement] = []
    same: list[Statement] = []
    changed = 0
    for statement in said:
        if statement.external_id in placed_otherwise:
            same.append(statement)
        elif statement.external_id in known:
            if _is_same(known[statement.external_id], statement):
                same.append(statement)
            else:
                changed += 1
                later.append(statement)
        elif statement.external_id in fresh:  # two numbers, one id: the second adds to the first
            later += [fresh.pop(statement.external_id), statement]
        elif _is_plain(statement) and all(s.external_id != statement.external_id for s in later):
            fresh[statement.external_id] = statement
        else:
            later.append(statement)
    new = len({*fresh, *(s.external_id for s in later)} - set(known))
    for statement in later:
        hear(statement=_dated(statement, channel, now), channel=channel, by=by, now=now)
    held = _place(list(fresh.values()), channel, by, now, attempt) if fresh else 0
    held += Order.objects.filter(
        channel_id=channel.pk, external_id__in=[s.external_id for s in later], open_holds__gt=0
    ).count()
    taken = [s.order for s in (*fresh.values(), *later) if s.order is not None]
    figures: dict[str, int | Decimal] = {
        "orders": new,
        "changed": changed,
        "held": held,
        "units": sum(line.quantity for order in taken for line in order.lines),
        "amount": sum((order.total for order in taken), ZERO),
    }
    return figures, same


def _is_plain(statement: Statement) -> bool:
    """Whether nothing has happened to it on its channel but that it was placed, and perhaps paid."""
    return not (statement.cancelled or statement.shipped or statement.refunds)


def _raw(order: ForeignOrder) -> bytes:
    return msgspec.json.encode(order, order="sorted")


def _is_same(told: ChannelOrder, said: Statement) -> bool:
    return (
        said.order is not None
        and told.said_hash == hashlib.sha256(_raw(said.order)).hexdigest()
        and told.paid >= said.paid
        and told.shipped >= said.shipped
        and (said.cancelled is None) == (told.cancelled is None)
        and all(refund.key in told.refunds for refund in said.refunds)
    )


def _dated(statement: Statement, channel: Channel, now: datetime) -> Statement:
    """A file says how things are now; but where a shop tells us by itself, it knows better."""
    if channel.kind in {"shopify", "woocommerce"}:
        return statement
    return msgspec.structs.replace(statement, at=now)


def _place(
    said: Sequence[Statement], channel: Channel, by: Actor, now: datetime, attempt: int
) -> int:
    """Place orders that are new, all by one statement; how many of them are held."""
    whole = [s.order for s in said if s.order is not None]
    placed = place_foreign_orders(
        incoming=all_mapped(orders=whole, channel_id=channel.pk),
        channel=channel,
        by=by,
        now=now,
        attempt=attempt,
    )
    rows = []
    for statement, order, outcome in zip(said, whole, placed, strict=True):
        if outcome.refusal is not None:
            raise outcome.refusal
        if outcome.existed:
            raise ChooseAgain("its channel told us of it meanwhile")
        raw = _raw(order)
        rows.append(
            ChannelOrder(
                channel=channel,
                external_id=statement.external_id,
                number=order.number,
                order_id=outcome.row["id"],
                said=(kept := msgspec.json.decode(raw)),
                said_hash=hashlib.sha256(raw).hexdigest(),
                paid=statement.paid,
                raised=raised_at_placing(order.noticed(), kept),
                said_at=_dated(statement, channel, now).at,
            )
        )
    ChannelOrder.objects.bulk_create(rows)
    return sum(1 for outcome in placed if outcome.holds)


def counted(job: Job) -> dict[str, int | str]:
    """A job's figures as numbers: whole ones as such, amounts as unrounded strings."""
    figures = job.result.get("figures", {})
    return {
        name: str(figures.get(name, "0"))
        if name in {"amount", "charges"}
        else int(figures.get(name, "0"))
        for name in FIGURES
    }
