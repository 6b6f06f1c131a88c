"""Derives from the models what an order's rows hold where nobody decided otherwise."""

from typing import Any

from django.db import models
from django.db.models.expressions import BaseExpression

from orders.order.models.order import Order, OrderLine


def blank(model: type[models.Model]) -> dict[str, Any]:
    """The columns of a row without its key: each with its default; without one, null or missing.

    A row that is built on it names only what is particular to it, and a new column with a default
    needs no line in any writer of rows. Raises TypeError for a default that is not a value: it would
    be taken once, when the program starts, and be the same for every order.
    """
    row: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.has_db_default():
            row[column.attname] = _value(column, column.db_default)
        elif column.has_default():
            row[column.attname] = _value(column, column.default)
        elif column.null:
            row[column.attname] = None
    return row


def _value(column: "models.Field[Any, Any]", default: object) -> object:
    if default in (dict, list):
        return column.get_default()
    if callable(default) or isinstance(default, BaseExpression):
        raise TypeError(f"{column.model.__name__}.{column.name}: its default is no plain value.")
    return column.to_python(default)


BLANK_ORDER = blank(Order)
BLANK_LINE = blank(OrderLine)
