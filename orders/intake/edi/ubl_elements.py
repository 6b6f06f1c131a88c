"""Finds the elements of an XML document by their local names."""

from xml.etree.ElementTree import Element

from orders.intake.following.decisions.evidence import digest
from orders.intake.messages.foreign_json import text


def all_of(node: Element | None, *path: str) -> list[Element]:
    """The elements at a path of local names, whatever their namespaces."""
    found = [node] if node is not None else []
    for name in path:
        found = [x for each in found for x in each if x.tag.rpartition("}")[2] == name]
    return found


def first_of(node: Element | None, *path: str) -> Element | None:
    found = all_of(node, *path)
    return found[0] if found else None


def text_of(node: Element | None, *path: str, longest: int = 1000) -> str:
    found = first_of(node, *path)
    return text(found.text, longest) if found is not None else ""


def fingerprint(root: Element) -> str:
    """A fingerprint of what a document says, whatever its spacing, prefixes and comments."""
    said = [
        (x.tag, sorted(x.attrib.items()), (x.text or "").strip(), (x.tail or "").strip(), len(x))
        for x in root.iter()
    ]
    return digest(said)
