"""Detects a document's format from its first characters."""

import re

_UBL = re.compile(rb"\A\s*(?:<\?xml|<!--|<[A-Za-z_][\w.:-]*(?:[\s>/]|\Z))")


_MAIL = re.compile(rb"\A(?:From \S+[^\n]*\n)?(?:[A-Za-z][A-Za-z0-9-]{1,60}:[ \t])", re.I)


def source_of(body: bytes) -> str:
    """The reader of a document: x12, edifact, ubl or mail; "" where none can read it."""
    start = body[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"ISA"):
        return "x12"
    if start.startswith((b"UNA", b"UNB", b"UNH")):
        return "edifact"
    if _UBL.match(start):
        return "ubl"
    return "mail" if _MAIL.match(start) else ""
