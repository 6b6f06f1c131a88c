"""Reserves units for carts and orders, releases them, and cuts them in a shortfall."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Sum

from erp.access.models import Actor
from erp.access.queries import require, require_channel
from erp.events.record import record_event
from erp.once import wants_attempt
from inventory.catalogue.decisions import Limit, exploded, limited, shared_out
from inventory.catalogue.models import BundlePart, Sku
from inventory.stock.actions.ledger import OutOfStock, lock_levels, lock_skus, record_change
from inventory.stock.models.levels import Reservation, StockLevel, StockShortfall
from inventory.stock.states import ReservationStatus


@wants_attempt
@transaction.atomic(savepoint=False)
def hold_for_cart(
    *,
    cart_id: int,
    wanted: Mapping[int, int],
    channel_id: int | None = None,
    by: Actor,
    now: datetime,
    expires_at: datetime,
    attempt: int = 1,
) -> list[Reservation]:
    """Hold units for a cart until `expires_at`; all of them or none.

    wanted       units by SKU id, from any warehouse, several if one has too few; of a bundle its
                 parts are held, each from wherever it lies
    channel_id   the channel that sells the cart: its shares and caps hold
    Safety stock, and what is set aside for channels, is left alone. The first attempt decides
    without locks and lets the database refuse what a rival took. Raises OutOfStock naming every
    SKU that falls short.
    """
    require(by, "inventory.reserve")
    require_channel(by, channel_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inventory_cart_facts(%s, %s, %s)::text",
            [sorted(wanted), channel_id, attempt > 1],
        )
        facts = json.loads(cursor.fetchone()[0])
    need = exploded(wanted, facts["parts"])
    free = {(sku, warehouse): units for sku, warehouse, units in facts["free"]}
    if facts["limits"]:
        order = list(dict.fromkeys(warehouse for _sku, warehouse in free))
        free = limited(free, [Limit(*limit) for limit in facts["limits"]], order)
    shares, short = shared_out(need, free)
    if short:
        codes = dict(Sku.objects.filter(pk__in=short).values_list("pk", "code"))
        raise OutOfStock({codes[sku_id]: missing for sku_id, missing in short.items()})
    rows = [
        {"holder_id": cart_id, "sku_id": sku, "warehouse_id": warehouse, "quantity": units}
        for sku, warehouse, units in shares
    ]
    reserve_rows(rows, "cart", ReservationStatus.HELD, expires_at)
    return [
        Reservation(holder_kind="cart", status=ReservationStatus.HELD, expires_at=expires_at, **row)
        for row in rows
    ]


def made_of_parts(units: Mapping[int, int]) -> dict[int, int]:
    """Units by SKU id with every bundle replaced by its parts."""
    rows = BundlePart.objects.filter(bundle_id__in=units)
    return exploded(units, list(rows.values_list("bundle_id", "part_id", "quantity")))


def free_by_warehouse(sku_id: int) -> list[tuple[int, int]]:
    """Units not promised by active warehouse, the preferred first."""
    return list(
        StockLevel.objects.filter(sku_id=sku_id, warehouse__is_active=True)
        .values("warehouse_id")
        .annotate(free=Sum("on_hand") - Sum("reserved"))
        .order_by("warehouse__priority", "warehouse_id")
        .values_list("warehouse_id", "free")
    )


def reserve_rows(
    rows: Sequence[Mapping[str, int]], kind: str, status: str, until: datetime | None = None
) -> None:
    """Insert reservations; a level in parts gives from a part with enough."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inventory_reserve_in_parts(%s::jsonb, %s, %s, %s)",
            [json.dumps(list(rows)), kind, status, until],
        )


