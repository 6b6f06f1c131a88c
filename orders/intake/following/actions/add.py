"""Adds a statement to what is known of a locked channel order."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction

from orders.intake.following.decisions.rivals import is_rival
from orders.intake.following.models import ChannelOrder
from orders.intake.messages.statements import Statement, is_newer_untold

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


def _grow(known: dict[str, Any], key: str, sent: dict[str, Any]) -> None:
    """Keep of an amount what is most: a part of it may be pending yet, and the older word may come last."""
    was = known.get(key)
    if not isinstance(was, Mapping) or Decimal(sent["amount"]) >= Decimal(was["amount"]):
        known[key] = sent


@transaction.atomic(savepoint=False)
def add_statement(*, told: ChannelOrder, said: Statement) -> bool:
    """Add a statement. What comes out depends on what was said, not on what was said first.

    Returns whether it is another version of the order than the one that is known, and nothing tells which is the
    newer: the known one stays, and a person looks.
    """
    if said.alias and said.alias not in told.aliases:
        told.aliases = sorted({*told.aliases, said.alias})
    for key, money in said.captures.items():
        _grow(told.captures, key, {"amount": str(money.amount), "currency": money.currency})
    for refund in said.refunds:
        sent = {
            "amount": str(refund.amount),
            "currency": refund.currency,
            "units": refund.units,
        }
        _grow(told.refunds, refund.key, sent)
    told.cancelled = told.cancelled or said.cancelled
    told.shipped |= said.shipped
    told.deleted |= said.deleted
    told.edited |= said.edited
    told.paid = max(told.paid, said.paid)
    told.changes = sorted({*told.changes, *said.changes})
    if said.order is None:
        return False
    if told.said is not None and said.message and said.message == told.message_digest:
        known = (told.said_at or LONG_AGO, told.progress)
        if (
            said.at or LONG_AGO,
            said.progress,
        ) > known:  # sent again, later: that is when it was last so
            told.said_at, told.progress = said.at, said.progress
        return False
    if told.said is not None and is_newer_untold(said, told.said_at, told.progress):
        return is_rival(said, told.said, told.message_digest)
    raw = msgspec.json.encode(said.order, order="sorted")
    rank = (said.at or LONG_AGO, said.progress, hashlib.sha256(raw).hexdigest())
    if told.said is None or rank > (told.said_at or LONG_AGO, told.progress, told.said_hash):
        told.said = msgspec.json.decode(raw)
        told.said_at, told.progress, told.said_hash = said.at, said.progress, rank[2]
        told.number, told.message_digest = said.order.number, said.message
    return False
