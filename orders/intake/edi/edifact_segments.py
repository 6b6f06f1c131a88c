"""Cuts UN/EDIFACT interchanges into segments and messages (ISO 9735)."""

import re
from collections.abc import Iterable, Iterator, Sequence

from orders.intake.edi.envelopes import Mark, are_of_two
from orders.intake.edi.purchases import MOST_ELEMENTS
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.numbers import POINT

Segment = Sequence[Sequence[str]]  # elements of components
ENVELOPES = frozenset({"UNA", "UNB", "UNG", "UNE", "UNZ"})  # alone stand outside of messages


def declared_mark(content: str) -> str:
    """The decimal mark that UNA declares; a point where there is none (ISO 9735)."""
    content = content.lstrip()
    return content[5] if content.startswith("UNA") and content[5:6] in {".", ","} else POINT


def segments_of(content: str) -> Iterator[list[list[str]]]:
    """Segments as elements of components; UNA says which characters separate (ISO 9735)."""
    content = content.lstrip()
    component, element, release, terminator = ":", "+", "?", "'"
    if content.startswith("UNA") and len(content) > 9:
        component, element, _mark, release, _rest, terminator = list(content[3:9])
        content = content[9:]
    if not content.lstrip().startswith("UN"):
        raise Unreadable("not_edi")

    def cut(value: str, at: str) -> list[str]:
        """Split where no release character stands before; one that is released itself releases nothing."""
        if not release.strip():
            return value.split(at)
        parts: list[str] = []
        begun: list[str] = []
        for piece in value.split(at):
            begun.append(piece)
            if (len(piece) - len(piece.rstrip(release))) % 2 == 0:
                parts.append(at.join(begun))
                begun = []
        return [*parts, at.join(begun)] if begun else parts

    def plain(value: str) -> str:
        if not release.strip():
            return value.strip()
        return re.sub(rf"{re.escape(release)}(.)", r"\1", value, flags=re.DOTALL).strip()

    for raw in cut(content, terminator):
        if raw.strip():
            if raw.count(element) + raw.count(component) > MOST_ELEMENTS:
                raise Unreadable("too_much", what=raw.strip()[:20])
            yield [
                [plain(part) for part in cut(one, component)] for one in cut(raw.strip(), element)
            ]


def messages_of(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    current: list[Segment] | None = None
    for segment in segments:
        tag = segment[0][0]
        if tag == "UNH":
            if current:
                raise Unreadable("transaction_not_closed", control=at(current[0], 1)[:20])
            current = [segment]
        elif current is not None:
            current.append(segment)
            if tag == "UNT":
                _check_reference(current[0], segment)
                yield current
                current = None
        elif tag not in ENVELOPES:
            raise Unreadable("outside_a_message", what=tag[:20])
    if current:
        raise Unreadable("transaction_not_closed", control=at(current[0], 1)[:20])


def _check_reference(header: Segment, trailer: Segment) -> None:
    """Refuse a message whose trailer is another's: what stood between the two is lost. Raises Unreadable."""
    if are_of_two(at(header, 1), at(trailer, 2)):
        raise Unreadable("control_numbers_differ", control=at(trailer, 2)[:20])


def marks_of(segments: Iterable[Segment]) -> Iterator[Mark]:
    """Where envelopes and messages begin and end, with their control references and counts."""
    numbers = {"UNB": 5, "UNG": 5, "UNE": 2, "UNZ": 2, "UNH": 1}
    for segment in segments:
        if (tag := segment[0][0]) in numbers:
            yield Mark(tag, at(segment, numbers[tag]), at(segment, 1))


def at(segment: Segment, place: int, part: int = 0) -> str:
    if place >= len(segment) or part >= len(segment[place]):
        return ""
    return segment[place][part]