@transaction.atomic(savepoint=False)
def release_stock(*, holder_kind: str, holder_ids: Sequence[int]) -> int:
    """Release everything still reserved for these holders; return the units released.

    Part of ending what held it: whoever may cancel an order needs no right over stock besides.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_release(%s, %s)::text", [holder_kind, list(holder_ids)])
        freed = {int(sku): units for sku, units in json.loads(cursor.fetchone()[0]).items()}
    if freed:
        record_change(f"{holder_kind}:{holder_ids[0]}", None, freed, came=True, posted=False)
    return sum(freed.values())


@transaction.atomic(savepoint=False)
def give_up_carts(*, cart_ids: Sequence[int], sku_codes: Sequence[str]) -> int:
    """Give carts' holds back inside the transaction that reserves the same units for an order.

    sku_codes   what the order is about to reserve: their levels are locked as well, so that nobody
                comes in between. A hold that has expired gives nothing; returns the units given up.
    """
    ids = Sku.objects.filter(code__in=sku_codes).values_list("pk", flat=True)
    held = Reservation.objects.filter(
        holder_kind="cart", holder_id__in=cart_ids, status=ReservationStatus.HELD
    )
    lock_skus({*made_of_parts(dict.fromkeys(ids, 1)), *held.values_list("sku_id", flat=True)})
    rows = list(held.order_by("pk").select_for_update())
    Reservation.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=ReservationStatus.RELEASED
    )
    return sum(row.quantity for row in rows)


@transaction.atomic(savepoint=False)
def expire_holds(*, now: datetime, limit: int = 500) -> int:
    """End carts' holds whose time is over, each exactly once; return how many rows."""
    due = Reservation.objects.filter(status=ReservationStatus.HELD, expires_at__lte=now)
    found = list(
        due.order_by("expires_at", "pk").values_list("pk", "sku_id", "warehouse_id")[:limit]
    )
    if not found:
        return 0
    lock_levels((sku, warehouse) for _pk, sku, warehouse in found)
    ended = list(
        due.filter(pk__in=[pk for pk, _sku, _warehouse in found])
        .order_by("pk")
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)
    )
    Reservation.objects.filter(pk__in=ended).update(status=ReservationStatus.EXPIRED)
    freed = {sku for pk, sku, _w in found if pk in set(ended)}
    record_change("expiry", None, freed, came=True, posted=False)
    return len(ended)


def give_way(
    *, warehouse_id: int, leaving: Mapping[int, int], cause: str, now: datetime
) -> list[StockShortfall]:
    """Release the youngest reservations for units about to leave the books.

    leaving   units by SKU id; the levels are locked by the caller
    What is set aside for channels goes first, then carts, then order lines, the youngest first.
    Order lines hear of it by the event stock.short; no ship verb accepts their units any more.
    """
    shortfalls = []
    for sku_id, units in sorted(leaving.items()):
        level = StockLevel.objects.filter(sku_id=sku_id, warehouse_id=warehouse_id).aggregate(
            free=Sum(F("on_hand") - F("reserved"))
        )
        missing = units - (level["free"] or 0)
        if missing <= 0:
            continue
        rows = Reservation.objects.filter(
            sku_id=sku_id, warehouse_id=warehouse_id, status__in=["held", "committed"]
        ).order_by("-pk")
        rank = {"allotment": 0, "cart": 1, "order_line": 2}
        for row in sorted(rows.select_for_update(), key=lambda r: (rank[r.holder_kind], -r.pk)):
            if missing <= 0:
                break
            gone = min(missing, row.quantity)
            missing -= gone
            loser = _cut(row, gone)
            if row.holder_kind != "order_line":
                loser.status = ReservationStatus.RELEASED
                loser.save(update_fields=["status"])
                continue
            loser.status = ReservationStatus.SHORT
            loser.save(update_fields=["status"])
            shortfalls.append(
                StockShortfall.objects.create(
                    reservation=loser, quantity=gone, cause=cause, opened_at=now
                )
            )
    if shortfalls:
        record_event(
            "stock.short",
            subject=cause,
            channel_id=None,
            warehouse_id=warehouse_id,
            shortfall_ids=[row.pk for row in shortfalls],
        )
    return shortfalls


@transaction.atomic(savepoint=False)
def release_units(*, taken: Sequence[tuple[Reservation, int]]) -> None:
    """Release some units of each of these reservations, all by the same few statements.

    Their levels are locked by the caller.
    """
    whole = [row.pk for row, units in taken if units == row.quantity]
    Reservation.objects.filter(pk__in=whole).update(status=ReservationStatus.RELEASED)
    parts = [(row, units) for row, units in taken if units < row.quantity]
    for row, units in parts:
        row.quantity -= units
    Reservation.objects.bulk_update([row for row, _units in parts], ["quantity"])
    Reservation.objects.bulk_create(
        _share(row, units, ReservationStatus.RELEASED) for row, units in parts
    )


def hand_over_units(*, reservation: Reservation, quantity: int, holder_id: int) -> None:
    """Let another holder of the same kind have units of a reservation; its level is locked by the caller."""
    part = _cut(reservation, quantity)
    part.holder_id = holder_id
    part.save(update_fields=["holder_id"])


def _cut(row: Reservation, units: int) -> Reservation:
    """Cut units off a reservation; the whole row where it is all of it."""
    if units == row.quantity:
        return row
    row.quantity -= units
    row.save(update_fields=["quantity"])
    part = _share(row, units, row.status)
    part.save()
    return part


def _share(row: Reservation, units: int, status: str) -> Reservation:
    """A reservation for some of another's units, not written yet."""
    return Reservation(
        holder_kind=row.holder_kind,
        holder_id=row.holder_id,
        sku_id=row.sku_id,
        warehouse_id=row.warehouse_id,
        part=row.part,
        quantity=units,
        status=status,
        expires_at=row.expires_at,
    )
