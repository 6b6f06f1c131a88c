"""Gathers inventory's tables for Django and the apps above; each is defined in its room."""

from inventory.catalogue.models import (
    Barcode,
    BundlePart,
    Sku,
    StockPolicy,
)
from inventory.channels.models import (
    Listing,
    StockFeed,
)
from inventory.counting.models import (
    StockCount,
    StockCountLine,
)
from inventory.purchasing.models import (
    PurchaseLine,
    PurchaseOrder,
    Supplier,
    SupplierTerm,
)
from inventory.replenishment.models import (
    Suggestion,
)
from inventory.stock.models.allotments import (
    Allotment,
)
from inventory.stock.models.documents import (
    StockDocument,
    StockDocumentLine,
)
from inventory.stock.models.levels import (
    BinLevel,
    CostEntry,
    Lot,
    Reservation,
    SerialStep,
    SerialUnit,
    SkuCost,
    StockLevel,
    StockMovement,
    StockShortfall,
)
from inventory.stock.models.places import (
    Place,
    Warehouse,
    Zone,
)
from inventory.transfers.models import (
    Transfer,
    TransferLine,
)

__all__ = [
    "Allotment",
    "Barcode",
    "BinLevel",
    "BundlePart",
    "CostEntry",
    "Listing",
    "Lot",
    "Place",
    "PurchaseLine",
    "PurchaseOrder",
    "Reservation",
    "SerialStep",
    "SerialUnit",
    "Sku",
    "SkuCost",
    "StockCount",
    "StockCountLine",
    "StockDocument",
    "StockDocumentLine",
    "StockFeed",
    "StockLevel",
    "StockMovement",
    "StockPolicy",
    "StockShortfall",
    "Suggestion",
    "Supplier",
    "SupplierTerm",
    "Transfer",
    "TransferLine",
    "Warehouse",
    "Zone",
]
