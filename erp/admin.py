"""Registers the ground floor's master data in the admin; ledgers and events stay read-only."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import ImageField
from unfold.admin import ModelAdmin

from erp.access.models import Channel, Company
from erp.pictures import PictureField

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(Channel)
class ChannelAdmin(ModelAdmin):
    list_display = ("code", "name", "kind", "currency", "is_active")

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Company)
class CompanyAdmin(ModelAdmin):
    list_display = ("name", "tax_id", "currency")
    formfield_overrides = {ImageField: {"form_class": PictureField}}

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False
