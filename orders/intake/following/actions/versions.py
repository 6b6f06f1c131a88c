"""Holds an order whose versions a person has to decide between."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from erp.access.models import Actor
from orders.changes.actions.merge import merged_into
from orders.intake.following.actions.contact import flag_order
from orders.intake.following.decisions.evidence import digest
from orders.intake.following.decisions.follow import WATCHED
from orders.intake.following.models import ChannelOrder
from orders.intake.messages.statements import Statement
from orders.order.models.order import Order

VERSIONS_DIFFER = "versions_differ"


DAY_CHANGED = "date_changed"


@transaction.atomic(savepoint=False)
def hold_versions(
    *, told: ChannelOrder, order: Order, said: Statement, by: Actor, now: datetime
) -> None:
    """Hold an order, or what it was merged into, of which two versions differ and neither is the newer."""
    order = merged_into(order) or order if order.status == "merged" else order
    evidence = {"said": said.message or digest(msgspec.to_builtins(said.order))}
    if told.raised.get(VERSIONS_DIFFER) != evidence:
        flag_order(told=told, order=order, code=VERSIONS_DIFFER, evidence=evidence, by=by, now=now)


@transaction.atomic(savepoint=False)
def hold_other_day(
    *,
    told: ChannelOrder,
    order: Order,
    before: Mapping[str, Any] | None,
    by: Actor,
    now: datetime,
) -> None:
    """Hold an order that its channel lets leave on another day now: it waits for the one that it was placed with."""
    if before is None or told.said is None or order.status not in WATCHED:
        return
    day, was = (said.get("ship_not_before") for said in (told.said, before))
    evidence = {"day": day, "was": was}
    if day != was and told.raised.get(DAY_CHANGED) != evidence:
        names = [f"{was or '–'} → {day or '–'}"]
        flag_order(
            told=told,
            order=order,
            code=DAY_CHANGED,
            names=names,
            evidence=evidence,
            by=by,
            now=now,
        )
