"""Defines the invariant of incoming goods: open purchase lines sum to what levels call incoming."""

from erp.approvals.laws import four_eyes_law
from erp.audit.laws import Law, codes_exist
from erp.countries import COUNTRIES
from erp.money import DIGITS

LAWS = (
    four_eyes_law(
        "purchases_have_four_eyes",
        "A purchase order above the limit was approved by another person than wrote it.",
        "inventory_purchaseorder",
        "x.status NOT IN ('draft', 'cancelled')",
    ),
    codes_exist(
        "supplier_currencies_exist",
        "The currency of every supplier is one that there is.",
        {"inventory_supplier": "currency"},
        DIGITS,
    ),
    codes_exist(
        "supplier_countries_exist",
        "The country of every supplier is one that there is.",
        {"inventory_supplier": "country"},
        COUNTRIES,
    ),
    Law(
        "open_lines_sum_to_incoming",
        "Incoming of every SKU and warehouse is what open purchase orders and transfers still bring.",
        """
        SELECT coalesce(l.sku_id, c.sku_id) AS sku, coalesce(l.warehouse_id, c.warehouse_id) AS warehouse,
               coalesce(l.incoming, 0) AS incoming, coalesce(c.total, 0) AS coming
        FROM (SELECT sku_id, warehouse_id, sum(incoming) AS incoming FROM inventory_stocklevel GROUP BY 1, 2) l
        FULL JOIN (
            SELECT sku_id, warehouse_id, sum(quantity_incoming) AS total FROM (
                SELECT sku_id, warehouse_id, quantity_incoming FROM inventory_purchaseline
                UNION ALL SELECT sku_id, warehouse_id, quantity_incoming FROM inventory_transferline) lines
            GROUP BY 1, 2) c ON c.sku_id = l.sku_id AND c.warehouse_id = l.warehouse_id
        WHERE coalesce(l.incoming, 0) <> coalesce(c.total, 0)
        """,
    ),
)
