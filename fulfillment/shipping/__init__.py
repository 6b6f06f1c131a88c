"""Goods that leave: stock, order and channel follow."""
