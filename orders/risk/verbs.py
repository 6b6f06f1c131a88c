"""Declares the verb of risk: say how likely an order is fraud."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.identifiers import Identified, Reference
from erp.shapes import Code
from erp.verbs import Verb
from orders.order.models.order import Order
from orders.risk.actions import assess_risk


class RiskBody(Identified, msgspec.Struct, forbid_unknown_fields=True):
    """A score from 0 to 100, with the scorer's own id of it."""

    source: Code
    reference: Reference
    score: float
    recommendation: Code = ""
    reasons: list[str] = []


def _score(_order: Order, body: RiskBody, _by: Actor) -> Mapping[str, object]:
    return {**msgspec.structs.asdict(body), "score": Decimal(str(body.score))}


ASSESS: Verb[Order, RiskBody] = Verb(
    "assess",
    assess_risk,
    "orders.assess",
    "Say how likely an order is fraud",
    gettext_lazy("Assess the risk"),
    gettext_lazy("Saved."),
    body=RiskBody,
    arguments=_score,
    path="risk-assessments",
    sentences={"risk.assessed": gettext_lazy("Fraud score %(score)s from %(source)s")},
)

VERBS = (ASSESS,)
