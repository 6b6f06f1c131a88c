"""Gathers fulfillment's invariants for the audit; each is defined in its room."""

from fulfillment.shipping import laws as shipping

LAWS = (*shipping.LAWS,)
