"""Edits carriers, services, lanes, capacities and home warehouses in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from orders.routing.models.carriers import CarrierOption, ShippingService
from orders.routing.models.warehouses import Capacity, Lane, SkuHome, WarehouseDay


@admin.register(ShippingService)
class ShippingServiceAdmin(ModelAdmin):
    list_display = ("code", "name", "currency", "fee", "free_from", "is_active")


@admin.register(CarrierOption)
class CarrierOptionAdmin(ModelAdmin):
    list_display = (
        "carrier",
        "name",
        "country",
        "region",
        "first_fee",
        "step_fee",
        "takes_large",
        "is_active",
    )
    list_filter = ("carrier", "country")


@admin.register(Lane)
class LaneAdmin(ModelAdmin):
    list_display = ("warehouse", "country", "region", "distance_km", "cost", "is_open")
    list_filter = ("warehouse", "country")


@admin.register(SkuHome)
class SkuHomeAdmin(ModelAdmin):
    list_display = ("sku", "warehouse")
    search_fields = ("sku__code",)
    autocomplete_fields = ("sku",)
    list_select_related = ("sku", "warehouse")


@admin.register(WarehouseDay)
class WarehouseDayAdmin(ModelAdmin):
    list_display = ("warehouse", "on", "is_working", "note")
    list_filter = ("warehouse",)


@admin.register(Capacity)
class CapacityAdmin(ModelAdmin):
    list_display = ("warehouse", "orders_a_day")
