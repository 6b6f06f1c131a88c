"""Writes cells of exported files: text as it was typed, numbers as numbers, nothing that runs as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import unescape
from itertools import islice

import xlsxwriter
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576  # of a sheet, as the format has
LONGEST = 32_767  # characters of a cell, likewise
EXACT = 15  # digits that a number of a spreadsheet keeps
# What a spreadsheet may run (OWASP, CSV injection), behind as many guards as there are already.
RUNS = re.compile(r"'*[=+\-@\t\r\n]")
GUARDED = re.compile(r"'+[=+\-@\t\r\n]")
SIGNED = re.compile(r"[+-][\d ]+(\.\d+)?")  # a telephone number or an amount: nothing runs
NUMBER = re.compile(r"-?\d+(?:\.(\d+))?")


def plain(value: object) -> str:
    """A cell's value as text: exactly what was typed. Markup that a list made around a value is taken off."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, SafeString):
        return unescape(strip_tags(value))
    return str(value)


def guarded(text: str) -> str:
    """Text as a CSV has it: an apostrophe in front of what a spreadsheet would run. `unguarded` takes it off."""
    return f"'{text}" if RUNS.match(text) and not SIGNED.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Text as it was before it was guarded."""
    return text[1:] if GUARDED.match(text) else text


def as_workbook(lines: Iterable[str], numeric: Sequence[bool]) -> bytes:
    """Convert a CSV to XLSX, at most as many rows as the format has; numbers only in columns of numbers."""
    stream = io.BytesIO()
    book = open_workbook(stream)
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    formats: dict[int, Format] = {}
    for index, row in enumerate(islice(csv.reader(lines), MOST_ROWS)):
        for place, text in enumerate(row):
            found = NUMBER.fullmatch(text) if index and numeric[place] else None
            if found and len(text.strip("-0.").replace(".", "")) <= EXACT:
                digits = len(found[1] or "")
                if digits not in formats:
                    formats[digits] = _format_of(book, digits)
                sheet.write_number(index, place, float(text), formats[digits])
            else:
                sheet.write_string(index, place, text[:LONGEST])
    book.close()
    return stream.getvalue()


def open_workbook(stream: io.BytesIO) -> Workbook:
    """A workbook that takes nothing for a formula or an address."""
    return xlsxwriter.Workbook(
        stream,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )


def _format_of(book: Workbook, digits: int) -> Format:
    return book.add_format({"num_format": f"0.{'0' * digits}" if digits else "0"})


def write_text(sheet: Worksheet, row: int, place: int, text: str) -> None:
    """Write text into a sheet that is read again: only what looks guarded gets a guard, which reading takes off."""
    sheet.write_string(row, place, (f"'{text}" if GUARDED.match(text) else text)[:LONGEST])
