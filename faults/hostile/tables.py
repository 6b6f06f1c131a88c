"""Hostile tables: CSV in every bad shape, and workbooks that unpack, reach or point too far."""

import io
import random
import zipfile
from collections.abc import Callable, Mapping

from faults.hostile.file import HEAD, MB, ROW, HostileFile, zip_bomb

PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = f'<?xml version="1.0"?>%s<worksheet xmlns="{SPACE}"><sheetData>%s</sheetData></worksheet>'
NAMES = ("order number", "sku", "quantity", "unit price", "order date", "total")


def workbook(
    rows: str = "", *, dtd: str = "", more: Mapping[str, bytes] | None = None, texts: str = ""
) -> bytes:
    """A workbook of one sheet whose XML is ours; `texts` are those that its cells share."""
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, kind, target in (
            (1, "worksheet", "worksheets/sheet1.xml"),
            (2, "sharedStrings", "sharedStrings.xml"),
        )
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
        f' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{PART}.sheet.main+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
        f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SPACE}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "xl/worksheets/sheet1.xml": SHEET % (dtd, rows),
        "xl/sharedStrings.xml": f'<sst xmlns="{SPACE}">{texts}</sst>',
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
        for name, data in (more or {}).items():
            book.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def headings() -> str:
    """The first row, as a workbook's XML has it."""
    cells = (f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in NAMES)
    return f'<row r="1">{"".join(cells)}</row>'


LAUGHS = (
    "<!DOCTYPE a [<!ENTITY a 'haha'>"
    + "".join(
        f"<!ENTITY a{n} '{entity * 10}'>"
        for n, entity in enumerate(["&a;", *(f"&a{n};" for n in range(11))])
    )
    + "]>"
)
OUTSIDE = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"


def _cells(rows: int, columns: int) -> str:
    """Rows of cells that all share the workbook's first text."""
    row = '<c t="s"><v>0</v></c>' * columns
    return headings() + f"<row>{row}</row>" * rows


def _shared(length: int, rows: int, columns: int) -> bytes:
    return workbook(_cells(rows, columns), texts=f"<si><t>{'x' * length}</t></si>")


def _noise(size: int) -> bytes:
    return random.Random(17).randbytes(size)


def _mixed() -> bytes:
    rows = (f"1,茶{n},1,1,2026-01-01,1\n" for n in range(200))
    names = ("utf-8", "gb18030", "shift_jis", "utf-16-le")
    return HEAD + b"".join(row.encode(names[n % 4]) for n, row in enumerate(rows))


def _numbers() -> bytes:
    odd = (b"1e999999999", b"NaN", b"Infinity", b"-0", b"0x7f", b"1e-400", b"\xef\xbc\x91")
    return HEAD + b"".join(b"%d,S00,%s,%s,2026-01-01,1\n" % (n, v, v) for n, v in enumerate(odd))


def _scattered() -> bytes:
    return HEAD + b"".join(b"%d,S00,1,1,2026-01-01,1\n" % (n % 50_000) for n in range(150_000))


def _long_rows(rows: int, cells: int, length: int) -> bytes:
    return HEAD + (ROW.strip() + (b"," + b"x" * length) * cells + b"\n") * rows


def _csv(title: str, make: Callable[[], bytes], name: str = "") -> HostileFile:
    return HostileFile(title, "table", name or f"{title.replace(' ', '-')}.csv", make)


def _xlsx(title: str, make: Callable[[], bytes]) -> HostileFile:
    return HostileFile(title, "table", f"{title.replace(' ', '-')}.xlsx", make)


