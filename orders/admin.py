"""Master data of orders: prices, taxes, shipping services, channel policies."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from orders.intake.checking import normal_contact
from orders.models import (
    BlockedContact,
    ChannelPolicy,
    Price,
    PriceList,
    ShippingService,
    SkuMapping,
    TaxRate,
)


@admin.register(PriceList)
class PriceListAdmin(ModelAdmin):
    list_display = ("code", "name", "currency", "includes_tax")


@admin.register(Price)
class PriceAdmin(ModelAdmin):
    list_display = ("sku", "price_list", "min_quantity", "amount", "valid_from", "valid_until")
    search_fields = ("sku__code",)
    autocomplete_fields = ("sku",)
    list_select_related = ("sku", "price_list")


@admin.register(TaxRate)
class TaxRateAdmin(ModelAdmin):
    list_display = ("country", "region", "tax_class", "rate", "valid_from", "valid_until")


@admin.register(ShippingService)
class ShippingServiceAdmin(ModelAdmin):
    list_display = ("code", "name", "currency", "fee", "free_from", "is_active")


@admin.register(ChannelPolicy)
class ChannelPolicyAdmin(ModelAdmin):
    list_display = ("channel", "price_list", "accepts_backorders", "review")


@admin.register(BlockedContact)
class BlockedContactAdmin(ModelAdmin):
    list_display = ("value", "kind", "reason", "created_at")
    search_fields = ("value",)
    list_filter = ("kind",)

    def save_model(
        self, request: HttpRequest, obj: BlockedContact, form: Any, change: bool
    ) -> None:
        obj.value = normal_contact(obj.kind, obj.value)  # as orders are compared with it
        super().save_model(request, obj, form, change)


@admin.register(SkuMapping)
class SkuMappingAdmin(ModelAdmin):
    list_display = ("code", "channel", "sku", "created_at")
    search_fields = ("code", "sku__code")
    autocomplete_fields = ("sku",)
    list_select_related = ("channel", "sku")
