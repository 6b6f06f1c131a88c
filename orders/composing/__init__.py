"""Turning an order's decisions into the rows that `orders_place` writes. Writes none itself."""

from orders.composing.batch import Batch, Judgement, Placed
from orders.composing.customers import customer_id_of, customer_words
from orders.composing.orders import compose, payment_status

__all__ = [
    "Batch",
    "Judgement",
    "Placed",
    "compose",
    "customer_id_of",
    "customer_words",
    "payment_status",
]
