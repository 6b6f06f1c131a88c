"""Finds columns of a file that say the same field twice, and the rows in which they differ."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from erp.files import RawRow
from orders.intake.files import cells
from orders.intake.files.columns import BY_NAME
from orders.intake.files.headings import plain
from orders.intake.messages.numbers import Defective

# Fields of which any of their headings says the same: an order may well have two numbers, telephones or totals.
ALIKE = frozenset({"quantity", "unit_price", "currency"})


class Rival(NamedTuple):
    """Another column of a field: where it stands, and what it is called."""

    name: str
    place: int
    heading: str


def rivals_of(
    columns: Mapping[str, str], places: Mapping[str, int], header: Sequence[str]
) -> list[Rival]:
    """The columns that say a field again: under its own heading, or under another that means the same."""
    found = []
    for name, place in places.items():
        own = plain(columns[name])
        names = {own, *(BY_NAME[name].names if name in ALIKE else ())}
        found += [
            Rival(name, at, heading)
            for at, heading in enumerate(header)
            if at != place and plain(heading) in names and at not in places.values()
        ]
    return found


def differing(row: RawRow, rival: Rival, said: str) -> str:
    """What a rival says in a row where that is not what its field says; empty: it says the same, or nothing."""
    of = BY_NAME[rival.name]
    raw = row.cells[rival.place] if rival.place < len(row.cells) else ""
    other = cells.unguarded(raw, is_code=of.is_code)
    if not other or other.casefold() == said.casefold():
        return ""
    if of.kind in {"amount", "count"}:
        one, two = cells.amount(said), cells.amount(other)
        if not isinstance(one, Defective) and one == two:
            return ""
    return other
