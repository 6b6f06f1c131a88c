"""Previews over the API what a change of an order would come to."""

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from erp.api.endpoint import Endpoint, answer_json, body_of
from erp.api.schema import operation
from erp.api.values import money
from orders.changes.actions.effect import preview_change
from orders.changes.verbs import CHANGE, ChangeBody, wanted_of
from orders.order.queries import find_order

AMOUNTS = ("was", "subtotal", "discount", "shipping", "tax", "total", "due")


class PreviewChange(Endpoint):
    rights = {"post": CHANGE.right}

    @operation("Preview a change of an order", body=ChangeBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        order = find_order(self.actor, number)
        wanted = wanted_of(order, body_of(request, ChangeBody))
        effect = preview_change(order=order, wanted=wanted, by=self.actor, now=timezone.now())
        return answer_json(
            {
                "object": "order_change_preview",
                "order": order.number,
                "version": order.version,
                **{name: money(getattr(effect.changed, name), order.currency) for name in AMOUNTS},
                "short": effect.route.short,
                "warehouses": effect.route.warehouses,
            }
        )
