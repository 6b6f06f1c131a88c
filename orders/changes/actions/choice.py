"""Offers the customer a choice about missing goods, and carries the answer out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, FieldError, Gone, Invalid
from erp.events.record import record_event
from inventory.stock.actions.ledger import OutOfStock
from orders.allocation.models import ChoiceOffer, Substitute
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import Wanted
from orders.order.actions.holds import hold_for_finding, release_order
from orders.order.actions.life import cancel_order
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Hold, Order, OrderLine
from orders.order.states import OPEN
from orders.policies.models import ChannelPolicy

CHOICE_OPEN, WAITS_FOR_ALL = "choice_open", "waits_for_all"


WAIT, SHIP = "wait", "ship"


KEEP, CANCEL, SWAP = "keep", "cancel", "swap"


@dataclass(frozen=True)
class Answer:
    """What a customer wants done.

    whole   "wait" for everything, or "ship" what is there and send the rest when it comes
    lines   by order line id what becomes of its short units: "keep" them waiting, "cancel" them, or
            "swap:<SKU>" for another one; a line that is not named is kept
    """

    whole: str
    lines: Mapping[int, str]


@transaction.atomic(savepoint=False)
def offer_choice(*, order_id: int, by: Actor, now: datetime) -> ChoiceOffer:
    """Ask the customer of an order with short goods what to do; it rests until they answer, or for some days.

    Asked already, the open offer is answered. Raises Conflict where nothing is short or it has begun to leave.
    """
    require(by, "orders.hold")
    order = lock_order(order_id)
    if offer := ChoiceOffer.objects.filter(order=order, status="open").first():
        return offer
    if order.status not in OPEN or not short_lines(order):
        raise Conflict(_("Nothing is missing from this order."))
    if order.fulfillment_status != "unfulfilled":
        raise Conflict(_("The warehouse has started this order."))
    policy = ChannelPolicy.objects.filter(channel_id=order.channel_id).first()
    until = now + timedelta(days=policy.choice_days if policy else 3)
    hold_for_finding(order_id=order.pk, finding=CHOICE_OPEN, until=until, by=by, now=now)
    offer = ChoiceOffer.objects.create(order=order, offered_at=now, until=until)
    append_event(order_id=order.pk, kind="choice.offered", by=by, now=now)
    record_event(
        "order.choice_offered",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    return offer


def short_lines(order: Order) -> list[OrderLine]:
    """The lines of an order that wait for goods."""
    return list(
        OrderLine.objects.filter(order=order, quantity_backordered__gt=0).order_by("position")
    )


def substitutes_of(lines: Sequence[OrderLine]) -> dict[int, list[str]]:
    """SKU codes that may take the place of each line, by line id, the best first."""
    rows = Substitute.objects.filter(sku_id__in=[line.sku_id for line in lines], by__is_active=True)
    known: dict[int, list[str]] = {}
    for sku_id, code in rows.order_by("priority", "by__code").values_list("sku_id", "by__code"):
        known.setdefault(sku_id, []).append(code)
    return {line.pk: known.get(line.sku_id or 0, []) for line in lines}


def wanted_of_answer(answer: Answer, lines: Sequence[OrderLine]) -> Wanted | None:
    """The change that an answer asks for; None where it asks for none. Raises Invalid naming the line."""
    allowed, errors = substitutes_of(lines), []
    units: dict[int, int] = {}
    added: dict[str, int] = {}
    for line in lines:
        kind, _sep, code = answer.lines.get(line.pk, KEEP).partition(":")
        if kind == KEEP:
            continue
        if kind not in {CANCEL, SWAP} or (kind == SWAP and code not in allowed[line.pk]):
            errors.append(
                FieldError(f"/lines/{line.pk}", "unknown", _("Choose one of the options shown."))
            )
            continue
        left = line.quantity_ordered - line.quantity_cancelled
        units[line.pk] = left - line.quantity_backordered
        if kind == SWAP:
            added[code] = added.get(code, 0) + line.quantity_backordered
    if answer.whole not in {WAIT, SHIP}:
        errors.append(FieldError("/whole", "unknown", _("Choose one of the options shown.")))
    if errors:
        raise Invalid(errors=errors)
    return Wanted(units, list(added.items())) if units else None


@transaction.atomic(savepoint=False)
def choose(
    *,
    offer_id: int,
    answer: Answer,
    total: Decimal | None = None,
    by: Actor,
    now: datetime,
) -> ChoiceOffer:
    """Carry out the customer's choice, once.

    total   what the order's total was shown to become; None: whatever it becomes
    Short units are cancelled or swapped by a change set; then the order waits for everything, or goes on
    with what is there. Raises Gone where the offer is over, Invalid, OutOfStock where a substitute is gone,
    ChangedMeanwhile.
    """
    order_id = ChoiceOffer.objects.values_list("order_id", flat=True).get(pk=offer_id)
    order = lock_order(order_id)
    offer = ChoiceOffer.objects.select_for_update().get(pk=offer_id)
    if offer.status != "open" or offer.until <= now or order.status not in OPEN:
        raise Gone(_("This question has already been answered."))
    lines = short_lines(order)
    wanted = wanted_of_answer(answer, lines)
    if wanted is not None:
        _apply(order, wanted, total, by, now)
    offer.status, offer.answered_at = ChoiceOffer.Status.ANSWERED, now
    offer.answer = {
        "whole": answer.whole,
        "lines": {str(k): v for k, v in answer.lines.items()},
    }
    offer.save()
    append_event(
        order_id=order.pk, kind="choice.made", by=by, now=now, data={"whole": answer.whole}
    )
    order.refresh_from_db()
    if order.status not in OPEN:
        return offer
    still_short = bool(short_lines(order))
    if answer.whole == WAIT and still_short:
        hold_for_finding(order_id=order.pk, finding=WAITS_FOR_ALL, by=by, now=now)
    hold = Hold.objects.filter(order=order, released_at=None, reason=CHOICE_OPEN).first()
    if hold is not None:
        release_order(order_id=order.pk, hold_id=hold.pk, by=by, now=now)
    return offer


def _apply(order: Order, wanted: Wanted, total: Decimal | None, by: Actor, now: datetime) -> None:
    left = sum(
        line.quantity_ordered - line.quantity_cancelled
        for line in OrderLine.objects.filter(order=order).exclude(pk__in=wanted.units)
    )
    if not left and not any(wanted.units.values()) and not wanted.added:
        cancel_order(order_id=order.pk, reason="customer_chose", by=by, now=now)
        return
    before = sum(line.quantity_backordered for line in short_lines(order))
    cut = sum(line.quantity_backordered for line in short_lines(order) if line.pk in wanted.units)
    change_order(
        order_id=order.pk, wanted=wanted, reason="customer_chose", total=total, by=by, now=now
    )
    order.refresh_from_db()
    after = sum(line.quantity_backordered for line in short_lines(order))
    if after > before - cut:  # what was to take its place is gone meanwhile
        raise OutOfStock(dict(wanted.added))
