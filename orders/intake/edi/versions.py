"""Ranks the versions of a purchase order, so that the newest counts in whatever order they arrive."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from erp.visible import is_blank
from orders.intake.edi.envelopes import Lost
from orders.intake.following.decisions.evidence import digest
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.statements import Statement, differs, is_newer_untold

VERSIONS = "versions_differ"

UNDATED = datetime(1990, 1, 1, tzinfo=UTC)


A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Interchange:
    """When an interchange was made, to the minute as its envelope says, and its control number."""

    at: datetime | None = None
    control: str = ""

    @property
    def within_a_minute(self) -> timedelta:
        """Where its control number puts it among those of the same minute: the higher is the later."""
        digits = re.sub(r"\D", "", self.control) if self.control.isascii() else ""
        return timedelta(microseconds=int(digits or 0) % 60_000_000)


def version_at(
    interchange: Interchange, ordered_on: datetime | None, *, is_replacement: bool
) -> datetime:
    """When a version of a purchase order counts from.

    Replacements repeat the date of the original. So an original counts from that date alone, for no second one of it
    is the newer, and a replacement from when it was sent, later than that date in any case; the control number tells
    apart what is left.
    """
    base = ordered_on or UNDATED
    if not is_replacement:
        return base
    return max(base + A_MINUTE, interchange.at or UNDATED) + interchange.within_a_minute


def external_id_of(partner: str, number: str) -> str:
    """Return what an order is known by: its partner's number of it. Raises Unreadable."""
    if is_blank(number):
        raise Unreadable("no_id")
    found = f"{partner}:{number}" if partner else number
    if len(number) > 60 or len(found) > 100:  # what is cut would be another order's
        raise Unreadable("id_too_long", field="number", value=number[:60])
    return found


def withdrawn(partner: str, number: str) -> Statement:
    """Return what a message says that takes an order back. Raises Unreadable where it does not say which."""
    return Statement(external_id=external_id_of(partner, number), cancelled="cancelled")


def named(kind: str, *numbers: str) -> str:
    """Return what a message is called, as a person finds it: its kind, and the numbers that it has."""
    return f"{kind} {'-'.join(filter(None, numbers))}".strip()


def changed(partner: str, number: str, name: str, message: str) -> Statement:
    """Return what a message says that asks for a change of an order. Raises Unreadable where it does not say which.

    name      of the message by its own numbers, not those that it was sent under; another may be called the same
    message   its fingerprint: the very same message, sent again, asks for nothing new
    """
    known_as = f"{name[:50]} #{message[:8]}"
    return Statement(external_id=external_id_of(partner, number), changes=[known_as])


def newest(
    statements: Iterable[Statement],
    *,
    unread: Sequence[str] = (),
    lost: Lost | None = None,
    is_test: bool = False,
) -> list[Statement]:
    """What an interchange says of each order: of several versions the newest; equal ones that differ are doubted.

    What orders behind a cancel is no version of what stood before it.
    unread   messages of the interchange that no reader knows; the last statement names them
    lost     what shows that a part of it did not come; so does that
    is_test  it is not sent for production
    """
    kept: dict[tuple[str, bool, bool], Statement] = {}
    changes: list[Statement] = []
    for said in statements:
        is_again = said.order is not None and (said.external_id, True, False) in kept
        about = (said.external_id, said.order is None, is_again)
        known = kept.get(about)
        if said.changes:
            changes.append(said)
        elif known is not None and is_newer_untold(said, known.at, known.progress):
            kept[about] = _doubted(known, said) if differs(known.order, said.order) else known
        elif known is None or _rank(said) > _rank(known):
            kept[about] = said
    found = [*kept.values(), *changes]
    if found and unread:
        found[-1] = replace(found[-1], unread=", ".join(unread)[:200])
    if found and lost is not None:
        found[-1] = replace(found[-1], lost={"cause": lost.cause, **lost.params})
    return [as_test(said) for said in found] if is_test else found


def as_test(said: Statement) -> Statement:
    """A statement that is marked as a test."""
    order = None if said.order is None else replace(said.order, is_test=True)
    return replace(said, order=order, is_test=True)


def _doubted(said: Statement, other: Statement) -> Statement:
    """The first of two versions, doubted; what it is read from is both."""
    assert said.order is not None
    doubts = sorted({*said.order.doubts, VERSIONS})
    message = digest([said.message, other.message])
    return replace(said, order=replace(said.order, doubts=doubts), message=message)


def _rank(said: Statement) -> tuple[datetime, int]:
    return said.at or UNDATED, said.progress
