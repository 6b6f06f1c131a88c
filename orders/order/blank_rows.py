"""Derives from the models what an order's rows hold where nobody decided otherwise."""

from typing import Any

from django.db import models

from orders.order.models.order import Order, OrderLine


def blank(model: type[models.Model]) -> dict[str, Any]:
    """The columns of a row without its key: each with its default; without one, null or missing.

    A row that is built on it names only what is particular to it, and a new column with a default
    needs no line in any writer of rows.
    """
    row: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.has_db_default():
            row[column.attname] = column.db_default
        elif column.has_default():
            row[column.attname] = column.get_default()
        elif column.null:
            row[column.attname] = None
    return row


BLANK_ORDER = blank(Order)
BLANK_LINE = blank(OrderLine)
