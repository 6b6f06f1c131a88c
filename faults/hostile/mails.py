"""Hostile mails: nested, endless, lying of what they carry, and carrying what other readers break on."""

import base64
from collections.abc import Callable

from faults.hostile.file import MB, HostileFile
from faults.hostile.tables import headings, workbook

FROM = b"From: Ann <ann@tea.example>\r\nTo: orders@merchant.example\r\n"
BOUND = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'


def letter(
    subject: str, attached: list[tuple[str, bytes]], text: str = "Please see the file."
) -> bytes:
    """A plain letter with attachments, as a mail program writes it."""
    parts = [b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode()]
    for name, data in attached:
        title = base64.b64encode(name.encode())
        parts.append(
            b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
            b'Content-Disposition: attachment; filename="=?utf-8?B?'
            + title
            + b'?="\r\n\r\n'
            + base64.encodebytes(data)
        )
    head = FROM + b"Subject: =?utf-8?B?" + base64.b64encode(subject.encode()) + b"?=\r\n" + BOUND
    return head + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


def _nested(depth: int) -> bytes:
    levels = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(depth)
    )
    return FROM + b"Subject: nested\r\n" + levels + b"Content-Type: text/plain\r\n\r\nhi"


def _messages(depth: int) -> bytes:
    return (
        FROM + b"Subject: forwarded\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"hi"
    )


def _many(parts: int) -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
    return FROM + b"Subject: parts\r\n" + BOUND + part * parts + b"--b--\r\n"


def _slow_sheets(count: int) -> bytes:
    """Workbooks that each take seconds to be refused, in one mail."""
    sheet = workbook(headings() + "<row/>" * 3_000_000)
    return letter("sheets", [(f"sheet{n}.xlsx", sheet) for n in range(count)])


def _mail(title: str, make: Callable[[], bytes]) -> HostileFile:
    return HostileFile(title, "mail", f"{title.replace(' ', '-')}.eml", make)


def _plain(head: bytes, body: bytes) -> bytes:
    return FROM + b"Subject: an order\r\n" + head + b"\r\n" + body


FILES = (
    _mail("MIME 10000 deep", lambda: _nested(10_000)),
    _mail("mails in mails 10000 deep", lambda: _messages(10_000)),
    _mail("header of 9 MB", lambda: FROM + b"Subject: " + b"x, " * (3 * MB) + b"\r\n\r\nhi"),
    _mail("header of 11 MB", lambda: FROM + b"Subject: " + b"x" * (11 * MB) + b"\r\n\r\nhi"),
    _mail(
        "100000 headers",
        lambda: FROM + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\nhi",
    ),
    _mail(
        "300000 recipients", lambda: b"To: " + b"a@b.c, " * 300_000 + b"\r\nFrom: x@y.z\r\n\r\nhi"
    ),
    _mail(
        "words that are encoded",
        lambda: FROM + b"Subject: " + b"=?utf-8?Q?=ff?= " * 200_000 + b"\r\n\r\nhi",
    ),
    _mail(
        "base64 of garbage",
        lambda: _plain(
            b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n", b"!!?=" * (2 * MB)
        ),
    ),
    _mail(
        "quoted lines",
        lambda: _plain(
            b"", b"On Mon " + b"x" * 200_000 + b"\n" + (b"On " + b"a" * 150 + b"\n") * 20_000
        ),
    ),
    _mail(
        "marks of HTML",
        lambda: _plain(b"Content-Type: text/html\r\n", b"<script " * 500_000 + b"<" * 500_000),
    ),
    _mail(
        "goods without end",
        lambda: _plain(b"", b"please send 3 x green tea mug 12 pcs: 4 - " * 20_000),
    ),
    _mail(
        "numbers without end", lambda: _plain(b"", b"1" * 400_000 + b" x S00\n" + b"1 " * 300_000)
    ),
    _mail("200000 parts", lambda: _many(200_000)),
    _mail(
        "charset that nobody has",
        lambda: _plain(
            b'Content-Type: text/plain; charset="' + b"x" * 100_000 + b'"\r\n', b"\xff\xfe" * 1000
        ),
    ),
    _mail(
        "boundary that is empty",
        lambda: _plain(b'Content-Type: multipart/mixed; boundary=""\r\n', b"--\r\n" * 100_000),
    ),
    _mail("twelve slow workbooks", lambda: _slow_sheets(12)),
    _mail("200 attachments without a name", lambda: letter("many", [("", b"x" * 1000)] * 200)),
    _mail(
        "name of an attachment that climbs",
        lambda: letter("climbs", [("../../../../etc/passwd.csv", b"a,b\n1,2\n")]),
    ),
)
