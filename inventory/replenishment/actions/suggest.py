"""Calculates purchase suggestions for every SKU and warehouse and stores them as rows."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import fmean, pstdev
from typing import NamedTuple, TypeAlias

from django.db import connection, transaction
from django.db.models import Q

from erp.access.models import Actor
from erp.access.queries import require
from erp.money import DIGITS, is_currency
from erp.reasons import Reason, reason
from inventory.catalogue.models import Sku, StockPolicy
from inventory.purchasing.actions.purchase import term_order
from inventory.purchasing.models import PurchaseOrder, Supplier, SupplierTerm
from inventory.replenishment.decisions import replenishment
from inventory.replenishment.decisions.replenishment import rounded_up
from inventory.replenishment.models import Suggestion

DAYS = 365


Seller: TypeAlias = tuple[Supplier, list[SupplierTerm]]  # with their terms of one SKU

SERVICE_LEVEL = {"A": 0.98, "B": 0.95, "C": 0.90}


# Units that left for customers by day, warehouse and SKU; a bundle's parts are what leaves.
_DEMAND = """
    SELECT m.sku_id, p.warehouse_id, (m.at AT TIME ZONE 'UTC')::date AS day, sum(m.quantity)
    FROM inventory_stockmovement m JOIN inventory_place p ON p.id = m.from_place_id
    WHERE m.kind = 'ship' AND m.at >= %s AND m.at < %s AND m.sku_id = ANY (%s)
    GROUP BY 1, 2, 3
"""


# What is written and not sent yet counts as on order: nothing is bought twice.
_POSITION = """
    SELECT sku_id, warehouse_id, sum(free), sum(coming) FROM (
        SELECT l.sku_id, l.warehouse_id, l.on_hand - l.reserved AS free, l.incoming AS coming
        FROM inventory_stocklevel l WHERE l.sku_id = ANY (%s)
        UNION ALL
        SELECT x.sku_id, x.warehouse_id, 0, x.quantity FROM inventory_purchaseline x
        JOIN inventory_purchaseorder o ON o.id = x.purchase_id AND o.status IN ('draft', 'approved')
        WHERE x.sku_id = ANY (%s)) known
    GROUP BY 1, 2
"""


@transaction.atomic(savepoint=False)
def suggest_purchases(
    *,
    by: Actor,
    now: datetime,
    backordered: dict[tuple[int, int], int] | None = None,
    sku_ids: Sequence[int] | None = None,
) -> int:
    """Calculate what to buy of every stocked SKU in every warehouse; store the suggestions.

    backordered   units that waiting orders lack, by (SKU id, warehouse id)
    sku_ids       only these; None: all
    Suggestions that were not ordered are replaced; what is on order counts, so that nothing is
    ordered twice. Returns how many suggestions there are now.
    """
    require(by, "purchasing.edit")
    until = now.date()
    known = _gathered(sku_ids, backordered or {}, until)
    ids = sorted(known.classes)
    sellers = preferred_sellers(ids, until)
    silent = _silent_sellers([sku_id for sku_id in ids if sku_id not in sellers])
    leads = _lead_times()
    Suggestion.objects.filter(purchase=None, sku_id__in=ids).delete()
    rows = []
    for key in known.pairs():
        supplier, steps, advice = _asked(key, known, sellers.get(key[0], []), leads)
        if advice.quantity:
            why = _why_not_ordered(supplier, steps, advice.quantity, silent.get(key[0]))
            rows.append(_suggestion(key, supplier, steps, advice, why, now))
    Suggestion.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


class _Known(NamedTuple):
    """What is known of the SKUs that are looked at, by (SKU id, warehouse id); `classes` by SKU id."""

    classes: dict[int, str]
    demand: dict[tuple[int, int], list[float]]
    positions: dict[tuple[int, int], tuple[int, int]]
    policies: dict[tuple[int, int], StockPolicy]
    waiting: dict[tuple[int, int], int]

    def pairs(self) -> list[tuple[int, int]]:
        """Every SKU in every warehouse that anything is known of, in order."""
        found = set(self.demand) | set(self.positions) | set(self.policies) | set(self.waiting)
        return [key for key in sorted(found) if key[0] in self.classes]


def _gathered(
    sku_ids: Sequence[int] | None, waiting: dict[tuple[int, int], int], until: date
) -> _Known:
    skus = Sku.objects.filter(is_active=True, is_service=False, parts=None)
    if sku_ids is not None:
        skus = skus.filter(pk__in=sku_ids)
    classes = dict(skus.values_list("pk", "abc_class"))
    ids = sorted(classes)
    demand = _daily(ids, until - timedelta(days=DAYS), until)
    positions = _positions(ids)
    policies = {(p.sku_id, p.warehouse_id): p for p in StockPolicy.objects.filter(sku_id__in=ids)}
    return _Known(classes, demand, positions, policies, waiting)


def _asked(
    key: tuple[int, int],
    known: _Known,
    sellers: Sequence[Seller],
    leads: dict[int, list[int]],
) -> tuple[Supplier | None, Sequence[SupplierTerm], replenishment.Advice]:
    """Who is asked for a SKU in a warehouse, and for how much: the first who says a price for so many.

    Where none does it is the first of all: the suggestion says that it has no price.
    """
    found: list[tuple[Supplier | None, Sequence[SupplierTerm], replenishment.Advice]] = []
    asked: Sequence[tuple[Supplier | None, Sequence[SupplierTerm]]] = [*sellers] or [(None, ())]
    for supplier, steps in asked:
        facts = _facts(key, known, supplier, steps, _lead(supplier, steps, leads))
        found.append((supplier, steps, replenishment.advise(facts)))
        if not steps or not min_priced(steps, found[-1][2].quantity):
            return found[-1]
    return found[0]


def _facts(
    key: tuple[int, int],
    known: _Known,
    supplier: Supplier | None,
    steps: Sequence[SupplierTerm],
    lead: tuple[float, float],
) -> replenishment.Facts:
    """What is decided on, of one SKU in one warehouse; `steps` are its supplier's terms."""
    policy = known.policies.get(key)
    available, incoming = known.positions.get(key, (0, 0))
    return replenishment.Facts(
        demand=known.demand.get(key, []),
        available=available,
        incoming=incoming,
        backordered=known.waiting.get(key, 0),
        lead_time_days=lead[0],
        lead_time_sd=lead[1],
        review_days=supplier.review_days if supplier else 7,
        service_level=SERVICE_LEVEL.get(known.classes[key[0]], 0.95),
        safety=policy.safety if policy else 0,
        moq=steps[0].moq if steps else 1,
        pack=steps[0].pack_size if steps else 1,
        reorder_point=policy.reorder_point if policy else None,
        order_up_to=policy.order_up_to if policy else None,
    )


