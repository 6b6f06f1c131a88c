"""Payment providers: one module a kind. Each asks, and reads what is said; none writes rows."""

from collections.abc import Mapping

from orders.payments.providers import stripe, trial
from orders.payments.providers.shapes import Adapter, Answer, News, Refused, Unavailable

ADAPTERS: Mapping[str, Adapter] = {"stripe": stripe, "test": trial}


__all__ = ["ADAPTERS", "Adapter", "Answer", "News", "Refused", "Unavailable"]
