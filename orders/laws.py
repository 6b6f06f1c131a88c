"""Gathers the invariants of orders for the audit; each is defined in its room."""

from orders.changes import laws as changes
from orders.intake.following import laws as following
from orders.invoicing import laws as invoicing
from orders.order import laws as order
from orders.placement import laws as placement
from orders.pricing import laws as pricing
from orders.risk import laws as risk
from orders.routing import laws as routing

LAWS = (
    *order.LAWS,
    *pricing.LAWS,
    *routing.LAWS,
    *placement.LAWS,
    *invoicing.LAWS,
    *risk.LAWS,
    *changes.LAWS,
    *following.LAWS,
)
