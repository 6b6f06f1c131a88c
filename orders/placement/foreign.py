"""What placing makes of an order that its channel has priced: its charges and its findings."""

from decimal import Decimal
from typing import Any

from orders.customers.contacts import is_email
from orders.placement.incoming import ForeignLine
from orders.placement.prepared import PreparedLine, PreparedOrder
from orders.pricing.decisions import prices


def charges(prepared: PreparedOrder) -> tuple[prices.PricedOrder, list[str]]:
    """What the channel's customer pays, and the SKUs that cost something else here."""
    order = prepared.foreign
    assert order is not None
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
                    ours=_ours(line, known, prepared),
                )
                for line, known in zip(order.lines, prepared.lines, strict=True)
            ],
            shipping=order.shipping,
            shipping_tax=order.shipping_tax,
            tolerance=prepared.facts.policy.price_tolerance,
        )
    )


def _ours(line: ForeignLine, known: PreparedLine, prepared: PreparedOrder) -> Decimal | None:
    """Our own price of a unit, net of tax; None without one in the order's currency."""
    policy, sku = prepared.facts.policy, known.sku
    if sku is None or not sku.prices or policy.currency != prepared.order.currency:
        return None
    price = prices.unit_price(prices.LineToPrice(line.sku, line.quantity, sku.prices, Decimal(0)))
    if not policy.includes_tax:
        return price
    to = prepared.order.shipping_address
    return price / (1 + prepared.facts.tax_rate(to.country, to.region, sku.tax_class))


def foreign_findings(prepared: PreparedOrder) -> dict[str, Any]:
    """What only an order from a foreign channel can be found to be, as `review` takes it."""
    order = prepared.foreign
    if order is None:
        return {}
    _priced, differing = charges(prepared)
    contact = []
    email = order.customer.email.strip()
    if email and "*" not in email and not is_email(email):
        contact.append("email_malformed")
    if not email and not order.customer.phone.strip():
        contact.append("contact_missing")
    address = order.shipping_address
    if not address.line1.strip() or not address.name.strip():
        contact.append("address_missing")
    return {
        "unmapped": tuple(
            line.code or line.name
            for line, known in zip(order.lines, prepared.lines, strict=True)
            if known.sku is None and not line.is_service  # charges and gift cards need none
        ),
        "unpriced": tuple(line.code or line.name for line in order.lines if line.is_unpriced),
        "prices_differ": tuple(dict.fromkeys(differing)),
        "amounts_differ": order.differs,
        "contact_findings": tuple(contact),
        "is_test": order.is_test,
        "doubts": tuple(order.doubts),
    }