def _suggestion(
    key: tuple[int, int],
    supplier: Supplier | None,
    steps: Sequence[SupplierTerm],
    advice: replenishment.Advice,
    why: Sequence[Reason],
    now: datetime,
) -> Suggestion:
    """An advice as it is kept, at the price that the supplier asks for so many; `why` it is not ordered as it is."""
    fitting = [t for t in steps if t.min_quantity <= advice.quantity]
    sku_id, warehouse_id = key
    return Suggestion(
        sku_id=sku_id,
        warehouse_id=warehouse_id,
        supplier=supplier,
        quantity=advice.quantity,
        unit_price=fitting[-1].unit_price if fitting else None,
        reorder_point=advice.reorder_point,
        position=advice.position,
        reasons=[*advice.reasons, *why],
        at=now,
    )


def _why_not_ordered(
    supplier: Supplier | None,
    steps: Sequence[SupplierTerm],
    quantity: int,
    silent: Supplier | None,
) -> list[Reason]:
    """Why a suggestion cannot be ordered as it is: nobody sells it now, or asks no price for so few."""
    if supplier is None or not steps:
        return [_why_unsold(silent)]
    if least := min_priced(steps, quantity):
        return [reason("no_price_for_so_few", supplier=supplier.name, least=least)]
    return []


def _why_unsold(silent: Supplier | None) -> Reason:
    """Why nobody can be asked for a SKU: no supplier, or only one that nothing can be ordered of.

    Such a one is inactive, or its currency or terms do not hold.
    """
    if silent is None:
        return reason("no_supplier")
    if silent.is_active and not is_currency(silent.currency):
        return reason("supplier_currency_unknown", supplier=silent.name, currency=silent.currency)
    return reason("no_terms_now" if silent.is_active else "supplier_inactive", supplier=silent.name)


def _silent_sellers(ids: Sequence[int]) -> dict[int, Supplier]:
    """Who has terms for each SKU, whether or not they hold; the active first, then the preferred."""
    rows = SupplierTerm.objects.filter(sku_id__in=ids).select_related("supplier")
    found: dict[int, Supplier] = {}
    for term in rows.order_by("sku_id", "-supplier__is_active", "preference", "unit_price", "pk"):
        found.setdefault(term.sku_id, term.supplier)
    return found


def min_priced(steps: Sequence[SupplierTerm], quantity: int) -> int:
    """From how many units on a price is asked, where none is for this quantity; 0 where one is."""
    least = min(step.min_quantity for step in steps)
    return least if quantity < least else 0


