"""Adds a channel's statements about an order up and updates our order to match."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Q

from erp.access.models import Actor, Channel
from erp.access.queries import require_channel
from erp.events.record import record_event
from orders.changes.actions.merge import merged_into
from orders.customers.contacts import Amount
from orders.intake.following.actions.add import add_statement, merge_alias
from orders.intake.following.actions.contact import flag_order, follow_contact, forget_raised
from orders.intake.following.actions.erased import without_person
from orders.intake.following.actions.lines import rewrite_lines
from orders.intake.following.actions.parts import (
    MERGED_CHANGED,
    capture_for_parts,
    hold_where_it_went,
    locked_family,
)
from orders.intake.following.actions.sku_mapping import mapped
from orders.intake.following.actions.versions import hold_other_day, hold_versions
from orders.intake.following.decisions.evidence import (
    Evidence,
    about,
    articles,
    charged,
    digest,
)
from orders.intake.following.decisions.follow import (
    ITEMS_CHANGED,
    OPEN,
    WATCHED,
    Step,
    follow,
    named,
)
from orders.intake.following.models import ChannelOrder
from orders.intake.following.queries import (
    is_ordered_again,
    ours_of,
    told_of,
    whole,
)
from orders.intake.messages.statements import Statement
from orders.order.actions.holds import hold_for_finding, hold_once
from orders.order.actions.life import cancel_order
from orders.order.actions.marks import mark_order
from orders.order.actions.timeline import lock_order
from orders.order.models.order import Order
from orders.order.states import ORDER
from orders.placement.actions.place import place_foreign_order
from orders.placement.incoming import ForeignOrder

ZERO = Decimal(0)


CURRENCY_CHANGED = "currency_changed"


ORDERED_AGAIN = "ordered_again"


@transaction.atomic(savepoint=False)
def hear(*, statement: Statement, channel: Channel, by: Actor, now: datetime) -> ChannelOrder:
    """Add a statement to what is known of a channel order, and update our order to match.

    The channel's order is locked first, so that two messages of one order take turns; then ours.
    Returns the channel's order; its `order` stays None until a message held the whole.
    """
    require_channel(by, channel.pk)
    told = _locked(statement, channel)
    statement = without_person(told, statement)
    statement = _in_its_currency(told, statement, by, now)
    statement = _without_new_order(told, statement, by, now)
    before = told.said
    is_rival = add_statement(told=told, said=statement)
    told.save()
    if told.order_id is not None:
        order = lock_order(told.order_id)
        family = locked_family(order=order)
        if is_rival:
            for each in _alike(told, family):
                hold_versions(told=told, order=each, said=statement, by=by, now=now)
        if order.status == "merged":
            _tell_where_it_went(told, order, before, by, now)
            return told
        if before is not None:
            for each in _alike(told, family):
                follow_contact(told=told, order=each, before=before, by=by, now=now)
        _rewrite_lines(family, told, before, by, now)
        for each in _alike(told, family):
            hold_other_day(told=told, order=each, before=before, by=by, now=now)
        _mark(order, told, before, by, now)
    _follow(told, channel, by, now)
    return told


def _alike(told: ChannelOrder, family: Sequence[Order]) -> Iterator[Order]:
    """An order and its splits, each as if it were the first that a person is asked about.

    What was raised for the first was known already for the others, and they were not held.
    """
    before, raised, over = told.raised, dict[str, Any](), set[str]()
    for order in family:
        told.raised = before
        yield order
        raised |= {code: kept for code, kept in told.raised.items() if before.get(code) != kept}
        over |= before.keys() - told.raised.keys()
    found = {code: kept for code, kept in before.items() if code not in over} | raised
    if told.raised != found:
        told.raised = found
        told.save(update_fields=["raised"])


def _in_its_currency(told: ChannelOrder, said: Statement, by: Actor, now: datetime) -> Statement:
    """What can be taken over of a statement: of one that restates its order in another currency, no amounts.

    A person looks at those. Whether it was cancelled or shipped stays true, and money keeps its own currency.
    """
    if told.order_id is None or said.order is None:
        return said
    order = lock_order(told.order_id)
    stated = said.order.currency
    if stated == order.currency:
        return said
    evidence = {"names": [stated], "total": str(said.order.total)}
    for each in _alike(told, locked_family(order=order)):
        if each.status in WATCHED and told.raised.get(CURRENCY_CHANGED) != evidence:
            flag_order(
                told=told,
                order=each,
                code=CURRENCY_CHANGED,
                names=[stated],
                evidence=evidence,
                by=by,
                now=now,
            )
    return msgspec.structs.replace(
        said,
        order=None,
        paid=ZERO,
        captures={
            key: msgspec.structs.replace(money, currency=money.currency or stated)
            for key, money in said.captures.items()
        },
        refunds=[
            msgspec.structs.replace(refund, currency=refund.currency or stated)
            for refund in said.refunds
        ],
    )


def _without_new_order(told: ChannelOrder, said: Statement, by: Actor, now: datetime) -> Statement:
    """What can be taken over of a statement that orders anew what was cancelled: money that moved.

    What was cancelled here stays so: a person looks. Its message waits in the inbox.
    """
    if told.order_id is None or said.order is None or not is_ordered_again(told, said):
        return said
    evidence = {"said": digest(charged(msgspec.to_builtins(said.order)))}
    if told.raised.get(ORDERED_AGAIN) != evidence:
        order = lock_order(told.order_id)
        flag_order(told=told, order=order, code=ORDERED_AGAIN, evidence=evidence, by=by, now=now)
    return msgspec.structs.replace(said, order=None, paid=ZERO)


def _tell_where_it_went(
    told: ChannelOrder, order: Order, before: object, by: Actor, now: datetime
) -> None:
    """The channel speaks of an order that is part of another one: a person looks, unless nothing is new."""
    target = merged_into(order)
    said = [told.said, told.cancelled, told.deleted, told.refunds, *told.changes]
    says = told.said != before or told.cancelled is not None or any(said[2:])
    evidence = {"said": digest(said)}
    if target is None or not says or told.raised.get(MERGED_CHANGED) == evidence:
        return
    target = lock_order(target.pk)
    if "hold" in ORDER.verbs_from(target.status):
        hold_for_finding(order_id=target.pk, finding=MERGED_CHANGED, by=by, now=now)
    told.raised = {**told.raised, MERGED_CHANGED: evidence}
    told.save(update_fields=["raised"])


def _locked(statement: Statement, channel: Channel) -> ChannelOrder:
    """The channel's order of that id or alias, made where it is new, locked."""
    names = [name for name in (statement.external_id, statement.alias) if name]
    known = ChannelOrder.objects.filter(
        Q(external_id__in=names) | Q(aliases__overlap=names), channel=channel
    )
    found = list(known.order_by("pk").select_for_update())
    if not found:
        ChannelOrder.objects.bulk_create(
            [ChannelOrder(channel=channel, external_id=statement.external_id[:100])],
            ignore_conflicts=True,
        )
        found = list(known.order_by("pk").select_for_update())
    told = next((x for x in found if x.external_id == statement.external_id), found[0])
    for other in found:
        if other is not told and other.order_id is None and statement.alias:
            merge_alias(told=told, other=other)
    return told


