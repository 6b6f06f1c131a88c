"""Records refunds that an order's channel made, beside those that were decided here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, Sum

from erp.access.models import Actor
from erp.access.queries import require
from erp.document_numbers import next_number
from erp.money import rounded, split
from orders.intake.following.queries import channel_refund, family_of
from orders.models import Order, OrderLine
from orders.order.actions.progress import record_refunded
from orders.order.actions.timeline import lock_order
from orders.payments.actions.record import refund_payment
from returns.refunds.actions.record import tell
from returns.refunds.actions.settle import complete_refund, follow_approved
from returns.refunds.actions.trim import hold_beyond, trim_proposals
from returns.refunds.decisions import units_within
from returns.refunds.models import Refund, RefundLine
from returns.refunds.queries import purse_of, units_refunded
from returns.refunds.states import CHANNEL_REFUND, WAITING, RefundStatus

ZERO = Decimal(0)
MOST_OF_KEY = 56  # of a channel's id: its later parts are known by "<id>/2"


class Named(NamedTuple):
    """Units that a channel's refund names: of which lines of ours they may be, and how many they are."""

    lines: Sequence[int]
    units: int


@transaction.atomic(savepoint=False)
def record_told_refund(*, order_id: int, key: str, by: Actor, now: datetime) -> None:
    """Record a refund as an order's channel tells of it: of the order, and of all that was split off it.

    All of them are locked before it is asked which they are: a split that was made meanwhile took money with it.
    """
    ids: list[int] = []
    while missing := [pk for pk in family_of(order_id) if pk not in ids]:
        for pk in missing:
            lock_order(pk)
        ids += missing
    amount, units = channel_refund(order_id, key)
    named = [Named(lines, count) for lines, count in units]
    record_family_refund(order_ids=ids, key=key, amount=amount, units=named, by=by, now=now)


@transaction.atomic(savepoint=False)
def record_channel_refund(
    *,
    order_id: int,
    key: str,
    amount: Decimal,
    units: Mapping[int, int],
    by: Actor,
    now: datetime,
) -> Refund | None:
    """Record a refund that the channel made of an order which was never split; `units` by order line id."""
    named = [Named([pk], count) for pk, count in units.items()]
    made = record_family_refund(
        order_ids=[order_id], key=key, amount=amount, units=named, by=by, now=now
    )
    return made[0] if made else None


@transaction.atomic(savepoint=False)
def record_family_refund(
    *,
    order_ids: Sequence[int],
    key: str,
    amount: Decimal,
    units: Sequence[Named],
    by: Actor,
    now: datetime,
) -> list[Refund]:
    """Record a refund that a channel made of an order and its splits, of which the channel knows nothing.

    key     the channel's id of it
    amount  all that it gave back by it; what has come since it was recorded is a refund of its own, "<key>/2"
    units   what it was for, as far as the channel says

    What was decided here and carried out there is one refund: one of ours of the same amount, for no other units,
    that waits for its money is completed by this. One that is completed already is another: its money had gone
    back before. Otherwise each part has what its units are worth, then what was paid above it, as far as it was
    paid; the rest is the first's that has something left. Proposals that are more than is left then become what is
    left. What the channel gave back beyond what was left holds the first part: the money may have gone twice.
    Returns what was recorded now.
    """
    require(by, "refunds.complete")
    family = [lock_order(pk) for pk in order_ids]
    known = _known(order_ids, key)
    told_before = sum((refund.amount for refund in known), ZERO)
    left = rounded(amount - told_before, family[0].currency)
    if known and left <= 0:
        return []
    parts = [_Share(order, _named_of(order, units)) for order in family]
    _deal(units, parts, known)
    for part in parts:
        if ours := _decided_here(part.order, left, part.units):
            return [_carried_out(ours, _key_of(part.order, key, known), by, now)]
    left = _shared_out(left, parts)
    made = [
        _record(part, _key_of(part.order, key, known), known, by, now)
        for part in parts
        if part.amount > 0
    ]
    hold_beyond(order=family[0], amount=left, by=by, now=now)
    return made


@dataclass(slots=True)
class _Share:
    """What of a channel's refund one order has: units by order line id, and an amount."""

    order: Order
    units: dict[int, int]
    amount: Decimal = ZERO


def _record(part: _Share, key: str, known: Sequence[Refund], by: Actor, now: datetime) -> Refund:
    """Record what one order has of a channel's refund."""
    order, amount = part.order, part.amount
    if ours := _decided_here(order, amount, part.units):
        return _carried_out(ours, key, by, now)
    paid = _pays_for(order, part.units, amount, _lines_of(order, known))
    refund = _create(order, key, amount, now)
    _give_lines(refund, paid)
    refund_payment(order=order, amount=amount, reference=refund.number, by=by, now=now)
    record_refunded(order=order, units={part.line: part.units for part in paid.stays}, now=now)
    tell(refund, order, "completed", by, now)
    trim_proposals(order=order, by=by, now=now)
    return refund