def _daily(ids: Sequence[int], since: date, until: date) -> dict[tuple[int, int], list[float]]:
    """Units a day that left, from the first day of sales on; today, not over yet, is left out."""
    sold: dict[tuple[int, int], dict[date, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_DEMAND, [since, until, list(ids)])
        for sku, warehouse, day, units in cursor.fetchall():
            sold[sku, warehouse][day] = units
    found = {}
    for key, days in sold.items():
        first = min(days)
        found[key] = [
            float(days.get(first + timedelta(days=n), 0)) for n in range((until - first).days)
        ]
    return found


def _positions(ids: Sequence[int]) -> dict[tuple[int, int], tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_POSITION, [list(ids), list(ids)])
        return {
            (sku, warehouse): (free, coming) for sku, warehouse, free, coming in cursor.fetchall()
        }


def preferred_sellers(ids: Sequence[int], day: date) -> dict[int, list[Seller]]:
    """Whom to ask for each SKU, the preferred first, each with their terms that hold on a day.

    Who is inactive, whose terms do not hold, or whose currency is none, is not asked: the next one is.
    """
    holding = SupplierTerm.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_until=None) | Q(valid_until__gte=day),
        sku_id__in=ids,
        supplier__is_active=True,
        supplier__currency__in=DIGITS,
    ).select_related("supplier")
    found: dict[int, dict[int, Seller]] = defaultdict(dict)
    for term in holding.order_by("sku_id", "preference", "unit_price", "pk"):
        its = found[term.sku_id].setdefault(term.supplier_id, (term.supplier, []))
        its[1].append(term)
    for sellers in found.values():
        for _supplier, steps in sellers.values():
            steps.sort(key=term_order)
    return {sku_id: list(sellers.values()) for sku_id, sellers in found.items()}


def first_priced(sellers: Sequence[Seller], units: int) -> tuple[Seller, int]:
    """The first seller who says a price for units in their packs and least quantity, and how many those are.

    Where none does: the first of all.
    """
    offers = [
        (seller, rounded_up(units, seller[1][0].moq, seller[1][0].pack_size)) for seller in sellers
    ]
    priced = (offer for offer in offers if not min_priced(offer[0][1], offer[1]))
    return next(priced, offers[0])


def _lead_times() -> dict[int, list[int]]:
    """Days from sent to received of each supplier's last orders, by supplier id."""
    found: dict[int, list[int]] = defaultdict(list)
    done = PurchaseOrder.objects.filter(
        status="received", sent_at__isnull=False, ended_at__isnull=False
    )
    rows = done.order_by("-pk").values_list("supplier_id", "sent_at", "ended_at")[:2000]
    for supplier_id, sent, ended in rows:
        if sent and ended:
            found[supplier_id].append((ended - sent).days)
    return found


def _lead(
    supplier: Supplier | None, steps: Sequence[SupplierTerm], leads: dict[int, list[int]]
) -> tuple[float, float]:
    """Lead time and its spread in days: as it has been, where that is known from five orders."""
    if supplier is None:
        return 14.0, 0.0
    stated = float(steps[0].lead_time_days or supplier.lead_time_days) if steps else 14.0
    seen = leads.get(supplier.pk, [])[:20]
    if len(seen) >= 5:
        return max(stated, fmean(seen)), pstdev(seen)
    return stated, 0.0


@transaction.atomic(savepoint=False)
def classify_skus(*, by: Actor, now: datetime) -> dict[str, int]:
    """Put SKUs in ABC classes by the value of what left in a year: A the first 80 %, B to 95 %.

    Returns how many are in each class.
    """
    require(by, "purchasing.edit")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
                SELECT sku_id, -sum(value) AS value, -sum(quantity) AS units FROM inventory_costentry
                WHERE kind = 'issue' AND at >= %s GROUP BY 1
            ), shares AS (
                SELECT sku_id, sum(coalesce(nullif(value, 0), units * 0.0001))
                           OVER (ORDER BY coalesce(nullif(value, 0), units * 0.0001) DESC, sku_id)
                       - coalesce(nullif(value, 0), units * 0.0001) AS before,
                       sum(coalesce(nullif(value, 0), units * 0.0001)) OVER () AS total FROM moved
            ), classed AS (
                SELECT s.id, CASE WHEN h.sku_id IS NULL OR h.total = 0 THEN 'C' WHEN h.before < 0.8 * h.total THEN 'A'
                                  WHEN h.before < 0.95 * h.total THEN 'B' ELSE 'C' END AS class
                FROM inventory_sku s LEFT JOIN shares h ON h.sku_id = s.id WHERE NOT s.is_service)
            UPDATE inventory_sku s SET abc_class = c.class FROM classed c
            WHERE c.id = s.id AND s.abc_class <> c.class
            """,
            [now - timedelta(days=DAYS)],
        )
    counts: dict[str, int] = {}
    for name in Sku.objects.filter(is_service=False).values_list("abc_class", flat=True):
        counts[name] = counts.get(name, 0) + 1
    return counts
