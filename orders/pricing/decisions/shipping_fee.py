"""Decides whether shipping is free: the one rule that new orders and changes of orders ask."""

from decimal import Decimal


def is_shipping_free(goods_shown: Decimal, free_from: Decimal | None) -> bool:
    """Whether goods, as their customer is shown them and less what promotions took off, ship free of charge."""
    return free_from is not None and goods_shown >= free_from