def _named_of(order: Order, units: Sequence[Named]) -> dict[int, int]:
    """The lines of an order that a refund may name, none of their units dealt yet."""
    lines = [pk for named in units for pk in named.lines]
    return dict.fromkeys(
        OrderLine.objects.filter(order=order, pk__in=lines).values_list("pk", flat=True), 0
    )


def _deal(units: Sequence[Named], parts: Sequence[_Share], known: Sequence[Refund]) -> None:
    """Deal the units that a refund names and that were not recorded of it before to the lines that they may be of.

    First to units that are cancelled and that no refund names yet, then to such as are wanted; what is too much
    goes to the last line of its name.
    """
    home = {pk: part for part in parts for pk in part.units}
    lines = {line.pk: line for line in OrderLine.objects.filter(pk__in=list(home))}
    recorded = _units_of(known)
    gone = _units_called_off(list(home))
    for named in units:
        here = [pk for pk in named.lines if pk in lines]
        more = named.units - sum(recorded.get(pk, 0) for pk in here)
        rooms = [(pk, lines[pk].quantity_cancelled - gone.get(pk, 0)) for pk in here]
        rooms += [(pk, lines[pk].quantity_open - lines[pk].quantity_refunded) for pk in here]
        for pk, room in rooms:
            taken = max(0, min(more, room))
            home[pk].units[pk] += taken
            more -= taken
        if more > 0 and here:
            home[here[-1]].units[here[-1]] += more
    for part in parts:
        part.units = {pk: count for pk, count in part.units.items() if count}


def _units_of(refunds: Sequence[Refund]) -> dict[int, int]:
    """Units that refunds name, by order line id."""
    found: dict[int, int] = {}
    for row in (row for refund in refunds for row in refund.lines.all()):
        if row.order_line_id is not None:
            found[row.order_line_id] = found.get(row.order_line_id, 0) + row.quantity
    return found


def _units_called_off(lines: Sequence[int]) -> dict[int, int]:
    """Units of lines that were taken off their order and that a refund which was made names, by order line id."""
    rows = RefundLine.objects.filter(
        order_line__in=lines, is_unshipped=True, refund__status=RefundStatus.COMPLETED
    )
    sums = rows.values_list("order_line").annotate(units=Sum("quantity")).order_by()
    return {pk: units for pk, units in sums if pk is not None}


def _shared_out(left: Decimal, parts: Sequence[_Share]) -> Decimal:
    """Share an amount out to the parts of a refund; return what is more than they have."""
    purses = [purse_of(part.order, but=WAITING) for part in parts]
    rooms = [max(ZERO, purse.captured - purse.refunded) for purse in purses]
    worths = [rounded(_worth_of(part.order, part.units), part.order.currency) for part in parts]
    wishes = [worths, [purse.unpaid_back for purse in purses], rooms]
    for wish in wishes:
        for part, wanted, room in zip(parts, wish, rooms, strict=True):
            more = max(ZERO, min(left, wanted - part.amount, room - part.amount))
            part.amount += more
            left -= more
    return left


def short_key(key: str) -> str:
    """A channel's id of a refund as it is kept: whole, or its beginning with a fingerprint of all of it.

    One with a "/" is never kept whole: "<key>/2" is what a refund has grown by.
    """
    if len(key) <= MOST_OF_KEY and "/" not in key:
        return key
    mark = sha256(key.encode()).hexdigest()[:16]
    return f"{key[: MOST_OF_KEY - len(mark) - 1]}~{mark}".replace("/", "~")


def _key_of(order: Order, key: str, known: Sequence[Refund]) -> str:
    """The key of what is recorded next of a channel's refund in an order."""
    times = sum(refund.order_id == order.pk for refund in known)
    return f"{short_key(key)}/{times + 1}" if times else short_key(key)


def _worth_of(order: Order, units: Mapping[int, int]) -> Decimal:
    lines = OrderLine.objects.filter(order=order, pk__in=units)
    return sum((_unit_worth(order, line) * units[line.pk] for line in lines), ZERO)


def _known(order_ids: Sequence[int], key: str) -> list[Refund]:
    """The refunds that are known by a channel's id, the first one first; by what it was cut to before, as well."""
    if not key:
        return []
    kept = short_key(key)
    is_it = Q(channel_key=kept) | Q(channel_key__startswith=f"{kept}/")
    if kept != key:
        is_it |= Q(channel_key__in={key[:60], key[:MOST_OF_KEY]})
    its = Refund.objects.filter(is_it, order__in=order_ids)
    return list(its.order_by("pk").prefetch_related("lines"))


def _lines_of(order: Order, known: Sequence[Refund]) -> dict[int, Decimal]:
    """What a refund has paid for so far in an order, by order line id: what it grows by is for the same."""
    found: dict[int, Decimal] = {}
    for row in (
        row for refund in known for row in refund.lines.all() if refund.order_id == order.pk
    ):
        if row.order_line_id is not None and not row.is_unshipped:
            found[row.order_line_id] = found.get(row.order_line_id, ZERO) + row.amount
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """Units of a line that a channel's refund pays for, and what they are worth: what its amount is divided by.

    unshipped   of the units, those that cannot have shipped yet
    """

    line: int
    units: int
    worth: Decimal
    unshipped: int = 0


