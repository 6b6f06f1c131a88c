"""Gathers inventory's invariants for the audit; each is defined in its room."""

from inventory.purchasing import laws as purchasing
from inventory.stock import laws as stock

LAWS = (*stock.LAWS, *purchasing.LAWS)
