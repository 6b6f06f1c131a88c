"""Decides which orders get goods that are short: backorders, priorities, the customer's choice."""