@dataclass(frozen=True, slots=True)
class _Paid:
    """What a channel's refund pays for: units that stay in the order, and that were taken off it.

    taken_off   the part of its amount that is for the latter
    """

    stays: Sequence[_Part]
    gone: Sequence[_Part]
    taken_off: Decimal


def _pays_for(
    order: Order, units: Mapping[int, int], amount: Decimal, before: Mapping[int, Decimal]
) -> _Paid:
    """Tell units that stay in the order and whose price went back from those that were taken off it.

    What was taken off is in no total any more: counted as refunded it would be missing from later returns. It is
    paid for first, in place of a refund of ours that waits: what a shop gives back for it in several sums was owed
    once more. Of a refund that is for both, first lines of which nothing is wanted, then as many units as what was
    paid above the order is worth.
    before   what the refund was for until it grew, by order line id
    """
    refunded = units_refunded(order_lines=list(units), statuses=())
    lines = list(OrderLine.objects.filter(order=order, pk__in=units).order_by("pk"))
    taken_off = min(amount, purse_of(order, but=WAITING).unpaid_back)
    left = taken_off
    stays, gone = [], []
    for line in sorted(lines, key=lambda x: (x.quantity_open > 0, not x.quantity_cancelled, x.pk)):
        each, asked = _unit_worth(order, line), max(0, units[line.pk])
        is_whole = taken_off and (taken_off == amount or not line.quantity_open)
        off = asked if is_whole else units_within(left, each=each, most=asked)
        left -= off * each
        if off:
            gone.append(_Part(line.pk, off, off * each))
        had = refunded.get(line.pk, 0)
        if (count := min(asked - off, line.quantity_ordered - had)) > 0:
            ahead = max(0, min(count, had + count - line.quantity_shipped))
            stays.append(_Part(line.pk, count, count * each, ahead))
    if not lines:
        stays = [_Part(pk, 0, worth) for pk, worth in sorted(before.items()) if worth > 0]
    return _Paid(stays, gone, taken_off)


def _unit_worth(order: Order, line: OrderLine) -> Decimal:
    """What a unit of a line is worth with its tax; of a line that costs nothing any more, as it was listed."""
    if line.total:  # of an order that ended it is still that of all units
        return line.total / (line.quantity_open or line.quantity_ordered)
    return line.unit_price * (1 if order.prices_include_tax else 1 + line.tax_rate)


def _create(order: Order, key: str, amount: Decimal, now: datetime) -> Refund:
    return Refund.objects.create(
        number=next_number("RF", "returns_refund"),
        order=order,
        channel_id=order.channel_id,
        status=RefundStatus.COMPLETED,
        reason=CHANNEL_REFUND,
        channel_key=key,
        amount=amount,
        currency=order.currency,
        proposed_at=now,
        approved_at=now,
        completed_at=now,
        updated_at=now,
    )


def _give_lines(refund: Refund, paid: _Paid) -> None:
    """Write what a refund pays for, by order line: its amount, divided by what the units are worth."""
    _give(refund, paid.gone, paid.taken_off, is_unshipped=True)
    _give(refund, paid.stays, refund.amount - paid.taken_off, is_unshipped=False)


def _give(refund: Refund, parts: Sequence[_Part], amount: Decimal, *, is_unshipped: bool) -> None:
    if not parts and not amount:
        return
    shares = split(amount, [part.worth for part in parts], refund.currency) if parts else [amount]
    named: Sequence[_Part | None] = parts or [None]  # none: shipping, goodwill
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            order_line_id=part.line if part else None,
            quantity=part.units if part else 0,
            unshipped_units=part.unshipped if part else 0,
            amount=share,
            is_unshipped=is_unshipped,
        )
        for part, share in zip(named, shares, strict=True)
    )


def _decided_here(order: Order, amount: Decimal, units: Mapping[int, int]) -> Refund | None:
    """A refund of ours of that amount that waits for its money, and is for no other units than the channel's."""
    waiting = Refund.objects.filter(
        order=order, amount=amount, channel_key="", is_history=False, status__in=WAITING
    )
    theirs = {pk: count for pk, count in units.items() if count}
    for refund in waiting.exclude(reason=CHANNEL_REFUND).order_by("pk").prefetch_related("lines"):
        ours = {x.order_line_id: x.quantity for x in refund.lines.all() if x.quantity}
        if not ours or not theirs or ours == theirs:
            return refund
    return None


def _carried_out(refund: Refund, key: str, by: Actor, now: datetime) -> Refund:
    Refund.objects.filter(pk=refund.pk).update(channel_key=key, updated_at=now)
    if refund.status == "proposed":
        follow_approved(refund_id=refund.pk, by=by, now=now)
    complete_refund(refund_id=refund.pk, by=by, now=now)
    refund.refresh_from_db()
    return refund
