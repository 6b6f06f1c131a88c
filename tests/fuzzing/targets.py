"""The readers of foreign bytes, each with files that it reads and what it may raise."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter
import zstandard
from PIL import Image

from erp import files, foreign_xml, pictures
from orders.intake.edi import interchanges
from orders.intake.mail import mail
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.shops import shopify, woocommerce
from orders.pricing.gateway import NoRates, read_ecb
from tests.orders.samples import INTERCHANGE

TABLE = (
    "order number,sku,quantity,unit price,order date,total\n"
    '1,TEA-001,2,9.90,2026-01-31,19.80\n2,"MUG, blue",1,3.5,31.01.2026,3.50\n'
)
EDIFACT = (
    b"UNA:+.? 'UNB+UNOC:3+BUYER:14+SELLER:14+260301:0936+55'UNH+1+ORDERS:D:96A:UN'BGM+220+PO-17+9'"
    b"DTM+137:20260301:102'NAD+BY+C-9::92++Tea House'NAD+DP+++Tea House+Hauptstr. 1+Berlin++10115+DE'CUX+2:EUR:9'"
    b"LIN+1++4006381333931:SRV'QTY+21:12'PRI+AAA:3.5'UNS+S'CNT+2:1'UNT+12+1'UNZ+1+55'"
)
UBL = (
    '<?xml version="1.0" encoding="UTF-8"?><Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"'
    ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:ID>PO-17</cbc:ID>'
    "<cbc:IssueDate>2026-03-01</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    "<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode='EA'>12</cbc:Quantity>"
    "<cac:Price><cbc:PriceAmount currencyID='EUR'>3.5</cbc:PriceAmount></cac:Price>"
    "<cac:Item><cbc:Name>Grüner Tee</cbc:Name></cac:Item></cac:LineItem></cac:OrderLine></Order>"
).encode()
LETTER = (
    b"From: Ann <ann@tea.example>\r\nTo: orders@merchant.example\r\nSubject: =?utf-8?B?5LiL5Y2V?=\r\n"
    b'Message-ID: <1@tea.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b'Please send 3 x TEA-001 and =C3=A4 2 mugs.\r\n--b\r\nContent-Type: text/csv; name="a.csv"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nc2t1LHF0eQpURUEtMDAxLDIK\r\n--b--\r\n"
)
RATES = (
    b'<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/'
    b'2002-08-01/eurofxref"><Cube><Cube time="2026-03-02"><Cube currency="USD" rate="1.08"/></Cube></Cube>'
    b"</gesmes:Envelope>"
)
SHOP_ORDER = (
    b'{"id": 1, "name": "#1001", "currency": "EUR", "total_price": "19.80", "created_at": "2026-03-01T09:36:00+01:00",'
    b' "line_items": [{"id": 5, "sku": "TEA-001", "quantity": 2, "price": "9.90"}], "customer": {"id": 7}}'
)
WOO_ORDER = (
    b'{"id": 1, "number": "1001", "status": "processing", "currency": "EUR", "total": "19.80", "date_created_gmt":'
    b' "2026-03-01T08:36:00", "line_items": [{"id": 5, "sku": "TEA-001", "quantity": 2, "total": "19.80"}]}'
)


@dataclass(frozen=True)
class Target:
    """A reader: what it is called with, files that it reads, what it may raise of those that it does not."""

    read: Callable[[bytes], object]
    seeds: list[bytes]
    refusals: tuple[type[Exception], ...]


def _table(name: str) -> Callable[[bytes], object]:
    def read(data: bytes) -> object:
        return list(files.rows_of_bytes(name, data))

    return read


def _order(notation: str) -> Callable[[bytes], object]:
    return lambda data: interchanges.read(notation, data, currency="EUR", zone=ZoneInfo("UTC"))


def _workbook(*, sheet: bytes | None = None, texts: bytes | None = None) -> bytes:
    """A workbook; a part of it may be another one, packed rightly: else hardly one is looked into."""
    parts = {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": texts}
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_plain_workbook())) as book,
        zipfile.ZipFile(stream, "w") as new,
    ):
        for name in book.namelist():
            own = parts.get(name)
            new.writestr(name, book.read(name) if own is None else own)
    return stream.getvalue()


def _part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(_plain_workbook())) as book:
        [path] = [path for path in book.namelist() if path.endswith(f"/{name}.xml")]
        return book.read(path)


@lru_cache
def _plain_workbook() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(TABLE.splitlines()):
            sheet.write_row(row, 0, line.split(","))
        sheet.write_datetime(1, 6, date(2026, 1, 31))
        sheet.write_formula(2, 6, "=1+1")
    return stream.getvalue()


def _archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", TABLE)
        archive.writestr("b/c.csv", TABLE)
    return stream.getvalue()


def _tape() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(TABLE)
        archive.addfile(member, io.BytesIO(TABLE.encode()))
    return stream.getvalue()


def _picture(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (20, 12), (200, 30, 40)).save(stream, kind)
    return stream.getvalue()


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "gb18030", "shift_jis", "latin-1"]
TARGETS: Mapping[str, Target] = {
    "csv": Target(
        _table("a.csv"), [TABLE.encode(encoding) for encoding in ENCODINGS], (files.Unreadable,)
    ),
    "xlsx": Target(_table("a.xlsx"), [_workbook()], (files.Unreadable,)),
    "sheet": Target(
        lambda data: _table("a.xlsx")(_workbook(sheet=data)), [_part("sheet1")], (files.Unreadable,)
    ),
    "sheet texts": Target(
        lambda data: _table("a.xlsx")(_workbook(texts=data)),
        [_part("sharedStrings")],
        (files.Unreadable,),
    ),
    "zip": Target(_table("a.zip"), [_archive()], (files.Unreadable,)),
    "tar": Target(_table("a.tar"), [_tape()], (files.Unreadable,)),
    "tar.gz": Target(_table("a.tar.gz"), [gzip.compress(_tape())], (files.Unreadable,)),
    "tar.zst": Target(_table("a.tar.zst"), [zstandard.compress(_tape())], (files.Unreadable,)),
    "xml": Target(foreign_xml.read_xml, [UBL, RATES], (foreign_xml.NoXml,)),
    "pictures": Target(
        pictures.read_picture,
        [_picture(kind) for kind in ("PNG", "JPEG", "GIF", "WEBP")],
        (pictures.NoPicture,),
    ),
    "x12": Target(_order("x12"), [INTERCHANGE], (Unreadable,)),
    "edifact": Target(_order("edifact"), [EDIFACT], (Unreadable,)),
    "ubl": Target(_order("ubl"), [UBL], (Unreadable,)),
    "mail": Target(mail.read_received, [LETTER], (Unreadable,)),
    "shopify": Target(
        lambda data: shopify.read("orders/create", data, currency="EUR"),
        [SHOP_ORDER],
        (Unreadable,),
    ),
    "woocommerce": Target(
        lambda data: woocommerce.read("order.created", data, currency="EUR"),
        [WOO_ORDER],
        (Unreadable,),
    ),
    "rates": Target(read_ecb, [RATES], (NoRates,)),
}
KEPT = Path(__file__).parent / "found"  # what once was a fault is read again by every run
