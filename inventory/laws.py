"""Every law of inventory, gathered for the audit; each lives in its room."""

from inventory.purchasing import laws as purchasing
from inventory.stock import laws as stock

LAWS = (*stock.LAWS, *purchasing.LAWS)
