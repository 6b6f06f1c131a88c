"""Gathers inventory's admin pages for Django; each is defined in its room."""

from inventory.catalogue.admin import (
    BarcodeAdmin,
    BundlePartAdmin,
    SkuAdmin,
    StockPolicyAdmin,
)
from inventory.purchasing.admin import (
    SupplierAdmin,
    SupplierTermAdmin,
)
from inventory.stock.admin import (
    LotAdmin,
    PlaceAdmin,
    WarehouseAdmin,
    ZoneAdmin,
)

__all__ = [
    "BarcodeAdmin",
    "BundlePartAdmin",
    "LotAdmin",
    "PlaceAdmin",
    "SkuAdmin",
    "StockPolicyAdmin",
    "SupplierAdmin",
    "SupplierTermAdmin",
    "WarehouseAdmin",
    "ZoneAdmin",
]
