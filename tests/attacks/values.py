"""What nobody sends in good faith, by name: for texts, for JSON, for cursors, for headers and for whole bodies."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

# Shown raw in a page it is an element of ours; the rest would be worked out by a template or a script.
CANARY = "\"'><q9x onload=alert(1)>{{7*7}}${7*7}<%=7*7%>"
ELEMENT = b"<q9x"

# Texts: of a query, of a path, of a form, of a JSON string.
TEXTS: Mapping[str, str] = {
    "nul": "\x00",
    "empty": "",
    "blank": " ",
    "zero width": " \u200b",
    "no-break": "\u00a0",
    "long": "a" * 3000,
    "300 accents": "é" * 300,
    "digits": "9" * 3000,
    "40 digits": "9" * 40,
    "10^30": "1" + "0" * 30,
    "-10^30": "-1" + "0" * 30,
    "2^31": "2147483648",
    "2^63": "9223372036854775808",
    "-1": "-1",
    "two signs": "--1",
    "mixed signs": "+-1",
    "sign": "-",
    "signs in a field": "a=--1",
    "0": "0",
    "1.5": "1.5",
    "1e400": "1e400",
    "1e-400": "1e-400",
    "NaN": "NaN",
    "sNaN": "sNaN",
    "Infinity": "-Infinity",
    "hex": "0x7f",
    "underscores": "1_000",
    "full width": "１２",
    "arabic digit": "\u0663",
    "superscript": "²",
    "year 1": "0001-01-01",
    "year 9999": "9999-12-31",
    "moment 1": "0001-01-01T00:00:00+14:00",
    "moment 9999": "9999-12-31T23:59:59-14:00",
    "no day": "2026-02-31",
    "no month": "2026-13-45",
    "no hour": "2026-02-01T25:61:61Z",
    "no zone": "2026-02-01T10:00",
    "folding": "ßß",
    "rtl": "\u202emoc.live\u202c",
    "family": "👨‍👩‍👧‍👦" * 8,
    "zalgo": "a" + "\u0301" * 200,
    "noncharacter": "\uffff",
    "separator": "a\u2028b",
    "escape": "\x1b[31m\x07\x7f",
    "bom": "\ufeffx",
    "private": "\U0010ffff",
    "lines": "\r\nX-Injected: y",
    "sql": "' OR 1=1; SELECT pg_sleep(3) --",
    "like": "%_\\%" * 20,
    "backslash": "\\",
    "quote": '"',
    "regex": "(a+)+$" + "a" * 40,
    "tsquery": "a & ! | <-> :*",
    "jsonpath": '$.** ? (@ like_regex "(.*)*")',
    "path": "../../../../etc/passwd",
    "windows path": "..\\..\\windows\\win.ini",
    "encoded": "%252e%252e%252f%00",
    "not utf-8": "%ff",
    "address": "//evil.example/x",
    "script address": "javascript:alert(1)",
    "broken address": "http://[",
    "format": "%s%(x)s{0}{0.__class__}",
    "formula": "=HYPERLINK(1)",
    "typst": '#read("/etc/passwd") $x^2$ *b* <lab> \\',
    "cel": "r'\\' + [1].map(x, [1].map(y, y))",
    "canary": CANARY,
    "other id": "ord_zzzzzzzzzzzz",
    "dunder": "__class__",
    "undefined": "undefined",
    "null": "null",
    "true": "true",
    "list": "[]",
    "open list": "[[",
    "object": "{}",
    "json nul": '{"a": "\\u0000"}',
    "json surrogate": '"\\ud800"',
    "json number": '[{"quantity": 1e400, "sku": "\\ud800"}]',
    "commas": ",,,,",
    "many": ",".join("abc" for _ in range(900)),
}


def _deep(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


# JSON: in place of whatever a body has somewhere. What the whole body cannot be read with is in UNREADABLE.
LEAVES: Mapping[str, Any] = {
    **{f"text {name}": text for name, text in TEXTS.items()},
    "surrogate": "\ud800",
    "10,000 letters": "a" * 10_000,
    "int 10^30": 10**30,
    "int -10^30": -(10**30),
    "int 2^31": 2**31,
    "int 2^63": 2**63,
    "int -2^63-1": -(2**63) - 1,
    "int -1": -1,
    "int 0": 0,
    "float 1e308": 1e308,
    "float 0.1": 0.1,
    "float nan": float("nan"),
    "float -inf": float("-inf"),
    "none": None,
    "bool": True,
    "an object": {},
    "an object with": {"a": 1, "__proto__": {"is_staff": True}},
    "a list": [],
    "a list in a list": [[]],
    "nested": _deep(60),
    "list of nothing": [None],
    "list of numbers": [1, -1],
    "1,000 texts": ["x"] * 1000,
}
# The decoder refuses the body as a whole: there is no place to point at.
UNREADABLE = {
    "surrogate",
    "float nan",
    "float -inf",
    "text nul",
    "text json nul",
    "int 10^30",
    "int -10^30",
}

CURSORS: list[Any] = [
    ["x"],
    ["2026-01-01T00:00:00+00:00", "x"],
    ["x", 1],
    [1, 1],
    [10**30],
    [],
    {},
    None,
    ["-id", 10**30],
    ["-id", "x"],
    ["id", True],
    ["-placed_at,-id", "0001-01-01T00:00:00+14:00", 1],
    ["-placed_at,-id", "9999-12-31T23:59:59-14:00", 1],
    ["-placed_at,-id", "2026-01-01T00:00:00", 1],
    ["-placed_at,-id", "\x00", 1],
    ["-id", [[1]]],
    ["-id", None],
    ["-placed_at,-id", None, 1],
    ["-id", "\ud800"],
]


def cursor(said: object) -> str:
    """A cursor as a list would have written it."""
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


CRAFTED: Mapping[str, str] = {
    **{f"cursor {json.dumps(said)[:60]}": cursor(said) for said in CURSORS},
    "cursor no base64": "!",
    "cursor no json": "e30K",
    "cursor not utf-8": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "cursor long": "A" * 9000,
}

# As they stand in an address or in a form: encoded already, so that they may be what no text is.
ENCODED: Mapping[str, str] = {
    "lone surrogate": "%ED%A0%80",
    "no utf-8": "%FF%FE",
    "half escape": "%E4%B",
    **{name: quote_plus(text) for name, text in TEXTS.items()},
}

WORDS = (
    "nul",
    "empty",
    "long",
    "digits",
    "not utf-8",
    "lines",
    "canary",
    "sql",
    "path",
    "rtl",
    "full width",
    "broken address",
)
HEADERS: Mapping[str, Mapping[str, str]] = {
    name: {
        **{word: TEXTS[word].encode()[:8000].decode("latin-1") for word in WORDS},
        "bytes": "\xff\xfe\x80",
        **own,
    }
    for name, own in {
        "Accept": {"xml": "text/xml", "none": "x/y;q=0", "wrong": ";;q=", "many": "a/b," * 500},
        "Accept-Language": {"many": "en," * 500, "odd": "xx-YY-zz;q=9", "star": "*"},
        "Accept-Encoding": {"none": "identity;q=0, *;q=0"},
        "Authorization": {
            "basic": "Basic OjpA",
            "bare": "Bearer",
            "two": "Bearer a b",
            "dot": "Bearer ../",
            "list": "Bearer key_x,key_y",
            "broken basic": "Basic ====",
        },
        "Content-Type": {
            "xml": "application/xml",
            "form": "multipart/form-data",
            "charset": "application/json; charset=utf-7",
            "no charset": "application/json; charset=none",
            "text": "text/plain",
            "boundary": "multipart/form-data; boundary=" + "-" * 500,
        },
        # What is stated to be longer than what is sent, no server hands on.
        "Content-Length": {"sign": "-1", "plus": "+5", "5,000 digits": "9" * 5000, "two": "1, 2"},
        "Cookie": {"octal": 'sessionid="\\000"', "many": "a=b;" * 500, "broken": "=;=;="},
        "Forwarded": {"odd": 'for="[::1]";proto=gopher;by=x'},
        "Host": {"foreign": "evil.example", "port": "testserver:99999", "user": "a@testserver"},
        "Idempotency-Key": {"256": "k" * 256, "comma": "a, b"},
        "If-Match": {"weak": 'W/"1"', "many": '"1",' * 900, "open": '"', "number": "1e400"},
        "If-None-Match": {"star": "*", "many": '"1",' * 900},
        "If-Modified-Since": {"odd": "Sat, 31 Feb 0000 99:99:99 GMT"},
        "HX-Current-URL": {"foreign": "https://evil.example/"},
        "HX-Request": {},
        "HX-Target": {},
        "HX-Trigger": {"object": "{}", "escape": '"\\u0000"'},
        "Origin": {"foreign": "https://evil.example", "null": "null"},
        "Range": {"all": "bytes=0-", "many": "bytes=" + "0-1," * 500, "odd": "bytes=9-1"},
        "Referer": {"foreign": "https://evil.example/"},
        "User-Agent": {},
        "Via": {"many": "1.1 a," * 500},
        "X-CSRFToken": {"long": "a" * 4000},
        "X-Forwarded-For": {
            "many": "1.1.1.1," * 300,
            "odd": "::ffff:999.1.1.1",
            "local": "127.0.0.1",
        },
        "X-Forwarded-Host": {"foreign": "evil.example"},
        "X-Forwarded-Proto": {"odd": "gopher"},
        "X-HTTP-Method-Override": {"delete": "DELETE", "put": "PUT", "get": "GET"},
        "X-Real-IP": {"local": "127.0.0.1", "odd": "::ffff:999.1.1.1"},
        "X-Request-Id": {"script": "<q9x>", "65": "a1" * 33, "good": "a1" * 16},
    }.items()
}

# Whole bodies. Given a good one, what is sent instead of it.
BODIES: Mapping[str, Any] = {
    "nothing": lambda good: b"",
    "blank": lambda good: b"   ",
    "null": lambda good: b"null",
    "number": lambda good: b"7",
    "text": lambda good: b'"x"',
    "list": lambda good: b"[" + good + b"]",
    "twice": lambda good: good + good,
    "cut": lambda good: good[: len(good) // 2],
    "trailing": lambda good: good + b"x",
    "bom": lambda good: b"\xef\xbb\xbf" + good,
    "utf-16": lambda good: good.decode().encode("utf-16"),
    "utf-32": lambda good: good.decode().encode("utf-32"),
    "latin": lambda good: good[:-1] + b', "x": "\xe9"}',
    "overlong": lambda good: good[:-1] + b', "x": "\xc0\xaf"}',
    "deep list": lambda good: b"[" * 100_000,
    "deep object": lambda good: b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "deep field": lambda good: good[:-1] + b', "note": ' + b"[" * 900 + b"]" * 900 + b"}",
    "many fields": lambda good: b"{" + b",".join(b'"f%d": 1' % n for n in range(20_000)) + b"}",
    "big": lambda good: good[:-1] + b', "note": "' + b"a" * 1_000_000 + b'"}',
    "too big": lambda good: good[:-1] + b', "note": "' + b"a" * 6_000_000 + b'"}',
    "doubled keys": lambda good: good[:-1] + b"," + good[1:],
    "nan": lambda good: good[:-1] + b', "note": NaN}',
    "raw nul": lambda good: good[:-1] + b', "note": "\x00"}',
    "comment": lambda good: b"/* */" + good,
    "single quotes": lambda good: good.replace(b'"', b"'"),
    "xml": lambda good: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "form": lambda good: b"a=b&c=d",
    "gzip": lambda good: b"\x1f\x8b\x08\x00" + good,
}
