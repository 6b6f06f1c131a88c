"""Edits warehouses, places, zones and lots in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from inventory.catalogue.admin import Lasting
from inventory.stock.actions.places import LIMITS
from inventory.stock.models.levels import Lot
from inventory.stock.models.places import Place, Warehouse, Zone


@admin.register(Warehouse)
class WarehouseAdmin(ModelAdmin):
    list_display = ("code", "name", "country", "priority", "is_active")
    # Settings asks for the password and mails the owners: here a limit was loosened in silence.
    readonly_fields = tuple(LIMITS)

    def has_add_permission(self, request: object) -> bool:
        return False  # a warehouse comes with its places: Settings makes both

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Place)
class PlaceAdmin(ModelAdmin):
    list_display = ("code", "kind", "warehouse", "pick_sequence")

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
