"""Edits rows that hold secrets in the admin: whoever entered their password some time ago enters it again."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from unfold.admin import ModelAdmin

from erp.web.sign_in import ask_to_reauthenticate, must_reauthenticate


class SecretsAdmin(ModelAdmin):
    """An admin page of something with a secret."""

    def changeform_view(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        if request.method == "POST" and must_reauthenticate(request):
            return ask_to_reauthenticate(request)
        shown: HttpResponseBase = super().changeform_view(request, *given, **named)
        return shown
