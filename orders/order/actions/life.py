"""Confirms and cancels orders."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid
from erp.events.record import event_row, record_event, record_events
from inventory.stock.actions.reserve import release_stock
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.adjustment import PromotionUse
from orders.order.models.move import OrderMove
from orders.order.models.order import Hold, Order, OrderLine
from orders.order.models.payment import Payment
from orders.order.models.timeline import OrderEvent
from orders.order.states import ORDER, PaymentStatus
from orders.policies.payment_methods import AWAIT_PAYMENT
from orders.pricing.models.promotions import Coupon, Promotion


class AlreadyShipped(Conflict):
    """Part of the order has left the building, so it can no longer be cancelled whole."""

    code = "already-shipped"


def awaits_payment(order: Order) -> bool:
    """Tell whether an order waits for payment or a full authorisation before it moves on."""
    if order.payment_method not in AWAIT_PAYMENT:
        return False
    if (
        order.payment_status == PaymentStatus.PART_REFUNDED
    ):  # it was paid; what went back is no debt
        captured = Payment.objects.filter(order=order).aggregate(s=Sum("captured"))["s"]
        return (captured or 0) < order.total
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


def end_holds(*, order: Order, by: Actor, now: datetime) -> None:
    """Write that the holds of an order are over because the order is: nobody has approved anything by that."""
    open_ = Hold.objects.filter(order=order, released_at=None)
    open_.update(released_at=now, released_by=by, needs_second_person=False)


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
    """Cancel an order: its stock is released and nothing of it ships.

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
        raise Invalid(_("Enter a reason for cancelling."))
    lines = list(OrderLine.objects.filter(order=order).order_by("pk"))
    if any(line.quantity_shipped for line in lines):
        raise AlreadyShipped(_("Part of this order has shipped; process a return instead."))
    order.ended_at = order.updated_at = now
    order.open_holds = 0
    order.version += 1
    order.note = f"{order.note}\n{note.strip()}".strip()
    order.save(update_fields=["status", "ended_at", "updated_at", "open_holds", "version", "note"])
    end_holds(order=order, by=by, now=now)
    OrderLine.objects.filter(order=order).update(
        quantity_cancelled=F("quantity_ordered"), quantity_reserved=0, quantity_backordered=0
    )
    release_uses(order_id=order.pk, now=now)
    release_stock(holder_kind="order_line", holder_ids=[line.pk for line in lines])
    said = {"reason": reason[:200]}
    append_event(order_id=order.pk, kind="cancelled", by=by, now=now, data=said)
    record_event(
        "order.cancelled",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
        **({"by_channel": True} if by_channel else {}),
    )
    return order


@transaction.atomic(savepoint=False)
def release_uses(*, order_id: int, now: datetime) -> int:
    """Let others use what a locked order used: it is cancelled, or was never paid. Says how many that was.

    So are the uses of orders that became part of it.
    """
    merged = OrderMove.objects.filter(target_id=order_id, kind="merge", undone_at=None)
    for source in merged.order_by("pk").values_list("source_id", flat=True):
        release_uses(order_id=source, now=now)
    uses = PromotionUse.objects.filter(order_id=order_id, released_at=None)
    used = list(uses.order_by("pk").values_list("pk", "promotion_id", "coupon_id"))
    if not used:
        return 0
    promotions = sorted({promotion for _pk, promotion, _coupon in used})
    coupons = sorted(coupon for _pk, _promotion, coupon in used if coupon is not None)
    list(
        Promotion.objects.select_for_update()
        .filter(pk__in=promotions, max_uses__isnull=False)
        .order_by("pk")
    )
    list(Coupon.objects.select_for_update().filter(pk__in=coupons).order_by("pk"))
    Promotion.objects.filter(pk__in=promotions, max_uses__isnull=False, used__gt=0).update(
        used=F("used") - 1
    )
    Coupon.objects.filter(pk__in=coupons).update(used=F("used") - 1)
    PromotionUse.objects.filter(pk__in=[pk for pk, _p, _c in used]).update(
        released_at=now, nth=None
    )
    return len(used)
