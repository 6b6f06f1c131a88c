"""Breaks the running product on purpose, and judges from outside what its callers were promised."""
