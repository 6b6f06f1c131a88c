"""Declares the personal data of inventory: contacts of suppliers; goods are nobody's."""

from django.utils.translation import gettext_lazy as _

from erp.privacy.declarations import Fate, Of, Table

TABLES = (
    Table(
        "inventory.Supplier",
        _("who goods are bought from"),
        personal="name email phone address",
        plain="code country language currency payment_terms",
        fate=Fate.KEEP,
        of=Of.SUPPLIER,
    ),
)

# Models that hold nothing personal, each with its columns of text.
NOBODYS = """
inventory.Sku translations code name category barcode abc_class tax_class
inventory.Barcode code
inventory.StockFeed url secret
inventory.Listing external_id error
inventory.Warehouse code name country region city line1 postal_code phone time_zone
inventory.Zone code name
inventory.Place code
inventory.StockCount number scope
inventory.SupplierTerm supplier_sku
inventory.PurchaseOrder number currency supplier_reference note order_number
inventory.PurchaseLine supplier_sku reasons
inventory.Suggestion reasons
inventory.StockDocument external_id reason country cause_type cause_id
inventory.StockDocumentLine serials
inventory.Lot code
inventory.SerialUnit code
inventory.StockMovement cause_type cause_id cause_line cause_step reason
inventory.StockShortfall cause
inventory.CostEntry document
inventory.Transfer number note
"""

RULES = ()
