"""Moves goods between warehouses and tracks them while they are in transit."""
