"""Runs stock counts by bin, SKU or ABC class: start, enter, submit, approve."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.approvals.actions import SIGNED, sign_approval, sign_proposal
from erp.approvals.queries import Weight, answers_for, ruling_of, worded
from erp.document_numbers import next_number
from erp.errors import Conflict, FieldError, Invalid, NotFound
from erp.queries import find_one
from erp.visible import identifier
from inventory.catalogue.models import Sku
from inventory.counting.models import StockCount, StockCountLine
from inventory.counting.states import COUNT
from inventory.stock.actions.adjust import wait_for_own
from inventory.stock.actions.ledger import (
    lock_levels,
    movement,
    place_id,
    post_movements,
    record_change,
)
from inventory.stock.actions.reserve import give_way
from inventory.stock.approvals import Units, weight_of_stock
from inventory.stock.models.levels import BinLevel, Lot, SerialUnit
from inventory.stock.models.places import Place, Warehouse

MOST_LINES = 5000


@transaction.atomic(savepoint=False)
def start_count(
    *,
    warehouse_id: int,
    bin_ids: Sequence[int] = (),
    sku_ids: Sequence[int] = (),
    abc_class: str = "",
    is_blind: bool = True,
    freezes: bool = False,
    by: Actor,
    now: datetime,
) -> StockCount:
    """Start a count: of whole bins, or of SKUs or an ABC class wherever they are stored.

    A freezing count lets nothing move in or out of its bins until it is posted or cancelled.
    Raises Invalid when there is nothing to count, Conflict when a bin is being counted already.
    """
    require(by, "inventory.count")
    if not Warehouse.objects.filter(pk=warehouse_id).exists():
        raise NotFound
    found = _to_look_at(warehouse_id, bin_ids, sku_ids, abc_class)
    if not found and not bin_ids:
        raise Invalid(_("There is nothing to count there."))
    if len(found) > MOST_LINES:
        raise Invalid(
            _("More than %(most)s bins to count: split the count.") % {"most": MOST_LINES}
        )
    count = StockCount.objects.create(
        number=next_number("CNT", "inventory_stockcount"),
        warehouse_id=warehouse_id,
        status=COUNT.initial,
        is_blind=is_blind,
        freezes=freezes,
        by=by,
        created_at=now,
        scope=_scope(bin_ids, sku_ids, abc_class),
    )
    StockCountLine.objects.bulk_create(
        StockCountLine(count=count, place_id=place, sku_id=sku, lot_id=lot or None)
        for place, sku, lot in found
    )
    if freezes:
        _freeze(count, {place for place, _sku, _lot in found} | set(bin_ids))
    return count


def _to_look_at(
    warehouse_id: int, bin_ids: Sequence[int], sku_ids: Sequence[int], abc_class: str
) -> list[tuple[int, int, int]]:
    """Where something lies, as it is walked: (place id, SKU id, lot id); one more than a count may have."""
    places = Place.objects.filter(warehouse_id=warehouse_id, is_active=True).exclude(
        kind=Place.Kind.IN_TRANSIT
    )
    places = places.filter(pk__in=bin_ids) if bin_ids else places.filter(kind=Place.Kind.BIN)
    levels = BinLevel.objects.filter(place__in=places, on_hand__gt=0)
    if sku_ids:
        levels = levels.filter(sku_id__in=sku_ids)
    if abc_class:
        levels = levels.filter(sku__abc_class=abc_class)
    return list(
        levels.order_by(
            "place__zone__pick_sequence", "place__pick_sequence", "place_id", "sku_id"
        ).values_list("place_id", "sku_id", "lot_id")[: MOST_LINES + 1]
    )


def _freeze(count: StockCount, place_ids: set[int]) -> None:
    """Let nothing move in these bins while they are counted. Raises Conflict where another count does."""
    ids = sorted(place_ids)
    bins = list(Place.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    taken = [place.code for place in bins if place.frozen_by_id]
    if taken:
        raise Conflict(_("Already being counted: %(bins)s.") % {"bins": ", ".join(taken)})
    Place.objects.filter(pk__in=ids).update(frozen_by=count)


def _scope(bin_ids: Sequence[int], sku_ids: Sequence[int], abc_class: str) -> str:
    parts: list[str] = []
    if bin_ids:
        parts += (
            Place.objects.filter(pk__in=bin_ids).order_by("code").values_list("code", flat=True)
        )
    if sku_ids:
        parts += Sku.objects.filter(pk__in=sku_ids).order_by("code").values_list("code", flat=True)
    if abc_class:
        parts.append(f"ABC {abc_class}")
    return ", ".join(parts)[:200]


@dataclass(frozen=True)
class Counted:
    """What somebody found of a SKU and lot in one bin."""

    place_id: int
    sku_id: int
    quantity: int
    lot: str = ""

    def __post_init__(self) -> None:
        """Keep of a lot what can be seen: another blank makes no other lot."""
        object.__setattr__(self, "lot", identifier(self.lot))


@transaction.atomic(savepoint=False)
def enter_count(*, count_id: int, found: Sequence[Counted], by: Actor, now: datetime) -> StockCount:
    """Record a counted quantity beside the book quantity of that moment.

    Something found where nothing was expected gets a line of its own. Entering again replaces.
    Raises Invalid by line, IllegalTransition.
    """
    require(by, "inventory.count")
    count = _locked(count_id)
    COUNT.next_state(count.status, "count")
    places = set(
        Place.objects.filter(warehouse_id=count.warehouse_id)
        .exclude(kind=Place.Kind.IN_TRANSIT)
        .values_list("pk", flat=True)
    )
    errors = [
        FieldError(f"/lines/{n}", "out-of-range", _("Not a bin of this warehouse, or below zero."))
        for n, row in enumerate(found)
        if row.place_id not in places or not 0 <= row.quantity <= 10_000_000
    ]
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
    lock_levels((row.sku_id, count.warehouse_id) for row in found)
    for row in found:
        lot = _lot(row)
        expected = (
            BinLevel.objects.filter(
                sku_id=row.sku_id, place_id=row.place_id, lot_id=lot.pk if lot else 0
            )
            .values_list("on_hand", flat=True)
            .first()
        )
        StockCountLine.objects.update_or_create(
            count=count,
            place_id=row.place_id,
            sku_id=row.sku_id,
            lot=lot,
            defaults={
                "expected": expected or 0,
                "counted": row.quantity,
                "counted_by": by,
                "counted_at": now,
            },
        )
    return count


def _lot(row: Counted) -> Lot | None:
    if not row.lot:
        return None
    lot, _made = Lot.objects.get_or_create(sku_id=row.sku_id, code=row.lot)
    return lot


@transaction.atomic(savepoint=False)
def submit_count(*, count_id: int, by: Actor, now: datetime) -> StockCount:
    """Submit a count: posted at once where the difference is small, else it waits for approval.

    Raises Invalid naming how many places were not counted yet.
    """
    require(by, "inventory.count")
    count = _locked(count_id)
    count.status = COUNT.next_state(count.status, "submit")
    missing = count.lines.filter(counted=None).count()
    if missing:
        raise Invalid(_("%(n)s bins have not been counted yet.") % {"n": missing})
    count.submitted_at = now
    wait_for_own(by)
    is_job = by.kind == Actor.Kind.JOB
    count.needs_second_person = False  # what was counted again is weighed anew
    sign_proposal(row=count, weight=weight_of_count(count, answers_for(by), now, is_job), by=by)
    count.save(update_fields=["status", "submitted_at", *SIGNED])
    if not count.needs_second_person:
        count.status = COUNT.next_state(count.status, "approve")
        _post(count, by, now)
    return count


def weight_of_count(
    count: StockCount, proposer: int, now: datetime, is_job: bool = False
) -> Weight:
    """What a count's differences are compared with."""
    units = [Units(sku, n) for sku, n in variances(count).items()]
    return weight_of_stock(count.warehouse_id, units, proposer=proposer, is_job=is_job, now=now)


