"""Decides whether a person must look at an order: review rules, their conditions, the rule book."""
