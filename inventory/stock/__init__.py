"""Keeps stock by SKU and warehouse: places, movements, levels, reservations, lots, serial numbers."""
