"""Keeps a purchase order as it was written, whatever its notation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from orders.intake.edi.allowances import Allowance
from orders.intake.edi.asked_days import Asked
from orders.intake.edi.parties import Party
from orders.intake.edi.taxes import Said
from orders.intake.messages.foreign_json import Unreadable

Segment = TypeVar("Segment")


ONE = Decimal(1)


# What a message that is an order says it is (code list 1001): purchase order, order, rush order, or nothing. What is
# said to be anything else (a call-off, an offer, a blanket order) may be none.
ORDER_KINDS = frozenset({"", "105", "220", "224"})


LONGEST_KEY = 40


MOST_SEGMENTS, MOST_ELEMENTS = 100_000, 1000  # of an EDI interchange, of a segment


@dataclass(frozen=True, slots=True)
class Inside:
    """How many units are in one, as a QTY of EDIFACT says it.

    kind   "52" quantity per pack; "59" consumer units in the traded unit (code list 6063)
    """

    kind: str
    count: Decimal
    unit: str = ""


@dataclass
class Item:
    """One line, as it is written.

    quantity    in `unit`, of which one holds `pack` pieces where that is stated; None: none is stated
    inside      what else it says of the pieces in one, before it is settled what `pack` is
    is_pack_unclear  what it says of them could be two numbers
    price       of `price_per` times `price_unit` (None: the unit of the quantity)
    other_price what names a price of a kind that nobody reads
    amount      what all of it costs net, less and with what is taken off and charged, where that is stated
    """

    key: str
    quantity: Decimal | None
    unit: str = ""
    pack: Decimal | None = None
    inside: list[Inside] = field(default_factory=list)
    is_pack_unclear: bool = False
    price: Decimal | None = None
    price_per: Decimal = ONE
    price_unit: str | None = None
    other_price: str = ""
    amount: Decimal | None = None
    tax: Decimal | None = None  # an amount; else by its rate, in percent
    tax_rate: Decimal | None = None
    taxes: list[Said] = field(default_factory=list)  # as they are stated, each
    allowances: list[Allowance] = field(default_factory=list)
    code: str = ""  # ours
    called: list[str] = field(default_factory=list)  # all that its goods are called by
    theirs: str = ""
    name: str = ""


def number_lines(purchase: "Purchase") -> None:
    """Give each line a key of its own: its number, its position where it has none.

    Two lines of one number are doubted; neither is taken for the other.
    """
    stated = {item.key[:LONGEST_KEY] for item in purchase.items} - {""}
    used: set[str] = set()
    for position, item in enumerate(purchase.items, 1):
        key = item.key[:LONGEST_KEY]
        if key in used:
            purchase.doubt(f"line_number_repeated:{key[:20]}")
        if not key or key in used:
            key = str(position) if not key and str(position) not in stated else f"{key}#{position}"
        while key in used:
            key = f"{key}#"
        used.add(key)
        item.key = key


@dataclass
class Purchase:
    """A purchase order as it was written."""

    number: str
    partner: str = ""
    currency: str = ""
    currencies: set[str] = field(default_factory=set)  # all that it names, wherever
    at: datetime | None = None
    is_replacement: bool = False  # of what was ordered under that number before
    buyer: Party = field(default_factory=Party)
    ship_to: Party = field(default_factory=Party)
    bill_to: Party = field(default_factory=Party)
    places: list[tuple[int, Party]] = field(default_factory=list)  # named for the whole (0), a line
    items: list[Item] = field(default_factory=list)
    allowances: list[Allowance] = field(default_factory=list)  # about the whole
    tax: Decimal | None = None  # of the whole; else by its rate, in percent
    tax_rate: Decimal | None = None
    taxes: list[Said] = field(default_factory=list)  # as they are stated, each
    totals: list[Decimal] = field(
        default_factory=list
    )  # what it comes to; the last is what is to be paid
    sums: dict[str, Decimal] = field(
        default_factory=dict
    )  # other sums that it states: see `_check_sums`
    count: Decimal | None = None  # of its lines, as it says itself
    units: Decimal | None = None  # the sum of its lines' quantities, as it says itself
    note: str = ""
    asked: list[Asked] = field(default_factory=list)  # days to leave and to come
    doubts: list[str] = field(default_factory=list)  # what a person should look at: findings

    def doubt(self, code: str) -> None:
        if code not in self.doubts:
            self.doubts.append(code)

    def state_sum(self, name: str, amount: Decimal | None) -> None:
        """Note a sum that is stated; one that is stated twice, and differently, is doubted."""
        if amount is None:
            return
        if self.sums.setdefault(name, amount) != amount:
            self.doubt(f"totals_differ:{name}")


def only(name: str, begins: Sequence[Segment]) -> Segment | None:
    """The segment that begins a message, None where it has none. Raises Unreadable for two: it would be two orders."""
    if len(begins) > 1:
        raise Unreadable("said_twice", what=name)
    return begins[0] if begins else None


def limited(segments: Iterator[Segment]) -> list[Segment]:
    """The segments of an interchange. Raises Unreadable for more than anybody sends."""
    found = list(islice(segments, MOST_SEGMENTS + 1))
    if len(found) > MOST_SEGMENTS:
        raise Unreadable("too_much", what=f"{MOST_SEGMENTS:,}+")
    return found
