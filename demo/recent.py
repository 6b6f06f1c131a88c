"""Moves the demo's recent orders through the actions: pick, pack, ship, cancel, return."""

import random
from datetime import datetime, timedelta

from erp.access.models import Actor
from erp.once import perform
from fulfillment.models import (
    FulfillmentOrder,
    Parcel,
)
from fulfillment.packing.actions import pack_parcel
from fulfillment.picking.actions import pick_order
from fulfillment.planning.actions import cancel_open_work, plan_order
from fulfillment.shipping.actions import ship_order
from fulfillment.tracking.actions import Scan, record_tracking
from orders.models import Order
from orders.order.actions.holds import hold_order
from orders.order.actions.life import cancel_order
from returns.refunds.actions.propose import propose_owed_refund, propose_refund
from returns.refunds.actions.settle import approve_refund, complete_refund
from returns.rma.actions import (
    Verdict,
    approve_return,
    close_return,
    decline_return,
    inspect_return,
    receive_return,
    request_return,
)
from returns.rma.wishes import Wish


def live_recent_orders(*, by: Actor, now: datetime, since: datetime, seed: int) -> None:
    """Bring recent orders into every state a house in full swing has, by the verbs themselves."""
    rng = random.Random(f"{seed}/recent")
    recent = list(
        Order.objects.filter(placed_at__gte=since, status="confirmed", open_holds=0).order_by(
            "placed_at"
        )
    )
    for order in recent:
        perform(plan_order, order_id=order.pk, by=by, now=order.placed_at)
    for index, order in enumerate(recent):
        _live(order, index, rng, by, now)
    _return_some(by, now, rng)


def _live(order: Order, index: int, rng: random.Random, by: Actor, now: datetime) -> None:
    age = now - order.placed_at
    state = index % 20
    if state == 3:
        perform(
            hold_order,
            order_id=order.pk,
            kind="address",
            reason="收件人电话打不通",
            by=by,
            now=now,
        )
    elif state == 11:
        perform(
            hold_order,
            order_id=order.pk,
            kind="customer",
            reason="客户要求改地址",
            by=by,
            now=now,
        )
    elif state == 7:
        perform(cancel_order, order_id=order.pk, reason="客户不想要了", by=by, now=now)
        perform(cancel_open_work, order_id=order.pk, by=by, now=now)
        perform(propose_owed_refund, order_id=order.pk, by=by, now=now)
    elif age > timedelta(days=2):
        at = min(order.placed_at + timedelta(hours=rng.uniform(5, 40)), now - timedelta(hours=3))
        if order.lines.filter(quantity_reserved__gt=0).exists():
            parcels = perform(ship_order, order_id=order.pk, by=by, now=at)
            for parcel in parcels:
                _track(parcel, at, state, by, now)
    elif state in {1, 6, 9, 14}:
        for work in FulfillmentOrder.objects.filter(order=order, status="released"):
            perform(pick_order, fulfillment_order_id=work.pk, by=by, now=now)
            if state in {6, 14}:
                perform(pack_parcel, fulfillment_order_id=work.pk, by=by, now=now)


def _track(parcel: Parcel, at: datetime, state: int, by: Actor, now: datetime) -> None:
    steps = [Scan("1", "in_transit", at + timedelta(hours=2), "杭州转运中心")]
    if now - at > timedelta(days=2) and state % 5:
        steps.append(Scan("2", "out_for_delivery", at + timedelta(days=1, hours=20)))
        if state % 4:
            steps.append(Scan("3", "delivered", at + timedelta(days=1, hours=23)))
        elif state % 8 == 0:
            steps.append(Scan("3", "delivery_failed", at + timedelta(days=1, hours=23)))
    perform(
        record_tracking,
        parcel_id=parcel.pk,
        scans=[s for s in steps if s.at <= now],
        by=by,
        now=now,
    )


def _return_some(by: Actor, now: datetime, rng: random.Random) -> None:
    """Returns of delivered orders, from requested to refunded."""
    delivered = Order.objects.filter(
        status="completed", delivered_at__isnull=False, is_history=False
    )
    chosen = list(delivered.order_by("-delivered_at")[:400])
    for index, order in enumerate(rng.sample(chosen, min(40, len(chosen)))):
        line = order.lines.filter(quantity_delivered__gt=0).first()
        if line is None or order.delivered_at is None:
            continue
        at = min(order.delivered_at + timedelta(days=2), now)
        reason = rng.choice(("damaged", "changed_mind", "wrong_item", "not_as_described"))
        made = perform(
            request_return,
            order_id=order.pk,
            wishes=[Wish(line.pk, 1, reason)],
            by=by,
            now=at,
        )
        stage = index % 8
        if stage == 1:
            perform(decline_return, return_id=made.pk, reason="已超过退货期", by=by, now=at)
        if stage < 2:
            continue
        perform(approve_return, return_id=made.pk, by=by, now=at)
        if stage < 3:
            continue
        perform(
            receive_return,
            return_id=made.pk,
            by=by,
            now=min(at + timedelta(days=3), now),
        )
        if stage < 5:
            continue
        fate = rng.choice(("restock", "restock", "scrap", "quarantine"))
        verdict = Verdict(made.lines.get().pk, 1, fate)
        perform(inspect_return, return_id=made.pk, verdicts=[verdict], by=by, now=now)
        refund = perform(
            propose_refund,
            order_id=order.pk,
            return_id=made.pk,
            reason="return",
            by=by,
            now=now,
        )
        if stage > 5:
            perform(approve_refund, refund_id=refund.pk, by=by, now=now)
            perform(complete_refund, refund_id=refund.pk, by=by, now=now)
            perform(close_return, return_id=made.pk, by=by, now=now)
