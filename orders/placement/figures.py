"""Counts orders that were taken in and refused, for `/metrics`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from erp.metrics.tally import count
from orders.placement.rows.batch import Placed


def count_outcomes(
    channel: str, orders: Sequence[Mapping[str, Any]], outcomes: Sequence[Placed]
) -> None:
    """Count a batch once it is committed: each order by the status it begins in, each refusal by its code.

    orders   the rows that were written
    """
    for refused in (placed.refusal for placed in outcomes if placed.refusal):
        count("orders_refused", channel, refused.code)
    if orders:
        begun = Counter(str(row["status"]) for row in orders)
        transaction.on_commit(partial(_count, channel, begun), robust=True)


def _count(channel: str, begun: Mapping[str, int]) -> None:
    for status, orders in begun.items():
        count("orders_placed", channel, status, by=orders)
