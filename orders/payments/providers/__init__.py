"""Connects payment providers, one module each: requests and webhooks, no rows."""

from collections.abc import Mapping

from orders.payments.providers import stripe, trial
from orders.payments.providers.shapes import Adapter, Answer, ProviderMessage, Refused, Unavailable

ADAPTERS: Mapping[str, Adapter] = {"stripe": stripe, "test": trial}


__all__ = ["ADAPTERS", "Adapter", "Answer", "ProviderMessage", "Refused", "Unavailable"]
