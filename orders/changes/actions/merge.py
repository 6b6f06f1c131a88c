"""Merges orders to one address and unmerges them: lines and money move with them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F, Max, Q, Sum
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict
from erp.events.record import record_event
from erp.wiring import PAID_BACK, resolve
from orders.changes.decisions.merge import Mergeable, obstacles, warnings
from orders.customers.contacts import Address, address_key, phone_e164
from orders.invoicing.models import Invoice
from orders.order.actions.life import confirm_if_ready
from orders.order.actions.timeline import append_event, derive_axes, lock_order
from orders.order.models.adjustment import Adjustment
from orders.order.models.move import OrderMove
from orders.order.models.order import Hold, Order, OrderAddress, OrderLine
from orders.order.models.payment import Payment
from orders.order.states import ORDER
from orders.order.wording import sentence

AMOUNTS = ("subtotal", "discount", "shipping", "shipping_tax", "tax", "total")


MOST = 20  # orders in one


class CannotCombine(Conflict):
    """These orders cannot be one, or not be taken apart; the detail says why."""

    code = "cannot-combine"


def mergeable(order: Order) -> Mergeable:
    """An order as merging looks at it."""
    at = OrderAddress.objects.filter(order=order, kind="shipping").first()
    held = Payment.objects.filter(order=order, authorised__gt=F("captured") + F("voided"))
    holds = Hold.objects.filter(order=order, released_at=None).order_by("pk")
    return Mergeable(
        number=order.number,
        channel=order.channel_id,
        customer=order.customer_id,
        currency=order.currency,
        includes_tax=order.prices_include_tax,
        method=order.payment_method,
        service=order.shipping_service,
        place=address_key(
            Address(at.name, at.line1, at.country, at.line2, postal_code=at.postal_code)
        )
        if at
        else "",
        status=order.status,
        is_sealed=order.is_sealed,
        note=order.note,
        contact=contact_of(at),
        is_untouched=order.fulfillment_status == "unfulfilled",
        is_authorised=held.exists(),
        is_invoiced=Invoice.objects.filter(order=order).exists(),
        is_paid_back=bool(paid_back(order)),
        waits=tuple(holds.values_list("reason", flat=True)),
        ship_not_before=order.ship_not_before.isoformat() if order.ship_not_before else "",
    )


def contact_of(at: OrderAddress | None) -> tuple[str, str]:
    """What an order states of who is to hear of it: an e-mail address and a phone number."""
    if at is None:
        return ("", "")
    return (at.email.lower(), phone_e164(at.phone, at.country) or at.phone)


def paid_back(order: Order) -> dict[int, bool]:
    """Whether refunds of an order are on their way yet, by its id; nothing where no money of it is given back."""
    found: dict[int, bool] = resolve(PAID_BACK)([order.pk])
    return found


@transaction.atomic(savepoint=False)
def merge_orders(
    *, order_id: int, other_ids: Sequence[int], reason: str = "", by: Actor, now: datetime
) -> Order:
    """Merge orders of the same customer to the same address into one that ships together.

    Their lines, money and open holds move to it; each of them stays as a tombstone that says where it went,
    with its number and its channel's messages. Totals are the sums, to the minor unit.
    Raises CannotCombine naming every obstacle, NotFound.
    """
    require(by, "orders.edit")
    ids = sorted({order_id, *other_ids})
    if len(ids) < 2 or len(ids) > MOST:
        raise CannotCombine(_("Merge between 2 and 20 orders."))
    locked = {pk: lock_order(pk, by) for pk in ids}
    target = locked[order_id]
    others = [locked[pk] for pk in ids if pk != order_id]
    found = obstacles([mergeable(target), *(mergeable(order) for order in others)])
    if found:
        raise CannotCombine(" ".join(sentence(why) for why in found))
    target.version += 1
    moves = []
    for source in others:
        moved = _take_in(target, source)
        source.status = ORDER.next_state(source.status, "merge")
        source.version += 1
        source.updated_at = source.ended_at = now
        source.save()
        moves.append(
            OrderMove(
                kind="merge",
                source=source,
                target=target,
                moved=moved,
                reason=reason.strip()[:200],
                versions=[source.version, target.version],
                by=by,
                at=now,
            )
        )
        for order, kind, other in ((source, "merged.into", target), (target, "merged", source)):
            append_event(order_id=order.pk, kind=kind, by=by, now=now, data={"order": other.number})
    OrderMove.objects.bulk_create(moves)
    target.updated_at = now
    target.save()
    settle_moved([target, *others], by, now)
    return target


def _take_in(target: Order, source: Order) -> dict[str, object]:
    """Move everything of one locked order into another; what is needed to move it back."""
    last = target.lines.aggregate(m=Max("position"))["m"]
    position = -1 if last is None else last
    lines = []
    for line in OrderLine.objects.filter(order=source).order_by("position"):
        lines.append({"id": line.pk, "position": line.position})
        position += 1
        line.order, line.position = target, position
        line.save(update_fields=["order", "position"])
    Adjustment.objects.filter(order=source, line__isnull=False).update(order=target)
    payments = list(Payment.objects.filter(order=source).values_list("pk", flat=True))
    Payment.objects.filter(pk__in=payments).update(order=target)
    holds = list(Hold.objects.filter(order=source, released_at=None).values_list("pk", flat=True))
    Hold.objects.filter(pk__in=holds).update(order=target)
    moved = {
        "lines": lines,
        "payments": payments,
        "holds": holds,
        "status": source.status,
        "amounts": {name: str(getattr(source, name)) for name in AMOUNTS},
    }
    target.open_holds += len(holds)
    source.open_holds = 0
    for name in AMOUNTS:
        setattr(target, name, getattr(target, name) + getattr(source, name))
        setattr(source, name, Decimal(0))
    return moved


@transaction.atomic(savepoint=False)
def unmerge_order(*, order_id: int, by: Actor, now: datetime) -> Order:
    """Undo the merge of an order, as long as neither order has changed since.

    Raises CannotCombine where it was not merged, or where lines or money have moved on.
    """
    require(by, "orders.edit")
    move = OrderMove.objects.filter(source_id=order_id, kind="merge", undone_at=None).first()
    if move is None:
        raise CannotCombine(_("This order was not merged into another."))
    locked = {pk: lock_order(pk, by) for pk in sorted((move.source_id, move.target_id))}
    move = OrderMove.objects.select_for_update().get(pk=move.pk)
    source, target = locked[move.source_id], locked[move.target_id]
    if move.undone_at is not None or target.fulfillment_status != "unfulfilled":
        raise CannotCombine(_("The warehouse has started: this can no longer be undone."))
    if paid_back(target):
        # Its refunds stay with it, and so does the money that they come from.
        raise CannotCombine(_("Money was refunded since: this can no longer be undone."))
    if not _is_as_it_was(move, target):
        raise CannotCombine(_("The lines have changed since: this can no longer be undone."))
    moved = move.moved
    for row in moved["lines"]:
        OrderLine.objects.filter(pk=row["id"]).update(order=source, position=row["position"])
    ids = [row["id"] for row in moved["lines"]]
    Adjustment.objects.filter(line__in=ids).update(order=source)
    Payment.objects.filter(pk__in=moved["payments"]).update(order=source)
    holds = Hold.objects.filter(pk__in=moved["holds"], order=target)
    still = holds.filter(released_at=None).count()
    holds.update(order=source)
    target.open_holds -= still
    source.open_holds = still
    for name in AMOUNTS:
        setattr(source, name, Decimal(moved["amounts"][name]))
        setattr(target, name, getattr(target, name) - getattr(source, name))
    source.status, source.ended_at = moved["status"], None
    for order in (source, target):
        order.version += 1
        order.updated_at = now
        order.save()
    move.undone_at, move.undone_by = now, by
    move.save(update_fields=["undone_at", "undone_by"])
    append_event(order_id=source.pk, kind="unmerged", by=by, now=now, data={"order": target.number})
    append_event(order_id=target.pk, kind="unmerged", by=by, now=now, data={"order": source.number})
    settle_moved([source, target], by, now)
    return source


def _is_as_it_was(move: OrderMove, target: Order) -> bool:
    """Whether what was merged in is there still, with the amounts that it had."""
    ids = [row["id"] for row in move.moved["lines"]]
    rows = OrderLine.objects.filter(pk__in=ids, order=target)
    sums = rows.aggregate(n=Sum("total"))
    goods = (
        Decimal(move.moved["amounts"]["total"])
        - Decimal(move.moved["amounts"]["shipping"])
        - Decimal(move.moved["amounts"]["shipping_tax"])
    )
    paid = Payment.objects.filter(pk__in=move.moved["payments"], order=target).count()
    return (
        rows.count() == len(ids)
        and (sums["n"] or Decimal(0)) == goods
        and paid == len(move.moved["payments"])
        and target.shipping >= Decimal(move.moved["amounts"]["shipping"])
    )


def settle_moved(orders: Sequence[Order], by: Actor, now: datetime) -> None:
    """Derive the axes of locked orders whose lines and money have moved, and let the warehouse plan anew."""
    derive_axes([order.pk for order in orders], now)
    for order in orders:
        order.refresh_from_db()
        subject = f"order:{order.pk}"
        topics = ["order.edited", "order.short"]
        if order.status in {"pending", "confirmed"}:
            topics.append("order.allocated")
        for topic in topics:
            record_event(topic, subject=subject, channel_id=order.channel_id, order_id=order.pk)
        confirm_if_ready(order=order, by=by, now=now)


# Pairs of open orders that nobody has begun with, of one customer and one channel that merges by itself.
TWINS = """
SELECT o.id, later.id FROM orders_channelpolicy p
JOIN orders_order o ON o.channel_id = p.channel_id AND o.status IN ('pending', 'confirmed')
     AND o.fulfillment_status = 'unfulfilled' AND NOT o.is_sealed AND NOT o.is_history AND o.open_holds = 0
     AND o.placed_at > %s - make_interval(mins => 2 * p.merge_minutes)
