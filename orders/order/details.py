"""Lists the details of an order that stand in columns of their own, by the columns' names."""

from datetime import date, datetime
from functools import cache

from django.utils.formats import date_format
from django.utils.timezone import localtime

from orders.order.models.order import Order


def details_of(order: Order) -> list[tuple[str, str]]:
    """What an order holds in named columns: (name, value as text); what is empty is left out.

    A column is named by giving its field a name in the model, so that a new one is shown by that alone.
    """
    found = [(name, _shown(order, column)) for column, name in _named_columns()]
    return [(str(name), _text(value)) for name, value in found if value not in (None, "")]


def _shown(order: Order, column: str) -> object:
    """The value of a column; of one that is chosen from a list, the choice's name."""
    chosen = getattr(order, f"get_{column}_display", None)
    return getattr(order, column) if chosen is None else chosen()


@cache
def _named_columns() -> tuple[tuple[str, object], ...]:
    """The columns whose field was given a name: (column, name in the reader's language)."""
    named = []
    for column in Order._meta.concrete_fields:
        _name, _path, _args, given = column.deconstruct()
        if "verbose_name" in given and not column.is_relation and not column.primary_key:
            named.append((column.attname, column.verbose_name))
    return tuple(named)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return date_format(localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    return str(value)
