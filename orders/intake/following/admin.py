"""Edits channels' SKU mappings in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from orders.intake.following.models import SkuMapping


@admin.register(SkuMapping)
class SkuMappingAdmin(ModelAdmin):
    list_display = ("code", "channel", "sku", "created_at")
    search_fields = ("code", "sku__code")
    autocomplete_fields = ("sku",)
    list_select_related = ("channel", "sku")
