"""Which notation a document is in, from its first characters."""

import re

_UBL = re.compile(rb"\A\s*(?:<\?xml|<!--|<[A-Za-z_][\w.:-]*(?:[\s>/]|\Z))")


def source_of(body: bytes) -> str:
    """The reader of a document: x12, edifact or ubl; "" where none can read it."""
    start = body[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"ISA"):
        return "x12"
    if start.startswith((b"UNA", b"UNB", b"UNH")):
        return "edifact"
    return "ubl" if _UBL.match(start) else ""
