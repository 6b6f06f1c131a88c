"""Every write to returns and refunds, by verb."""

from returns.actions.refunding import (
    CHANNEL_REFUND,
    approve_refund,
    complete_refund,
    complete_submitted,
    credit_refund,
    propose_cancelled_refund,
    propose_overpaid_refund,
    propose_refund,
    record_channel_refund,
    reject_refund,
    submit_to_provider,
)
from returns.actions.returning import (
    approve_return,
    cancel_return,
    close_return,
    decline_return,
    follow_customers,
    inspect_return,
    receive_return,
    request_return,
)

__all__ = [
    "CHANNEL_REFUND",
    "approve_refund",
    "approve_return",
    "cancel_return",
    "close_return",
    "complete_refund",
    "complete_submitted",
    "credit_refund",
    "decline_return",
    "follow_customers",
    "inspect_return",
    "propose_cancelled_refund",
    "propose_overpaid_refund",
    "propose_refund",
    "receive_return",
    "record_channel_refund",
    "reject_refund",
    "request_return",
    "submit_to_provider",
]
