"""Appends movements to the stock ledger; locks levels and places for every stock verb."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.errors import ChooseAgain, Conflict, FieldError, Invalid
from erp.events.record import event_row, record_events
from erp.visible import identifier
from inventory.catalogue.models import Sku
from inventory.stock.actions.serials import check_serials, in_rows, tracked_skus, visible_serials
from inventory.stock.decisions import Stored, Taken, choose_bins
from inventory.stock.models.levels import BinLevel, Lot, SerialStep, SerialUnit, StockMovement
from inventory.stock.models.places import Place

WORLD: dict[str, str] = {
    Place.Kind.SUPPLIER: "SUPPLIER",
    Place.Kind.CUSTOMER: "CUSTOMER",
    Place.Kind.LOST: "LOST",
}


INSIDE: dict[str, str] = {
    Place.Kind.BIN: "MAIN",
    Place.Kind.QUARANTINE: "QUARANTINE",
    Place.Kind.DAMAGED: "DAMAGED",
    Place.Kind.RETURNS: "RETURNS",
    Place.Kind.IN_TRANSIT: "TRANSIT",
}


class OutOfStock(Conflict):
    """Units asked for that cannot be promised. `short` maps SKU code to units missing."""

    code = "insufficient-stock"

    def __init__(self, short: Mapping[str, int]) -> None:
        self.short = dict(short)
        names = ", ".join(f"{code} ({missing})" for code, missing in sorted(self.short.items()))
        super().__init__(_("Not enough stock; missing: %(names)s.") % {"names": names})

    def extra(self) -> dict[str, object]:
        return {"short": [{"sku": code, "missing": n} for code, n in sorted(self.short.items())]}


class Frozen(Conflict):
    """A count is going on there: nothing may move in or out until it ends."""

    code = "frozen-for-count"


@dataclass(frozen=True)
class Change:
    """Units of a SKU, signed where a verb says so.

    unit_cost   what one cost on arrival, in the company's currency; None where not known
    place_id    the bin; None for the warehouse's main bin (in), or whichever is next (out)
    lot, expires_on   of lot-tracked goods; a lot that is not known yet is made
    serials     one number a unit, of serial-tracked goods
    row         the row of what was asked that it comes from, for what is wrong with it; None: it is one of its own
    """

    sku_id: int
    quantity: int
    unit_cost: Decimal | None = None
    place_id: int | None = None
    lot: str = ""
    expires_on: date | None = None
    serials: tuple[str, ...] = ()
    row: int | None = None

    def __post_init__(self) -> None:
        """Keep of a lot and of serial numbers what can be seen: another blank makes no other lot."""
        object.__setattr__(self, "lot", identifier(self.lot))
        object.__setattr__(self, "serials", visible_serials(self.serials))


def rows_of(changes: Sequence[Change]) -> list[int]:
    """The row of what was asked that each change comes from: pointers name it, however rows were taken apart."""
    return [n if change.row is None else change.row for n, change in enumerate(changes)]


def place_id(kind: str, warehouse_id: int | None = None) -> int:
    """The id of a warehouse's place of a kind, or of a place in the world outside."""
    code = INSIDE.get(kind) or WORLD[kind]
    where = {"warehouse_id": warehouse_id} if warehouse_id else {"warehouse__isnull": True}
    return Place.objects.values_list("pk", flat=True).get(kind=kind, code=code, **where)


