"""What we have, where it is, what of it is promised, and what we are about to have."""

from inventory.models.catalogue import Barcode, BundlePart, Sku, StockPolicy
from inventory.models.channels import Allotment, Listing, StockFeed
from inventory.models.documents import (
    StockCount,
    StockCountLine,
    StockDocument,
    StockDocumentLine,
    Transfer,
    TransferLine,
)
from inventory.models.places import Place, Warehouse, Zone
from inventory.models.purchasing import (
    PurchaseLine,
    PurchaseOrder,
    Suggestion,
    Supplier,
    SupplierTerm,
)
from inventory.models.stock import (
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
