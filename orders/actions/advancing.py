"""Moving an order along its life: confirm, hold, release, cancel; and its timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid, NotAllowed, NotFound
from erp.events.record import event_row, record_event, record_events
from inventory import actions as inventory
from orders.actions.promoting import release_uses
from orders.models import Hold, Order, OrderClaim, OrderEvent, OrderLine, Payment
from orders.states import ORDER, HoldKind, PaymentStatus

FINANCE = "finance.release"  # the right to release the second review
PRE_SALE = "not_before"  # why a pre-sale is held until its day
UNMAPPED = "unmapped_sku"  # why an order is held whose lines nobody knows as SKUs


class AlreadyShipped(Conflict):
    """Part of the order has left the building, so it can no longer be cancelled whole."""

    code = "already-shipped"


class Claimed(Conflict):
    """Somebody else has taken the order to work on, and has it still."""

    code = "taken-by-another"

    def __init__(self, claim: OrderClaim) -> None:
        super().__init__(
            _("%(name)s has taken this order until %(time)s.")
            % {"name": claim.by.name, "time": f"{timezone.localtime(claim.until):%H:%M}"}
        )


def lock_order(order_id: int, by: Actor | None = None) -> Order:
    """Lock an order until the transaction ends. Every verb on anything of it starts here.

    by   where a person changes it: raises Claimed where another person has taken it
    """
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise NotFound
    if by is not None and by.kind == Actor.Kind.PERSON:
        taken = OrderClaim.objects.filter(order=order, until__gt=Now()).exclude(by=by)
        if claim := taken.select_related("by").first():
            raise Claimed(claim)
    return order


@transaction.atomic(savepoint=False)
def append_event(
    *, order_id: int, kind: str, by: Actor, now: datetime, data: dict[str, Any] | None = None
) -> None:
    """Write one step on an order's timeline. `data` holds ids and codes, never names."""
    OrderEvent.objects.create(order_id=order_id, kind=kind, data=data or {}, by=by, at=now)


@transaction.atomic(savepoint=False)
def add_note(*, order_id: int, text: str, by: Actor, now: datetime) -> Order:
    """Add a person's words to the order's own note."""
    require(by, "orders.note")
    if not text.strip():
        raise Invalid(_("A note says something."))
    order = lock_order(order_id)
    order.note = f"{order.note}\n{text.strip()}".strip()
    order.updated_at = now
    order.save(update_fields=["note", "updated_at"])
    append_event(order_id=order.pk, kind="note.added", by=by, now=now)
    return order


