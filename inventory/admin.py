"""Master data of inventory, edited plainly; stock itself is not."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from inventory.models import (
    Barcode,
    BundlePart,
    Lot,
    Place,
    Sku,
    StockPolicy,
    Supplier,
    SupplierTerm,
    Warehouse,
    Zone,
)


@admin.register(Sku)
class SkuAdmin(ModelAdmin):
    list_display = ("code", "name", "category", "barcode", "is_active")
    search_fields = ("code", "name", "name_zh", "barcode")
    list_filter = ("category", "is_active", "is_service")

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False  # its ledger refers to it for ever; switch it off instead


@admin.register(Warehouse)
class WarehouseAdmin(ModelAdmin):
    list_display = ("code", "name", "country", "priority", "is_active")

    def has_add_permission(self, request: object) -> bool:
        return False  # a warehouse comes with its places: Settings makes both

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Place)
class PlaceAdmin(ModelAdmin):
    list_display = ("code", "kind", "warehouse", "pick_sequence")

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


class Lasting(ModelAdmin):
    """Rows that others refer to for ever: they are switched off, not deleted."""

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Zone)
class ZoneAdmin(Lasting):
    list_display = ("code", "name", "warehouse", "pick_sequence")


@admin.register(Lot)
class LotAdmin(Lasting):
    list_display = ("code", "sku", "made_on", "expires_on")
    search_fields = ("code", "sku__code")
    list_select_related = ("sku",)
    readonly_fields = ("sku", "code")

    def has_add_permission(self, request: object) -> bool:
        return False  # a lot is made by the goods that come in it


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


@admin.register(Supplier)
class SupplierAdmin(Lasting):
    list_display = ("code", "name", "currency", "lead_time_days", "is_active")
    search_fields = ("code", "name")


@admin.register(SupplierTerm)
class SupplierTermAdmin(ModelAdmin):
    list_display = ("supplier", "sku", "min_quantity", "unit_price", "pack_size", "moq")
    search_fields = ("sku__code", "supplier__code", "supplier_sku")
    autocomplete_fields = ("sku", "supplier")
    list_select_related = ("sku", "supplier")
