"""Reads XML that others wrote, in the sandbox: what comes out is a tree of plain elements, without entities."""

from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from erp.sandbox.call import read_in_sandbox
from erp.sandbox.limits import ReaderStopped

DEEPEST, MOST_ELEMENTS = 50, 100_000


class NoXml(Exception):
    """Bytes that are no XML, declare entities, or hold more than a message does."""

    def said(self) -> dict[str, str]:
        """What it is made of again on the other side of the sandbox."""
        return {}


def read_xml(body: bytes) -> Element:
    """The root of a document. Raises NoXml."""
    try:
        found = list(read_in_sandbox(f"{__name__}:plain_elements", body, refusals=[NoXml]))
    except ReaderStopped as stopped:
        raise NoXml from stopped
    above: list[Element] = []
    root: Element | None = None
    for depth, tag, attributes, text, tail in found:
        element = Element(tag, attributes)
        element.text, element.tail = text, tail
        del above[depth:]
        if above:
            above[-1].append(element)
        above.append(element)
        root = root if root is not None else element
    if root is None:
        raise NoXml
    return root


def plain_elements(
    stream: IO[bytes],
) -> Iterator[tuple[int, str, dict[str, str], str | None, str | None]]:
    """Give each element of a document, outermost first, with its depth; runs in the sandbox."""
    try:
        root = fromstring(stream.read(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise NoXml from error
    left = MOST_ELEMENTS
    waiting = [(0, root)]
    while waiting:
        depth, element = waiting.pop()
        left -= 1
        if depth > DEEPEST or left < 0:
            raise NoXml
        yield depth, element.tag, dict(element.attrib), element.text, element.tail
        waiting += [(depth + 1, below) for below in reversed(element)]
