"""Detects a document's format from its first characters."""

import re

from erp.encodings import marked, utf_16

_UBL = re.compile(rb"\A\s*(?:<\?xml|<!--|<[A-Za-z_][\w.:-]*(?:[\s>/]|\Z))")


_MAIL = re.compile(rb"\A(?:From \S+[^\n]*\n)?(?:[A-Za-z][A-Za-z0-9-]{1,60}:[ \t])", re.I)


def source_of(body: bytes) -> str:
    """The reader of a document: x12, edifact, ubl or mail; "" where none can read it."""
    start = _plain(body[:400]).lstrip()
    if start.startswith(b"ISA"):
        return "x12"
    if start.startswith((b"UNA", b"UNB", b"UNH")):
        return "edifact"
    if _UBL.match(start):
        return "ubl"
    return "mail" if _MAIL.match(start) else ""


def _plain(head: bytes) -> bytes:
    """How a document begins, in UTF-8 whichever encoding of Unicode it is in."""
    name = marked(head) or utf_16(head)
    return head if name is None else head.decode(name, "ignore").removeprefix("\ufeff").encode()
