"""Master data of inventory, edited plainly; stock itself is not."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from inventory.models import Place, Sku, Warehouse


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
