"""Computes business figures from all other apps: sales, fill rate, order cycle time, returns."""
