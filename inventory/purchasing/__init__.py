"""Buys goods: suppliers and their terms, purchase orders, receipts, landed cost."""
