"""Payment providers: one module a kind. Each asks, and reads what is said; none writes rows."""

from orders.payments.providers import stripe, trial
from orders.payments.providers.shapes import Answer, News, Refused, Unavailable

ADAPTERS = {"stripe": stripe, "test": trial}


__all__ = ["ADAPTERS", "Answer", "News", "Refused", "Unavailable"]
