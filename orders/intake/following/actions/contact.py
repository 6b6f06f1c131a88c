"""Follows a channel's changes of contact and address, and holds what a person has to decide."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from erp.access.models import Actor
from orders.changes.actions.edit import rewrite_contact
from orders.customers.contacts import Address, address_findings
from orders.customers.postal_codes import normal_postal_code
from orders.intake.following.decisions.evidence import (
    ADDRESS,
    Evidence,
    about,
    digest,
    is_of_address,
)
from orders.intake.following.decisions.follow import OPEN
from orders.intake.following.models import ChannelOrder
from orders.order.actions.holds import hold_once
from orders.order.actions.timeline import append_event
from orders.order.models.order import Order


@transaction.atomic(savepoint=False)
def flag_order(
    *,
    told: ChannelOrder,
    order: Order,
    code: str,
    names: Sequence[str] = (),
    evidence: Evidence,
    by: Actor,
    now: datetime,
) -> None:
    """Hold a locked order whose channel has done what we cannot follow by ourselves.

    One that is held for that already keeps its hold, about the newest of it; one that has ended has it on its
    timeline alone.
    names     what it is about, as it is shown behind the reason
    evidence  what it is about, as it is told from the next of its code
    """
    hold_once(order_id=order.pk, finding=code, names=names, by=by, now=now)
    order.refresh_from_db()
    told.raised = {**told.raised, code: dict(evidence)}
    told.save(update_fields=["raised"])


@transaction.atomic(savepoint=False)
def follow_contact(
    *, told: ChannelOrder, order: Order, before: Mapping[str, Any], by: Actor, now: datetime
) -> None:
    """Change contact, address and note as the channel changed them, where nobody here has meanwhile.

    before  what the channel had said of the order until then
    """
    if told.said is None or before == told.said:
        return
    was, wanted = _contact(before), _contact(told.said)
    if was == wanted:
        return
    left = rewrite_contact(order=order, was=was, wanted=wanted, by=by, now=now)
    if not left:
        _forget(told, wanted)
        _doubt_address(order, told, was, wanted, by, now)
        return
    append_event(
        order_id=order.pk,
        kind="channel.address_changed",
        by=by,
        now=now,
        data={"fields": sorted(left)},
    )
    evidence = {"address": digest(wanted)}
    if order.status in OPEN and told.raised.get("address_changed") != evidence:
        flag_order(
            told=told, order=order, code="address_changed", evidence=evidence, by=by, now=now
        )


def _forget(told: ChannelOrder, wanted: Mapping[str, str]) -> None:
    """Forget what was raised about an address that is another one by now, and is followed."""
    found = address_findings(Address(**{name: wanted[name] for name in ADDRESS}))
    over = [code for code in told.raised if is_of_address(code) and code not in found]
    forget_raised(told=told, codes=[*over, "address_changed"])


@transaction.atomic(savepoint=False)
def forget_raised(*, told: ChannelOrder, codes: Collection[str]) -> None:
    """Forget what was raised of a locked channel order and is no longer so: it is raised anew when it comes back."""
    kept = {code: evidence for code, evidence in told.raised.items() if code not in codes}
    if kept != told.raised:
        told.raised = kept
        told.save(update_fields=["raised"])


def _doubt_address(
    order: Order,
    told: ChannelOrder,
    was: Mapping[str, str],
    wanted: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> None:
    """Hold an order whose new address is doubtful, as placing it would; whether the old one was, somebody knows."""
    before, address = (
        Address(**{name: values[name] for name in ADDRESS}) for values in (was, wanted)
    )
    if before == address or order.status not in OPEN:
        return
    for code in address_findings(address):
        evidence = about(code, (), said=told.said, given_back=Decimal(0))
        if told.raised.get(code) != evidence:
            flag_order(told=told, order=order, code=code, evidence=evidence, by=by, now=now)


def _contact(said: Mapping[str, Any]) -> dict[str, str]:
    address, buyer = said["shipping_address"], said["customer"]
    values = {name: address.get(name, "") for name in ADDRESS}
    values["postal_code"] = normal_postal_code(values["postal_code"], values["country"])
    values["phone"] = address.get("phone") or buyer.get("phone", "")
    values["email"] = (buyer.get("email") or "").strip().lower()
    values["note"] = said.get("note", "")
    return values
