"""Sends purchase orders to suppliers by e-mail."""

from datetime import datetime
from typing import TypedDict

from erp.events.models import Event
from erp.messages.compose import Notification, queue_messages
from inventory.purchasing.models import PurchaseLine, PurchaseOrder


def tell_supplier(*, event: Event, now: datetime) -> None:
    """On purchase.sent: the purchase order goes to its supplier, with the PDF."""
    context = _context(event.facts["purchase_id"])
    purchase = context["purchase"]
    queue_messages(
        notifications=[
            Notification(
                event=event,
                template="purchase_order",
                subject_ref=f"purchase:{purchase.pk}",
                language=purchase.supplier.language,
                recipient=purchase.supplier.email,
                context=context,
                structured={"@type": "Order", "orderNumber": purchase.number},
                attachment=f"purchase_order:{purchase.pk}",
            )
        ]
    )


class PurchaseContext(TypedDict):
    """What the message to a supplier is filled with."""

    purchase: PurchaseOrder
    lines: list[PurchaseLine]


def _context(purchase_id: int) -> PurchaseContext:
    purchase = PurchaseOrder.objects.select_related("supplier", "warehouse").get(pk=purchase_id)
    return {
        "purchase": purchase,
        "lines": list(purchase.lines.select_related("sku").order_by("pk")),
    }


def example() -> PurchaseContext | None:
    """The newest purchase order's context, for looking at the template; None before the first."""
    newest = PurchaseOrder.objects.order_by("-pk").values_list("pk", flat=True).first()
    return _context(newest) if newest else None
