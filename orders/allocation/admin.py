"""Edits substitutes in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from orders.allocation.models import Substitute


@admin.register(Substitute)
class SubstituteAdmin(ModelAdmin):
    list_display = ("sku", "by", "priority")
    search_fields = ("sku__code", "by__code")
    autocomplete_fields = ("sku", "by")
    list_select_related = ("sku", "by")