def variances(count: StockCount) -> dict[int, int]:
    """Units found more (or fewer) than expected, by SKU id."""
    sums: dict[int, int] = {}
    for line in count.lines.exclude(counted=None):
        sums[line.sku_id] = sums.get(line.sku_id, 0) + line.variance
    return {sku: n for sku, n in sums.items() if n}


@transaction.atomic(savepoint=False)
def approve_count(*, count_id: int, by: Actor, now: datetime) -> StockCount:
    """Post the differences of a count that waits. Not by whoever started, counted or finished it.

    Raises SecondPersonNeeded.
    """
    require(by, "inventory.approve")
    count = _locked(count_id)
    count.status = COUNT.next_state(count.status, "approve")
    weight = weight_of_count(count, count.proposed_for_id or count.by_id, now)
    sign_approval(row=count, weight=weight, by=by, proposers=hands_in(count))
    count.approved_by = by
    _post(count, by, now)
    return count


def hands_in(count: StockCount) -> set[int]:
    """Who answers for a count: whoever started it, and whoever wrote down what was found."""
    lines = count.lines.exclude(counted_by=None).select_related("counted_by")
    counters = {line.counted_by_id: line.counted_by for line in lines}
    return {answers_for(actor) for actor in (count.by, *counters.values()) if actor}


