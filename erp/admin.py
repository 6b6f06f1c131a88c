"""Registers the ground floor's master data in the admin; ledgers and events stay read-only."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import ImageField
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from erp.access.models import Channel, Company
from erp.pictures import PictureField

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


# Whose they are manages them, on the pages of their account: a form here would be another way in for somebody else.
# Rights come of roles alone (Settings → People, which asks for the password): a group's would be nobody's.
for elsewhere in (Authenticator, EmailAddress, Group, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(elsewhere)
MOST_ROWS = 150  # on one page: a form that says it has more is refused in words


class RowsInline(TabularInline):
    """Rows of another table on a page. A form that says it has 2,000 of them took 15 seconds to show."""

    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The forms of the rows, no more of them than a person fills in, whatever the request says."""
        limits = {"max_num": MOST_ROWS, "absolute_max": MOST_ROWS}
        return super().get_formset(request, obj, **{**kwargs, **limits})


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
