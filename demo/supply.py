"""Makes the demo's supply: suppliers, bins and open purchase orders."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from erp.access.models import Actor
from erp.once import perform
from inventory.models import (
    BinLevel,
    Place,
    PurchaseOrder,
    Sku,
    Supplier,
    SupplierTerm,
    Warehouse,
)
from inventory.purchasing.actions.purchase import (
    Wanted,
    approve_purchase,
    draft_purchase,
    send_purchase,
)
from inventory.purchasing.actions.receive import Arrived, receive_purchase
from inventory.purchasing.actions.suppliers import save_supplier
from inventory.replenishment.actions.suggest import classify_skus, suggest_purchases
from inventory.stock.actions.move import Carry, move_stock
from inventory.stock.actions.places import add_bins
from orders.allocation.queries import backordered_units
from orders.models import Price

SUPPLIERS = (
    # code, name, country, language, currency, lead time, purchase cycle, payment terms, categories
    ("wuyi", "武夷山云上茶业", "CN", "zh-hans", "CNY", 9, 7, "月结 30 天", ("Tea", "Gift sets")),
    (
        "jdz",
        "景德镇瓷和窑",
        "CN",
        "zh-hans",
        "CNY",
        18,
        14,
        "预付 30%，余款发货前付清",
        ("Mugs", "Teapots", "Tins"),
    ),
    (
        "lumen",
        "Lumen Home GmbH",
        "DE",
        "en",
        "CNY",
        25,
        28,
        "30 days net",
        ("Kettles", "Trays", "Accessories"),
    ),
)
COST = Decimal("0.42")  # of the retail price, before tax
ROWS, SHELVES = 12, 5


def make_supply(*, by: Actor, now: datetime, seed: int) -> dict[int, Decimal]:
    """Suppliers with terms, and bins; return what a unit of each SKU costs, by SKU id."""
    rng = random.Random(f"{seed}/supply")
    prices = dict(Price.objects.filter(min_quantity=1).values_list("sku_id", "amount"))
    skus = list(Sku.objects.filter(is_service=False, parts=None).order_by("pk"))
    costs: dict[int, Decimal] = {}
    for code, name, country, language, currency, lead, cycle, terms, categories in SUPPLIERS:
        supplier = perform(
            save_supplier,
            code=code,
            name=name,
            country=country,
            language=language,
            currency=currency,
            lead_time_days=lead,
            review_days=cycle,
            payment_terms=terms,
            email=f"orders@{code}.example",
            phone="+86 599 555 0100",
            by=by,
            now=now,
        )
        rows = []
        for sku in skus:
            if sku.category not in categories:
                continue
            share = Decimal(rng.randint(90, 112)) / 100
            cost = (prices[sku.pk] * COST * share).quantize(Decimal("0.01"))
            costs[sku.pk] = cost
            pack = rng.choice((1, 6, 12, 24))
            rows += [
                SupplierTerm(
                    supplier=supplier,
                    sku=sku,
                    supplier_sku=f"{code[:2].upper()}{sku.pk:05d}",
                    min_quantity=least,
                    unit_price=(cost * part).quantize(Decimal("0.01")),
                    pack_size=pack,
                    moq=pack * 2,
                )
                for least, part in ((1, Decimal(1)), (240, Decimal("0.94")))
            ]
        SupplierTerm.objects.bulk_create(rows)
    _make_bins(by, now)
    return costs


def _make_bins(by: Actor, now: datetime) -> None:
    """Two zones in Hangzhou: one to pick from, one to fill it from."""
    main = Warehouse.objects.get(code="HZ")
    for zone in ("A", "B"):
        codes = [
            f"{zone}-{row:02d}-{shelf:02d}"
            for row in range(1, ROWS + 1)
            for shelf in range(1, SHELVES + 1)
        ]
        use = Place.Use.PICK if zone == "A" else Place.Use.RESERVE
        perform(
            add_bins,
            warehouse_id=main.pk,
            zone=zone,
            codes=codes,
            use=use,
            by=by,
            now=now,
        )


def put_away(*, by: Actor, now: datetime) -> None:
    """Move a part of the opening stock in Hangzhou to its pick bins."""
    warehouse = Warehouse.objects.get(code="HZ")
    bins = list(Place.objects.filter(warehouse=warehouse, zone__code="A").order_by("pk"))
    held = BinLevel.objects.filter(
        place__warehouse=warehouse, place__kind="bin", place__zone=None, on_hand__gte=40
    )
    carries = [
        Carry(level.sku_id, level.on_hand // 2, level.place_id, bins[n % len(bins)].pk)
        for n, level in enumerate(held.order_by("sku_id"))
    ]
    perform(
        move_stock,
        warehouse_id=warehouse.pk,
        carries=carries,
        reason="Put away",
        by=by,
        now=now,
    )


def buy(*, by: Actor, now: datetime) -> None:
    """Purchase orders in every state that a buyer meets, and what to buy next."""
    warehouse = Warehouse.objects.get(code="HZ")
    suppliers = {supplier.code: supplier for supplier in Supplier.objects.all()}

    def order(code: str, first: int, written: int, expected: int) -> PurchaseOrder:
        """Ordered `written` days ago, expected `expected` days from now."""
        terms = SupplierTerm.objects.filter(supplier=suppliers[code], min_quantity=1)
        return perform(
            draft_purchase,
            supplier_id=suppliers[code].pk,
            warehouse_id=warehouse.pk,
            wanted=[
                Wanted(term.sku_id, max(term.moq, 48 // term.pack_size * term.pack_size))
                for term in terms.order_by("sku_id")[first : first + 4]
            ],
            expected_on=(now + timedelta(days=expected)).date(),
            by=by,
            now=now - timedelta(days=written),
        )

    order("lumen", 8, 0, 25)
    for code, first, written, expected in (
        ("wuyi", 0, 6, 3),
        ("jdz", 0, 21, -3),
        ("wuyi", 8, 10, 2),
        ("jdz", 8, 2, 16),
    ):
        purchase = order(code, first, written, expected)
        day = now - timedelta(days=written)
        perform(approve_purchase, purchase_id=purchase.pk, by=by, now=day)
        perform(send_purchase, purchase_id=purchase.pk, by=by, now=day)
        if (code, first) == ("wuyi", 8):
            line = purchase.lines.order_by("pk")[0]
            perform(
                receive_purchase,
                purchase_id=purchase.pk,
                arrived=[Arrived(line.pk, good=line.quantity - 2, damaged=2)],
                reference="DN-20817",
                by=by,
                now=now - timedelta(hours=20),
            )
    perform(classify_skus, by=by, now=now)
    perform(suggest_purchases, by=by, now=now, backordered=backordered_units())
