"""Telling the API how likely an order is fraud."""

from decimal import Decimal

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from erp.api.schema import operation
from orders.order.api import OrderVerb
from orders.risk.actions import assess_risk


class RiskBody(msgspec.Struct, forbid_unknown_fields=True):
    """A score from 0 to 100, with the scorer's own id of it."""

    source: str
    reference: str
    score: float
    recommendation: str = ""
    reasons: list[str] = []


class AssessOrder(OrderVerb[RiskBody]):
    rights = {"post": "orders.assess"}
    body = RiskBody
    verb = staticmethod(assess_risk)

    @operation("Say how likely an order is fraud", body=RiskBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: RiskBody) -> dict[str, object]:
        return {
            "source": body.source,
            "reference": body.reference,
            "score": Decimal(str(body.score)),
            "recommendation": body.recommendation,
            "reasons": body.reasons,
        }