def _follow(told: ChannelOrder, channel: Channel, by: Actor, now: datetime) -> None:
    for _turn in range(2):  # placing comes first and alone; what follows it depends on it
        family = locked_family(order=lock_order(told.order_id)) if told.order_id is not None else []
        steps = follow(told_of(told), ours_of(told, family))
        for step in steps:
            _take(step, told, family, channel, by, now)
        if not any(step.verb == "place" for step in steps):
            return


def _take(
    step: Step,
    told: ChannelOrder,
    family: Sequence[Order],
    channel: Channel,
    by: Actor,
    now: datetime,
) -> None:
    if step.verb == "place":
        _place(told, channel, by, now, is_over=bool(step.params["is_over"]))
    elif step.verb == "capture":
        capture_for_parts(
            family=family,
            amount=step.params["amount"],
            reference=told.external_id,
            by=by,
            now=now,
        )
    elif step.verb == "refund":
        _pass_on(told, family[0], step.params["key"], channel)
    elif step.verb == "forget":
        forget_raised(told=told, codes=step.params["codes"])
    elif step.verb == "flag":
        _flag(told, family, by, now, **step.params)
    elif step.verb == "cancel":
        for order in family:
            if order.status == "merged":
                hold_where_it_went(part=order, family=family, by=by, now=now)
            elif order.status in OPEN:
                cancel_order(
                    order_id=order.pk,
                    reason=f"cancelled_on_channel: {step.params['reason']}",
                    by_channel=True,
                    by=by,
                    now=now,
                )


