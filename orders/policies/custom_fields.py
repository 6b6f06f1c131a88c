"""Validates and renders values of custom fields."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from erp.money import written

LONGEST = 500


def as_facts(metadata: Mapping[str, object]) -> set[str]:
    """What rules may ask: "code=value" of everything that an order says of its own."""
    return {f"{name}={text_of(value)}" for name, value in metadata.items()}


def text_of(value: object) -> str:
    """A value as JSON writes it, texts without their quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def value_of(kind: str, text: str, choices: Sequence[str]) -> object:
    """What is kept of what somebody wrote; None for nothing. Raises ValueError where it is not of the kind.

    kind   text, number, yes_no, date or choice; numbers are kept as decimal text, dates as 2026-11-28
    """
    text = text.strip()
    if not text:
        return None
    if kind == "number":
        number = written(text.replace(",", ""))
        if number is None or abs(number) >= Decimal(10) ** 15:
            raise ValueError(text)
        return f"{number.normalize():f}"
    if kind == "yes_no":
        if text not in {"true", "false"}:
            raise ValueError(text)
        return text == "true"
    if kind == "date":
        return date.fromisoformat(text).isoformat()
    if (kind == "choice" and text not in choices) or len(text) > LONGEST:
        raise ValueError(text)
    return text
