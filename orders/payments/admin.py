"""Edits payment providers in the admin."""

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from erp.web.secrets_admin import SecretsAdmin
from orders.payments.models import PaymentProvider


class PaymentProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # it has none when it runs
    class Meta:
        widgets: ClassVar[dict[str, object]] = {
            "secret": forms.PasswordInput(render_value=False),
            "webhook_secret": forms.PasswordInput(render_value=False),
        }


@admin.register(PaymentProvider)
class PaymentProviderAdmin(SecretsAdmin):
    list_display = ("channel", "kind", "capture", "is_active")
    form = PaymentProviderForm
    formfield_overrides: ClassVar[dict[type, dict[str, object]]] = {
        models.URLField: {"assume_scheme": "https"}
    }

    def save_model(
        self, request: HttpRequest, obj: PaymentProvider, form: object, change: bool
    ) -> None:
        kept = PaymentProvider.objects.filter(pk=obj.pk).first() if change else None
        for name in ("secret", "webhook_secret"):  # never shown, so leaving one empty keeps it
            if kept is not None and not getattr(obj, name):
                setattr(obj, name, getattr(kept, name))
        super().save_model(request, obj, form, change)
