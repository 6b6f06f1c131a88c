"""Bombs and lies in every format that is read: answered within 10 s of CPU and 300 MB, read or refused, no fault."""

import contextlib
import gzip
import io
import os
import random
import resource
import signal
import tarfile
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from erp.files import Unreadable as UnreadableFile
from erp.files import read_rows
from orders.customers.chinese_addresses import read_address
from orders.intake.edi import edifact, ubl, x12
from orders.intake.files import remittances
from orders.intake.files.headings import suggested
from orders.intake.files.orders import OrderReader
from orders.intake.files.rows import Reading, TooMuch, grouped, survey
from orders.intake.mail.email_orders import read_email_order
from orders.intake.mail.mail import kind_of, read_mail
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.shops import shopify, woocommerce
from orders.pricing.gateway import NoRates, read_ecb
from orders.risk.minfraud import Unavailable, answer_of
from tests.orders.samples import INTERCHANGE, SHOP

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["action", "reasons", "code", "x"]), inner, max_size=3)
    ),
)


MOST_S, MOST_MB = 10.0, 300.0


REFUSED = (Unreadable, UnreadableFile, TooMuch)


def of_file(name: str, data: bytes) -> None:
    """Everything that is done with a file of orders short of the database."""
    path = Path(f"/tmp/hostile-{os.getpid()}-{name}")
    path.write_bytes(data)
    try:
        for fields in (None, remittances.BY_NAME):
            first = next(iter(read_rows(path)), None)
            header = getattr(first, "names", ())
            columns = suggested(header, *([list(fields.values())] if fields else []))
            reading = Reading(columns, "CNY", ZoneInfo("UTC"))
            surveyed = survey(read_rows(path), reading, *([fields] if fields else []))
            if fields:
                remitted = remittances.RemittanceReader(reading, surveyed)
                for row in read_rows(path):
                    if hasattr(row, "cells"):
                        remitted.read(row)
                continue
            reader = OrderReader(reading, surveyed)
            for rows in grouped(read_rows(path), surveyed, reading):
                reader.read(rows)
    finally:
        path.unlink()


def of_mail(data: bytes) -> None:
    mail = read_mail(data)
    kind_of(mail)
    read_email_order(mail.fresh, SHOP)


def reader_of(module: ModuleType) -> Callable[[bytes], object]:
    topic = {
        "shopify": "orders/create",
        "woocommerce": "order.created",
    }.get(module.__name__.rpartition(".")[2], "purchase_order")
    return lambda data: module.read(topic, data, currency="CNY")


def measured(work: Callable[[], object]) -> tuple[float, float, str]:
    """Seconds of CPU, megabytes more than before, and the fault if there was one, of work in a process of its own."""
    read, write = os.pipe()
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    child = os.fork()
    if not child:
        # Its own time counts, not that of whatever else runs on the machine; nobody waits for ever, though.
        signal.setitimer(signal.ITIMER_PROF, MOST_S * 3)
        signal.alarm(int(MOST_S * 30))
        fault = b""
        try:
            work()
        except REFUSED:
            pass
        except BaseException:
            fault = traceback.format_exc()[-1500:].encode()
        os.write(write, fault)
        os._exit(1 if fault else 0)
    os.close(write)
    _pid, status, used = os.wait4(child, 0)
    fault = os.read(read, 4000).decode()
    os.close(read)
    if status and not fault:
        fault = f"ended by {status}"
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1000 - before, fault


SHEET = '<?xml version="1.0"?>{dtd}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'


