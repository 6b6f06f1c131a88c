"""Every table of returns, gathered for Django and for the apps above; each lives in its room."""

from returns.refunds.models import (
    Refund,
    RefundLine,
)
from returns.rma.models import (
    ReturnAuthorization,
    ReturnLine,
)

__all__ = ["Refund", "RefundLine", "ReturnAuthorization", "ReturnLine"]