@transaction.atomic(savepoint=False)
def hold_order(
    *,
    order_id: int,
    kind: str,
    reason: str,
    until: datetime | None = None,
    by: Actor,
    now: datetime,
) -> Order:
    """Put a hold on an order: it keeps its stock and its place, and moves on no further.

    Raises Invalid for an unknown kind, IllegalTransition for an order that has ended.
    """
    require(by, "orders.hold")
    order = lock_order(order_id)
    ORDER.next_state(order.status, "hold")
    if kind not in HoldKind.values:
        raise Invalid(
            _("A hold's kind is one of: %(kinds)s.") % {"kinds": ", ".join(HoldKind.values)}
        )
    if not reason.strip():
        raise Invalid(_("Say why the order is held."))
    if until is not None and until <= now:
        raise Invalid(_("A hold ends in the future."))
    Hold.objects.create(
        order=order, kind=kind, reason=reason[:200], by=by, opened_at=now, until=until
    )
    order.open_holds += 1
    order.updated_at = now
    order.save(update_fields=["open_holds", "updated_at"])
    append_event(
        order_id=order.pk,
        kind="hold.opened",
        by=by,
        now=now,
        data={"kind": kind, "reason": reason[:200]},
    )
    record_event(
        "order.held",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    return order


@transaction.atomic(savepoint=False)
def release_order(*, order_id: int, hold_id: int | None = None, by: Actor, now: datetime) -> Order:
    """Release one hold, or all that are open; the order goes on when none is left.

    The second review (a hold of kind finance) is released by whoever may do that: of all holds it stays
    open otherwise. Raises Conflict when there is nothing to release, NotAllowed for finance's alone.
    """
    require(by, "orders.release")
    order = lock_order(order_id, by)
    ORDER.next_state(order.status, "release")
    holds = Hold.objects.filter(order=order, released_at=None)
    if hold_id is not None:
        holds = holds.filter(pk=hold_id)
    released = list(holds.order_by("pk").select_for_update())
    if not released:
        raise Conflict(_("No hold is open on this order."))
    if FINANCE not in by.verbs:
        released = [hold for hold in released if hold.kind != HoldKind.FINANCE]
        if not released:
            raise NotAllowed(_("Finance releases what waits for the second review."))
    waits_for_sku = OrderLine.objects.filter(order=order, sku=None, is_service=False)
    if any(hold.reason == UNMAPPED for hold in released) and waits_for_sku.exists():
        raise Conflict(_("Say first which SKU each line is."))
    holds.filter(pk__in=[hold.pk for hold in released]).update(released_at=now, released_by=by)
    order.open_holds -= len(released)
    order.updated_at = now
    order.save(update_fields=["open_holds", "updated_at"])
    for hold in released:
        append_event(
            order_id=order.pk,
            kind="hold.released",
            by=by,
            now=now,
            data={"kind": hold.kind, "reason": hold.reason},
        )
    if any(hold.reason == PRE_SALE for hold in released):
        _note_missing(order, by, now)
    if not confirm_if_ready(order=order, by=by, now=now):
        record_event(
            "order.released",
            subject=f"order:{order.pk}",
            channel_id=order.channel_id,
            order_id=order.pk,
        )
    return order


def _note_missing(order: Order, by: Actor, now: datetime) -> None:
    """A pre-sale whose day has come and whose goods have not says so."""
    lines = OrderLine.objects.filter(order=order, quantity_backordered__gt=0)
    short = [
        f"{sku} × {units}"
        for sku, units in lines.order_by("position").values_list("sku_code", "quantity_backordered")
    ]
    if short:
        append_event(
            order_id=order.pk, kind="presale.short", by=by, now=now, data={"skus": ", ".join(short)}
        )


@transaction.atomic(savepoint=False)
def note_hold_stays(*, hold_id: int, why: str, by: Actor, now: datetime) -> None:
    """Write down why a hold whose time is over could not be released: from then on a person decides."""
    hold = Hold.objects.select_related("order").get(pk=hold_id)
    lock_order(hold.order_id)
    if Hold.objects.filter(pk=hold_id, released_at=None).update(until=None):
        append_event(
            order_id=hold.order_id, kind="hold.stays", by=by, now=now, data={"why": why[:300]}
        )


@transaction.atomic(savepoint=False)
def release_hold(*, hold_id: int, by: Actor, now: datetime) -> Order:
    """Release one hold, whichever order it is on. Raises Conflict when it is not open."""
    hold = Hold.objects.filter(pk=hold_id).first()
    if hold is None:
        raise NotFound
    return release_order(order_id=hold.order_id, hold_id=hold.pk, by=by, now=now)


def awaits_payment(order: Order) -> bool:
    """Whether an order goes no further before its money has come, or is promised whole (authorised)."""
    if order.payment_method not in {"prepaid", "unpaid"}:
        return False
    if order.payment_status not in {PaymentStatus.AUTHORISED, PaymentStatus.PART_PAID}:
        return order.payment_status != PaymentStatus.PAID
    promised = Payment.objects.filter(order=order).aggregate(
        s=Sum(F("authorised") - F("voided") - F("refunded"))
    )
    return (promised["s"] or 0) < order.total


@transaction.atomic(savepoint=False)
def confirm_if_ready(*, order: Order, by: Actor, now: datetime) -> bool:
    """Confirm a locked pending order if nothing is in its way; say whether that happened."""
    if order.status != "pending" or order.open_holds or awaits_payment(order):
        return False
    order.status = ORDER.next_state(order.status, "confirm")
    order.confirmed_at = order.updated_at = now
    order.save(update_fields=["status", "confirmed_at", "updated_at"])
    append_event(order_id=order.pk, kind="confirmed", by=by, now=now)
    record_event(
        "order.confirmed",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    return True


@transaction.atomic(savepoint=False)
def confirm_those_ready(*, order_ids: Sequence[int], by: Actor, now: datetime) -> set[int]:
    """Confirm, of locked orders, the pending ones that nothing is in the way of; return their ids."""
    waiting = Order.objects.filter(pk__in=order_ids, status="pending", open_holds=0)
    ready = {
        order.pk: order.channel_id
        for order in waiting.only("channel_id", "payment_method", "payment_status")
        if not awaits_payment(order)
    }
    confirmed = ORDER.next_state("pending", "confirm")
    Order.objects.filter(pk__in=ready).update(status=confirmed, confirmed_at=now, updated_at=now)
    OrderEvent.objects.bulk_create(
        OrderEvent(order_id=pk, kind="confirmed", by=by, at=now) for pk in sorted(ready)
    )
    record_events(
        [
            event_row("order.confirmed", f"order:{pk}", channel, {"order_id": pk})
            for pk, channel in sorted(ready.items())
        ]
    )
    return set(ready)


@transaction.atomic(savepoint=False)
def cancel_order(
    *,
    order_id: int,
    reason: str,
    note: str = "",
    by_channel: bool = False,
    by: Actor,
    now: datetime,
) -> Order:
    """Cancel an order whole: its stock is free at once, and nothing of it ships afterwards.

    Every scan that packs or ships locks the order first and finds it cancelled. Money that
    was captured is proposed for refund by returns, which hears of it by event.
    by_channel   its channel has cancelled it, and gives back the money itself
    `note` joins the order's own note, which can be erased; the timeline keeps the reason.
    Raises AlreadyShipped, IllegalTransition, Invalid.
    """
    require(by, "orders.cancel")
    order = lock_order(order_id)
    order.status = ORDER.next_state(order.status, "cancel")
    if not reason.strip():
        raise Invalid(_("Say why the order is cancelled."))
    lines = list(OrderLine.objects.filter(order=order).order_by("pk"))
    if any(line.quantity_shipped for line in lines):
        raise AlreadyShipped(_("Part of this order has been shipped; take it back as a return."))
    order.ended_at = order.updated_at = now
    order.open_holds = 0
    order.version += 1
    order.note = f"{order.note}\n{note.strip()}".strip()
    order.save(update_fields=["status", "ended_at", "updated_at", "open_holds", "version", "note"])
    Hold.objects.filter(order=order, released_at=None).update(released_at=now, released_by=by)
    OrderLine.objects.filter(order=order).update(
        quantity_cancelled=F("quantity_ordered"), quantity_reserved=0, quantity_backordered=0
    )
    release_uses(order_id=order.pk, now=now)
    inventory.release_stock(holder_kind="order_line", holder_ids=[line.pk for line in lines])
    append_event(
        order_id=order.pk,
        kind="cancelled",
        by=by,
        now=now,
        data={"reason": reason[:200]},
    )
    record_event(
        "order.cancelled",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
        **({"by_channel": True} if by_channel else {}),
    )
    return order


def derive_axes(order_ids: Sequence[int], now: datetime) -> None:
    """Recompute the stored axes of locked orders from their ledgers and counters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT orders_derive(%s, %s)", [list(order_ids), now])
