"""Reads foreign JSON: lenient about types, strict about meaning: a value, or a named defect, never a guess."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from erp.money import is_currency
from erp.visible import identifier

ZERO = Decimal(0)


NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{0,40})?([eE][+-]?\d{1,2})?", re.ASCII)


MOST_UNITS = 1_000_000  # of one line


LONGEST_ID = 40


MOST_MARKS = 600_000  # of a body: each stands before a value, and a value takes more than a hundred bytes to hold


# What nothing can keep: NUL, and half of a character; and the fields in which one that is lost makes another's name.
LOST = re.compile("[\x00\ud800-\udfff]")
IDENTIFYING = re.compile("(?:^|_)(?:id|sku|number|code|key|reference|token)$")


YES_OR_NO: Mapping[object, bool] = {
    "": False,
    "false": False,
    "no": False,
    "0": False,
    "true": True,
    "yes": True,
    "1": True,
}


class Unreadable(Exception):
    """No order can be made of a message. `code` says why, `params` with what."""

    def __init__(self, code: str, **params: str) -> None:
        self.code, self.params = code, params
        super().__init__(code)

    def said(self) -> dict[str, str]:
        """What it is made of again on the other side of the sandbox."""
        return {"code": self.code, **self.params}


def text(value: object, longest: int = 250) -> str:
    """A value as text that PostgreSQL stores: not too long, NUL and half characters marked as lost."""
    if value is None or isinstance(value, (Mapping, list)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return LOST.sub("\ufffd", str(value)).strip()[:longest]


def number(value: object) -> Decimal | None:
    """A value as a number with at most four decimals; None for what is none, or too large to be kept."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return None
    written = str(value).strip()
    if not NUMBER.fullmatch(written):
        return None
    found = Decimal(written)
    if found and found.adjusted() > 12:
        return None
    return round(found, 4) if found.adjusted() > -20 else ZERO


def currency_code(value: str) -> str:
    """A currency as ISO 4217 writes it. Raises Unreadable for what is none, never cut to what would be one."""
    code = value.strip().upper()
    if is_currency(code):
        return code
    if code.isalnum():
        raise Unreadable("currency_unknown", value=value[:40])
    raise Unreadable("no_currency")


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
    """An object of a message. What is missing reads as empty; what is there and cannot be read raises Unreadable."""

    def __init__(self, value: object) -> None:
        self.value: Mapping[str, object] = value if isinstance(value, Mapping) else {}

    def __bool__(self) -> bool:
        return bool(self.value)

    def __contains__(self, name: str) -> bool:
        return self.value.get(name) is not None

    def raw(self, name: str) -> object:
        return self.value.get(name)

    def items(self, name: str) -> list[object]:
        """A list as it is; empty for none. PHP writes an empty object as a list, and the other way about."""
        rows = self.value.get(name)
        if isinstance(rows, list):
            return rows
        if not rows:
            return []
        raise self._defect("not_a_list", name)

    def text(self, name: str, longest: int = 250) -> str:
        """A text; of what names something no character may be lost."""
        given = self.value.get(name)
        if isinstance(given, str) and IDENTIFYING.search(name) and LOST.search(given):
            raise self._defect("id_damaged", name)
        return text(given, longest)

    def key(self, name: str) -> str:
        """An id, whole: one that is too long to be kept would be somebody else's when it is cut."""
        found = identifier(self.text(name))
        if len(found) > LONGEST_ID:
            raise self._defect("id_too_long", name)
        return found

    def amount(self, name: str) -> Decimal:
        """Money, or nought where none is stated."""
        given = self.value.get(name)
        if given is None or given == "":
            return ZERO
        found = number(given)
        if found is None:
            raise self._defect("amount_unreadable", name)
        return found

    def due(self, name: str) -> Decimal:
        """Money that is not below zero, or nought where none is stated."""
        found = self.amount(name)
        if found < 0:
            raise self._defect("amount_below_zero", name)
        return found

    def stated(self, name: str) -> Decimal:
        """Money that is not below zero and has to be stated: nothing is not nought."""
        if self.text(name) == "":
            raise self._defect("amount_missing", name)
        return self.due(name)

    def units(self, name: str, line: str) -> int:
        """How many units of a line, from nought to a million. Raises Unreadable naming the line."""
        found = number(self.value.get(name))
        if found is None or found != int(found) or not 0 <= found <= MOST_UNITS:
            value = text(self.value.get(name), 40)
            raise Unreadable("quantity_not_whole", line=line[:60], value=value)
        return int(found)

    def flag(self, name: str) -> bool:
        """Yes or no; no where neither is said."""
        given = self.value.get(name)
        found = YES_OR_NO.get(text(given, 10).lower())
        if found is None or isinstance(given, (Mapping, list)):
            raise self._defect("flag_unreadable", name)
        return found

    def moment(self, name: str, *, utc: bool = False) -> datetime | None:
        """A point in time; None where none is said."""
        given = self.value.get(name)
        if given is None or given == "":
            return None
        found = moment(given, utc=utc)
        if found is None:
            raise self._defect("moment_unreadable", name)
        return found

    def part(self, name: str) -> "Part":
        given = self.value.get(name)
        if given and not isinstance(given, Mapping):
            raise self._defect("not_an_object_in", name)
        return Part(given)

    def parts(self, name: str) -> Iterator["Part"]:
        for row in self.items(name):
            if not isinstance(row, Mapping):
                raise self._defect("not_a_list", name)
            yield Part(row)

    def _defect(self, code: str, name: str) -> Unreadable:
        given = self.value.get(name)
        shown = given if isinstance(given, (str, int, Decimal)) else json.dumps(given, default=str)
        return Unreadable(code, field=name, value=text(shown, 60))


def parsed(body: bytes) -> Part:
    """A message's body. Numbers keep every digit. Raises Unreadable for what is no JSON object, or of too many values.

    Ten megabytes of empty lists were half a gigabyte of the worker that read them.
    """
    if len(body) > MOST_MARKS and sum(map(body.count, (b",", b"[", b"{"))) > MOST_MARKS:
        raise Unreadable("too_much", what=f"{MOST_MARKS:,}+")
    try:
        value = json.loads(body or b"{}", parse_float=Decimal, parse_constant=_refused)
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8") from error
    except RecursionError as error:
        raise Unreadable("nested_too_deeply") from error
    except json.JSONDecodeError as error:
        raise Unreadable("not_json", line=str(error.lineno), column=str(error.colno)) from error
    # A number that is none: NaN, thousands of digits, or an exponent of which `Decimal` makes none (1e99…9).
    except (ValueError, InvalidOperation) as error:
        raise Unreadable("number_in_json") from error
    if isinstance(value, list) and not value:
        return Part({})
    if not isinstance(value, Mapping):
        raise Unreadable("not_an_object")
    return Part(value)


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number")
