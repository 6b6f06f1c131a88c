"""Edits channel policies, order types and custom fields in the admin."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from orders.policies.models import ChannelPolicy, CustomField, OrderType


@admin.register(ChannelPolicy)
class ChannelPolicyAdmin(ModelAdmin):
    list_display = ("channel", "price_list", "accepts_backorders", "review")


@admin.register(OrderType)
class OrderTypeAdmin(ModelAdmin):
    list_display = ("code", "name", "review", "cooling_off_minutes", "is_free", "is_active")

    def has_delete_permission(self, request: HttpRequest, obj: OrderType | None = None) -> bool:
        return False  # orders name it; it is made inactive instead


@admin.register(CustomField)
class CustomFieldAdmin(ModelAdmin):
    list_display = ("code", "name", "kind", "position", "is_active")
