"""Chooses the warehouse, the carrier and the promised dates of an order."""
