"""Gathers fulfillment's invariants for the audit; each is defined in its room."""

from fulfillment.shipping import laws as shipping
from fulfillment.tracking import laws as tracking

LAWS = (*shipping.LAWS, *tracking.LAWS)
