"""Edits rows that hold secrets in the admin: whoever entered their password some time ago enters it again."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from unfold.admin import ModelAdmin

from erp.access.account_mails import tell_secret
from erp.access.reauthentication import must_reauthenticate
from erp.web.sign_in import OPENS, ask_to_reauthenticate


class SecretsAdmin(ModelAdmin):
    """An admin page of something with a secret: owners are mailed of every change, whichever field it is.

    A secret that stays, sent to another address, is as good as lost.
    """

    def changeform_view(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        if must_reauthenticate(request, to_fill_in=request.method in OPENS):
            return ask_to_reauthenticate(request)
        shown: HttpResponseBase = super().changeform_view(request, *given, **named)
        return shown

    def delete_view(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        if must_reauthenticate(request, to_fill_in=request.method in OPENS):
            return ask_to_reauthenticate(request)
        shown: HttpResponseBase = super().delete_view(request, *given, **named)
        return shown

    def changelist_view(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        if request.method == "POST" and must_reauthenticate(request):
            return ask_to_reauthenticate(request)
        shown: HttpResponseBase = super().changelist_view(request, *given, **named)
        return shown

    def save_model(self, request: HttpRequest, obj: Any, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _tell(request, obj)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        _tell(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any, Any]) -> None:
        for row in queryset:
            _tell(request, row)
        super().delete_queryset(request, queryset)


def _tell(request: HttpRequest, row: models.Model) -> None:
    actor = getattr(request, "actor", None)
    assert actor, "the admin lets nobody in whom the house does not know"
    facts = {"table": row._meta.db_table, "row": row.pk}
    tell_secret(what=f"{row._meta.verbose_name}: {row}", facts=facts, by=actor)
