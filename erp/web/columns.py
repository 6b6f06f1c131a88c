"""Makes the columns of lists that say an amount, a moment, a day or a state: one look and one export for each."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db.models import Model
from django.utils.safestring import SafeString

from erp.lists.page import Column, Lines, R
from erp.money import rounded
from erp.shapes import Words
from erp.templatetags.show import ago, label_of, money, pill

SHOWN = 3  # lines of a row on the page


class Options(TypedDict, total=False):
    """What else a column may have."""

    right: str
    extra: bool
    second: tuple[Words, Callable[..., object]]


def amount_column(
    name: str,
    label: Words,
    amount: Callable[[R], Decimal],
    currency: Callable[[R], str],
    **options: Unpack[Options],
) -> Column[R]:
    """A column of amounts: as the reader writes them, and exported with their currency and its digits."""
    return Column(
        name,
        label,
        lambda row: money(amount(row), currency(row)),
        numeric=True,
        value=lambda row: rounded(amount(row), currency(row)),
        kind="amount",
        currency=currency,
        **options,
    )


def time_column(
    name: str,
    label: Words,
    at: Callable[[R], datetime | None],
    *,
    shown: Callable[[R], object] = bool,
    **options: Unpack[Options],
) -> Column[R]:
    """A column of moments: how long ago, exported in the page's zone. `shown` says of which rows the page shows it."""
    return Column(
        name,
        label,
        lambda row: ago(at(row)) if shown(row) else "",
        value=at,
        kind="time",
        **options,
    )


def day_column(
    name: str, label: Words, day: Callable[[R], date | None], **options: Unpack[Options]
) -> Column[R]:
    """A column of days."""
    return Column(
        name,
        label,
        lambda row: found.isoformat() if (found := day(row)) else "–",
        value=day,
        kind="day",
        **options,
    )


def state_column(
    name: str,
    label: Words,
    state: str | Callable[[R], tuple[str, Words] | None],
    *,
    cell: Callable[[R], SafeString] | None = None,
    **options: Unpack[Options],
) -> Column[R]:
    """A column of states: pills on the page, and the pills' words in an export.

    state   a field with choices, or the tone and the word of a row; None where it has nothing to say
    cell    how it looks, where that is more than its pill
    """
    said = _said_by_field(state) if isinstance(state, str) else state
    return Column(
        name,
        label,
        cell or (lambda row: pill(*found) if (found := said(row)) else ""),
        value=lambda row: found[1] if (found := said(row)) else "",
        kind="state",
        **options,
    )


def _said_by_field(field: str) -> Callable[[Model], tuple[str, Words]]:
    return lambda row: (getattr(row, field), label_of(row, field))


def text_column(
    name: str, label: Words, text: Callable[[R], Words | int | None], **options: Unpack[Options]
) -> Column[R]:
    """A column of texts; where there is none the page shows a dash, and an export nothing."""
    return Column(name, label, lambda row: text(row) or "–", value=text, **options)


def lines_column(
    name: str,
    label: Words,
    heads: Sequence[tuple[Words, bool]],
    lines: Callable[[R], Sequence[Sequence[object]]],
    *,
    form: str = "{} × {}",
    cell: Callable[[R], Words] | None = None,
    masked: tuple[str, Callable[[R], Sequence[Sequence[object]]]] | None = None,
    **options: Unpack[Options],
) -> Column[R]:
    """A column of a row's lines: the first of them side by side on the page, each in a row of an export.

    masked   (right, lines): what whoever lacks that right has instead
    """
    return Column(
        name,
        label,
        cell or _side_by_side(lines, form),
        lines=Lines(heads, lines),
        masked=(masked[0], _side_by_side(masked[1], form)) if masked else None,
        masked_lines=Lines(heads, masked[1]) if masked else None,
        **options,
    )


def _side_by_side(
    lines: Callable[[R], Sequence[Sequence[object]]], form: str
) -> Callable[[R], str]:
    def shown(row: R) -> str:
        found = lines(row)
        text = ", ".join(form.format(*line) for line in found[:SHOWN])
        return f"{text} …" if len(found) > SHOWN else text

    return shown
