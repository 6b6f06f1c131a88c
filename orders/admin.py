"""Master data of orders: prices, taxes, shipping services, channel policies."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from orders.models import ChannelPolicy, Price, PriceList, ShippingService, TaxRate


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
