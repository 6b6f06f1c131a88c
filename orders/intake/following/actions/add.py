"""Adds a statement to what is known of a locked channel order."""

import hashlib
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from orders.intake.following.models import ChannelOrder
from orders.intake.messages.statements import Statement, differs, is_newer_untold
from orders.placement.incoming import ForeignOrder

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@transaction.atomic(savepoint=False)
def merge_alias(*, told: ChannelOrder, other: ChannelOrder) -> None:
    """Take in what was said under an alias, before anybody knew that it was one."""
    told.captures |= other.captures
    told.refunds |= other.refunds
    told.cancelled = told.cancelled or other.cancelled
    told.shipped |= other.shipped
    told.deleted |= other.deleted
    told.edited |= other.edited
    told.changes = sorted({*told.changes, *other.changes})
    told.aliases = sorted({*told.aliases, other.external_id, *other.aliases})
    other.delete()


@transaction.atomic(savepoint=False)
def add_statement(*, told: ChannelOrder, said: Statement) -> bool:
    """Add a statement. What comes out depends on what was said, not on what was said first.

    Returns whether it is another version of the order than the one that is known, and nothing tells which is the
    newer: the known one stays, and a person looks.
    """
    if said.alias and said.alias not in told.aliases:
        told.aliases = sorted({*told.aliases, said.alias})
    told.captures |= {
        key: {"amount": str(money.amount), "currency": money.currency}
        for key, money in said.captures.items()
    }
    told.refunds |= {
        refund.key: {
            "amount": str(refund.amount),
            "currency": refund.currency,
            "units": refund.units,
        }
        for refund in said.refunds
    }
    told.cancelled = told.cancelled or said.cancelled
    told.shipped |= said.shipped
    told.deleted |= said.deleted
    told.edited |= said.edited
    told.paid = max(told.paid, said.paid)
    told.changes = sorted({*told.changes, *said.changes})
    if said.order is None:
        return False
    if told.said is not None and is_newer_untold(said, told.said_at, told.progress):
        return differs(msgspec.convert(told.said, ForeignOrder, strict=False), said.order)
    raw = msgspec.json.encode(said.order, order="sorted")
    rank = (said.at or LONG_AGO, said.progress, hashlib.sha256(raw).hexdigest())
    if told.said is None or rank > (told.said_at or LONG_AGO, told.progress, told.said_hash):
        told.said = msgspec.json.decode(raw)
        told.said_at, told.progress, told.said_hash = said.at, said.progress, rank[2]
        told.number = said.order.number
    return False