def why_not_approved(count: StockCount, actor: Actor, now: datetime) -> str:
    """Why an actor may not approve a count, in words; "" where nothing keeps them from it."""
    weight = weight_of_count(count, count.proposed_for_id or count.by_id, now)
    return worded(ruling_of(count, weight, actor, hands_in(count)), weight.limit)


@transaction.atomic(savepoint=False)
def ask_recount(*, count_id: int, by: Actor, now: datetime) -> StockCount:
    """Send the lines that differ back to be counted again."""
    require(by, "inventory.approve")
    count = _locked(count_id)
    count.status = COUNT.next_state(count.status, "recount")
    count.save(update_fields=["status"])
    for line in count.lines.exclude(counted=None):
        if line.counted != line.expected:
            line.counted = line.expected = None
            line.save(update_fields=["counted", "expected"])
    return count


@transaction.atomic(savepoint=False)
def cancel_count(*, count_id: int, by: Actor, now: datetime) -> StockCount:
    """Cancel a count; its bins are released and nothing changes."""
    require(by, "inventory.count")
    count = _locked(count_id)
    count.status = COUNT.next_state(count.status, "cancel")
    count.save(update_fields=["status"])
    Place.objects.filter(frozen_by=count).update(frozen_by=None)
    return count


def _locked(count_id: int) -> StockCount:
    return find_one(StockCount.objects.select_for_update().filter(pk=count_id))


def _post(count: StockCount, by: Actor, now: datetime) -> None:
    """Post each line's difference, promises giving way to what was not found."""
    lines = [
        line
        for line in count.lines.select_related("place", "sku").order_by("pk")
        if line.counted is not None and line.counted != line.expected
    ]
    lock_levels((line.sku_id, count.warehouse_id) for line in lines)
    _refuse_overtaken(lines)
    give_way(
        warehouse_id=count.warehouse_id,
        leaving=_leaving(lines),
        cause=f"count:{count.pk}",
        now=now,
    )
    lost = place_id(Place.Kind.LOST)
    tracked = set(
        Sku.objects.filter(pk__in={x.sku_id for x in lines}, tracking="serial").values_list(
            "pk", flat=True
        )
    )
    rows = []
    for line in lines:
        units = line.variance
        if line.sku_id in tracked:
            _refuse_serials(line, units)
        row = movement(
            sku_id=line.sku_id,
            quantity=abs(units),
            kind="count",
            from_id=lost if units > 0 else line.place_id,
            to_id=line.place_id if units > 0 else lost,
            cause=("count", count.pk, line.pk),
            reason=count.number,
            lot_id=line.lot_id,
            by=by,
            at=now,
        )
        rows.append(row)
    post_movements(rows=rows)
    count.posted_at = now
    count.save(update_fields=["status", "posted_at", "approved_by", *SIGNED])
    Place.objects.filter(frozen_by=count).update(frozen_by=None)
    if rows:
        came = any(row.from_place_id == lost for row in rows)
        record_change(f"count:{count.pk}", count.warehouse_id, {r.sku_id for r in rows}, came=came)


def _refuse_overtaken(lines: Sequence[StockCountLine]) -> None:
    """Refuse to take out what left its bin since it was counted: the difference would be taken out twice.

    Raises Conflict naming what to count again.
    """
    levels = BinLevel.objects.filter(
        sku__in={line.sku_id for line in lines}, place__in={line.place_id for line in lines}
    )
    now = {
        (place, sku, lot): units
        for place, sku, lot, units in levels.values_list("place", "sku", "lot_id", "on_hand")
    }
    overtaken = [
        f"{line.sku.code} ({line.place.code})"
        for line in lines
        if now.get((line.place_id, line.sku_id, line.lot_id or 0), 0) + line.variance < 0
    ]
    if overtaken:
        text = _("Stock has left since it was counted. Count again: %(what)s.")
        raise Conflict(text % {"what": ", ".join(overtaken[:20])})


def _leaving(lines: Iterable[StockCountLine]) -> dict[int, int]:
    """Units net lost from bins, by SKU id: only what is in bins is promised."""
    sums: dict[int, int] = {}
    for line in lines:
        if line.place.kind == Place.Kind.BIN:
            sums[line.sku_id] = sums.get(line.sku_id, 0) - line.variance
    return {sku: n for sku, n in sums.items() if n > 0}


def _refuse_serials(line: StockCountLine, units: int) -> None:
    known = SerialUnit.objects.filter(sku_id=line.sku_id, place_id=line.place_id).count()
    if units:
        raise Invalid(
            _("%(sku)s is tracked by serial number (%(n)s known there): adjust it by number.")
            % {"sku": line.sku.code, "n": known}
        )
