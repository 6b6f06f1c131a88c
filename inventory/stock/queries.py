"""Reads stock: on hand, available and its value."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias, TypedDict

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce, JSONObject

from erp.access.models import Actor
from erp.ids import public_id
from inventory.catalogue.decisions import (
    AvailabilityDocument,
    LevelDocument,
    Limit,
    limited,
    of_bundle,
)
from inventory.catalogue.models import BundlePart, Sku, StockPolicy
from inventory.stock.models.allotments import Allotment
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.levels import Reservation, SkuCost, StockLevel, StockMovement
from inventory.stock.models.places import Warehouse
from inventory.stock.states import DocumentStatus


def documents_visible_to(actor: Actor) -> QuerySet[StockDocument]:
    """The stock documents an actor may know of: the company's, and of a channel's own those of theirs."""
    rows = StockDocument.objects.all()
    if actor.channel_id is None:
        return rows
    return rows.filter(Q(channel_id=None) | Q(channel_id=actor.channel_id))


class LyingDocument(TypedDict):
    """Units of a SKU, of one lot or of none, in one place."""

    sku: str
    warehouse: str
    bin: str
    kind: str
    lot: str | None
    expires_on: date | None
    units: int


class ValueDocument(TypedDict):
    """What a SKU is worth, in the company's currency."""

    sku: str
    units: int
    value: Decimal
    average: Decimal


class CostlessDocument(TypedDict):
    """A SKU whose cost nobody knew."""

    sku: str
    name: str
    units: int


class WriteOffDocument(TypedDict):
    """A write-off of what a transfer or a return lost, and whether it still waits for a second person."""

    id: str
    status: str


Levels: TypeAlias = dict[int, dict[int, LevelDocument]]  # by SKU id and warehouse id
NOTHING: LevelDocument = {
    "on_hand": 0,
    "reserved": 0,
    "safety": 0,
    "incoming": 0,
    "warehouse": "",
    "available": 0,
}


def availability(
    *, codes: Sequence[str], channel_id: int | None = None
) -> list[AvailabilityDocument]:
    """Return availability of SKUs in the order asked, per warehouse and in sum.

    available = on hand − reserved − safety stock; of a bundle, what its parts make up. For a
    channel, what is set aside for it is added and its shares and caps are applied. Unknown codes
    are left out. All numbers are units. At most five statements, however many SKUs.
    """
    skus = {sku.code: sku for sku in Sku.objects.filter(code__in=codes)}
    parts: dict[int, list[tuple[int, int]]] = {}
    for bundle, part, units in BundlePart.objects.filter(
        bundle_id__in=[sku.pk for sku in skus.values()]
    ).values_list("bundle_id", "part_id", "quantity"):
        parts.setdefault(bundle, []).append((part, units))
    stocked = {sku.pk for sku in skus.values()} | {p for rows in parts.values() for p, _n in rows}
    levels = _levels(stocked)
    free = {
        (sku, warehouse): max(0, level["available"])
        for sku, by_warehouse in levels.items()
        for warehouse, level in by_warehouse.items()
    }
    if channel_id is not None:
        free = _for_channel(channel_id, stocked, free, levels)
    return [
        _availability_of(sku, levels, free, parts.get(sku.pk))
        for sku in (skus[code] for code in dict.fromkeys(codes) if code in skus)
    ]


def _levels(sku_ids: Collection[int]) -> Levels:
    """Sums over the parts of levels in active warehouses, by SKU id and warehouse id."""
    rows = (
        StockLevel.objects.filter(sku_id__in=sku_ids, warehouse__is_active=True)
        .values("sku_id", "warehouse_id", "warehouse__code")
        .annotate(
            units=Sum("on_hand"),
            promised=Sum("reserved"),
            coming=Sum("incoming"),
            kept=Coalesce(
                Subquery(
                    StockPolicy.objects.filter(
                        sku_id=OuterRef("sku_id"), warehouse_id=OuterRef("warehouse_id")
                    ).values("safety")
                ),
                0,
            ),
        )
        .order_by("sku_id", "warehouse__priority", "warehouse_id")
    )
    found: Levels = {}
    for row in rows:
        found.setdefault(row["sku_id"], {})[row["warehouse_id"]] = {
            "on_hand": row["units"],
            "reserved": row["promised"],
            "safety": row["kept"],
            "incoming": row["coming"],
            "warehouse": row["warehouse__code"],
            "available": row["units"] - row["promised"] - row["kept"],
        }
    return found


