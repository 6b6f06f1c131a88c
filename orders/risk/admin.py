"""Edits fraud score providers in the admin."""

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from erp.web.secrets_admin import SecretsAdmin
from orders.risk.models import RiskProvider


class RiskProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # it has none when it runs
    class Meta:
        widgets: ClassVar[dict[str, object]] = {"secret": forms.PasswordInput(render_value=True)}


@admin.register(RiskProvider)
class RiskProviderAdmin(SecretsAdmin):
    list_display = ("channel", "kind", "hold_from", "decline_from", "on_silence", "is_active")
    form = RiskProviderForm
    formfield_overrides: ClassVar[dict[type, dict[str, object]]] = {
        models.URLField: {"assume_scheme": "https"}
    }

    def save_model(
        self, request: HttpRequest, obj: RiskProvider, form: object, change: bool
    ) -> None:
        if change and not obj.secret:  # it is never shown, so leaving it empty keeps it
            obj.secret = RiskProvider.objects.values_list("secret", flat=True).get(pk=obj.pk)
        super().save_model(request, obj, form, change)
