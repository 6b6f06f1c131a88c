"""Edits suppliers and their terms in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from inventory.catalogue.admin import Lasting
from inventory.purchasing.models import Supplier, SupplierTerm


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
