"""Bounds the moments that come from outside, so that every zone, table and page can hold them."""

from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec
from django.utils.translation import gettext as _
from msgspec import inspect

from erp.errors import FieldError, Invalid

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(hours=14)  # of any zone from UTC; PostgreSQL refuses sixteen


def check_moments(value: object, pointer: str = "") -> None:
    """Raise Invalid naming a moment in a body that has no zone, or lies outside 1900 to 2199.

    A hold until the year 9999 was taken once: in a zone east of UTC it could not be shown any more,
    and with it neither its order nor the list.
    """
    if isinstance(value, msgspec.Struct):
        for name in _fields_with_moments(type(value)):
            check_moments(getattr(value, name), f"{pointer}/{name}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            check_moments(item, f"{pointer}/{index}")
    elif isinstance(value, datetime):
        _check(value, pointer)


def _check(moment: datetime, pointer: str) -> None:
    offset = moment.utcoffset()
    if offset is None or abs(offset) > FARTHEST:
        text = _("Give the moment with its offset from UTC, such as 2026-03-02T12:00:00Z.")
        raise Invalid(errors=[FieldError(pointer, "malformed", text)])
    local = moment.replace(tzinfo=UTC)
    if not EARLIEST <= local < LATEST:
        text = _("A moment lies between the years 1900 and 2199.")
        raise Invalid(errors=[FieldError(pointer, "out-of-range", text)])


@cache
def _fields_with_moments(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return tuple(field.name for field in info.fields if _holds_moments(field.type))


def _holds_moments(info: inspect.Type) -> bool:
    if isinstance(info, inspect.Metadata):
        return _holds_moments(info.type)
    if isinstance(info, inspect.UnionType):
        return any(_holds_moments(one) for one in info.types)
    if isinstance(info, inspect.ListType | inspect.VarTupleType):
        return _holds_moments(info.item_type)
    if isinstance(info, inspect.StructType):
        return any(_holds_moments(field.type) for field in info.fields)
    return isinstance(info, inspect.DateTimeType)
