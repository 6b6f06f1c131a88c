"""Defines the sheets of stock master data: SKUs, barcodes, bundles, suppliers, opening stock."""

from collections.abc import Iterator, Sequence

from django.db import connection
from django.db.models import F
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _

from erp.jobs.sheets import Column, Sheet
from erp.names import column_of_language, other_languages
from inventory.catalogue.models import Barcode, BundlePart, Sku
from inventory.purchasing.actions.suppliers import (
    SUPPLIER_FIELDS,
    TERM_FIELDS,
    write_suppliers,
    write_terms,
)
from inventory.purchasing.models import Supplier, SupplierTerm
from inventory.stock.actions.catalogue import SKU_FIELDS, write_barcodes, write_bundles, write_skus
from inventory.stock.actions.opening_stock import write_opening_stock

_STOCK = """
    SELECT w.code, s.code, b.on_hand, CASE WHEN k.quantity <> 0 THEN round(k.value / k.quantity, 6) END,
        p.code, l.code, l.expires_on, (
            SELECT string_agg(u.code, ' ' ORDER BY u.code) FROM inventory_serialunit u
            WHERE u.sku_id = b.sku_id AND u.place_id = b.place_id AND u.lot_id IS NOT DISTINCT FROM l.id)
    FROM inventory_binlevel b JOIN inventory_sku s ON s.id = b.sku_id
    JOIN inventory_place p ON p.id = b.place_id AND p.kind = 'bin'
    JOIN inventory_warehouse w ON w.id = p.warehouse_id
    LEFT JOIN inventory_lot l ON l.id = b.lot_id LEFT JOIN inventory_skucost k ON k.sku_id = b.sku_id
    WHERE b.on_hand > 0 ORDER BY w.priority, w.code, s.code, p.pick_sequence, p.code, l.code
"""


_LANGUAGES = [code for code, _label in other_languages()]  # that names are given out in


def _stock() -> Iterator[Sequence[object]]:
    with connection.cursor() as cursor:
        cursor.execute(_STOCK)
        yield from cursor.fetchall()


SHEETS = (
    Sheet(
        name="skus",
        title=_("SKUs"),
        note=_("The catalogue. New codes are added, known codes are updated."),
        right="inventory.edit",
        columns=(
            Column("code", needed=True, longest=60),
            Column("name", needed=True),
            *(Column(column_of_language(language)) for language in _LANGUAGES),
            Column("category", longest=80),
            Column("barcode", longest=20),
            Column("weight_g", "whole"),
            Column("length_mm", "whole"),
            Column("width_mm", "whole"),
            Column("height_mm", "whole"),
            Column("tracking", Sku.Tracking.values),
            Column("sell_by_days", "whole"),
            Column("tax_class", longest=20),
            Column("is_service", "yes"),
            Column("is_large", "yes"),
            Column("is_active", "yes"),
        ),
        write=write_skus,
        read=lambda: (
            Sku.objects.order_by("pk")
            .values_list(
                "code", "name", *(KT(f"translations__{x}") for x in _LANGUAGES), *SKU_FIELDS[1:]
            )
            .iterator()
        ),
        named=True,
    ),
    Sheet(
        name="barcodes",
        title=_("Barcodes"),
        note=_("Additional SKU barcodes: cases with their units, older codes, supplier codes."),
        right="inventory.edit",
        columns=(
            Column("sku", needed=True, longest=60),
            Column("code", needed=True, longest=60),
            Column("kind", Barcode.Kind.values),
            Column("units", "count"),
        ),
        write=write_barcodes,
        read=lambda: (
            Barcode.objects.order_by("sku_id", "pk")
            .values_list("sku__code", "code", "kind", "units")
            .iterator()
        ),
    ),
    Sheet(
        name="bundles",
        title=_("Bundles"),
        note=_("Bundles: sold as one, picked as several. One row per component."),
        right="inventory.edit",
        columns=(
            Column("bundle", needed=True, longest=60),
            Column("part", needed=True, longest=60),
            Column("quantity", "count", needed=True),
        ),
        write=write_bundles,
        read=lambda: (
            BundlePart.objects.order_by("bundle_id", "pk")
            .values_list("bundle__code", "part__code", "quantity")
            .iterator()
        ),
    ),
    Sheet(
        name="suppliers",
        title=_("Suppliers"),
        note=_("Suppliers with lead times and terms."),
        right="purchasing.edit",
        columns=(
            Column("code", needed=True, longest=50),
            Column("name", needed=True, longest=120),
            Column("email", longest=254),
            Column("phone", longest=40),
            Column("address"),
            Column("country", longest=2),
            Column("language", longest=10),
            Column("currency", longest=3),
            Column("lead_time_days", "whole"),
            Column("review_days", "whole"),
            Column("min_order_value", "decimal"),
            Column("payment_terms", longest=120),
            Column("orders_itself", "yes"),
            Column("is_active", "yes"),
        ),
        write=write_suppliers,
        read=lambda: (
            Supplier.objects.order_by("pk").values_list("code", *SUPPLIER_FIELDS).iterator()
        ),
    ),
    Sheet(
        name="terms",
        title=_("Suppliers' terms"),
        note=_("Supplier prices per SKU; one row per quantity break."),
        right="purchasing.edit",
        columns=(
            Column("supplier", needed=True, longest=50),
            Column("sku", needed=True, longest=60),
            Column("min_quantity", "count"),
            Column("valid_from", "day"),
            Column("supplier_sku", longest=80),
            Column("unit_price", "decimal", needed=True),
            Column("pack_size", "count"),
            Column("moq", "count"),
            Column("lead_time_days", "whole"),
            Column("preference", "whole"),
            Column("valid_until", "day"),
        ),
        write=write_terms,
        read=lambda: (
            SupplierTerm.objects.order_by("supplier_id", "sku_id", "min_quantity")
            .annotate(ours=F("sku__code"))
            .values_list("supplier__code", "ours", "min_quantity", "valid_from", *TERM_FIELDS)
            .iterator()
        ),
    ),
    Sheet(
        name="opening_stock",
        title=_("Opening stock"),
        note=_("Stock by location on the day you start. The export shows current stock."),
        right="inventory.receive",
        columns=(
            Column("warehouse", needed=True, longest=50),
            Column("sku", needed=True, longest=60),
            Column("quantity", "count", needed=True),
            Column("unit_cost", "decimal"),
            Column("bin", longest=30),
            Column("lot", longest=60),
            Column("expires_on", "day"),
            Column("serials", longest=5000),
        ),
        write=write_opening_stock,
        read=_stock,
    ),
)
