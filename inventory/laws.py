"""Gathers inventory's invariants for the audit; each is defined in its room."""

from inventory.purchasing import laws as purchasing
from inventory.stock import laws as stock
from inventory.transfers import laws as transfers

LAWS = (*stock.LAWS, *transfers.LAWS, *purchasing.LAWS)