JOIN orders_order later ON later.customer_id = o.customer_id AND later.channel_id = o.channel_id AND later.id > o.id
     AND later.status = o.status AND later.fulfillment_status = 'unfulfilled' AND NOT later.is_sealed
     AND NOT later.is_history AND later.open_holds = 0
     AND later.placed_at <= o.placed_at + make_interval(mins => p.merge_minutes)
     AND later.shipping_service = o.shipping_service AND later.payment_method = o.payment_method
WHERE p.merge_minutes > 0 ORDER BY o.id, later.id LIMIT 500
"""


def merge_candidates(*, now: datetime) -> list[tuple[int, int]]:
    """Find pairs of orders (the older first) to merge automatically by their channel's policy."""
    with connection.cursor() as cursor:
        cursor.execute(TWINS, [now])
        rows = cursor.fetchall()
    seen: set[int] = set()
    found = []
    for one, other in rows:  # each goes into one other at most, and into none that goes itself
        if one in seen or other in seen:
            continue
        seen.add(other)
        found.append((one, other))
    return found


@transaction.atomic(savepoint=False)
def merge_twins(*, order_id: int, other_id: int, by: Actor, now: datetime) -> bool:
    """Merge a pair that `merge_candidates` found; whether that was still possible.

    Where something differs they stay two.
    """
    for pk in sorted((order_id, other_id)):
        lock_order(pk)
    pair = [mergeable(Order.objects.get(pk=pk)) for pk in (order_id, other_id)]
    if obstacles(pair) or warnings(pair):
        return False
    merge_orders(order_id=order_id, other_ids=[other_id], reason="by_itself", by=by, now=now)
    return True