CSV = (
    _csv("cell of 10 MB", lambda: HEAD + b"1,S00,1,1,2026-01-01," + b"x" * 10 * MB + b"\n"),
    _csv("quote without end", lambda: HEAD + b'1,"' + b"x,\n" * (3 * MB)),
    _csv("NUL between", lambda: HEAD + ROW * 20 + b"2,S\x00,1,1,2026-01-01,1\n"),
    _csv("nothing but NUL", lambda: b"\x00" * (2 * MB)),
    _csv("a million headings", lambda: HEAD.strip() + b"," * 1_000_000 + b"\n" + ROW),
    _csv("rows of a million cells", lambda: HEAD + (ROW.strip() + b"," * 1_000_000 + b"\n") * 8),
    _csv("rows of 900000 characters", lambda: _long_rows(60, 10, 90_000)),
    _csv("half of UTF-16", lambda: b"\xff\xfe" + HEAD + b"\xd8"),
    _csv("four encodings in one", _mixed),
    _csv("noise", lambda: _noise(MB)),
    _csv("one order of 300000 rows", lambda: HEAD + ROW * 300_000),
    _csv("scattered orders", _scattered),
    _csv("digits without end", lambda: HEAD + b"1,S00,1," + b"9" * 90_000 + b",2026-01-01,1\n"),
    _csv("exponents", _numbers),
    _csv("formulas", lambda: HEAD + b"=cmd|'/C calc'!A0,S00,1,1,2026-01-01,1\n@SUM(1),S00,1,1,,\n"),
    _csv("picture called a table", lambda: b"\x89PNG\r\n\x1a\n" + _noise(200_000)),
    _csv("lone carriage returns", lambda: b"\r" * (2 * MB)),
    _csv("name that climbs", lambda: HEAD + ROW, "../../../../etc/cron.d/orders.csv"),
    _csv("name of 250 characters", lambda: HEAD + ROW, "订" * 240 + ".csv"),
)
BOOKS = (
    _xlsx("no workbook", lambda: b"PK\x03\x04 but no"),
    _xlsx(
        "far cell behind a long mark",
        lambda: workbook(
            headings() + f'<row r="2"><c x="{"y" * 300}" r="XFD1048576"><v>1</v></c></row>'
        ),
    ),
    _xlsx(
        "1048576 rows declared",
        lambda: workbook(headings() + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    ),
    _xlsx(
        "row 999999999",
        lambda: workbook(headings() + '<row r="999999999"><c r="XFD999999999"><v>1</v></c></row>'),
    ),
    _xlsx("column ZZZZZZZZ", lambda: workbook("<row><c r='ZZZZZZZZ1'><v>1</v></c></row>")),
    _xlsx("shared text of 2 MB in 400 cells", lambda: _shared(2_000_000, 10, 40)),
    _xlsx("shared text of 99000 in 24000 cells", lambda: _shared(99_000, 600, 40)),
    _xlsx(
        "a million shared texts",
        lambda: workbook(_cells(1, 6), texts="<si><t>x</t></si>" * 1_000_000),
    ),
    _xlsx(
        "sheet that unpacks to 400 MB",
        lambda: zip_bomb("xl/worksheets/sheet1.xml", 400 * MB, b"<worksheet>", b" "),
    ),
    _xlsx("sheet of 190 MB of blanks", lambda: workbook(headings() + " " * 190_000_000)),
    _xlsx(
        "sheet of rows that hold nothing",
        lambda: workbook(headings() + "<row/>" * 8_000_000 + "<row><c><v>1</v></c></row>"),
    ),
    _xlsx(
        "billion laughs", lambda: workbook(headings().replace("order number", "&a11;"), dtd=LAUGHS)
    ),
    _xlsx(
        "entity from outside",
        lambda: workbook(headings().replace("order number", "&x;"), dtd=OUTSIDE),
    ),
    _xlsx("elements 100000 deep", lambda: workbook(headings() + "<row>" * 100_000)),
    _xlsx(
        "member that climbs",
        lambda: workbook(
            headings() + "<row><c><v>1</v></c></row>", more={"../../../tmp/evil": b"x"}
        ),
    ),
    _xlsx(
        "protected workbook",
        lambda: (
            bytes.fromhex("d0cf11e0a1b11ae1")
            + b"\0" * 16
            + b"\x3e\0\x03\0\xfe\xff"
            + b"\xff" * 4000
        ),
    ),
)
FILES = (*CSV, *BOOKS)
