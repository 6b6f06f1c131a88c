"""Reads the sheets that are attached to a letter, within what a letter may take."""

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import NamedTuple

from erp.encodings import is_garbled
from erp.files import Header, RawRow, Unreadable, rows_of_bytes, weight_of
from orders.intake.mail.email_orders import Issue
from orders.intake.mail.mail import LOST, Attachment

MOST_ROWS = 2000  # of an attached sheet
MOST_TEXT = 20_000  # characters that a letter and its sheets are read for
MOST_SHEETS, SHEETS_S = 10, 5.0  # of one letter, and how long they are begun


class AttachedSheet(NamedTuple):
    """The rows of an attached sheet, and what of it could not be read or may be read wrongly."""

    rows: list[tuple[str, ...]]
    issues: list[Issue]


def read_sheets(attachments: Sequence[Attachment]) -> Iterator[AttachedSheet]:
    """Read the sheets that are attached to a letter, as long as that takes no longer than a letter may.

    Two hundred workbooks of some seconds each held the worker until it was ended, and then the next one.
    """
    until, room = monotonic() + SHEETS_S, MOST_TEXT
    sheets = [a for a in attachments if a.name.lower().endswith((".csv", ".tsv", ".xlsx"))]
    for count, attached in enumerate(sheets):
        if count >= MOST_SHEETS or monotonic() > until:
            yield AttachedSheet([], [Issue("attachment_unreadable", {"name": attached.name})])
            continue
        sheet = _sheet(attached, room)
        room -= sum(weight_of(row) for row in sheet.rows)
        yield sheet


def _sheet(attached: Attachment, room: int) -> AttachedSheet:
    """The rows of an attached sheet, and what of it could not be read or may be read wrongly.

    room   characters and cells of them that are read at most
    """
    rows: list[tuple[str, ...]] = []
    is_sure = True
    try:
        for count, row in enumerate(rows_of_bytes(attached.name, attached.body)):
            cells = row.names if isinstance(row, Header) else row.cells
            room -= weight_of(cells)
            if count == MOST_ROWS or room < 0:
                return AttachedSheet(
                    rows, [Issue("attachment_cut", {"name": attached.name, "n": count})]
                )
            is_sure = is_sure and _is_sure(row, cells)
            rows.append(tuple(cell.replace("\x00", LOST) for cell in cells))
    except Unreadable:
        return AttachedSheet(rows, [Issue("attachment_unreadable", {"name": attached.name})])
    return AttachedSheet(rows, [] if is_sure else [Issue("encoding_doubtful")])


def _is_sure(row: Header | RawRow, cells: Sequence[str]) -> bool:
    odd = [cell for cell in cells if not cell.isascii() or "\x00" in cell]
    guessed = isinstance(row, RawRow) and not row.is_sure and bool(odd)
    return not guessed and not any("\x00" in cell or is_garbled(cell) for cell in cells)
