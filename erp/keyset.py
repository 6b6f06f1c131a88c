"""Pages lists of any length by keyset: "the rows after this one", without offsets or counts."""

import base64
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import DateTimeField, Field, Model, Q, QuerySet
from django.utils.translation import gettext as _

from erp.bounds import check_bounds
from erp.errors import Invalid, Malformed

R = TypeVar("R", bound=Model)
LARGEST = 2**63 - 1


def after(order: Sequence[str], values: Sequence[object], empty: Collection[str] = ()) -> Q:
    """Rows after the cursor: (a, b) > (x, y), spelled out so that directions may differ.

    empty   the fields that may be null; null comes after every value, and turned round before all of them, as
            PostgreSQL sorts
    """
    condition = Q()
    equal = Q()
    for name, value in zip(order, values, strict=True):
        field = name.removeprefix("-")
        condition |= equal & _beyond(
            field, value, is_down=name != field, may_be_null=field in empty
        )
        equal &= Q(**{f"{field}__isnull": True}) if value is None else Q(**{field: value})
    return condition


def _beyond(field: str, value: object, *, is_down: bool, may_be_null: bool) -> Q:
    """Rows whose field comes after a value. A comparison with null is true of none: they would be lost."""
    if value is None:
        return Q(**{f"{field}__isnull": False}) if is_down else Q(pk__in=[])
    if is_down:
        return Q(**{f"{field}__lt": value})
    beyond = Q(**{f"{field}__gt": value})
    return beyond | Q(**{f"{field}__isnull": True}) if may_be_null else beyond


def first_full_page(
    ways: Iterable[QuerySet[R]], order: Sequence[str], before: Sequence[object], count: int
) -> list[R]:
    """The page after `before`, and one row more if there is one, from the first way that fills it."""
    found: list[R] = []
    for rows in ways:
        page = rows.filter(after(order, before, nullable(order, rows))) if before else rows
        found = list(page.order_by(*order)[: count + 1])
        if len(found) > count:
            break
    return found


def nullable(order: Sequence[str], rows: QuerySet[Any]) -> set[str]:
    """The fields of an order that may be null, among them whatever a list computes."""
    names = {name.removeprefix("-") for name in order}
    fields = {name: _field(rows.model, name) for name in names}
    return {name for name, field in fields.items() if field is None or field.null}


def encode_cursor(order: Sequence[str], row: object) -> str:
    """Where a page in this order ends: the order itself and the last row's values."""
    values = [_plain(_value(row, name.removeprefix("-"))) for name in order]
    text = json.dumps([",".join(order), *values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _value(row: object, name: str) -> object:
    return row[name] if isinstance(row, dict) else getattr(row, name)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def decode_cursor(cursor: str, order: Sequence[str], rows: QuerySet[Any]) -> list[object]:
    """The values that a page begins after. Raises Malformed for what no page of these rows in this order ends with.

    A cursor is the caller's word: its values are read as what their fields hold.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        said = json.loads(base64.urlsafe_b64decode(padded.encode()))
        if not isinstance(said, list) or len(said) != len(order) + 1 or said[0] != ",".join(order):
            raise ValueError
        empty = nullable(order, rows)
        return [
            None
            if value is None and name.removeprefix("-") in empty
            else _typed(_field(rows.model, name.removeprefix("-")), value)
            for name, value in zip(order, said[1:], strict=True)
        ]
    except (ValueError, RecursionError, TypeError, ValidationError, Invalid) as error:
        raise Malformed(_("This cursor is invalid.")) from error


def _field(model: type[Model], name: str) -> "Field[Any, Any] | None":
    """The field of this name; None of what a list computes."""
    try:
        found = model._meta.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def _typed(field: "Field[Any, Any] | None", said: object) -> object:
    """What a field holds, of what a cursor says. Raises ValueError, ValidationError or Invalid."""
    if not isinstance(said, str | int):
        raise ValueError("a cursor holds text and numbers")
    value = said
    if field is not None:
        value = getattr(field, "target_field", field).to_python(said)  # of a foreign key: its key
        if value is None or (isinstance(field, DateTimeField) and type(value) is not datetime):
            raise ValueError("the field holds something else")
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError("no key is that large")
    else:
        check_bounds(value)
    return value
