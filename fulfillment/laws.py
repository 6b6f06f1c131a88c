"""Every law of fulfillment, gathered for the audit; each lives in its room."""

from fulfillment.shipping import laws as shipping

LAWS = (*shipping.LAWS,)
