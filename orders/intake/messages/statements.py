"""Defines a statement: what one foreign message says about one channel order."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec

from erp.identifiers import Identified, Identifier
from erp.visible import identifier
from orders.intake.messages.foreign_json import Unreadable
from orders.placement.incoming import ForeignOrder

AHEAD = timedelta(days=1)  # how far the clock of a sender may be ahead of ours, zones included


class StatedMoney(msgspec.Struct, frozen=True):
    """Money that a channel says has moved. `currency` "": the order's own."""

    amount: Decimal
    currency: str = ""


class StatedRefund(Identified, msgspec.Struct, frozen=True):
    """Money that the channel has given back, nought where goods alone came off.

    units          by the channel's ids of lines
    transactions   the channel's ids of the transactions that gave it back, where it names them
    is_alone       nothing but its one transaction is known: a refund that names that says the same money again
    """

    key: Identifier
    amount: Decimal
    units: dict[str, int] = {}
    currency: str = ""
    transactions: Sequence[str] = ()
    is_alone: bool = False


class Statement(Identified, msgspec.Struct, frozen=True, kw_only=True):
    """What is said. Statements are facts that add up: in whatever order they come, they come to the same.

    external_id  the channel's id of the order
    alias        another way it is written (a number that JavaScript rounded), "" when none
    at           when the channel says this was so; None: nothing to order it by
    order        the order as a whole, where the message holds it
    progress     how far the order had got: what breaks a tie between two messages of one moment
    paid         captured until then
    captures     money captured, by the channel's ids of transactions
    refunds      what was given back until then
    cancelled    why it was cancelled; None when it was not
    is_live      it says in so many words that it stands: of an order that was cancelled, that it is wanted again
    shipped      whether all that can leave has left, by the channel's own account
    deleted      the channel has forgotten it
    edited       its lines were edited, in ways that this message alone does not tell
    valid_until  the last day on which it may be accepted, None where it names none
    until        the last day that it asks to be shipped or delivered by
    changes      messages that ask for a change of the order which nobody here makes: each by its name
    unread       other messages that came with this one and that no reader knows
    lost         what shows that others did not come which were sent with it: a `cause`, and its params
    message      fingerprint of the message itself, without its envelope; "" where its reader keeps none
    goods        by its lines, all that it calls their goods: what is ours of that is one article, or a person looks
    is_test      it is marked as a test: of an order that is none it says nothing
    is_version   nothing but its rank tells it from other versions: another whole of the same rank is doubted
    is_original  it says that it is the first: another whole that says so too is doubted, whatever its rank
    """

    external_id: Identifier
    alias: Identifier = ""
    at: datetime | None = None
    order: ForeignOrder | None = None
    progress: int = 0
    paid: Decimal = Decimal(0)
    captures: dict[str, StatedMoney] = {}
    refunds: list[StatedRefund] = []
    cancelled: str | None = None
    is_live: bool = False
    shipped: bool = False
    deleted: bool = False
    edited: bool = False
    valid_until: date | None = None
    until: date | None = None
    changes: Sequence[str] = ()
    unread: str = ""
    lost: Mapping[str, str] = {}
    message: str = ""
    goods: Mapping[str, Sequence[str]] = {}
    is_test: bool = False
    is_version: bool = False
    is_original: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.external_id:  # all that have none would be versions of one order
            raise Unreadable("no_id")
        if any(identifier(key) != key for key in self.captures):
            kept = {identifier(key): money for key, money in self.captures.items()}
            msgspec.structs.force_setattr(self, "captures", kept)


def check_moments(statements: Sequence[Statement], now: datetime) -> None:
    """Refuse what is said of the future: it would be the newest word until then; and what is over.

    Raises Unreadable.
    """
    for said in statements:
        if said.valid_until is not None and said.valid_until < (now - AHEAD).date():
            day = said.valid_until.isoformat()
            raise Unreadable("validity_ended", field=said.external_id, value=day)
        for moment in (said.at, said.order.placed_at if said.order else None):
            if moment is not None and moment > now + AHEAD:
                raise Unreadable("moment_to_come", field=said.external_id, value=moment.isoformat())


PASSED = "date_passed"
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


def is_newer_untold(said: Statement, known_at: datetime | None, known_progress: int) -> bool:
    """Whether nothing tells which of two versions is the newer: this one, or the one that is known by its rank.

    An original repeats nothing that it could replace; what replaces it has made progress.
    """
    is_same_rank = (known_at or UNDATED, known_progress) == (said.at or UNDATED, said.progress)
    return said.is_version and (is_same_rank or (said.is_original and not known_progress))


def differs(one: ForeignOrder | None, other: ForeignOrder | None) -> bool:
    """Whether two wholes of an order say something else; their own dates and a day that has passed are nothing else."""
    return _as_said(one) != _as_said(other)


def _as_said(order: ForeignOrder | None) -> ForeignOrder | None:
    if order is None:
        return None
    doubts = [doubt for doubt in order.doubts if not doubt.startswith(PASSED)]
    return msgspec.structs.replace(order, doubts=doubts, placed_at=None)


def with_passed(said: Statement, today: date) -> Statement:
    """The statement, its order doubted where the last day that it asks for has passed.

    today   where its channel is
    """
    if said.order is None or said.until is None or said.until >= today:
        return said
    doubts = sorted({*said.order.doubts, f"{PASSED}:{said.until.isoformat()}"})
    return msgspec.structs.replace(said, order=msgspec.structs.replace(said.order, doubts=doubts))
