"""Goods that come back: requested, approved, received, inspected."""