SIBLINGS = """
SELECT o.id FROM orders_order o JOIN orders_orderaddress a ON a.order_id = o.id AND a.kind = 'shipping'
WHERE o.customer_id = %s AND o.channel_id = %s AND o.id <> %s AND o.status IN ('pending', 'confirmed')
  AND o.fulfillment_status = 'unfulfilled' AND NOT o.is_sealed AND NOT o.is_history
ORDER BY o.placed_at, o.id LIMIT 20
"""


def siblings_of(order: Order) -> list[Order]:
    """Return open orders of the same customer that could ship with this one, oldest first."""
    if order.status not in {"pending", "confirmed"} or order.fulfillment_status != "unfulfilled":
        return []
    with connection.cursor() as cursor:
        cursor.execute(SIBLINGS, [order.customer_id, order.channel_id, order.pk])
        ids = [pk for (pk,) in cursor.fetchall()]
    if not ids:
        return []
    own = mergeable(order)
    rows = Order.objects.filter(pk__in=ids).order_by("placed_at", "pk")
    return [other for other in rows if not obstacles([own, mergeable(other)])]


def merged_into(order: Order) -> Order | None:
    """The order that this one was merged into; None where it was not."""
    move = (
        OrderMove.objects.filter(source=order, undone_at=None)
        .filter(Q(kind="merge"))
        .select_related("target")
        .first()
    )
    return move.target if move else None


@transaction.atomic(savepoint=False)
def seal_order(*, order_id: int, is_sealed: bool, by: Actor, now: datetime) -> Order:
    """Lock an order against merging and splitting, or unlock it. Raises NotFound."""
    require(by, "orders.edit")
    order = lock_order(order_id, by)
    if order.is_sealed == is_sealed:
        return order
    order.is_sealed, order.updated_at = is_sealed, now
    order.save(update_fields=["is_sealed", "updated_at"])
    append_event(order_id=order.pk, kind="sealed" if is_sealed else "unsealed", by=by, now=now)
    return order
