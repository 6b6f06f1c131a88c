"""Serves purchase suggestions over the API."""

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from erp.api.endpoint import Endpoint, answer_once, decoded, raw_body
from erp.api.resource import creation_of, list_of
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
    get = list_of(
        "List purchase suggestions with their reasons",
        lambda _actor: Suggestion.objects.filter(purchase=None).select_related(
            "sku", "warehouse", "supplier"
        ),
        lambda row, _by: suggestion_document(row),
        order=("id",),
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
    post = creation_of(
        "Turn suggestions into draft purchase orders",
        order_suggestions,
        body=Chosen,
        arguments=lambda body, _by: {
            "suggestion_ids": [primary_key("sug", public) or 0 for public in body.suggestions]
        },
        show=lambda made, _by: {"data": [purchase_document(row) for row in made]},
    )
