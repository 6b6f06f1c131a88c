"""Reads rows of CSV and XLSX files, folders and archives, one row at a time."""

import codecs
import csv
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import zstandard
from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook

from erp.encodings import SAMPLE, Guess, guess, seven_bit, utf_16
from erp.visible import seen

ROW = re.compile(rb"<row\b[^>]{0,200}?\br=[\"'](\d+)")
CELL = re.compile(rb"<c\b[^>]{0,200}?\br=[\"']([A-Z]+)(\d+)")
SUFFIXES = (".csv", ".tsv", ".xlsx")
LOOKED_AT = 20_000  # characters that the delimiter is found in
MOST_CHARACTERS = 5000  # of one cell
MOST_CELLS = (
    8_000_000  # of a sheet, from its first cell to its furthest: all of it is laid out in memory
)
MOST_HEADINGS = 2000
MOST_UNPACKED = 200 * 1024 * 1024  # bytes of a workbook's parts: a larger one is a bomb


# What archives and their packings raise of bytes that are none, or are locked.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zstandard.ZstdError,
    EOFError,
    OSError,
    NotImplementedError,  # of zipfile: a way of compressing that it has none for
    RuntimeError,  # of zipfile: a file in it is encrypted
)
MOST_DIGITS = 10**15  # a workbook keeps fifteen digits of a number


class Typed(str):
    """A cell that a workbook keeps as a number, so that its notation is known: a point, no groups."""

    __slots__ = ()


class Unreadable(Exception):
    """A file that is none of what we read, or is broken; the message says what to do."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it was found. `row` counts as a spreadsheet does: the header is row 1.

    is_sure   nothing but its file's encoding could be meant
    """

    file: str
    row: int
    cells: tuple[str, ...]
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Header:
    """The first row of a file: what its columns are called."""

    file: str
    names: tuple[str, ...]


def read_rows(path: Path, encoding: str = "") -> Iterator[Header | RawRow]:
    """Read every row of a file, of a folder's files by name, or of an archive's members by name.

    encoding   what somebody declared the file to be in; "": what its bytes look like
    Raises Unreadable.
    """
    if path.is_dir():
        for member in sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES):
            yield from read_rows(member, encoding)
        return
    if not path.exists():
        raise Unreadable(_("There is no file %(file)s.") % {"file": path})
    try:
        yield from _read_one(path, encoding)
    except BROKEN as error:
        raise Unreadable(
            _("%(file)s is damaged, encrypted or packed in a way that is not read here.")
            % {"file": path.name}
        ) from error


def _read_one(path: Path, encoding: str) -> Iterator[Header | RawRow]:
    name = path.name.lower()
    if name.endswith((".tar.zst", ".tzst", ".tar.gz", ".tgz", ".tar")):
        yield from _read_tar(path)
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            for member_name in sorted(archive.namelist()):
                if Path(member_name).suffix.lower() in SUFFIXES:
                    yield from _read_member(Path(member_name).name, archive.read(member_name))
    elif path.suffix.lower() in SUFFIXES:
        with path.open("rb") as stream:
            yield from _read_stream(path.name, stream, encoding)
    else:
        raise Unreadable(
            _("%(file)s is no CSV, XLSX, folder or archive of them.") % {"file": path.name}
        )


def _read_tar(path: Path) -> Iterator[Header | RawRow]:
    """Members by name: two passes, so that days come in order and none is held in memory."""
    with closing(_opened(path)) as stream, tarfile.open(fileobj=stream, mode="r|*") as archive:
        names = sorted(
            m.name for m in archive if m.isfile() and Path(m.name).suffix.lower() in SUFFIXES
        )
    waiting: dict[str, bytes] = {}
    due = iter(names)
    wanted = next(due, None)
    with closing(_opened(path)) as stream, tarfile.open(fileobj=stream, mode="r|*") as archive:
        for member in archive:
            source = archive.extractfile(member) if member.name in names else None
            if source is None:
                continue
            waiting[member.name] = zstandard.compress(source.read(), 1)
            while wanted in waiting:
                data = zstandard.decompress(waiting.pop(wanted))
                yield from _read_member(Path(wanted).name, data)
                wanted = next(due, None)


def _opened(path: Path) -> IO[bytes]:
    raw = path.open("rb")
    if path.name.lower().endswith((".tar.zst", ".tzst")):
        return zstandard.ZstdDecompressor().stream_reader(raw, closefd=True)
    return raw


def rows_of_bytes(name: str, data: bytes) -> Iterator[Header | RawRow]:
    """Read the rows of a small file in memory, header first. Raises Unreadable."""
    try:
        yield from _read_member(name, data)
    except BROKEN as error:
        raise Unreadable(
            _("%(file)s is damaged, encrypted or packed in a way that is not read here.")
            % {"file": name}
        ) from error


def _read_member(name: str, data: bytes) -> Iterator[Header | RawRow]:
    yield from _read_stream(name, io.BytesIO(data))


def _read_stream(name: str, stream: IO[bytes], declared: str = "") -> Iterator[Header | RawRow]:
    if name.lower().endswith(".xlsx"):
        yield from _read_xlsx(name, stream)
        return
    encoding, is_sure = _declared(declared, stream) if declared else _encoding(stream)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="", errors="strict")
    try:
        delimiter = _delimiter(text)
    except UnicodeError as error:
        raise Unreadable(_misread(name, encoding)) from error
    csv.field_size_limit(MOST_CHARACTERS * 20)
    reader = csv.reader(text, delimiter=delimiter)
    header = False
    try:
        for cells in reader:
            if any("\x00" in cell for cell in cells):
                raise Unreadable(_no_text(name, reader.line_num))
            if not header:
                if len(cells) > MOST_HEADINGS:
                    raise Unreadable(_("%(file)s has more than 2,000 columns.") % {"file": name})
                yield Header(name, tuple(bare(cell) for cell in cells))
                header = True
            elif cells:
                yield RawRow(name, reader.line_num, tuple(map(bare_formula, cells)), is_sure)
    except UnicodeError as error:
        raise Unreadable(_misread(name, encoding)) from error
    except csv.Error as error:
        raise Unreadable(
            _(
                "%(file)s, row %(row)s: a cell does not end. A quotation mark is missing, or one too many."
            )
            % {"file": name, "row": reader.line_num}
        ) from error


