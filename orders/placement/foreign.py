"""Takes over charges and findings of an order that its channel has priced."""

from typing import Any

from erp.visible import is_blank, seen
from orders.customers.contacts import is_email
from orders.placement.incoming import ForeignOrder
from orders.placement.prepared import PreparedOrder
from orders.placement.routes import promise_of
from orders.pricing.decisions import prices
from orders.routing.decisions import warehouse


def charges(prepared: PreparedOrder, order: ForeignOrder) -> prices.PricedOrder:
    """What the channel's customer pays, and the SKUs that cost something else here."""
    return prices.keep_charges(
        prices.ChargedOrder(
            charged=[
                prices.ChargedLine(
                    sku=line.sku or line.code or line.name,
                    quantity=line.quantity,
                    unit_price=line.unit_price,
                    subtotal=line.subtotal,
                    discount=line.discount,
                    tax=line.tax,
                    ours=known.ours,
                )
                for line, known in zip(order.lines, prepared.lines, strict=True)
            ],
            shipping=order.shipping,
            shipping_tax=order.shipping_tax,
            tolerance=prepared.facts.policy.price_tolerance,
        )
    )


def foreign_findings(
    prepared: PreparedOrder, priced: prices.PricedOrder, route: warehouse.Route
) -> dict[str, Any]:
    """What only an order from a foreign channel can be found to be, as `review` takes it."""
    order = prepared.foreign
    if order is None:
        return {}
    contact = []
    email = seen(order.customer.email)
    if email and "*" not in email and not is_email(email):
        contact.append("email_malformed")
    if not email and is_blank(order.customer.phone):
        contact.append("contact_missing")
    address = order.shipping_address
    if is_blank(address.line1) or is_blank(address.name):
        contact.append("address_missing")
    doubts = list(order.doubts)
    if order.currency != prepared.channel.currency:
        doubts.append("currency_differs")
    if _comes_late(prepared, route):
        assert order.arrival is not None
        doubts.append(f"date_requested:{order.arrival.written}"[:54])
    return {
        "unmapped": tuple(
            line.code or line.name
            for line, known in zip(order.lines, prepared.lines, strict=True)
            if known.sku is None and not line.is_service  # charges and gift cards need none
        ),
        "unpriced": tuple(line.code or line.name for line in order.lines if line.is_unpriced),
        "prices_differ": tuple(dict.fromkeys(priced.differing)),
        "amounts_differ": order.differs,
        "contact_findings": tuple(contact),
        "is_test": order.is_test,
        "doubts": tuple(doubts),
    }


def _comes_late(prepared: PreparedOrder, route: warehouse.Route) -> bool:
    """Whether an order that lacks nothing comes after the last day that it asks for, as its service usually takes."""
    order = prepared.foreign
    by = order.arrival.by if order is not None and order.arrival is not None else None
    if by is None or route.short or not prepared.service.code or not prepared.facts.warehouses:
        return False
    return promise_of(prepared, route).deliver_from > by
