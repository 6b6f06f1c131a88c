"""Reads foreign JSON: lenient about types, strict about what makes an order."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

ZERO = Decimal(0)


MOST_MONEY = Decimal(10) ** 13


class Unreadable(Exception):
    """No order can be made of a message. `code` says why, `params` with what."""

    def __init__(self, code: str, **params: str) -> None:
        self.code, self.params = code, params
        super().__init__(code)


def text(value: object, longest: int = 250) -> str:
    """A value as text that PostgreSQL stores: no NUL, no half characters, not too long."""
    if value is None or isinstance(value, (Mapping, list)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = str(value).encode("utf-8", "replace").decode().replace("\x00", "")
    return plain.strip()[:longest]


def amount(value: object) -> Decimal:
    """A value as money with at most four decimals; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return ZERO
    try:
        number = Decimal(str(value).strip() or "0")
    except InvalidOperation:
        return ZERO
    if not number.is_finite() or number.adjusted() > 12 or abs(number) >= MOST_MONEY:
        return ZERO
    return round(number, 4) if number.adjusted() > -20 else ZERO


def whole(value: object) -> int:
    """A value as a whole number; 0 for what is none."""
    number = amount(value)
    return int(number) if number == int(number) else 0


def currency_code(value: str) -> str:
    """A currency as ISO 4217 writes it. Raises Unreadable for what cannot be one."""
    code = value.upper()
    if len(code) != 3 or not code.isalpha():
        raise Unreadable("no_currency")
    return code


def moment(value: object, *, utc: bool = False) -> datetime | None:
    """A value as a point in time; None for what is none, or has no zone (`utc`: it is UTC's)."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if found.tzinfo is None:
        if not utc:
            return None
        found = found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC) if 1990 <= found.year <= 2100 else None
    except OverflowError:
        return None


class Part:
    """An object of a message. Whatever is missing or of another type reads as empty."""

    def __init__(self, value: object) -> None:
        self.value: Mapping[str, object] = value if isinstance(value, Mapping) else {}

    def __bool__(self) -> bool:
        return bool(self.value)

    def __contains__(self, name: str) -> bool:
        return self.value.get(name) is not None

    def raw(self, name: str) -> object:
        return self.value.get(name)

    def items(self, name: str) -> list[object]:
        """A list as it is; empty for what is none."""
        rows = self.value.get(name)
        return rows if isinstance(rows, list) else []

    def text(self, name: str, longest: int = 250) -> str:
        return text(self.value.get(name), longest)

    def amount(self, name: str) -> Decimal:
        return amount(self.value.get(name))

    def whole(self, name: str) -> int:
        return whole(self.value.get(name))

    def flag(self, name: str) -> bool:
        return self.value.get(name) is True

    def moment(self, name: str, *, utc: bool = False) -> datetime | None:
        return moment(self.value.get(name), utc=utc)

    def part(self, name: str) -> "Part":
        return Part(self.value.get(name))

    def parts(self, name: str) -> Iterator["Part"]:
        rows = self.value.get(name)
        return (Part(row) for row in (rows if isinstance(rows, list) else ()))


def parsed(body: bytes) -> Part:
    """A message's body. Numbers keep every digit. Raises Unreadable for what is no JSON object."""
    try:
        value = json.loads(body or b"{}", parse_float=Decimal, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json", why=text(error, 120)) from error
    if isinstance(value, list) and not value:
        return Part({})
    if not isinstance(value, Mapping):
        raise Unreadable("not_an_object")
    return Part(value)


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number")