def _misread(name: str, encoding: str) -> str:
    """Why a file is refused whose bytes are not of its encoding all through."""
    return _("%(file)s is not all in one encoding (%(encoding)s). Save it as CSV UTF-8.") % {
        "file": name,
        "encoding": encoding.removesuffix("-sig").upper(),
    }


def _no_text(name: str, row: int) -> str:
    return _(
        "%(file)s, row %(row)s: it holds NUL bytes, so it is damaged or no text. Save it as CSV UTF-8."
    ) % {"file": name, "row": row}


def _delimiter(text: io.TextIOWrapper) -> str:
    """What stands most often in the first rows: a comma, a tab, or, as in half of Europe, a semicolon."""
    head = text.read(LOOKED_AT)
    text.seek(0)
    counts = {mark: head.count(mark) for mark in (",", "\t", ";")}
    return max(counts, key=lambda mark: counts[mark])


def bare_formula(cell: str) -> str:
    """A cell without the formula ="…" that guards its digits against a spreadsheet."""
    if cell[:2] == '="' and cell.rstrip()[-1:] == '"' and len(cell.rstrip()) > 2:
        return cell.rstrip()[2:-1].replace('""', '"')
    return cell


def bare(cell: str) -> str:
    """A heading without blanks and marks that nobody sees, or what guards it against a spreadsheet."""
    return seen(bare_formula(seen(cell)))


def _declared(encoding: str, stream: IO[bytes]) -> Guess:
    """The encoding that somebody declared: nothing else could be meant. Marks of UTF are no characters."""
    start = stream.read(2)
    stream.seek(0)
    if encoding == "utf-16" and start not in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        found = utf_16(stream.read(LOOKED_AT))
        stream.seek(0)
        return Guess(found or "utf-16-le", True)
    return Guess("utf-8-sig" if encoding == "utf-8" else encoding, True)


def _encoding(stream: IO[bytes]) -> Guess:
    """UTF-8 (with or without its mark) or UTF-16 where the bytes are that, else what they look like."""
    start = stream.read(2)
    stream.seek(0)
    if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return Guess("utf-16", True)
    wide = utf_16(stream.read(LOOKED_AT))
    stream.seek(0)
    if wide is not None:
        return Guess(wide, True)
    try:
        decoder = codecs.getincrementaldecoder("utf-8")()
        while block := stream.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
        stream.seek(0)
        return seven_bit(stream.read(SAMPLE)) or Guess("utf-8-sig", True)
    except UnicodeDecodeError:
        stream.seek(0)
        return guess(stream.read(SAMPLE))
    finally:
        stream.seek(0)


def _read_xlsx(name: str, stream: IO[bytes]) -> Iterator[Header | RawRow]:
    try:
        with zipfile.ZipFile(stream) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
            if unpacked > MOST_UNPACKED:
                raise Unreadable(_("%(file)s unpacks to more than 200 MB.") % {"file": name})
            _check_size(name, packed)
        stream.seek(0)
        book = CalamineWorkbook.from_filelike(stream)
        sheet = book.get_sheet_by_index(0)
    except Unreadable:
        raise
    except Exception as error:  # whatever its parts make three libraries raise
        raise Unreadable(
            _(
                "%(file)s is no workbook that can be read: it is damaged, protected or of another "
                "format. Save it again as XLSX, or as CSV UTF-8."
            )
            % {"file": name}
        ) from error
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = tuple(_text(cell) for cell in cells)
        if number == 1:
            yield Header(name, tuple(text.strip() for text in texts))
        elif any(texts):
            yield RawRow(name, number, texts)


def _check_size(name: str, packed: zipfile.ZipFile) -> None:
    """Refuse a workbook with a cell so far out that all before it would fill the memory."""
    for member in packed.infolist():
        if not member.filename.startswith("xl/worksheets/"):
            continue
        rows = columns = 1
        rest = b""
        with packed.open(member) as sheet:
            while block := sheet.read(1 << 20):
                for row in ROW.finditer(rest + block):
                    rows = max(rows, int(row[1][:12]))
                for column, number in CELL.findall(rest + block):
                    rows, columns = max(rows, int(number[:12])), max(columns, _place(column))
                rest = block[-100:]
        if rows * columns > MOST_CELLS:
            raise Unreadable(
                _("%(file)s reaches to row %(row)s, column %(column)s: delete what is empty there.")
                % {"file": name, "row": f"{rows:,}", "column": f"{columns:,}"}
            )


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters[:6]:
        place = place * 26 + letter - 64
    return place


def _text(cell: object) -> str:
    """A workbook's cell as the text a CSV of it would hold: 17850.0 is 17850.

    A whole number whose last digits the workbook did not keep is written as the power of ten that it is.
    """
    if cell is None:
        return ""
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) >= MOST_DIGITS:
            return f"{cell:.14E}".replace("E", "E+").replace("++", "+")
        return Typed(int(cell)) if cell.is_integer() else Typed(repr(cell))
    return (
        cell.isoformat(sep=" ")
        if hasattr(cell, "isoformat") and hasattr(cell, "hour")
        else str(cell)
    )
