"""What placing makes of an order that its channel has priced: its charges, its findings, its service."""

from decimal import Decimal
from typing import Any

from orders.customers.contacts import is_email
from orders.placement.fact_rows import ServiceFacts
from orders.placement.facts import Facts
from orders.placement.incoming import ForeignLine, ForeignOrder, IncomingOrder
from orders.pricing.decisions import prices

ANY_SERVICE = ServiceFacts(
    code="", name="", carrier="", fee=Decimal(0), free_from=None, transit_p50=3, transit_p90=7
)


def served_by(order: IncomingOrder, facts: Facts) -> ServiceFacts:
    """The shipping service of an order: the one it names, else the channel's words for one of ours."""
    if order.shipping_service in facts.services:
        return facts.services[order.shipping_service]
    wanted = getattr(order, "service_name", "").strip().casefold()
    by_name = {s.name.casefold(): s for s in facts.services.values()}
    by_code = {s.code.casefold(): s for s in facts.services.values()}
    if found := by_code.get(wanted) or by_name.get(wanted):
        return found
    return facts.services.get("standard") or next(iter(facts.services.values()), ANY_SERVICE)


def charges(order: ForeignOrder, facts: Facts) -> tuple[prices.PricedOrder, list[str]]:
    """What the channel's customer pays, and the SKUs that cost something else here."""
    assert facts.policy is not None
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
                    ours=_ours(line, order, facts),
                )
                for line in order.lines
            ],
            shipping=order.shipping,
            shipping_tax=order.shipping_tax,
            tolerance=facts.policy.price_tolerance,
        )
    )


def _ours(line: ForeignLine, order: ForeignOrder, facts: Facts) -> Decimal | None:
    """Our own price of a unit, net of tax; None without one in the order's currency."""
    assert facts.policy is not None
    sku = facts.skus.get(line.sku)
    if sku is None or not sku.prices or facts.policy.currency != order.currency:
        return None
    price = prices.unit_price(prices.LineToPrice(line.sku, line.quantity, sku.prices, Decimal(0)))
    if not facts.policy.includes_tax:
        return price
    address = order.shipping_address
    return price / (1 + facts.tax_rate(address.country, address.region, sku.tax_class))


def tax_rate_of(line: ForeignLine) -> Decimal:
    """The rate that a foreign line's tax comes to."""
    net = line.subtotal - line.discount
    return min(Decimal("99.99999"), round(line.tax / net, 5)) if net > 0 else Decimal(0)


def is_unmapped(line: ForeignLine, facts: Facts) -> bool:
    """Whether nobody knows which SKU a line is. Charges and gift cards need none."""
    return line.sku not in facts.skus and not line.is_service


def foreign_findings(order: ForeignOrder, facts: Facts) -> dict[str, Any]:
    """What only an order from a foreign channel can be found to be, as `review` takes it."""
    _priced, differing = charges(order, facts)
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
            line.code or line.name for line in order.lines if is_unmapped(line, facts)
        ),
        "unpriced": tuple(line.code or line.name for line in order.lines if line.is_unpriced),
        "prices_differ": tuple(dict.fromkeys(differing)),
        "amounts_differ": order.differs,
        "contact_findings": tuple(contact),
        "is_test": order.is_test,
        "doubts": tuple(order.doubts),
    }
