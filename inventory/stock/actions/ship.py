"""Ships goods: consumes reservations and posts units out of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.errors import Conflict
from inventory.stock.actions.ledger import (
    lock_levels,
    movement,
    place_id,
    post_goods,
    record_change,
    stored_in,
    take_from_bins,
)
from inventory.stock.actions.serials import dealt, tracked_skus, visible_serials
from inventory.stock.models.levels import Reservation, SerialUnit, StockMovement
from inventory.stock.models.places import Place
from inventory.stock.states import ReservationStatus


@dataclass(frozen=True)
class Departure:
    """Units of one SKU leaving one warehouse for one order line.

    Several departures of one line are the parts of a bundle. `good_until` is the day until which
    the customer wants the goods to keep; `serials` what was scanned, else the oldest pieces.
    """

    line_id: int
    sku_id: int
    quantity: int
    good_until: date | None = None
    serials: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Keep of serial numbers what can be seen."""
        object.__setattr__(self, "serials", visible_serials(self.serials))


@transaction.atomic(savepoint=False)
def ship_stock(
    *,
    warehouse_id: int,
    departures: Sequence[Departure],
    cause: str,
    by: Actor,
    now: datetime,
) -> None:
    """Consume the reservations of order lines and post their units out of the warehouse.

    cause   the shipment's id: the same one posts nothing twice
    Units leave the bins in the order they are picked from, what expires first before the rest.
    Raises Conflict when a line has fewer committed units in this warehouse than leave.
    """
    lock_levels((departure.sku_id, warehouse_id) for departure in departures)
    _consume(warehouse_id, departures)
    stored = stored_in(warehouse_id, {departure.sku_id for departure in departures})
    customer = place_id(Place.Kind.CUSTOMER)
    posted, rows = [], []
    for at, departure in enumerate(departures):
        taken = take_from_bins(
            stored, departure.sku_id, departure.quantity, good_until=departure.good_until
        )
        numbers = dealt(departure.serials, [part.quantity for part in taken])
        for n, (part, codes) in enumerate(zip(taken, numbers, strict=True)):
            row = movement(
                sku_id=departure.sku_id,
                quantity=part.quantity,
                from_id=part.place_id,
                to_id=customer,
                kind="ship",
                cause=("shipment", cause, departure.line_id),
                step=str(n) if n else "",
                lot_id=part.lot_id,
                by=by,
                at=now,
            )
            posted.append((row, codes))
            rows.append(at)
    post_goods(posted, rows)


@transaction.atomic(savepoint=False)
def post_return(*, rows: Sequence[StockMovement], sold_as: Mapping[str, int]) -> None:
    """Post movements of goods coming back, and the numbered pieces among them.

    sold_as   the order line by the movement's `cause_line`: its pieces are the ones that come back
    What goes on the shelf can be promised at once.
    """
    post_goods(list(zip(rows, pieces_sold(rows, sold_as), strict=True)))
    bins = set(
        Place.objects.filter(
            pk__in={row.to_place_id for row in rows}, kind=Place.Kind.BIN
        ).values_list("pk", flat=True)
    )
    if restocked := {row.sku_id for row in rows if row.to_place_id in bins}:
        record_change(f"return:{rows[0].cause_id}", None, restocked, came=True)


def pieces_sold(rows: Sequence[StockMovement], sold_as: Mapping[str, int]) -> list[list[str]]:
    """The numbers of the pieces that each movement takes along, as `post_return` says; none of what has no numbers."""
    tracked = tracked_skus({row.sku_id for row in rows})
    return [_pieces_sold(row, sold_as) if row.sku_id in tracked else [] for row in rows]


def _pieces_sold(row: StockMovement, sold_as: Mapping[str, int]) -> list[str]:
    """The numbers that left for an order line and are where the movement begins."""
    left = SerialUnit.objects.filter(
        sku_id=row.sku_id,
        place_id=row.from_place_id,
        steps__movement__cause_type="shipment",
        steps__movement__cause_line=str(sold_as.get(row.cause_line, 0)),
    )
    return list(left.order_by("pk").values_list("code", flat=True).distinct()[: row.quantity])


def _consume(warehouse_id: int, departures: Sequence[Departure]) -> None:
    reserved: dict[tuple[int, int], list[Reservation]] = {}
    for row in (
        Reservation.objects.filter(
            holder_kind="order_line",
            holder_id__in={departure.line_id for departure in departures},
            warehouse_id=warehouse_id,
            status=ReservationStatus.COMMITTED,
        )
        .order_by("pk")
        .select_for_update()
    ):
        reserved.setdefault((row.holder_id, row.sku_id), []).append(row)
    consumed, cut, rest = [], [], []
    for (line_id, sku_id), units in _summed(departures).items():
        left = units
        for row in reserved.get((line_id, sku_id), []):
            if left >= row.quantity:
                consumed.append(row.pk)
                left -= row.quantity
            elif left:
                cut.append((row, left))
                left = 0
        if left:
            raise Conflict(_("The line has fewer units reserved here than you want to ship."))
    for row, taken in cut:
        rest.append(_copy(row, taken))
        row.quantity -= taken
        row.save(update_fields=["quantity"])
    Reservation.objects.filter(pk__in=consumed).update(status=ReservationStatus.CONSUMED)
    Reservation.objects.bulk_create(rest)


def _summed(departures: Sequence[Departure]) -> Mapping[tuple[int, int], int]:
    sums: dict[tuple[int, int], int] = {}
    for departure in departures:
        key = (departure.line_id, departure.sku_id)
        sums[key] = sums.get(key, 0) + departure.quantity
    return sums


def _copy(row: Reservation, quantity: int) -> Reservation:
    return Reservation(
        holder_kind=row.holder_kind,
        holder_id=row.holder_id,
        sku_id=row.sku_id,
        warehouse_id=row.warehouse_id,
        part=row.part,
        quantity=quantity,
        status=ReservationStatus.CONSUMED,
    )
