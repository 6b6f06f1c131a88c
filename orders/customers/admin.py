"""Edits blocked contacts in the admin."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from orders.customers.contacts import normal_contact
from orders.customers.models import BlockedContact


@admin.register(BlockedContact)
class BlockedContactAdmin(ModelAdmin):
    list_display = ("value", "kind", "reason", "created_at")
    search_fields = ("value",)
    list_filter = ("kind",)

    def save_model(
        self, request: HttpRequest, obj: BlockedContact, form: object, change: bool
    ) -> None:
        obj.value = normal_contact(obj.kind, obj.value)  # as orders are compared with it
        super().save_model(request, obj, form, change)
