"""Defines each figure: its formula, its unit and the SQL that computes it.

A metric's query returns (at, key, value): the moment it counts for, what it is grouped by,
and the number. `{by}` stands for the grouping expression of its table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words


@dataclass(frozen=True)
class Metric:
    """One figure.

    unit      money, units, orders, share (0 to 1), hours
    combine   how values of a period become one: sum, or the ratio of two sums
    parts     SELECTs of (at, channel_id, key, numerator, denominator), joined by UNION ALL
    by        grouping -> SQL expression, for each part in turn
    rows_url  the page or list that shows the rows behind it
    """

    code: str
    name: Words
    formula: str
    unit: str
    combine: str
    parts: tuple[str, ...]
    rows_url: str


# What sales are made of. Each part: at, channel, sku, country, customer, units, amount, sign.
# `{when X}` limits the period by X: always the moment that the row counts for, which is its `at`.
SOLD = """
    SELECT o.placed_at AS at, o.channel_id, l.sku_code AS sku, o.country, o.currency,
           l.quantity_ordered - l.quantity_cancelled AS units,
           CASE WHEN o.is_history THEN (l.quantity_ordered - l.quantity_cancelled) * l.unit_price
                ELSE l.subtotal - l.discount
           END AS amount
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE o.status IN ('confirmed', 'completed') AND {when o.placed_at}
"""
ENTERED = """
    SELECT e.at, e.channel_id, e.sku_code AS sku, e.country, e.currency, e.quantity AS units,
           e.quantity * e.unit_amount AS amount
    FROM orders_accountentry e WHERE {when e.at}
"""
# History: what came back at the price of the row. Live: units on the day of the receipt that brought them (of a
# bundle, its first part counts), their money by the refund.
RETURNED = """
    SELECT a.received_at AS at, a.channel_id, l.sku_code AS sku, a.country, a.currency,
           -l.quantity_received AS units, -l.quantity_received * l.unit_amount AS amount
    FROM returns_returnline l JOIN returns_returnauthorization a ON a.id = l.authorization_id
    WHERE a.is_history AND l.quantity_received > 0 AND {when a.received_at}
    UNION ALL
    SELECT m.at, a.channel_id, l.sku_code, a.country, a.currency, -m.quantity / coalesce(b.quantity, 1), 0
    FROM inventory_stockmovement m JOIN inventory_place p ON p.id = m.from_place_id AND p.kind = 'customer'
    JOIN returns_returnline l ON l.id = substring(m.cause_line FROM '^([0-9]{1,18})(?:/|$)')::bigint
    JOIN returns_returnauthorization a ON a.id = l.authorization_id AND NOT a.is_history
    LEFT JOIN LATERAL (SELECT b.sku_id, b.quantity FROM orders_orderlinepart b
                       WHERE b.order_line_id = l.order_line_id ORDER BY b.sku_id LIMIT 1) b ON true
    WHERE m.kind = 'return' AND m.cause_type = 'return' AND m.sku_id = coalesce(b.sku_id, l.sku_id)
      AND {when m.at}
"""
# What refunds gave back for what stays in the order: net of tax at its line's rate, or at the order's. What was
# taken off the order is in its lines no longer, and not subtracted again.
REFUNDED = """
    SELECT r.completed_at AS at, r.channel_id, coalesce(l.sku_code, '') AS sku, o.country, r.currency, 0 AS units,
           -round(x.amount * CASE WHEN l.total > 0 THEN (l.subtotal - l.discount) / l.total
                                  WHEN l.id IS NOT NULL THEN 1 / (1 + l.tax_rate)
                                  WHEN o.total > 0 THEN 1 - o.tax / o.total ELSE 1 END, 4) AS amount
    FROM returns_refundline x JOIN returns_refund r ON r.id = x.refund_id
    JOIN orders_order o ON o.id = r.order_id LEFT JOIN orders_orderline l ON l.id = x.order_line_id
    WHERE r.status = 'completed' AND NOT r.is_history AND o.status IN ('confirmed', 'completed')
      AND r.reason NOT IN ('changed', 'cancelled') AND NOT x.is_unshipped AND {when r.completed_at}
"""
WRITTEN_OFF = """
    SELECT d.at, d.channel_id, s.code AS sku, d.country, '' AS currency, l.quantity_change AS units, 0 AS amount
    FROM inventory_stockdocumentline l JOIN inventory_stockdocument d ON d.id = l.document_id
    JOIN inventory_sku s ON s.id = l.sku_id WHERE d.is_history AND {when d.at}
"""

METRICS: Mapping[str, Metric] = {
    metric.code: metric
    for metric in (
        Metric(
            "net_sales",
            _("Net sales"),
            "Σ line net of discount and tax − refunds net of tax for what stays in the order + account entries; on the date each happened",
            "money",
            "sum",
            ("sold:amount", "returned:amount", "refunded:amount", "entered:amount"),
            "/orders/",
        ),
        Metric(
            "gross_sales",
            _("Gross sales"),
            "Σ line net of discount and tax, of orders confirmed or completed, on the date placed",
            "money",
            "sum",
            ("sold:amount",),
            "/orders/",
        ),
        Metric(
            "orders",
            _("Orders"),
            "count of orders confirmed or completed, on the date placed",
            "orders",
            "sum",
            ("orders",),
            "/orders/",
        ),
        Metric(
            "cancellations",
            _("Cancelling documents"),
            "count of returns received and orders cancelled, on the date each happened",
            "orders",
            "sum",
            ("cancellations",),
            "/returns/",
        ),
        Metric(
            "lines",
            _("Lines"),
            "count of order, return, account and stock-document lines, on the date each happened",
            "lines",
            "sum",
            ("lines",),
            "/orders/",
        ),
        Metric(
            "units",
            _("Units sold"),
            "Σ units ordered and not cancelled, on the date placed",
            "units",
            "sum",
            ("sold:units",),
            "/orders/",
        ),
        Metric(
            "net_units",
            _("Net units"),
            "Σ units sold − units returned ± past stock corrections, on the date each happened",
            "units",
            "sum",
            ("sold:units", "returned:units", "entered:units", "written_off:units"),
            "/orders/",
        ),
        Metric(
            "return_rate",
            _("Return rate"),
            "units returned ÷ units shipped, of orders placed in the period",
            "share",
            "ratio",
            ("return_rate",),
            "/returns/",
        ),
        Metric(
            "fill_rate",
            _("Unit fill rate"),
            "units reserved when the order was placed ÷ units ordered (backorders count as missing, also once goods have come)",
            "share",
            "ratio",
            ("fill_rate",),
            "/orders/",
        ),
        Metric(
            "order_cycle_time",
            _("Order cycle time"),
            "mean hours from placed to delivered, of orders delivered in the period (SCOR RS.1.1)",
            "hours",
            "ratio",
            ("cycle",),
            "/orders/?fulfillment_status=fulfilled",
        ),
        Metric(
            "on_time_shipping",
            _("On-time shipping"),
            "parcels handed over by the promised ship-by ÷ parcels shipped in the period",
            "share",
            "ratio",
            ("on_time",),
            "/shipments/",
        ),
    )
}