def _flag(
    told: ChannelOrder, family: Sequence[Order], by: Actor, now: datetime, **what: Any
) -> None:
    """Hold an order and all that were split off it: which of them is meant, its channel does not know."""
    flag_order(told=told, order=family[0], by=by, now=now, **what)
    for order in family[1:]:
        if order.status in OPEN:
            hold_once(
                order_id=order.pk,
                finding=what["code"],
                names=what.get("names", ()),
                by=by,
                now=now,
            )


def _pass_on(told: ChannelOrder, order: Order, key: str, channel: Channel) -> None:
    """Let returns know that the channel gave money back, once for each amount that it states: refunds are its own."""
    record_event(
        "order.refunded_on_channel",
        subject=f"order:{order.pk}",
        channel_id=channel.pk,
        order_id=order.pk,
        refund=key,
    )
    told.passed_on[key] = told.refunds[key]["amount"]
    told.save(update_fields=["passed_on"])


def _place(
    told: ChannelOrder, channel: Channel, by: Actor, now: datetime, *, is_over: bool
) -> None:
    said = _without_refunded(whole(told), told_of(told).given_back)
    order = msgspec.structs.replace(said, customer_id=_known_as(channel, said.customer_id))
    placed = place_foreign_order(
        incoming=mapped(order=order, channel_id=channel.pk),
        channel=channel,
        is_over=is_over,
        by=by,
        now=now,
    )
    if placed.refusal is not None:
        raise placed.refusal
    told.order = Order.objects.get(number=placed.number)
    given_back = told_of(told).given_back
    told.raised = told.raised | raised_at_placing(order.noticed(), told.said, given_back)
    told.save(update_fields=["order", "raised"])


def raised_at_placing(
    noticed: Sequence[str], said: Mapping[str, Any] | None, given_back: Decimal = ZERO
) -> dict[str, Evidence]:
    """What placing has raised of a reader's doubts, as it is kept: review has judged these."""
    return {
        code: about(code, names, said=said, given_back=given_back)
        for code, names in named(noticed).items()
    }


def _without_refunded(order: ForeignOrder, given_back: Decimal) -> ForeignOrder:
    """An order as it is placed: what was paid beyond its total and has gone back since is told apart, after it."""
    if not 0 < order.paid - order.total <= given_back:
        return order
    due = Amount(str(order.total), order.currency) if order.total else None
    return msgspec.structs.replace(
        order, payment=msgspec.structs.replace(order.payment, amount=due)
    )


def _known_as(channel: Channel, customer_id: str) -> str:
    return f"{channel.code}:{customer_id}"[:254] if customer_id else ""


def _rewrite_lines(
    family: Sequence[Order],
    told: ChannelOrder,
    before: Mapping[str, Any] | None,
    by: Actor,
    now: datetime,
) -> None:
    """Change lines and amounts as the channel changed them; where that cannot be, a person looks."""
    if before is None or told.said is None or charged(before) == charged(told.said):
        return
    order = family[0]
    is_followed = len(family) == 1 and rewrite_lines(
        order=order,
        was=msgspec.convert(before, ForeignOrder, strict=False),
        wanted=mapped(order=whole(told), channel_id=order.channel_id),
        by=by,
        now=now,
    )
    is_same = _is_the_same(family, told) and articles(before) == articles(told.said)
    if is_followed or is_same or not any(each.status in WATCHED for each in family):
        return
    evidence = about(ITEMS_CHANGED, (), said=told.said, given_back=ZERO)
    if told.raised.get(ITEMS_CHANGED) != evidence:
        _flag(told, family, by, now, code=ITEMS_CHANGED, evidence=evidence)


def _is_the_same(family: Sequence[Order], told: ChannelOrder) -> bool:
    """Whether a channel has come back to what we have: its units and its total are ours."""
    ours = ours_of(told, family)
    said = whole(told)
    return sorted(told_of(told).items) == sorted(ours.items) and said.total == ours.total


def _mark(
    order: Order, told: ChannelOrder, before: Mapping[str, Any] | None, by: Actor, now: datetime
) -> None:
    """Take over the flag and the remark that the shop's staff gave, where ours have not given others."""
    if before is None or told.said is None:
        return
    changed = {
        name: told.said.get(name, "")
        for name in ("flag", "remark")
        if told.said.get(name, "") != before.get(name, "")
        and getattr(order, name) == before.get(name, "")
    }
    if changed:
        mark_order(order_id=order.pk, by_channel=True, by=by, now=now, **changed)
