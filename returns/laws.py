"""Gathers the invariants of returns for the audit; each is defined in its room."""

from returns.refunds import laws as refunds

LAWS = (*refunds.LAWS,)