def lock_levels(pairs: Iterable[tuple[int, int]]) -> None:
    """Lock the levels of (sku id, warehouse id) pairs until the transaction ends, in order."""
    rows = [{"sku_id": sku, "warehouse_id": warehouse} for sku, warehouse in sorted(set(pairs))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_lock_levels(%s::jsonb)", [json.dumps(rows)])


def lock_skus(sku_ids: Iterable[int]) -> None:
    """Lock every warehouse's level of these SKUs until the transaction ends, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_lock_skus(%s)", [sorted(set(sku_ids))])


@transaction.atomic(savepoint=False)
def post_movements(*, rows: Sequence[StockMovement]) -> None:
    """Append movements to the ledger; levels and costs follow by trigger.

    Raises OutOfStock when a level would fall below what is reserved, Frozen when a bin is being
    counted, ChooseAgain when a rival emptied a bin.
    """
    try:
        with transaction.atomic():
            StockMovement.objects.bulk_create(rows)
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        constraint = getattr(diagnostics, "constraint_name", "")
        if constraint == "stock_level_reserved_within_on_hand":
            codes = Sku.objects.filter(pk__in={row.sku_id for row in rows}).values_list(
                "code", flat=True
            )
            raise OutOfStock(dict.fromkeys(codes, 0)) from error
        if constraint == "bin_level_not_below_zero":
            raise ChooseAgain(_("There are fewer units in that bin.")) from error
        if constraint == "place_not_frozen":
            hint = getattr(diagnostics, "message_hint", "")
            raise Frozen(_("Bin locked by a count: %(bins)s.") % {"bins": hint}) from error
        raise


def stored_in(
    warehouse_id: int, sku_ids: Iterable[int], *, kind: str = Place.Kind.BIN
) -> dict[int, list[Stored]]:
    """What a warehouse's bins hold of SKUs, by SKU id; bins that are being counted left out."""
    levels = BinLevel.objects.filter(
        sku_id__in=set(sku_ids),
        on_hand__gt=0,
        place__warehouse_id=warehouse_id,
        place__kind=kind,
        place__frozen_by=None,
    ).values_list(
        "sku_id",
        "place_id",
        "lot_id",
        "on_hand",
        "place__use",
        "place__pick_sequence",
        "place__zone__pick_sequence",
    )
    rows = list(levels.order_by("sku_id", "place_id", "lot_id"))
    lots = {row[2] for row in rows if row[2]}
    expiry = dict(Lot.objects.filter(pk__in=lots).values_list("pk", "expires_on")) if lots else {}
    found: dict[int, list[Stored]] = {}
    for sku, place, lot, units, use, sequence, zone in rows:
        found.setdefault(sku, []).append(
            Stored(place, lot or None, units, use, (zone or 0, sequence), expiry.get(lot))
        )
    return found


def take_from_bins(
    stored: dict[int, list[Stored]],
    sku_id: int,
    quantity: int,
    *,
    good_until: date | None = None,
) -> list[Taken]:
    """Choose bins for units of a SKU and lower what `stored` has. Raises Conflict if too few."""
    taken = choose_bins(stored.get(sku_id, []), quantity, good_until=good_until)
    if sum(t.quantity for t in taken) < quantity:
        code = Sku.objects.values_list("code", flat=True).get(pk=sku_id)
        raise Conflict(_("Not enough %(sku)s in pickable bins.") % {"sku": code})
    used = {(t.place_id, t.lot_id): t.quantity for t in taken}
    stored[sku_id] = [
        Stored(
            s.place_id,
            s.lot_id,
            s.on_hand - used.get((s.place_id, s.lot_id), 0),
            s.use,
            s.sequence,
            s.expires_on,
        )
        for s in stored[sku_id]
    ]
    return taken


def lots_of(changes: Sequence[Change]) -> dict[tuple[int, str], Lot]:
    """The lots that arrivals name, made where they are new, by (SKU id, code).

    Raises Invalid when a lot-tracked SKU or a day of expiry comes without a lot, or a known lot with another expiry.
    """
    tracked = set(
        Sku.objects.filter(
            pk__in={c.sku_id for c in changes}, tracking=Sku.Tracking.LOT
        ).values_list("pk", flat=True)
    )
    for row, change in zip(rows_of(changes), changes, strict=True):
        if change.sku_id in tracked and not change.lot:
            detail = _("This SKU is tracked by lot: enter the lot.")
            raise Invalid(detail, errors=[FieldError(f"/lines/{row}/lot", "required", detail)])
        if change.expires_on and not change.lot:
            detail = _("A lot expires: enter the lot that this date belongs to.")
            pointer = f"/lines/{row}/expires_on"
            raise Invalid(detail, errors=[FieldError(pointer, "lot-required", detail)])
    wanted = _dated(changes)
    if not wanted:
        return {}
    Lot.objects.bulk_create(
        (Lot(sku_id=sku, code=code, expires_on=day) for (sku, code), day in wanted.items()),
        ignore_conflicts=True,
    )
    found = {
        (lot.sku_id, lot.code): lot
        for lot in Lot.objects.filter(
            sku_id__in={sku for sku, _code in wanted}, code__in={c for _sku, c in wanted}
        )
    }
    for key, day in wanted.items():
        if day and found[key].expires_on is None:
            found[key].expires_on = day
            found[key].save(update_fields=["expires_on"])
        elif day and found[key].expires_on != day:
            rows = zip(rows_of(changes), changes, strict=True)
            row = next(n for n, c in rows if (c.sku_id, c.lot) == key and c.expires_on == day)
            raise _dated_otherwise(row, key[1], found[key].expires_on)
    return found


def _dated(changes: Sequence[Change]) -> dict[tuple[int, str], date | None]:
    """The lots that changes name, with the day on which each expires, as far as one is said. Raises Invalid for two."""
    days: dict[tuple[int, str], date | None] = {}
    for row, change in zip(rows_of(changes), changes, strict=True):
        if change.lot:
            known = days.setdefault((change.sku_id, change.lot), change.expires_on)
            if known and change.expires_on and known != change.expires_on:
                raise _dated_otherwise(row, change.lot, known)
            days[change.sku_id, change.lot] = known or change.expires_on
    return days


def _dated_otherwise(row: int, lot: str, day: date | None) -> Invalid:
    said = _("Our records show lot %(lot)s expiring on %(day)s.") % {"lot": lot, "day": day}
    return Invalid(said, errors=[FieldError(f"/lines/{row}/expires_on", "expires-otherwise", said)])


def post_goods(
    goods: Sequence[tuple[StockMovement, Sequence[str]]], rows: Sequence[int] = ()
) -> None:
    """Append movements to the ledger, each with the serial numbers that move along.

    rows   the row of what was asked that each movement comes from; none: each is one of its own
    Raises what `post_movements` does, and Invalid pointing at each number that does not fit.
    """
    rows = rows or range(len(goods))
    stated = [(at, row.sku_id, codes) for at, (row, codes) in zip(rows, goods, strict=True)]
    check_serials(stated)
    post_movements(rows=[row for row, _codes in goods])
    _move_serials(goods, rows)


def _move_serials(
    goods: Sequence[tuple[StockMovement, Sequence[str]]], rows: Sequence[int]
) -> None:
    """Let numbered pieces follow their movements. Raises Invalid naming what does not fit.

    A SKU tracked by serial number moves one number a unit; any other moves none.
    """
    tracked = tracked_skus({movement.sku_id for movement, _codes in goods})
    if not tracked:
        return
    outside = set(Place.objects.filter(warehouse=None).values_list("pk", flat=True))
    stated = [(at, row.sku_id, codes) for at, (row, codes) in zip(rows, goods, strict=True)]
    steps = []
    for (movement, _codes), (row, sku_id, codes, first) in zip(goods, in_rows(stated), strict=True):
        if sku_id in tracked:
            comes = movement.from_place_id in outside
            moved = _moved_units(movement, codes, f"/lines/{row}/serials", first, comes=comes)
            steps += [SerialStep(serial=unit, movement=movement) for unit in moved]
    SerialStep.objects.bulk_create(steps)


def _moved_units(
    movement: StockMovement, codes: Sequence[str], pointer: str, first: int, *, comes: bool
) -> Iterator[SerialUnit]:
    """The numbered pieces of one movement, each moved; one that `comes` from outside may be new.

    first   how many numbers of the same row went with earlier movements
    """
    numbers = list(codes)
    if not numbers and not comes:  # nobody scanned: the oldest pieces of that place
        numbers = list(
            SerialUnit.objects.filter(sku_id=movement.sku_id, place_id=movement.from_place_id)
            .order_by("pk")
            .values_list("code", flat=True)[: movement.quantity]
        )
    if len(set(numbers)) != movement.quantity:
        detail = _("This SKU is tracked by serial number: enter %(n)s different numbers.") % {
            "n": movement.quantity
        }
        raise Invalid(detail, errors=[FieldError(pointer, "unfitting", detail)])
    units = {
        unit.code: unit
        for unit in SerialUnit.objects.select_for_update().filter(
            sku_id=movement.sku_id, code__in=numbers
        )
    }
    if strange := [
        FieldError(f"{pointer}/{n}", "unfitting", _not_there(number))
        for n, number in enumerate(numbers, first)
        if not _may_move(units.get(number), movement, comes=comes)
    ]:
        raise Invalid(strange[0].detail, errors=strange)
    for number in sorted(numbers):
        yield _moved_unit(units.get(number), number, movement)


def _may_move(unit: SerialUnit | None, movement: StockMovement, *, comes: bool) -> bool:
    return comes if unit is None else unit.place_id == movement.from_place_id


def _not_there(number: str) -> str:
    return _("Serial number %(number)s is not at the source location.") % {"number": number}


def _moved_unit(unit: SerialUnit | None, number: str, movement: StockMovement) -> SerialUnit:
    """A numbered piece where its movement ends: one that is new, or that was where it began."""
    if unit is None:
        return SerialUnit.objects.create(
            sku_id=movement.sku_id,
            code=number,
            place_id=movement.to_place_id,
            lot_id=movement.lot_id,
        )
    unit.place_id = movement.to_place_id
    unit.save(update_fields=["place"])
    return unit


def record_change(
    subject: str,
    warehouse_id: int | None,
    sku_ids: Iterable[int],
    came: bool = False,
    posted: bool = True,
) -> None:
    """Tell who listens that stock changed.

    came     there is more to promise than before
    posted   more than a cart's hold changed: what to buy is judged anew
    """
    topics = ["stock.changed"] + ["stock.posted"] * posted + ["stock.arrived"] * came
    facts = {"sku_ids": sorted(set(sku_ids)), "warehouse_id": warehouse_id}
    record_events([event_row(topic, subject, None, facts) for topic in topics])


def summed(changes: Iterable[Change]) -> dict[int, int]:
    """Units by SKU id."""
    sums: dict[int, int] = {}
    for change in changes:
        sums[change.sku_id] = sums.get(change.sku_id, 0) + change.quantity
    return sums


def movement(
    *,
    sku_id: int,
    quantity: int,
    from_id: int,
    to_id: int,
    kind: str,
    cause: tuple[str, object, object],
    by: Actor,
    at: datetime,
    step: str = "",
    reason: str = "",
    lot_id: int | None = None,
    unit_cost: Decimal | None = None,
) -> StockMovement:
    """A movement not yet posted. `cause` is (document type, its id, its line)."""
    return StockMovement(
        sku_id=sku_id,
        quantity=quantity,
        from_place_id=from_id,
        to_place_id=to_id,
        kind=kind,
        cause_type=cause[0],
        cause_id=str(cause[1]),
        cause_line=str(cause[2]),
        cause_step=step,
        reason=reason[:200],
        lot_id=lot_id,
        unit_cost=unit_cost,
        by=by,
        at=at,
    )
