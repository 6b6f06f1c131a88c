"""Gathers the tables of returns for Django and the apps above; each is defined in its room."""

from returns.refunds.models import (
    Refund,
    RefundLine,
)
from returns.rma.models import (
    ReturnAuthorization,
    ReturnLine,
)

__all__ = ["Refund", "RefundLine", "ReturnAuthorization", "ReturnLine"]
