"""Goods on their way between warehouses."""
