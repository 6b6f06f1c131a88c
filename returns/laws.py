"""Every law of returns, gathered for the audit; each lives in its room."""

from returns.refunds import laws as refunds

LAWS = (*refunds.LAWS,)
