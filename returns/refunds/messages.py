"""Notifies customers about their refunds."""

from datetime import datetime

from erp.events.models import Event
from erp.messages.compose import Notification, queue_messages
from orders.order.messages import OrderContext, order_context, order_json_ld
from returns.refunds.models import Refund
from returns.refunds.states import CHANNEL_REFUND


class RefundContext(OrderContext):
    """What a message about a refund is filled with."""

    refund: Refund


def tell_refunded(*, event: Event, now: datetime) -> None:
    """On refund.completed: the money is on its way back. A channel that refunds tells them itself."""
    refund = Refund.objects.get(pk=event.facts["refund_id"])
    if refund.order_id is None or refund.is_history or refund.reason == CHANNEL_REFUND:
        return
    context = _context(refund, refund.order_id)
    queue_messages(
        notifications=[
            Notification(
                event=event,
                template="refunded",
                subject_ref=f"order:{refund.order_id}",
                language=context["order"].language,
                recipient=context["email"],
                context=context,
                structured=order_json_ld(context)
                | {"orderStatus": "https://schema.org/OrderReturned"},
            )
        ]
    )


def _context(refund: Refund, order_id: int) -> RefundContext:
    return {**order_context(order_id), "refund": refund}


def example() -> RefundContext | None:
    """The newest refund's context, for looking at a template."""
    refund = Refund.objects.filter(order__isnull=False, is_history=False).order_by("-pk").first()
    if refund is None or refund.order_id is None:
        return None
    return _context(refund, refund.order_id)
