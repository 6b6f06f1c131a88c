"""Records a carrier's cash-on-delivery remittance: each row once, as a payment."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from erp.access.models import Actor, Channel
from erp.access.queries import require_channel
from erp.errors import DomainError
from erp.jobs.models import Job, JobFinding
from orders.intake.files.actions.orders import counted_on, finding_of, may_go_on
from orders.intake.files.remittances import Remitted
from orders.intake.files.rows import NOTED, REJECTED, Defect
from orders.intake.following.models import ChannelOrder
from orders.order.actions.timeline import lock_order
from orders.order.models.order import Order
from orders.order.models.payment import PaymentEvent
from orders.payments.actions.record import Tender, record_payment

ZERO = Decimal(0)


@transaction.atomic(savepoint=False)
def import_remittance_chunk(
    *,
    job_id: int,
    index: int,
    rows: Sequence[tuple[Remitted | None, Sequence[Defect]]],
    total_rows: int,
    channel: Channel,
    dry_run: bool,
    by: Actor,
    now: datetime,
) -> bool:
    """Record one chunk of a remittance's payments and count it, both or neither; False when it is to stop.

    A payment that was recorded before is known by its reference. What cannot be recorded is named by
    its row: no such order, an order in no state to be paid.
    """
    require_channel(by, channel.pk)
    job = Job.objects.select_for_update().get(pk=job_id)
    if not may_go_on(job, index):
        return False
    before = transaction.savepoint()
    said = [remitted for remitted, _defects in rows if remitted is not None]
    figures, defects = _record(said, channel, by, now)
    if dry_run:
        transaction.savepoint_rollback(before)
    else:
        transaction.savepoint_commit(before)
    defects += [defect for _remitted, found in rows for defect in found]
    JobFinding.objects.bulk_create(
        finding_of(job_id, defect) for defect in sorted(defects, key=lambda d: d.row.row)
    )
    rejected = len({d.row.row for d in defects if d.severity == REJECTED})
    counted_on(
        job,
        taken=len(rows),
        rows=len(rows),
        rejected=rejected,
        total_rows=total_rows,
        figures=figures,
        now=now,
    )
    return True


def _record(
    said: Sequence[Remitted], channel: Channel, by: Actor, now: datetime
) -> tuple[dict[str, int | Decimal], list[Defect]]:
    found = _orders([remitted.order for remitted in said], channel)
    known = set(
        PaymentEvent.objects.filter(
            channel=channel, kind="capture", reference__in=[r.reference for r in said]
        ).values_list("reference", flat=True)
    )
    figures: dict[str, int | Decimal] = {
        "payments": 0,
        "already_known": 0,
        "amount": ZERO,
        "charges": ZERO,
    }
    defects: list[Defect] = []
    for remitted in sorted(said, key=lambda r: found.get(r.order, 0)):
        if remitted.reference in known:
            figures["already_known"] += 1
            continue
        if remitted.order not in found:
            defects.append(
                Defect(remitted.row, "order_unknown", REJECTED, value=remitted.order[:60])
            )
            continue
        order = lock_order(found[remitted.order])
        if refusal := _pay(order, remitted, by, now):
            defects.append(Defect(remitted.row, "refused", REJECTED, value=str(refusal)))
            continue
        figures["payments"] += 1
        figures["amount"] += remitted.amount
        figures["charges"] += remitted.charges
        if remitted.amount != order.total:
            defects.append(
                Defect(
                    remitted.row,
                    "differs_from_due",
                    NOTED,
                    value=str(remitted.amount),
                    params={"due": str(order.total)},
                )
            )
    return figures, defects


def _pay(order: Order, remitted: Remitted, by: Actor, now: datetime) -> DomainError | None:
    """Record what a carrier collected for a locked order; why not, where it is refused."""
    try:
        with transaction.atomic():  # a refusal leaves what is around it fit to go on
            record_payment(
                order_id=order.pk,
                tender=Tender("cod", remitted.reference, remitted.amount, order.currency),
                by=by,
                now=now,
            )
    except DomainError as refusal:
        return refusal
    return None


def _orders(names: Sequence[str], channel: Channel) -> dict[str, int]:
    """Order ids by what a carrier was told: our number, the channel's, or its id."""
    found = dict(
        ChannelOrder.objects.filter(
            channel=channel, number__in=names, order__isnull=False
        ).values_list("number", "order_id")
    )
    here = Order.objects.filter(channel_id=channel.pk)
    found |= dict(here.filter(external_id__in=names).values_list("external_id", "pk"))
    return found | dict(here.filter(number__in=names).values_list("number", "pk"))