def _for_channel(
    channel_id: int,
    sku_ids: Collection[int],
    free: dict[tuple[int, int], int],
    levels: Levels,
) -> dict[tuple[int, int], int]:
    own = Allotment.objects.filter(channel_id=channel_id, is_active=True)
    held = Reservation.objects.filter(
        holder_kind="allotment",
        status="held",
        sku_id__in=sku_ids,
        holder_id__in=own.filter(kind="fixed").values("pk"),
    )
    for sku, warehouse, units in held.values_list("sku_id", "warehouse_id", "quantity"):
        free[sku, warehouse] = free.get((sku, warehouse), 0) + units
    limits = [
        Limit(sku or 0, kind, value)
        for sku, kind, value in own.exclude(kind="fixed").values_list("sku_id", "kind", "value")
    ]
    order = list(dict.fromkeys(w for by_warehouse in levels.values() for w in by_warehouse))
    return limited(free, limits, order)


def _availability_of(
    sku: Sku,
    levels: Levels,
    free: dict[tuple[int, int], int],
    parts: list[tuple[int, int]] | None,
) -> AvailabilityDocument:
    own = levels.get(sku.pk, {})
    names = {
        warehouse: level["warehouse"]
        for part, _each in parts or [(sku.pk, 1)]
        for warehouse, level in levels.get(part, {}).items()
    }
    rows: list[LevelDocument] = [
        {
            **own.get(warehouse, NOTHING),
            "warehouse": name,
            "available": of_bundle(
                [(free.get((part, warehouse), 0), each) for part, each in parts or [(sku.pk, 1)]]
            ),
        }
        for warehouse, name in names.items()
    ]
    return {
        "sku": sku.code,
        "available": sum(row["available"] for row in rows),
        "on_hand": sum(row["on_hand"] for row in rows),
        "reserved": sum(row["reserved"] for row in rows),
        "safety": sum(row["safety"] for row in rows),
        "incoming": sum(row["incoming"] for row in rows),
        "warehouses": rows,
    }


def places_of(*, codes: Sequence[str], at: datetime | None = None) -> list[LyingDocument]:
    """Return where SKUs are stored, by place and lot: now, or at an instant.

    Rows: sku, warehouse, bin, kind, lot (or None), expires_on, units; what holds nothing is left out.
    """
    if at is None:
        sql = """
            SELECT s.code, w.code, p.code, p.kind, l.code, l.expires_on, b.on_hand
            FROM inventory_binlevel b JOIN inventory_sku s ON s.id = b.sku_id
            JOIN inventory_place p ON p.id = b.place_id JOIN inventory_warehouse w ON w.id = p.warehouse_id
            LEFT JOIN inventory_lot l ON l.id = b.lot_id
            WHERE s.code = ANY (%s) AND b.on_hand > 0 ORDER BY s.code, w.priority, p.pick_sequence, p.code, l.expires_on
        """
        parameters: list[list[str] | list[int] | datetime] = [list(codes)]
    else:
        sql = """
            SELECT s.code, w.code, p.code, p.kind, l.code, l.expires_on, sum(ends.delta)
            FROM (SELECT m.sku_id, m.to_place_id AS place_id, m.lot_id, m.quantity AS delta
                  FROM inventory_stockmovement m WHERE m.sku_id = ANY (%s) AND m.at <= %s
                  UNION ALL
                  SELECT m.sku_id, m.from_place_id, m.lot_id, -m.quantity
                  FROM inventory_stockmovement m WHERE m.sku_id = ANY (%s) AND m.at <= %s) ends
            JOIN inventory_sku s ON s.id = ends.sku_id
            JOIN inventory_place p ON p.id = ends.place_id JOIN inventory_warehouse w ON w.id = p.warehouse_id
            LEFT JOIN inventory_lot l ON l.id = ends.lot_id
            GROUP BY s.code, w.code, w.priority, p.pick_sequence, p.code, p.kind, l.code, l.expires_on
            HAVING sum(ends.delta) <> 0 ORDER BY s.code, w.priority, p.pick_sequence, p.code, l.expires_on
        """
        ids = list(Sku.objects.filter(code__in=codes).values_list("pk", flat=True))
        parameters = [ids, at, ids, at]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [
            {
                "sku": sku,
                "warehouse": warehouse,
                "bin": place,
                "kind": kind,
                "lot": lot,
                "expires_on": expires_on,
                "units": units,
            }
            for sku, warehouse, place, kind, lot, expires_on, units in cursor.fetchall()
        ]


