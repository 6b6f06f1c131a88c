"""Notifies customers about their orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from erp.api.values import stamp
from erp.events.models import Event
from erp.events.sets import acts_in_sets
from erp.messages.compose import Notification, queue_messages
from orders.customers.contacts import phone_e164
from orders.order.links import contact_url, tracking_url
from orders.order.models.order import Order, OrderAddress, OrderLine
from orders.order.queries import balance_of


class OrderContext(TypedDict):
    """What every message about an order is filled with; messages of other rooms add their own."""

    order: Order
    lines: list[OrderLine]
    address: OrderAddress | None
    email: str
    phone: str
    tracking_url: str
    balance: Decimal | None


@acts_in_sets
def tell_confirmed(*, events: Sequence[Event], now: datetime) -> None:
    """On order.confirmed: thank the customer, with number, lines, total and promise; the confirmation comes along."""
    contexts = order_contexts([event.facts["order_id"] for event in events])
    told = [(event, contexts[event.facts["order_id"]]) for event in events]
    queue_messages(
        notifications=[
            about_order(
                event, "confirmed", context, attachment=f"confirmation:{context['order'].pk}"
            )
            for event, context in told
            if not context["order"].is_history
        ]
    )


def tell_unpaid(*, event: Event, now: datetime) -> None:
    """On order.unpaid: remind the customer that the order waits for their payment."""
    context = order_context(event.facts["order_id"])
    order = context["order"]
    if order.status == "pending" and order.payment_status in {"unpaid", "part_paid"}:
        due = {"orderStatus": "https://schema.org/OrderPaymentDue"}
        structured = order_json_ld(context) | due
        queue_messages(notifications=[about_order(event, "unpaid", context, structured)])


def tell_later(*, event: Event, now: datetime) -> None:
    """On promise.revised: tell the customer where it comes later than was promised, and say when."""
    context = order_context(event.facts["order_id"])
    if event.facts.get("is_later") and context["order"].status == "confirmed":
        queue_messages(notifications=[about_order(event, "later", context)])


def about_order(
    event: Event,
    template: str,
    context: OrderContext,
    structured: Mapping[str, object] | None = None,
    attachment: str = "",
) -> Notification:
    """A message about an order to its customer, in the order's language."""
    order = context["order"]
    return Notification(
        event=event,
        template=template,
        subject_ref=f"order:{order.pk}",
        language=order.language,
        recipient=context["email"],
        context=context,
        structured=structured or order_json_ld(context),
        attachment=attachment,
    )


def order_context(order_id: int) -> OrderContext:
    """What every message about an order needs."""
    return order_contexts([order_id])[order_id]


def order_contexts(order_ids: Sequence[int]) -> dict[int, OrderContext]:
    """What every message about some orders needs, by order; raises Order.DoesNotExist where one is missing."""
    orders = Order.objects.select_related("channel").in_bulk(order_ids)
    if missing := set(order_ids) - set(orders):
        raise Order.DoesNotExist(f"Order {min(missing)} does not exist.")
    lines: dict[int, list[OrderLine]] = {pk: [] for pk in orders}
    for line in OrderLine.objects.filter(order__in=orders).order_by("position"):
        lines[line.order_id].append(line)
    addresses = {
        at.order_id: at for at in OrderAddress.objects.filter(order__in=orders, kind="shipping")
    }
    return {pk: _context(orders[pk], lines[pk], addresses.get(pk)) for pk in orders}


def _context(order: Order, lines: list[OrderLine], address: OrderAddress | None) -> OrderContext:
    return {
        "order": order,
        "lines": lines,
        "address": address,
        "email": address.email if address else "",
        "phone": (phone_e164(address.phone, address.country) or "") if address else "",
        "tracking_url": contact_url(order.number, order.links_withdrawn, address.email)
        if address and address.email
        else tracking_url(order.number, order.links_withdrawn),
        "balance": balance_of(order) if order.balance_due_at else None,
    }


def example() -> OrderContext | None:
    """The newest order's context, for looking at a template; None before the first order."""
    order = Order.objects.filter(is_history=False).order_by("-placed_at", "-id").first()
    return order_context(order.pk) if order else None


def order_json_ld(context: OrderContext) -> dict[str, object]:
    """The order as schema.org/Order."""
    order, address = context["order"], context["address"]
    return {
        "@type": "Order",
        "orderNumber": order.number,
        "orderStatus": "https://schema.org/OrderProcessing",
        "orderDate": stamp(order.placed_at),
        "price": str(order.total.normalize()),
        "priceCurrency": order.currency,
        "url": context["tracking_url"],
        "merchant": {"@type": "Organization", "name": order.channel.name},
        "customer": {"@type": "Person", "name": address.name if address else ""},
        "acceptedOffer": [
            {
                "@type": "Offer",
                "itemOffered": {"@type": "Product", "name": line.name, "sku": line.sku_code},
                "price": str(line.unit_price.normalize()),
                "priceCurrency": order.currency,
                "eligibleQuantity": {
                    "@type": "QuantitativeValue",
                    "value": line.quantity_told,
                },
            }
            for line in context["lines"]
        ],
    }
