"""Writes cells of exported files: text as it was typed, numbers as numbers, nothing that runs as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576  # of a sheet, as the format has
LONGEST = 32_767  # characters of a cell, likewise
EXACT = 15  # digits that a number of a spreadsheet keeps
COUNTED = frozenset(
    {"number", "amount"}
)  # the kinds of columns whose cells a workbook has as numbers
FORMS = {"time": "yyyy-mm-dd hh:mm:ss", "day": "yyyy-mm-dd"}  # those it has as days, and how
FIRST = datetime.fromisoformat(
    "1900-03-01"
)  # day that every spreadsheet counts alike; 1900 had no 29 February
# What a spreadsheet may run (OWASP, CSV injection), behind as many guards as there are already: also where a
# blank or a mark that nobody sees stands before it, and as the wide characters of Chinese and Japanese keyboards.
UNSEEN = (
    r"[\s\x00-\x1f\x7f-\xa0\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
RUNS_ALONE = rf"(?:[\t\r\n]|{UNSEEN}*[=+\-@＝＋－＠﹦﹢﹣﹫−])"
RUNS = re.compile(rf"'*{RUNS_ALONE}")
GUARDED = re.compile(rf"'+{RUNS_ALONE}")
SIGNED = re.compile(r"[+-][0-9 ]+(\.[0-9]+)?")  # a telephone number or an amount: nothing runs
NUMBER = re.compile(r"-?[0-9]+(?:\.([0-9]+))?")


def plain(value: object) -> str:
    """A cell's value as text, exactly what was typed; a moment in the zone that is shown, which its offset says."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def guarded(text: str) -> str:
    """Text as a CSV has it: an apostrophe in front of what a spreadsheet would run. `unguarded` takes it off."""
    return f"'{text}" if RUNS.match(text) and not SIGNED.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Text as it was before it was guarded."""
    return text[1:] if GUARDED.match(text) else text


def as_workbook(lines: Iterable[str], kinds: Sequence[str]) -> bytes:
    """Convert a CSV to XLSX, at most as many rows as the format has, by the kinds of its columns.

    Moments become dates of the zone that is shown, which the heading names; where its clock shows an hour twice
    they stay texts with their offset.
    """
    stream = io.BytesIO()
    book = open_workbook(stream)
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    formats: dict[str, Format] = {}

    def form(pattern: str) -> Format:
        if pattern not in formats:
            formats[pattern] = book.add_format({"num_format": pattern})
        return formats[pattern]

    zone = timezone.get_current_timezone_name()
    for index, row in enumerate(islice(csv.reader(lines), MOST_ROWS)):
        for place, text in enumerate(row):
            kind = kinds[place]
            if not index:
                sheet.write_string(0, place, f"{text} ({zone})" if kind == "time" else text)
            elif kind in COUNTED and (digits := _digits(text)) is not None:
                sheet.write_number(
                    index, place, float(text), form(f"0.{'0' * digits}" if digits else "0")
                )
            elif kind in FORMS and (at := _on_the_clock(text)) is not None:
                sheet.write_datetime(index, place, at, form(FORMS[kind]))
            else:
                sheet.write_string(index, place, text[:LONGEST])
    book.close()
    return stream.getvalue()


def _digits(text: str) -> int | None:
    """How many decimals a number has; None of what is none that a spreadsheet keeps."""
    found = NUMBER.fullmatch(text)
    if found is None or len(text.strip("-0.").replace(".", "")) > EXACT:
        return None
    return len(found[1] or "")


def _on_the_clock(text: str) -> datetime | None:
    """What a clock of the zone shows at a moment, or the day; None where a spreadsheet cannot say it for sure."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    shown = at.replace(tzinfo=None)
    if shown < FIRST or (at.tzinfo is not None and _is_twice(shown)):
        return None
    return shown


def _is_twice(shown: datetime) -> bool:
    """Whether the clock of the zone that is shown shows this time twice: an hour of the end of summer time."""
    zone = timezone.get_current_timezone()
    first, second = (shown.replace(fold=fold, tzinfo=zone).utcoffset() for fold in (0, 1))
    return first != second


def open_workbook(stream: io.BytesIO) -> Workbook:
    """A workbook that takes nothing for a formula or an address."""
    return xlsxwriter.Workbook(
        stream,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )


def write_text(sheet: Worksheet, row: int, place: int, text: str) -> None:
    """Write text into a sheet that is read again: only what looks guarded gets a guard, which reading takes off."""
    sheet.write_string(row, place, (f"'{text}" if GUARDED.match(text) else text)[:LONGEST])
