"""Files that are handed over: how they are called, what they say they are, how they are packed, what is in them."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import pytest

from erp.access.roles import STAFF, rights_of
from erp.jobs.sheets import sheets
from orders.intake.files.layouts import LAYOUTS
from orders.intake.inbox.tasks import read_some
from orders.models import IncomingMessage
from tests.attacks.attacker import Attacker
from tests.attacks.plan import some, some_of
from tests.attacks.routes import every_route
from tests.attacks.values import TEXTS

pytestmark = pytest.mark.django_db
BOUNDARY = "of-a-form"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


class Upload(NamedTuple):
    """A view that takes a file: its route and address, the right, what its form says beside the file, a good file."""

    route: str
    address: str
    right: str
    fields: Mapping[str, str]
    name: str
    content: bytes


ORDERS = b"Order,SKU,Quantity,Price,Name,Country\nA-1,TEA-001,1,39.90,Li Na,CN\n"
UPLOADS: Mapping[str, Upload] = {
    "orders": Upload(
        "orders/files/hand-over/",
        "/orders/files/hand-over/",
        "orders.place",
        {"channel": "web"},
        "orders.csv",
        ORDERS,
    ),
    "documents": Upload(
        "orders/inbox/hand-over/",
        "/orders/inbox/hand-over/",
        "orders.place",
        {"channel": "web"},
        "order.xml",
        b'<?xml version="1.0"?><Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>',
    ),
    "sheet": Upload(
        "data/<str:name>/",
        f"/data/{next(iter(sheets()))}/",
        "imports.view",
        {"encoding": "", "dry_run": "1"},
        "sheet.csv",
        b"code,name\nA,B\n",
    ),
    "history": Upload(
        "imports/new/",
        "/imports/new/",
        "imports.run",
        {"channel": "web", "layout": next(iter(LAYOUTS)), "dry_run": "1"},
        "history.csv",
        ORDERS,
    ),
}


def test_every_view_that_takes_files_is_tried():
    taking = {route for route, view in every_route().items() if getattr(view, "takes_files", False)}

    assert taking == {one.route for one in UPLOADS.values()}


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}'
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + value + b"\r\n"


def form(
    one: Upload, *, name: str = "", content: bytes | None = None, kind: str = "", **said: str
) -> bytes:
    """The body of a form with a file, whatever its name has in it."""
    fields = b"".join(part(n, v.encode()) for n, v in {**one.fields, **said}.items())
    head = f'; filename="{name or one.name}"\r\nContent-Type: {kind or "text/csv"}'
    file = part("file", one.content if content is None else content, head)
    return fields + file + f"--{BOUNDARY}--\r\n".encode()


def _zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "/"), content)
    return made.getvalue()


CONTENTS: Mapping[str, bytes] = {
    "nothing": b"",
    "nul": b"\x00" * 5000,
    "noise": bytes(range(256)) * 40,
    "bom alone": b"\xef\xbb\xbf",
    "utf-16": "Order,SKU\nA,B\n".encode("utf-16"),
    "half a character": b"Order,SKU\n\xe4\xb8,\xff\n",
    "one quote": b'Order,SKU\n"A,B\n',
    "one row": b"," * 20_000,
    "many rows": b"A,B\n" * 20_000,
    "long cell": b"Order,SKU\n" + b"a" * 200_000 + b",B\n",
    "headings twice": b"SKU,SKU,SKU\nA,B,C\n",
    "formulas": b'Order,SKU\n=cmd|"/c calc"!A0,@SUM(1)\n',
    "canary": b"Order,<q9x>,\"'><q9x onload=alert(1)>\nA,<q9x>,{{7*7}}\n",
    "numbers": b"Order,SKU,Quantity,Price\nA,B,1e400,NaN\nA,B,--1,+-1\n",
    "zip of nothing": _zipped(),
    "no workbook": _zipped(a=b"b"),
    "workbook of noise": _zipped(xl_workbook=b"<", xl_worksheets_sheet1=b"<"),
    "bomb": _zipped(xl_workbook=b"0" * 20_000_000),
    "cut zip": _zipped(a=b"b" * 1000)[:-30],
    "entities": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><Order>&d;</Order>',
    "outside": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Order>&b;</Order>',
    "deep": b"<a>" * 50_000,
    "interchange": b"ISA*00*          *00*\x00~GS*PO~ST*850*1~SE*1*1~",
    "edifact": b"UNA:+.? 'UNB+UNOC:3+a+b+1:1+1'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+9+1'",
    "program": b"\x7fELF" + b"\x00" * 100,
    "page": b"<html><script>alert(1)</script></html>",
}
PACKED: Mapping[str, Callable[[bytes], tuple[bytes, str]]] = {
    "cut": lambda body: (body[: len(body) // 2], FORM),
    "no end": lambda body: (body.replace(b"--\r\n", b"\r\n"), FORM),
    "another boundary": lambda body: (body, FORM + "x"),
    "no boundary": lambda body: (body, "multipart/form-data"),
    "empty boundary": lambda body: (body, "multipart/form-data; boundary="),
    "odd boundary": lambda body: (body, "multipart/form-data; boundary=\x01é"),
    "long boundary": lambda body: (body, f"multipart/form-data; boundary={'-' * 5000}"),
    "charset": lambda body: (body, FORM + "; charset=utf-7"),
    "no charset": lambda body: (body, FORM + "; charset=none"),
    "twice": lambda body: (body[:-15] + body, FORM),
    "no file": lambda body: (body[: body.rindex(f"--{BOUNDARY}\r\n".encode())] + END, FORM),
    "file without name": lambda body: (body.replace(b"; filename=", b"; nofile="), FORM),
    "odd name": lambda body: (body.replace(b'filename="', b"filename*=utf-8''%00%ff"), FORM),
    "base64": lambda body: (body.replace(b"text/csv", ENCODED_SO + b"base64"), FORM),
    "printable": lambda body: (body.replace(b"text/csv", ENCODED_SO + b"quoted-printable"), FORM),
    "long head": lambda body: (body.replace(b"text/csv", b"a/" + b"b" * 20_000), FORM),
    "many fields": lambda body: (part("x", b"1") * 1200 + body, FORM),
    "many files": lambda body: (part("file", b"1", '; filename="a.csv"') * 150 + body, FORM),
    "nul in a field": lambda body: (part("channel", b"\x00") + body, FORM),
    "as json": lambda body: (b"{}", "application/json"),
    "as a form": lambda body: (b"file=x&channel=web", "application/x-www-form-urlencoded"),
}
END = f"--{BOUNDARY}--\r\n".encode()
ENCODED_SO = b"text/csv\r\nContent-Transfer-Encoding: "
SUFFIXES = (".csv", ".tsv", ".xlsx", "")


def hostile(one: Upload, at: str) -> Iterator[tuple[str, str, bytes, str]]:
    """(where, which value, body, content type) of each attack on a view that takes a file."""
    for value, word in some(TEXTS, 4, f"{at} filename"):
        for suffix in SUFFIXES[:2]:
            said = form(one, name=word.replace('"', "%22") + suffix)
            yield f"{at} filename", value, said, FORM
    for value, word in some(TEXTS, 2, f"{at} type"):
        yield f"{at} type", value, form(one, kind=word), FORM
    for value, content in some(CONTENTS, 4, f"{at} content"):
        for suffix in SUFFIXES:
            said = form(one, name=f"file{suffix}", content=content)
            yield f"{at} content", f"{value}{suffix}", said, FORM
    for value, pack in some(PACKED, 4, f"{at} packed"):
        yield f"{at} packed", value, *pack(form(one))
    for field in one.fields:
        for value, word in some(TEXTS, 2, f"{at} /{field}"):
            yield f"{at} /{field}", value, form(one, **{field: word}), FORM


@pytest.mark.parametrize("name", UPLOADS)
def test_a_file_may_be_anything(name, shop, sign_in, attacker: Attacker):
    one, browser = UPLOADS[name], sign_in()
    browser.raise_request_exception = False
    good = handed_over(browser, one.address, form(one), FORM)
    assert good.status_code == 200, good.content[:500]
    with attacker.place():
        for at, value, body, kind in hostile(one, name):
            sent = partial(handed_over, browser, one.address, body, kind)
            attacker.attack(at, value, sent, is_api=False)


def sent_so(browser: Any, address: str, body: bytes, kind: str) -> Any:
    """Post bytes as they are; `post` would write them anew in the encoding that their type names."""
    return browser.generic("POST", address, body, content_type=kind)


def handed_over(browser: Any, address: str, body: bytes, kind: str) -> Any:
    """Hand a file over, then look at what became of it, as its person does: the page it leads to is judged as well."""
    answer = sent_so(browser, address, body, kind)
    if answer.status_code != 302:
        return answer
    while read_some():
        pass
    failed = IncomingMessage.objects.filter(cause="error").order_by("-pk").first()
    assert failed is None, failed.params if failed else ""
    return browser.get(answer["Location"])


@pytest.mark.parametrize("role", some_of(STAFF, 2, "uploads"))
def test_no_file_is_taken_from_whom_the_right_lacks(role, shop, sign_in, attacker: Attacker):
    browser = sign_in(role)
    browser.raise_request_exception = False
    tried = [one for one in UPLOADS.values() if one.right not in rights_of(role)]
    with attacker.place():
        for one in tried:
            at = f"{role} {one.route}"
            for place, value, body, kind in list(hostile(one, at))[:: 1 if len(tried) < 2 else 3]:
                sent = partial(sent_so, browser, one.address, body, kind)
                answer = attacker.attack(place, value, sent, is_api=False)
                if answer is not None and answer.status_code not in {400, 403}:
                    attacker.miss(place, value, [f"{answer.status_code}"])
    attacker.inputs = attacker.inputs or 1  # an owner may hand over everything
