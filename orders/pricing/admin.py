"""Edits price lists, tax rates, promotions and exchange rates in the admin."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from erp.admin import RowsInline
from orders.customers.models import CustomerGroup
from orders.pricing.models.prices import (
    ExchangeRate,
    GroupPriceList,
    Price,
    PriceFloor,
    PriceList,
    TaxRate,
)
from orders.pricing.models.promotions import Coupon, Promotion, PromotionGift, PromotionTier


@admin.register(PriceList)
class PriceListAdmin(ModelAdmin):
    list_display = ("code", "name", "currency", "includes_tax")


@admin.register(Price)
class PriceAdmin(ModelAdmin):
    list_display = ("sku", "price_list", "min_quantity", "amount", "valid_from", "valid_until")
    search_fields = ("sku__code",)
    autocomplete_fields = ("sku",)
    list_select_related = ("sku", "price_list")


class GroupPriceListInline(RowsInline):
    model = GroupPriceList


@admin.register(CustomerGroup)
class CustomerGroupAdmin(ModelAdmin):
    list_display = ("code", "name")
    inlines = (GroupPriceListInline,)


@admin.register(PriceFloor)
class PriceFloorAdmin(ModelAdmin):
    list_display = ("sku", "currency", "amount")
    search_fields = ("sku__code",)
    autocomplete_fields = ("sku",)
    list_select_related = ("sku",)


@admin.register(TaxRate)
class TaxRateAdmin(ModelAdmin):
    list_display = ("country", "region", "tax_class", "rate", "valid_from", "valid_until")


class CouponInline(RowsInline):
    model = Coupon
    fields = (
        "code",
        "max_uses",
        "max_uses_per_customer",
        "used",
        "starts_at",
        "ends_at",
        "is_active",
    )
    readonly_fields = ("used",)


class TierInline(RowsInline):
    model = PromotionTier


class GiftInline(RowsInline):
    model = PromotionGift
    autocomplete_fields = ("sku",)


@admin.register(Promotion)
class PromotionAdmin(ModelAdmin):
    list_display = (
        "code",
        "name",
        "kind",
        "priority",
        "needs_coupon",
        "used",
        "starts_at",
        "ends_at",
        "is_active",
    )
    list_filter = ("kind", "is_active", "channels")
    search_fields = ("code", "name", "translations__texts", "coupons__code")
    autocomplete_fields = ("skus",)
    readonly_fields = ("used",)
    inlines = (TierInline, GiftInline, CouponInline)

    def has_delete_permission(self, request: HttpRequest, obj: Promotion | None = None) -> bool:
        return False  # orders name it; it is made inactive instead


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ModelAdmin):
    list_display = ("currency", "on", "rate", "source")
    list_filter = ("currency",)
