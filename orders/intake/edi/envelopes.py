"""Checks that all of an interchange came: its trailers count what stood between them and their headers."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

# What ends an envelope, by what begins it: an interchange and a group of X12, the same of EDIFACT.
TRAILERS = {"ISA": "IEA", "GS": "GE", "UNB": "UNZ", "UNG": "UNE"}
HEADERS = {trailer: header for header, trailer in TRAILERS.items()}
GROUPS, MESSAGES = ("GS", "UNG"), frozenset({"ST", "UNH"})


# What has to have ended before: a group before another and before its interchange ends, all before another of those.
ALL = (*GROUPS, "ISA", "UNB")
ENDED_BEFORE = dict.fromkeys(("ISA", "UNB"), ALL) | dict.fromkeys((*GROUPS, "IEA", "UNZ"), GROUPS)


class Mark(NamedTuple):
    """A segment that begins or ends something.

    number   its control reference
    stated   of a trailer, how many it says there are
    """

    tag: str
    number: str = ""
    stated: str = ""


class Lost(NamedTuple):
    """What shows that a part of an interchange did not come: a cause and its params."""

    cause: str
    params: dict[str, str]


class _Between:
    """What came since an envelope began, or the last one of its kind ended. `number` None: none has begun."""

    def __init__(self, number: str | None = None) -> None:
        self.number, self.messages, self.groups = number, 0, 0

    def counts(self, trailer: str) -> list[int]:
        """What a trailer may count, the standard's own first: of groups some senders' UNZ counts the messages."""
        if trailer in {"GE", "UNE"}:
            return [self.messages]
        if trailer == "IEA":
            return [self.groups or min(self.messages, 1)]
        return [self.groups, self.messages] if self.groups else [self.messages]


def lost_of(marks: Iterable[Mark]) -> Lost | None:
    """What an interchange has lost on its way, by what its trailers say; None where they say nothing of that.

    A trailer that counts more than came, and one that is missing, show it. One that counts less is its sender's
    mistake where it bears its header's reference, and another envelope's where it does not: what stood between
    the two is lost. A reference alone that differs shows nothing, nor do counts of segments: many senders' do.
    """
    between = {header: _Between() for header in TRAILERS}
    for mark in marks:
        lost = _not_ended(between, ENDED_BEFORE.get(mark.tag, ()))
        if mark.tag in HEADERS:
            lost = lost or _uncounted(mark, between[HEADERS[mark.tag]])
            between[HEADERS[mark.tag]] = _Between()
        elif mark.tag in TRAILERS:
            between[mark.tag] = _Between(mark.number)
        if lost is not None:
            return lost
        for each in between.values():
            each.messages += mark.tag in MESSAGES
            each.groups += mark.tag in GROUPS
    return _not_ended(between, ALL)


def _not_ended(between: Mapping[str, _Between], headers: Iterable[str]) -> Lost | None:
    """The first of some envelopes that have begun and whose trailer has not come."""
    for header in headers:
        if (number := between[header].number) is not None:
            return Lost("cut_off", {"trailer": f"{TRAILERS[header]} {number}".strip()[:40]})
    return None


def _uncounted(trailer: Mark, between: _Between) -> Lost | None:
    """What a trailer says that was lost, by its count of what came."""
    counts, stated = between.counts(trailer.tag), trailer.stated.strip()
    number = _number(stated)
    if not stated or number in counts:
        return None
    name = f"{trailer.tag} {trailer.number}".strip()[:40]
    params = {"trailer": name, "stated": stated[:20], "came": str(counts[0])}
    if number is None or number > counts[0]:
        return Lost("not_all_came", params)
    if are_of_two(between.number or "", trailer.number):
        return Lost("trailer_of_another", params)
    return None


def _number(stated: str) -> int | None:
    """How many a trailer says there are; None for what is no count."""
    return int(stated) if stated.isascii() and stated.isdecimal() and len(stated) < 20 else None


def are_of_two(header: str, trailer: str) -> bool:
    """Whether both state a control reference, and another one; noughts in front only fill it up."""
    one, other = header.strip().lstrip("0"), trailer.strip().lstrip("0")
    return bool(one and other) and one != other
