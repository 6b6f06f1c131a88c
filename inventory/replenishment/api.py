"""Serves purchase suggestions over the API."""

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_once,
    decoded,
    page_of,
    raw_body,
)
from erp.api.schema import operation
from erp.ids import primary_key
from erp.verbs import NoBody
from inventory.purchasing.document import purchase_document
from inventory.replenishment.actions.order import order_suggestions
from inventory.replenishment.actions.suggest import suggest_purchases
from inventory.replenishment.document import suggestion_document
from inventory.replenishment.models import Suggestion


class Chosen(msgspec.Struct, forbid_unknown_fields=True):
    suggestions: list[str]


class Suggestions(Endpoint):
    rights = {"get": "purchasing.view", "post": "purchasing.edit"}

    @operation("List purchase suggestions with their reasons", page=True)
    def get(self, request: Request) -> HttpResponse:
        rows = Suggestion.objects.filter(purchase=None)
        rows = rows.select_related("sku", "warehouse", "supplier")
        return page_of(
            request,
            rows,
            order=("id",),
            known=(),
            show=lambda found: [suggestion_document(row) for row in found],
        )

    @operation("Recalculate purchase suggestions", body=NoBody, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        decoded(raw, NoBody)
        return answer_once(
            request,
            raw,
            suggest_purchases,
            lambda count: {"object": "purchase_suggestions", "count": count},
            by=self.actor,
            now=timezone.now(),
        )


class OrderSuggestions(Endpoint):
    rights = {"post": "purchasing.edit"}

    @operation(
        "Turn suggestions into draft purchase orders", body=Chosen, status=201, idempotency=False
    )
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, Chosen)
        ids = [primary_key("sug", public) or 0 for public in body.suggestions]
        return answer_once(
            request,
            raw,
            order_suggestions,
            lambda made: {"data": [purchase_document(row) for row in made]},
            http_status=201,
            suggestion_ids=ids,
            by=self.actor,
            now=timezone.now(),
        )
