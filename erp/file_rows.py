"""Reads the rows of one file, CSV, XLSX or an archive of them. It runs in the sandbox: call `erp.files`."""

import codecs
import csv
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import zstandard
from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook

from erp.encodings import SAMPLE, Guess, guess, name_of, seven_bit, utf_16
from erp.files import SUFFIXES, Header, RawRow, Typed, Unreadable, bare, bare_formula, weight_of

ROW = re.compile(rb"<row\b[^>]{0,200}?\br=[\"'](\d+)")
CELL = re.compile(rb"<c\b[^>]{0,200}?\br=[\"']([A-Z]+)(\d+)")
LOOKED_AT = 20_000  # characters that the delimiter is found in
MOST_CHARACTERS = 100_000  # of one cell
MOST_OF_ROW = 200_000  # characters and cells of one row: who works on rows holds hundreds of them
MOST_CELLS = (
    8_000_000  # of a sheet, from its first cell to its furthest: all of it is laid out in memory
)
MOST_HEADINGS = 2000
UTF_8_NAME = 0x800  # a zip member's flag: APPNOTE 4.4.4, bit 11
# Bytes of a workbook's parts, or of an archive: a larger one is a bomb.
MOST_UNPACKED = 200 * 1024 * 1024
USUAL_PACKING = 30  # an archive unpacks to so many times its size without being one


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
    UnicodeError,  # of zipfile: a name is said to be UTF-8 and is not
)
MOST_DIGITS = 10**15  # a workbook keeps fifteen digits of a number


def plain_rows(stream: IO[bytes], *, name: str, encoding: str = "") -> Iterator[list[object]]:
    """Give every row of a file as plain values: what `erp.files` makes a row of again. Raises Unreadable."""
    for row in rows(stream, name=name, encoding=encoding):
        if isinstance(row, Header):
            yield [row.file, row.names]
            continue
        typed = [n for n, cell in enumerate(row.cells) if isinstance(cell, Typed)]
        yield [row.file, row.row, [str(cell) for cell in row.cells], row.is_sure, typed]


def rows(stream: IO[bytes], *, name: str, encoding: str = "") -> Iterator[Header | RawRow]:
    """Read every row of a file, or of an archive's members by name. Raises Unreadable.

    encoding   what somebody declared a table to be in; "": what its bytes look like
    """
    try:
        for row in _read_file(name, stream, encoding):
            _check_lengths(row)
            yield row
    except BROKEN as error:
        raise Unreadable(
            _("%(file)s is damaged, encrypted or packed in a way that is not read here.")
            % {"file": name}
        ) from error


def _check_lengths(row: Header | RawRow) -> None:
    cells, number = (row.names, 1) if isinstance(row, Header) else (row.cells, row.row)
    for cell in cells:
        if len(cell) > MOST_CHARACTERS:
            raise Unreadable(
                _("%(file)s, row %(row)s: a cell holds more than 100,000 characters.")
                % {"file": row.file, "row": number}
            )
    if weight_of(cells) > MOST_OF_ROW:
        raise Unreadable(
            _("%(file)s, row %(row)s: a row holds more than 200,000 characters and cells.")
            % {"file": row.file, "row": number}
        )


def _read_file(name: str, stream: IO[bytes], encoding: str) -> Iterator[Header | RawRow]:
    if name.lower().endswith((".tar.zst", ".tzst", ".tar.gz", ".tgz", ".tar")):
        yield from _read_tar(name, stream)
    elif name.lower().endswith(".zip"):
        yield from _read_zip(name, stream)
    elif name.lower().endswith(SUFFIXES):
        yield from _read_stream(name, stream, encoding)
    else:
        raise Unreadable(_("%(file)s is no CSV, XLSX, folder or archive of them.") % {"file": name})


def _read_zip(name: str, stream: IO[bytes]) -> Iterator[Header | RawRow]:
    with zipfile.ZipFile(stream) as archive:
        members = [m for m in archive.infolist() if m.filename.lower().endswith(SUFFIXES)]
        _check_members(name, len(members), sum(m.file_size for m in members), _room_of(stream))
        for member in sorted(members, key=lambda x: x.filename):
            with archive.open(member) as unpacked:
                yield from _read_stream(_named_in_zip(member), unpacked)


def _room_of(stream: IO[bytes]) -> int:
    """Bytes that an archive may unpack to."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return max(MOST_UNPACKED, USUAL_PACKING * size)


def _check_members(name: str, members: int, unpacked: int, room: int) -> None:
    """Refuse an archive of which nothing would be read, or too much: the one was done without a word."""
    if not members:
        raise Unreadable(_("%(file)s holds no CSV or XLSX file.") % {"file": name})
    if unpacked > room:
        raise Unreadable(
            _("%(file)s unpacks to more than %(most)s MB. Split it.")
            % {"file": name, "most": f"{room // 1024 // 1024:,}"}
        )


def _named_in_zip(member: zipfile.ZipInfo) -> str:
    """What a member is called: its bytes were read as CP437 where it does not say that they are UTF-8."""
    name = member.filename
    if not member.flag_bits & UTF_8_NAME:
        name = name_of(name.encode("cp437", "replace"))
    return Path(name).name


def _named_in_tar(name: str) -> str:
    """What a member is called: a byte that is no UTF-8 came as half a character."""
    return Path(name_of(name.encode("utf-8", "surrogateescape"))).name


def _read_tar(name: str, stream: IO[bytes]) -> Iterator[Header | RawRow]:
    """Members by name: two passes, so that days come in order and none is held in memory unpacked."""
    room = _room_of(stream)
    with tarfile.open(fileobj=_unpacked(name, stream), mode="r|*", encoding="utf-8") as archive:
        names = sorted(_names_in_tape(name, archive, room))
    waiting: dict[str, bytes] = {}
    due = iter(names)
    wanted = next(due, None)
    stream.seek(0)
    with tarfile.open(fileobj=_unpacked(name, stream), mode="r|*", encoding="utf-8") as archive:
        for member in archive:
            source = archive.extractfile(member) if member.name in names else None
            if source is None:
                continue
            waiting[member.name] = zstandard.compress(source.read(), 1)
            while wanted in waiting:
                data = zstandard.decompress(waiting.pop(wanted))
                yield from _read_stream(_named_in_tar(wanted), io.BytesIO(data))
                wanted = next(due, None)


def _names_in_tape(name: str, archive: tarfile.TarFile, room: int) -> list[str]:
    """What is to be read of a tape, which is unpacked on the way: as far as it may be."""
    names: list[str] = []
    size = 0
    for member in archive:
        size += member.size
        if member.isfile() and member.name.lower().endswith(SUFFIXES):
            names.append(member.name)
        if size > room:
            _check_members(name, 1, size, room)
    _check_members(name, len(names), size, room)
    return names


def _unpacked(name: str, stream: IO[bytes]) -> IO[bytes]:
    if name.lower().endswith((".tar.zst", ".tzst")):
        return zstandard.ZstdDecompressor().stream_reader(stream, closefd=False)
    return stream


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
    csv.field_size_limit(MOST_CHARACTERS)
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