def workbook(rows: str = "", dtd: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """A workbook of one sheet, whose XML we write."""
    stream = io.BytesIO()
    parts = {
        "[Content_Types].xml": b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": SHEET.format(dtd=dtd, rows=rows).encode(),
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in (parts | (more or {})).items():
            book.writestr(name, data)
    return stream.getvalue()


def zipped(files: dict[str, bytes], zeros: int = 0) -> bytes:
    """An archive; `zeros` more bytes behind its last file's, which take no room in it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in files.items():
            with archive.open(name, "w", force_zip64=bool(zeros)) as member:
                member.write(data)
                for _part in range(zeros // 10_000_000):
                    member.write(b"0" * 10_000_000)
    return stream.getvalue()


def taped(*, size: int = 0, says: int | None = None, link: str = "") -> bytes:
    """A tape archive of one file of zeros, which may say that it is longer; or of a link."""
    member = tarfile.TarInfo("a.csv")
    member.size = size if says is None else says
    if link:
        member.type, member.linkname, member.size = tarfile.SYMTYPE, link, 0
    return member.tobuf(tarfile.GNU_FORMAT) + b"0" * (0 if says else size) + b"\0" * 1024


HEAD = b"order number,sku,quantity,unit price,order date,total\n"


LAUGHS = (
    "<!DOCTYPE a [<!ENTITY a 'haha'>"
    + "".join(f"<!ENTITY a{n} '{('&a%s;' % (n - 1 if n else '')) * 10}'>" for n in range(12))
    + "]>"
)


CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>order number</t></is></c></row>'


FILES: dict[str, Callable[[], tuple[str, bytes]]] = {
    "nothing at all": lambda: ("a.csv", b""),
    "one line of 60 MB": lambda: ("a.csv", HEAD + b"x" * 60_000_000),
    "a quotation mark that never ends": lambda: ("a.csv", HEAD + b'1,"' + b"x,\n" * 15_000_000),
    "a million columns": lambda: ("a.csv", HEAD + b"," * 1_000_000 + b"\n1,A,1,1\n"),
    "a million headings": lambda: (
        "a.csv",
        b",".join(b"h%d" % n for n in range(1_000_000)) + b"\n1,A,1,1\n",
    ),
    "nothing but NUL": lambda: ("a.csv", HEAD + b"\x00" * 5_000_000),
    "half of UTF-16": lambda: ("a.csv", b"\xff\xfe" + HEAD + b"\xd8"),
    "one order of 300,000 rows": lambda: ("a.csv", HEAD + b"1,A,1,1,2026-01-01,9\n" * 300_000),
    "digits without end": lambda: ("a.csv", HEAD + b"1,A,1," + b"9" * 90_000 + b",2026-01-01,1\n"),
    "rows that say a billion": lambda: ("a.csv", HEAD + b"1,A,1000000000,1,2026-01-01,9\n" * 1000),
    "every order scattered": lambda: (
        "a.csv",
        HEAD + b"".join(b"%d,A,1,1,2026-01-01,1\n" % (n % 50_000) for n in range(150_000)),
    ),
    "no workbook": lambda: ("a.xlsx", b"PK\x03\x04 but no"),
    "a workbook that unpacks to 400 MB": lambda: ("a.xlsx", workbook(CELL + " " * 400_000_000)),
    "row 999,999,999": lambda: (
        "a.xlsx",
        workbook(CELL + '<row r="999999999"><c r="XFD999999999"><v>1</v></c></row>'),
    ),
    "a far corner": lambda: (
        "a.xlsx",
        workbook(CELL + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    ),
    "a billion laughs": lambda: ("a.xlsx", workbook(CELL.replace("order number", "&a11;"), LAUGHS)),
    "a file from outside": lambda: (
        "a.xlsx",
        workbook(
            CELL.replace("order number", "&x;"),
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        ),
    ),
    "a path that climbs": lambda: ("a.xlsx", workbook(CELL, more={"../../evil": b"x"})),
    "a far cell behind a long mark": lambda: (
        "a.xlsx",
        workbook(CELL + f'<row r="2"><c x="{"y" * 300}" r="XFD1048576"><v>1</v></c></row>'),
    ),
    "one long text in 400 cells": lambda: (
        "a.xlsx",
        workbook(
            "".join(
                f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{"x" * 2_000_000}</t></is></c></row>'
                for n in range(1, 80)
            )
        ),
    ),
    "a protected workbook": lambda: (
        "a.xlsx",
        bytes.fromhex("d0cf11e0a1b11ae1")
        + b"\0" * 16
        + b"\x3e\x00\x03\x00\xfe\xff"
        + b"\xff" * 4000,
    ),
    "an archive of one file of 600 MB": lambda: (
        "a.zip",
        zipped({"a.csv": HEAD}, zeros=600_000_000),
    ),
    "an archive of an archive": lambda: (
        "a.zip",
        zipped({"b.zip": zipped({"a.csv": HEAD}), "../../../etc/cron.d/a.csv": HEAD}),
    ),
    "an archive of 5,000 files": lambda: (
        "a.zip",
        zipped({f"{n}.csv": HEAD for n in range(5000)}),
    ),
    "an archive that lies of its sizes": lambda: (
        "a.zip",
        zipped({"a.csv": HEAD * 100}).replace((len(HEAD) * 100).to_bytes(4, "little"), b"\xff" * 4),
    ),
    "a locked archive": lambda: (
        "a.zip",
        zipped({"a.csv": HEAD}).replace(
            b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
        ),
    ),
    "a tape of one file of 400 MB": lambda: ("a.tar.gz", gzip.compress(taped(size=400_000_000), 1)),
    "a tape that says 8 exabytes": lambda: ("a.tar", taped(says=2**63 - 1)),
    "a tape of a link out of it": lambda: ("a.tar", taped(link="/etc/passwd")),
    "a tape that ends": lambda: ("a.tar.zst", zstandard.compress(taped(size=2000))[:200]),
    "a tape whose window is 2 GB": lambda: (
        "a.tar.zst",
        bytes.fromhex("28b52ffd00a8") + b"\x01\x00\x00",
    ),
    "a sheet of another": lambda: ("a.xlsx", workbook("<row><c r='ZZZZZZZZ1'><v>1</v></c></row>")),
}


@pytest.mark.parametrize("name", FILES)
def test_files(name):
    kind, data = FILES[name]()

    seconds, megabytes, fault = measured(lambda: of_file(kind, data))

    assert not fault, fault
    assert (seconds < MOST_S, megabytes < MOST_MB) == (True, True), (seconds, megabytes)


DEEP = 100_000


BODIES: dict[str, tuple[Callable[[bytes], object], Callable[[], bytes]]] = {
    "shopify: nested": (reader_of(shopify), lambda: b'{"id":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    "shopify: digits": (
        reader_of(shopify),
        lambda: b'{"id":1,"currency":"CNY","total_price":' + b"9" * 5_000_000 + b"}",
    ),
    "shopify: a million lines": (
        reader_of(shopify),
        lambda: (
            b'{"id":1,"currency":"CNY","line_items":['
            + b",".join([b'{"id":1,"quantity":1,"price":"1"}'] * 200_000)
            + b"]}"
        ),
    ),
    "shopify: infinite": (
        reader_of(shopify),
        lambda: (
            b'{"id":1,"currency":"CNY","total_price":1e999999999,"line_items":[{"quantity":1e99999,"price":"-0"}]}'
        ),
    ),
    "woocommerce: nested": (
        reader_of(woocommerce),
        lambda: b'{"line_items":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    ),
    "woocommerce: lines": (
        reader_of(woocommerce),
        lambda: (
            b'{"id":1,"currency":"CNY","line_items":['
            + b",".join([b'{"id":1,"quantity":1,"total":"1","sku":"A"}'] * 150_000)
            + b"]}"
        ),
    ),
    "ubl: laughs": (
        reader_of(ubl),
        lambda: (
            f'<?xml version="1.0"?>{LAUGHS}<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"><ID>&a11;</ID></Order>'.encode()
        ),
    ),
    "ubl: from outside": (
        reader_of(ubl),
        lambda: (
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Order><ID>&x;</ID></Order>'
        ),
    ),
    "ubl: nested": (reader_of(ubl), lambda: b"<a>" * DEEP + b"</a>" * DEEP),
    "ubl: attributes": (
        reader_of(ubl),
        lambda: b"<Order " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b"/>",
    ),
    "x12: segments": (
        reader_of(x12),
        lambda: INTERCHANGE.replace(b"CTT*2~", b"PO1*3*1*EA*1**VP*A~" * 300_000),
    ),
    "x12: elements": (
        reader_of(x12),
        lambda: INTERCHANGE.replace(b"CTT*2~", b"PO1" + b"*" * 5_000_000 + b"~"),
    ),
    "edifact: pluses": (
        reader_of(edifact),
        lambda: (
            b"UNA:+.? 'UNB+UNOA:1+A+B+200101:1+1'UNH+1+ORDERS:D:96A:UN'BGM+220"
            + b"+" * 5_000_000
            + b"'"
        ),
    ),
    "edifact: released": (
        reader_of(edifact),
        lambda: b"UNA:+.? 'UNB+A'" + b"?'" * 2_500_000 + b"'",
    ),
    "edifact: marks and ends": (
        reader_of(edifact),
        lambda: b"UNA:+.? 'UNB+A'" + b"???'" * 1_250_000 + b"'",
    ),
    "edifact: marks": (reader_of(edifact), lambda: b"UNA:+.? '" + b"?" * 5_000_000),
    "mail: nested": (
        of_mail,
        lambda: (
            b"From: a@b.c\nSubject: x\n"
            + b"".join(
                b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
                for n in range(3000)
            )
            + b"Content-Type: text/plain\n\nhi"
        ),
    ),
    "mail: headers": (
        of_mail,
        lambda: b"From: a@b.c\n" + b"".join(b"X-%d: y\n" % n for n in range(100_000)) + b"\nhi",
    ),
    "mail: one header": (
        of_mail,
        lambda: b"From: " + b"a" * 5_000_000 + b"@b.c\nSubject: " + b"x, " * 1_000_000 + b"\n\nhi",
    ),
    "mail: addresses": (of_mail, lambda: b"To: " + b"a@b.c, " * 300_000 + b"\nFrom: x@y.z\n\nhi"),
    "mail: base64": (
        of_mail,
        lambda: (
            b"From: a@b.c\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
            + b"QUFB" * 2_500_000
        ),
    ),
    "mail: quoted": (
        of_mail,
        lambda: (
            b"From: a@b.c\n\n"
            + b"On Mon "
            + b"x" * 200_000
            + b"\n"
            + (b"On " + b"a" * 150 + b"\n") * 20_000
        ),
    ),
    "mail: marks": (
        of_mail,
        lambda: (
            b"From: a@b.c\nContent-Type: text/html\n\n" + b"<script " * 500_000 + b"<" * 500_000
        ),
    ),
    "mail: goods": (
        of_mail,
        lambda: b"From: a@b.c\n\n" + b"please send 3 x green tea mug 12 pcs: 4 - " * 20_000,
    ),
    "mail: digits": (
        of_mail,
        lambda: b"From: a@b.c\n\n" + b"1" * 400_000 + b" x TEA-001\n" + b"1 " * 300_000,
    ),
    "address: places": (
        lambda data: read_address(data.decode()),
        lambda: "省市区县北京上海杭州".encode() * 100_000,
    ),
    "address: digits": (lambda data: read_address(data.decode()), lambda: b"1" * 1_000_000),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies(name):
    read, make = BODIES[name]
    data = make()

    seconds, megabytes, fault = measured(lambda: read(data))

    assert not fault, fault
    assert (seconds < MOST_S, megabytes < MOST_MB) == (True, True), (seconds, megabytes)


# What is nearly right breaks more than noise does: samples with pieces cut out, doubled, exchanged.

SHOPIFY = b'{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","currency":"CNY","total_price":"25.00","financial_status":"paid","created_at":"2026-08-01T09:00:00+08:00","email":"a@b.example","taxes_included":true,"line_items":[{"id":1,"sku":"TEA-001","quantity":2,"price":"12.50","tax_lines":[{"price":"1.00"}]}],"shipping_lines":[{"price":"0.00","title":"Standard"}],"shipping_address":{"name":"Li","address1":"1 Road","city":"Shanghai","zip":"200040","country_code":"CN"}}'


WOO = b'{"id":727,"currency":"CNY","total":"29.35","status":"processing","date_created_gmt":"2026-03-22T19:28:02","billing":{"first_name":"John","email":"j@d.example"},"line_items":[{"id":315,"name":"Mug","quantity":2,"total":"6.00","sku":"MUG-001"}],"shipping_lines":[{"total":"10.00"}],"refunds":[]}'


UBL_ORDER = b'<?xml version="1.0"?><Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2" xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><b:ID>7</b:ID><b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode><c:OrderLine><c:LineItem><b:ID>1</b:ID><b:Quantity>3</b:Quantity><b:LineExtensionAmount currencyID="EUR">9</b:LineExtensionAmount><c:Item><b:Name>Tea</b:Name></c:Item></c:LineItem></c:OrderLine></Order>'


EDIFACT = b"UNB+UNOA:1+A+B+200101:1000+1'UNH+1+ORDERS:D:96A:UN'BGM+220+PO1+9'DTM+137:20260101:102'CUX+2:EUR:9'LIN+1++4006381333931:EN'QTY+21:5'PRI+AAA:2.5'UNS+S'UNT+9+1'UNZ+1+1'"


LETTER = b"From: Ann <ann@tea.example>\nSubject: Re: order\nContent-Type: text/plain; charset=utf-8\n\nPlease send 3 x Green tea (TEA-001) and 12 pcs MUG-001 to\n1 Road, 200040 Shanghai by 3 August.\n\nOn Mon, 1 Jan 2026 at 10:00, X <x@y.example> wrote:\n> hi\n"


TABLE = (
    HEAD + b"1,TEA-001,2,39.90,2026-08-01 09:00,79.80\n2,MUG-001,1,25,2026-08-01,25\n,POT,1,1,,\n"
)


SAMPLES: list[tuple[Callable[[bytes], object], bytes]] = [
    (reader_of(shopify), SHOPIFY),
    (reader_of(woocommerce), WOO),
    (reader_of(ubl), UBL_ORDER),
    (reader_of(x12), INTERCHANGE),
    (reader_of(edifact), EDIFACT),
    (of_mail, LETTER),
    (lambda data: of_file("m.csv", data), TABLE),
    (lambda data: of_file("m.xlsx", data), workbook(CELL)),
    (
        lambda data: read_address(data.decode("utf-8", "replace")),
        "张三 13812345678 浙江省杭州市西湖区文三路 478 号".encode(),
    ),
]


ODD = [
    b"",
    b"-1",
    b"1e999",
    b"NaN",
    b"\x00",
    b"\xff",
    b'"',
    b"null",
    b"[]",
    b"{}",
    b"'",
    b"\n",
    b"0" * 500,
    "１".encode(),
    b"\xf0\x9f\x98\x80",
    b"2026-13-45",
]


def mutated(data: bytes, seed: int) -> bytes:
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 6)):
        one, two = sorted(dice.randrange(len(data) + 1) for _ in "ab")
        two = min(two, one + dice.choice([0, 1, 3, 20, 200]))
        piece = data[one:two]
        data = (
            data[:one]
            + dice.choice([b"", piece + piece, piece[::-1], dice.choice(ODD)])
            + data[two:]
        )
    return data


@settings(max_examples=int(os.environ.get("FUZZ", "400")), deadline=None)
@given(st.sampled_from(range(len(SAMPLES))), st.integers(0, 2**32))
def test_what_is_nearly_right_is_read_or_refused(which, seed):
    read, sample = SAMPLES[which]
    with contextlib.suppress(*REFUSED):
        read(mutated(sample, seed))


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_what_providers_of_rates_and_scores_answer_is_read_or_refused(body):
    with contextlib.suppress(NoRates):
        read_ecb(body)
    with contextlib.suppress(Unavailable):
        answer_of(body)


@given(
    st.fixed_dictionaries(
        {"id": st.text(), "risk_score": st.floats() | st.text() | st.none()},
        optional={"disposition": JSON, "risk_score_reasons": JSON, "warnings": JSON},
    )
)
def test_a_score_that_is_read_is_a_percentage(said):
    with contextlib.suppress(Unavailable, msgspec.MsgspecError):
        answer = answer_of(msgspec.json.encode(said))
        assert 0 <= answer.score <= 100
        assert answer.recommendation in {"", "accept", "review", "decline"}
