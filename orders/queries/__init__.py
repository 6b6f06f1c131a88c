"""Reading orders, customers and channels, by noun."""

from orders.queries.channels import (
    channel_refund,
    control_days,
    control_sums,
    is_unmapped,
    messages_visible_to,
    suggested_skus,
)
from orders.queries.customers import customer_ids_by_identity, customers_visible_to
from orders.queries.finding import (
    NEWEST,
    NEWEST_FIRST,
    corrected,
    customers_found,
    found,
    on_channel,
    searched,
    with_sku,
)
from orders.queries.orders import (
    LINE_COLUMNS,
    ORDER_COLUMNS,
    decisions_of,
    events_of,
    find_order,
    order_parts,
    orders_named,
    orders_visible_to,
    overdue,
    shipping_address,
)
from orders.queries.supply import (
    backordered_units,
    lacking,
    made_of,
    orders_at_risk,
    waiting_lines,
)

__all__ = [
    "LINE_COLUMNS",
    "NEWEST",
    "NEWEST_FIRST",
    "ORDER_COLUMNS",
    "backordered_units",
    "channel_refund",
    "control_days",
    "control_sums",
    "corrected",
    "customer_ids_by_identity",
    "customers_found",
    "customers_visible_to",
    "decisions_of",
    "events_of",
    "find_order",
    "found",
    "is_unmapped",
    "lacking",
    "made_of",
    "messages_visible_to",
    "on_channel",
    "order_parts",
    "orders_at_risk",
    "orders_named",
    "orders_visible_to",
    "overdue",
    "searched",
    "shipping_address",
    "suggested_skus",
    "waiting_lines",
    "with_sku",
]
