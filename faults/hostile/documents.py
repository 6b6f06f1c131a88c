"""Hostile documents of partners, shops and callers: XML, X12, EDIFACT and JSON."""

from collections.abc import Callable

from faults.hostile.file import MB, HostileFile
from faults.hostile.tables import LAUGHS

DEEP = 100_000
UBL = "urn:oasis:names:specification:ubl:schema:xsd:Order-2"
X12 = (
    b"ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *260301*0936*U*00401*000000055*0*P*>~"
    b"GS*PO*BUYER*SELLER*20260301*1041*2*X*004010~ST*850*0001~BEG*00*SA*PO-17**20260301~CUR*BY*EUR~%s"
    b"CTT*1~SE*12*0001~GE*1*2~IEA*1*000000055~"
)
EDIFACT = (
    b"UNA:+.? 'UNB+UNOC:3+BUYER:14+SELLER:14+260301:0936+55'UNH+1+ORDERS:D:96A:UN'BGM+220+PO-17+9'%s"
    b"UNS+S'UNT+12+1'UNZ+1+55'"
)


def _edi(title: str, make: Callable[[], bytes]) -> HostileFile:
    return HostileFile(title, "document", f"{title.replace(' ', '-')}.edi", make)


def _shop(title: str, make: Callable[[], bytes], kind: str = "shopify") -> HostileFile:
    return HostileFile(title, kind, f"{title.replace(' ', '-')}.json", make)


def _json(title: str, make: Callable[[], bytes]) -> HostileFile:
    return _shop(title, make, "json")


def _ubl(dtd: str, inner: str) -> bytes:
    return f'<?xml version="1.0"?>{dtd}<Order xmlns="{UBL}">{inner}</Order>'.encode()


def _lines(line: bytes, count: int) -> bytes:
    return b'{"id":1,"currency":"CNY","line_items":[' + b",".join([line] * count) + b"]}"


FILES = (
    _edi("UBL billion laughs", lambda: _ubl(LAUGHS, "<ID>&a11;</ID>")),
    _edi(
        "UBL entity from outside",
        lambda: _ubl('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "<ID>&x;</ID>"),
    ),
    _edi(
        "UBL entity that asks a server",
        lambda: _ubl('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]>', "<ID>1</ID>"),
    ),
    _edi("UBL 100000 deep", lambda: _ubl("", "<a>" * DEEP + "</a>" * DEEP)),
    _edi(
        "UBL 200000 attributes",
        lambda: b"<Order " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b"/>",
    ),
    _edi("UBL of 9 MB of text", lambda: _ubl("", f"<ID>{'x' * 9 * MB}</ID>")),
    _edi("UBL that is not UTF-8", lambda: _ubl("", "<ID>").replace(b"<ID>", b"<ID>\xff\xfe\x00")),
    _edi("UBL that is cut", lambda: _ubl("", "<ID>7</ID>")[:-20]),
    _edi("X12 300000 segments", lambda: X12 % (b"PO1*3*1*EA*1**VP*A~" * 300_000)),
    _edi("X12 5 million elements", lambda: X12 % (b"PO1" + b"*" * 5_000_000 + b"~")),
    _edi("X12 without end", lambda: X12[:106] + b"PO1*1" * (2 * MB)),
    _edi("X12 header alone", lambda: X12[:60]),
    _edi("X12 of one mark", lambda: b"ISA" + b"*" * (9 * MB)),
    _edi("EDIFACT 5 million elements", lambda: EDIFACT % (b"LIN" + b"+" * 5_000_000 + b"'")),
    _edi("EDIFACT releases without end", lambda: b"UNA:+.? '" + b"?" * (9 * MB)),
    _edi("EDIFACT released ends", lambda: b"UNA:+.? 'UNB+A'" + b"?'" * 2_500_000 + b"'"),
    _edi("EDIFACT without an end", lambda: EDIFACT[:90] + b"LIN+1" * (1 * MB)),
    _edi("EDIFACT 400000 lines", lambda: EDIFACT % (b"LIN+1++A:SRV'QTY+21:1'" * 400_000)),
    _shop("shopify 100000 deep", lambda: b'{"id":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    _shop(
        "shopify digits",
        lambda: b'{"id":1,"currency":"CNY","total_price":' + b"9" * 5_000_000 + b"}",
    ),
    _shop(
        "shopify exponents",
        lambda: (
            b'{"id":1,"currency":"CNY","total_price":1e999999999,'
            b'"line_items":[{"quantity":1e99999,"price":"-0"}]}'
        ),
    ),
    _shop("shopify 200000 lines", lambda: _lines(b'{"id":1,"quantity":1,"price":"1"}', 200_000)),
    _shop("shopify half a character", lambda: b'{"id":1,"name":"\\ud800","currency":"C\\u0000Y"}'),
    _shop("shopify not UTF-8", lambda: b'{"id":1,"name":"\xff\xfe"}'),
    _shop(
        "woocommerce 100000 deep",
        lambda: b'{"line_items":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
        "woocommerce",
    ),
    _shop(
        "woocommerce 150000 lines",
        lambda: _lines(b'{"id":1,"quantity":1,"total":"1","sku":"A"}', 150_000),
        "woocommerce",
    ),
    _json("order 100000 deep", lambda: b'{"external_id":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    _json("order of 4 MB of one text", lambda: b'{"external_id":"' + b"x" * (4 * MB) + b'"}'),
    _json(
        "order with exponents",
        lambda: (
            b'{"external_id":"e","currency":"CNY","lines":'
            b'[{"sku":"S00","quantity":1e400}],"payment":{"method":"prepaid","amount":{"amount":"1e999"}}}'
        ),
    ),
    _json(
        "order of 200000 lines",
        lambda: (
            b'{"external_id":"l","currency":"CNY","lines":['
            + b",".join([b'{"sku":"S00","quantity":1}'] * 150_000)
            + b"]}"
        ),
    ),
    _json(
        "order with 300000 unknown fields",
        lambda: b"{" + b",".join(b'"f%d":1' % n for n in range(300_000)) + b"}",
    ),
    _json("order that is not UTF-8", lambda: b'{"external_id":"\xff\xfe"}'),
    _json("order of 11 MB", lambda: b'{"note":"' + b"x" * (11 * MB) + b'"}'),
)
