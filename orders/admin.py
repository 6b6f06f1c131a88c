"""Master data of orders: prices, taxes, shipping services, channel policies."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from orders.intake.checking import normal_contact
from orders.models import (
    BlockedContact,
    Capacity,
    CarrierOption,
    ChannelPolicy,
    Coupon,
    CustomerGroup,
    CustomField,
    ExchangeRate,
    GroupPriceList,
    Lane,
    OrderType,
    PaymentProvider,
    Price,
    PriceFloor,
    PriceList,
    Promotion,
    PromotionGift,
    PromotionTier,
    RiskProvider,
    ShippingService,
    SkuHome,
    SkuMapping,
    Substitute,
    TaxRate,
    WarehouseDay,
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


class GroupPriceListInline(TabularInline):
    model = GroupPriceList
    extra = 0


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


@admin.register(ShippingService)
class ShippingServiceAdmin(ModelAdmin):
    list_display = ("code", "name", "currency", "fee", "free_from", "is_active")


@admin.register(ChannelPolicy)
class ChannelPolicyAdmin(ModelAdmin):
    list_display = ("channel", "price_list", "accepts_backorders", "review")


class CouponInline(TabularInline):
    model = Coupon
    extra = 0
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


class TierInline(TabularInline):
    model = PromotionTier
    extra = 0


class GiftInline(TabularInline):
    model = PromotionGift
    extra = 0
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
    search_fields = ("code", "name", "name_zh", "coupons__code")
    autocomplete_fields = ("skus",)
    readonly_fields = ("used",)
    inlines = (TierInline, GiftInline, CouponInline)

    def has_delete_permission(self, request: HttpRequest, obj: Promotion | None = None) -> bool:
        return False  # orders name it; it is made inactive instead


@admin.register(OrderType)
class OrderTypeAdmin(ModelAdmin):
    list_display = ("code", "name", "review", "cooling_off_minutes", "is_free", "is_active")

    def has_delete_permission(self, request: HttpRequest, obj: OrderType | None = None) -> bool:
        return False  # orders name it; it is made inactive instead


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


@admin.register(CustomField)
class CustomFieldAdmin(ModelAdmin):
    list_display = ("code", "name", "kind", "position", "is_active")


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ModelAdmin):
    list_display = ("currency", "on", "rate", "source")
    list_filter = ("currency",)


class RiskProviderForm(forms.ModelForm):
    class Meta:
        widgets: ClassVar[dict[str, Any]] = {"secret": forms.PasswordInput(render_value=True)}


@admin.register(RiskProvider)
class RiskProviderAdmin(ModelAdmin):
    list_display = ("channel", "kind", "hold_from", "decline_from", "on_silence", "is_active")
    form = RiskProviderForm

    def save_model(self, request: HttpRequest, obj: RiskProvider, form: Any, change: bool) -> None:
        if change and not obj.secret:  # it is never shown, so leaving it empty keeps it
            obj.secret = RiskProvider.objects.values_list("secret", flat=True).get(pk=obj.pk)
        super().save_model(request, obj, form, change)


class PaymentProviderForm(forms.ModelForm):
    class Meta:
        widgets: ClassVar[dict[str, Any]] = {
            "secret": forms.PasswordInput(render_value=False),
            "webhook_secret": forms.PasswordInput(render_value=False),
        }


@admin.register(PaymentProvider)
class PaymentProviderAdmin(ModelAdmin):
    list_display = ("channel", "kind", "capture", "is_active")
    form = PaymentProviderForm

    def save_model(
        self, request: HttpRequest, obj: PaymentProvider, form: Any, change: bool
    ) -> None:
        kept = PaymentProvider.objects.filter(pk=obj.pk).first() if change else None
        for name in ("secret", "webhook_secret"):  # never shown, so leaving one empty keeps it
            if kept is not None and not getattr(obj, name):
                setattr(obj, name, getattr(kept, name))
        super().save_model(request, obj, form, change)


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


@admin.register(Substitute)
class SubstituteAdmin(ModelAdmin):
    list_display = ("sku", "by", "priority")
    search_fields = ("sku__code", "by__code")
    autocomplete_fields = ("sku", "by")
    list_select_related = ("sku", "by")


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
