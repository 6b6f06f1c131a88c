"""Edits SKUs, barcodes, bundles and stock policies in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from inventory.catalogue.models import Barcode, BundlePart, Sku, StockPolicy


@admin.register(Sku)
class SkuAdmin(ModelAdmin):
    list_display = ("code", "name", "category", "barcode", "is_active")
    search_fields = ("code", "name", "translations__texts", "barcode")
    list_filter = ("category", "is_active", "is_service")

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False  # its ledger refers to it for ever; switch it off instead


class Lasting(ModelAdmin):
    """Rows that others refer to for ever: they are switched off, not deleted."""

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Barcode)
class BarcodeAdmin(ModelAdmin):
    list_display = ("code", "sku", "kind", "units")
    search_fields = ("code", "sku__code")
    autocomplete_fields = ("sku",)
    list_select_related = ("sku",)


@admin.register(BundlePart)
class BundlePartAdmin(Lasting):
    list_display = ("bundle", "part", "quantity")
    search_fields = ("bundle__code", "part__code")
    list_select_related = ("bundle", "part")

    def has_add_permission(self, request: object) -> bool:
        return False  # Master data says what bundles are made of, and checks it

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(StockPolicy)
class StockPolicyAdmin(ModelAdmin):
    list_display = ("sku", "warehouse", "safety", "reorder_point", "order_up_to")
    search_fields = ("sku__code",)
    autocomplete_fields = ("sku",)
    list_select_related = ("sku", "warehouse")