def valuation(*, at: datetime | None = None) -> list[ValueDocument]:
    """Value each stocked SKU at the moving average: now, or at an instant.

    Rows: sku, units, value and average in the company's currency; the most valuable first.
    """
    with connection.cursor() as cursor:
        if at is None:
            cursor.execute(
                "SELECT s.code, k.quantity, k.value FROM inventory_skucost k"
                " JOIN inventory_sku s ON s.id = k.sku_id WHERE k.quantity <> 0 ORDER BY k.value DESC, s.code"
            )
        else:
            cursor.execute(
                "SELECT s.code, e.quantity, e.value FROM (SELECT sku_id, sum(quantity) AS quantity, sum(value) AS value"
                " FROM inventory_costentry WHERE at <= %s GROUP BY 1) e JOIN inventory_sku s ON s.id = e.sku_id"
                " WHERE e.quantity <> 0 ORDER BY e.value DESC, s.code",
                [at],
            )
        return [
            {
                "sku": code,
                "units": int(units),
                "value": value,
                "average": round(value / units, 6),
            }
            for code, units, value in cursor.fetchall()
        ]


def preferred_warehouse() -> int | None:
    """The active warehouse that is asked first, by id."""
    active = Warehouse.objects.filter(is_active=True).order_by("priority", "pk")
    return active.values_list("pk", flat=True).first()


def without_cost() -> list[CostlessDocument]:
    """SKUs inside whose units are worth nothing, because no cost was known when they came.

    Rows: sku, name, units; the most units first. The list a buyer works down.
    """
    rows = SkuCost.objects.filter(quantity__gt=0, value=0).order_by("-quantity", "pk")
    return [
        {"sku": code, "name": name, "units": units}
        for code, name, units in rows.values_list("sku__code", "sku__name", "quantity")
    ]


def movements_of(sku_id: int) -> QuerySet[StockMovement]:
    """The stock card of a SKU, newest first, with places and people."""
    return (
        StockMovement.objects.filter(sku_id=sku_id)
        .select_related("from_place__warehouse", "to_place__warehouse", "by")
        .order_by("-pk")
    )


def write_offs_of(kind: str) -> dict[str, ArraySubquery]:
    """Make what annotates transfers or returns with the write-offs that they asked for.

    kind   the `cause_type` of these documents
    By the name that rows have them by, `write_offs`: a list of {"pk", "status"}, the oldest first.
    """
    asked = StockDocument.objects.filter(
        cause_type=kind, cause_id=Cast(OuterRef("pk"), CharField())
    )
    found = asked.order_by("pk").values(said=JSONObject(pk="pk", status="status"))
    return {"write_offs": ArraySubquery(found)}


def write_offs_shown(found: Sequence[Mapping[str, Any]]) -> list[WriteOffDocument]:
    """Write-offs that a row was annotated with, as the API shows them."""
    return [{"id": public_id("sdoc", one["pk"]), "status": one["status"]} for one in found]


def write_offs_told(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write-offs that a row was annotated with, as pages show them: pk, status and its word."""
    words = dict(DocumentStatus.choices)
    return [{**one, "label": words[one["status"]]} for one in found]


def warehouses_named(ids: Sequence[int]) -> dict[int, str]:
    """Warehouse codes as events name them, by primary key."""
    return dict(Warehouse.objects.filter(pk__in=ids).values_list("pk", "code"))
