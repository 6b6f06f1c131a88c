"""Counts what a file of history contains and recognises repeated rows."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from erp.access.models import Channel
from orders.intake.files.layouts import Rejected, Sold

ZERO = Decimal(0)


class Chunk(NamedTuple):
    """Rows of a file that are taken in by one transaction, for a channel and in a currency.

    rows       (key, row): a row whose key was taken in before adds nothing
    rejected   what could not be understood among them
    """

    channel: Channel
    currency: str
    rows: Sequence[tuple[bytes, Sold]]
    rejected: Sequence[Rejected]


@dataclass
class Figures:
    """What a run has done so far: rows each counted once, documents, signed sums."""

    rows: int = 0
    accepted: int = 0
    orders: int = 0
    returns: int = 0
    adjustments: int = 0
    held: int = 0
    rejected: int = 0
    already_known: int = 0
    units: int = 0
    amount: Decimal = ZERO
    amount_rejected: Decimal = ZERO
    flagged: int = 0  # return lines that no earlier purchase explains, whole or in part

    def add(self, other: "Figures") -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Repeats:
    """Which repeat of the same content a row is, within its document and file.

    A file sent twice gives every row the same key again; a row that truly repeats within a
    document gets another one.
    """

    file: str = ""
    seen: Counter[bytes] = field(default_factory=Counter)

    def key(self, row: Sold) -> bytes:
        if row.file != self.file:
            self.file, self.seen = row.file, Counter()
        content = row.content()
        self.seen[content] += 1
        return hashlib.blake2b(content + str(self.seen[content]).encode(), digest_size=16).digest()


def tried(chunk: Chunk) -> Figures:
    """What a chunk would have done, as far as the rows alone can tell."""
    by_kind = {
        kind: {r.document for _k, r in chunk.rows if r.kind == kind}
        for kind in ("order", "return", "adjustment", "entry")
    }
    return Figures(
        rows=len(chunk.rows) + len(chunk.rejected),
        accepted=len(chunk.rows),
        orders=len(by_kind["order"]),
        returns=len(by_kind["return"]),
        adjustments=len(by_kind["adjustment"]) + len(by_kind["entry"]),
        rejected=len(chunk.rejected),
        units=sum(row.quantity for _key, row in chunk.rows),
        amount=sum((row.amount for _key, row in chunk.rows), Figures().amount),
        amount_rejected=sum((row.amount for row in chunk.rejected), Figures().amount),
    )
