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
from orders.intake.messages.statements import StatedRefund, Statement, is_newer_untold

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@transaction.atomic(savepoint=False)
def merge_alias(*, told: ChannelOrder, other: ChannelOrder) -> None:
    """Take in what was said under an alias, before anybody knew that it was one."""
    told.captures |= other.captures
    keep_refunds(told, other.refunds)
    told.cancelled = told.cancelled or other.cancelled
    told.shipped |= other.shipped
    told.deleted |= other.deleted
    told.edited |= other.edited
    told.changes = sorted({*told.changes, *other.changes})
    told.aliases = sorted({*told.aliases, other.external_id, *other.aliases})
    other.delete()


def _grow(known: dict[str, Any], key: str, sent: dict[str, Any]) -> None:
    """Keep of an amount what is most: a part of it may be pending yet, and the older word may come last.

    Amounts in two currencies are two amounts: which is more, nobody can say.
    """
    was = known.get(key)
    if isinstance(was, Mapping) and was.get("currency", "") != sent.get("currency", ""):
        key = f"{key} {sent.get('currency', '')}".strip()
        was = known.get(key)
    if not isinstance(was, Mapping) or _stated(sent) >= _stated(was):
        known[key] = sent


def _stated(kept: Mapping[str, Any]) -> Decimal:
    """The amount that was stated of what is kept: more than its own where a transaction of it was told before."""
    return Decimal(kept.get("stated", kept["amount"]))


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
    keep_refunds(told, {refund.key: _kept(refund) for refund in said.refunds})
    told.cancelled = told.cancelled or said.cancelled
    told.shipped |= said.shipped
    told.deleted |= said.deleted
    told.edited |= said.edited
    told.paid = max(told.paid, said.paid)
    told.changes = sorted({*told.changes, *said.changes})
    if said.order is None:
        return False
    if told.said is not None and said.message and said.message == told.message_digest:
        now, known = (said.at or LONG_AGO, said.progress), (told.said_at or LONG_AGO, told.progress)
        if now > known:  # sent again, later: that is when it was last so
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


def _kept(refund: StatedRefund) -> dict[str, Any]:
    """A refund as it is kept; its transactions only where it names any."""
    kept: dict[str, Any] = {
        "amount": str(refund.amount),
        "currency": refund.currency,
        "units": refund.units,
    }
    if refund.transactions:
        kept["transactions"] = list(refund.transactions)
    return kept | ({"is_alone": True} if refund.is_alone else {})


def keep_refunds(told: ChannelOrder, refunds: Mapping[str, Mapping[str, Any]]) -> None:
    """Add refunds to what is known. Money that a transaction and its refund both tell of counts once.

    The refund is the money, and its transaction is forgotten, whichever came first. Where returns was told of the
    transaction already, the refund is what it gives back beyond it: what it was stated to be is kept beside that, or
    an older word of it was taken for more.
    """
    known = dict(told.refunds)
    alone = {name: kept for name, kept in {**known, **refunds}.items() if _is_alone(kept)}
    for name, kept in refunds.items():
        if name not in alone:
            _grow(known, name, dict(kept))
    wholes = {name: kept for name, kept in known.items() if not _is_alone(kept)}
    less: dict[str, Decimal] = {}
    for name, kept in sorted(alone.items()):
        by = next((x for x, whole in sorted(wholes.items()) if _tells_of(whole, kept)), None)
        if by is None or name in told.passed_on:
            known[name] = dict(kept)
        else:
            known.pop(name, None)
        if by is not None and name in told.passed_on:
            less[by] = less.get(by, Decimal(0)) + Decimal(kept["amount"])
    for name, told_before in less.items():
        if name in refunds or "stated" in known[name]:
            stated = _stated(known[name])
            left = str(max(Decimal(0), stated - told_before))
            known[name] = {**known[name], "amount": left, "stated": str(stated)}
    told.refunds = known


def _is_alone(kept: object) -> bool:
    return isinstance(kept, Mapping) and bool(kept.get("is_alone"))


def _tells_of(whole: object, alone: Mapping[str, Any]) -> bool:
    """Whether a refund is the one of a transaction: it names it, or names none and gave back as much."""
    if not isinstance(whole, Mapping):
        return False
    if named := whole.get("transactions"):
        return alone["transactions"][0] in named
    return _stated(whole) == Decimal(alone["amount"])
