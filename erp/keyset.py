"""Pages lists of any length by keyset: "the rows after this one", without offsets or counts."""

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from erp.errors import Malformed

R = TypeVar("R", bound=Model)


def after(order: Sequence[str], values: Sequence[object]) -> Q:
    """Rows after the cursor: (a, b) > (x, y), spelled out so that directions may differ."""
    condition = Q()
    equal = Q()
    for name, value in zip(order, values, strict=True):
        field = name.removeprefix("-")
        step = f"{field}__lt" if name.startswith("-") else f"{field}__gt"
        condition |= equal & Q(**{step: value})
        equal &= Q(**{field: value})
    return condition


def first_full_page(
    ways: Iterable[QuerySet[R]], order: Sequence[str], before: Sequence[object], count: int
) -> list[R]:
    """The page after `before`, and one row more if there is one, from the first way that fills it."""
    found: list[R] = []
    for rows in ways:
        page = rows.filter(after(order, before)) if before else rows
        found = list(page.order_by(*order)[: count + 1])
        if len(found) > count:
            break
    return found


def encode_cursor(order: Sequence[str], row: object) -> str:
    values = [_value(row, name.removeprefix("-")) for name in order]
    text = json.dumps([v.isoformat() if isinstance(v, datetime) else v for v in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _value(row: object, name: str) -> object:
    return row[name] if isinstance(row, dict) else getattr(row, name)


def decode_cursor(cursor: str, count: int) -> list[object]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded.encode()))
        if not isinstance(values, list) or len(values) != count:
            raise ValueError
        if any(isinstance(v, dict | list | float) or v is None for v in values):
            raise ValueError
    except (ValueError, UnicodeError) as error:
        raise Malformed(_("This cursor is invalid.")) from error
    return values
