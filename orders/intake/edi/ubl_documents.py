"""Parses XML documents of partners in the encoding that they are written in."""

import codecs
import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from erp.encodings import marked, utf_16
from orders.intake.messages.foreign_json import Unreadable

DECLARED = re.compile(
    rb"""\A\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.:-]*)["']""", re.ASCII
)


# Encodings of text that documents may declare, by how their names begin as Python writes them. What is written under
# the name of a smaller one is often in the larger one that has it within.
KNOWN = (
    "ascii",
    "utf-8",
    "utf-16",
    "utf-32",
    "iso8859",
    "cp",
    "koi8",
    "mac-",
    "gb",
    "big5",
    "euc",
    "shift_jis",
    "tis",
)
LARGER = {
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "cp950",
}


def root_of(body: bytes) -> Element:
    """A document's root element. Raises Unreadable for what is no XML, or not in its encoding."""
    try:
        found: Element = fromstring(_text_of(body), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable("xml_declares") from error
    except ParseError as error:
        line, column = error.position
        raise Unreadable("not_xml", line=str(line), column=str(column + 1)) from error
    except (ValueError, LookupError) as error:
        raise Unreadable("xml_encoding") from error
    return found


def _text_of(body: bytes) -> str:
    """A document as text: as its mark says, else its zeros, else its declaration, else in UTF-8. Raises ValueError."""
    name = marked(body) or utf_16(body[:4096]) or _declared(body)
    return body.decode(name).removeprefix("\ufeff")


def _declared(body: bytes) -> str:
    """The encoding that a document declares. Raises LookupError for one that nobody knows."""
    found = DECLARED.match(body[:1000])
    if found is None:
        return "utf-8"
    name = codecs.lookup(found[1].decode()).name
    if not name.startswith(KNOWN) or name.startswith(("utf-16", "utf-32")):
        raise LookupError(
            name
        )  # of the wide ones nothing here is written so: its declaration was read byte by byte
    return LARGER.get(name, name)
