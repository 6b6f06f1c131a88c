"""Places orders: one by the API or a thousand in bulk, with the same writer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor, Channel
from erp.access.queries import require, require_channel
from erp.approvals.actions import lock_proposer
from erp.approvals.models import ApprovalKind
from erp.approvals.queries import Weight, accounts_of, answers_for, limit_of
from erp.errors import Conflict, DomainError, FieldError, Invalid, NotAllowed
from erp.ids import primary_key
from inventory.stock.actions.reserve import give_up_carts
from orders.order.models.timeline import OrderEvent
from orders.order.queries import free_types
from orders.placement.actions.write import write_orders
from orders.placement.charges import price_of, with_gifts, worth_given_away
from orders.placement.facts import Facts, gather, learn_expected
from orders.placement.figures import count_outcomes
from orders.placement.incoming import ForeignOrder, IncomingOrder
from orders.placement.judgement import judge
from orders.placement.prepared import PreparedOrder, prepare
from orders.placement.recognition import Chosen
from orders.placement.routes import as_ruled, promise_of, route_of, shortage
from orders.placement.rows.batch import Batch, Placed, Placement
from orders.placement.rows.order import compose
from orders.placement.validation import check_order
from orders.policies.models import ChannelPolicy
from orders.pricing.decisions import prices
from orders.review.decisions import review
from orders.routing.decisions import promise, warehouse

GIVES_TOGETHER = timedelta(hours=24)


class Quote(NamedTuple):
    """What placing would decide. `order` has the gifts that promotions add, on lines of their own."""

    order: IncomingOrder
    priced: prices.PricedOrder
    route: warehouse.Route
    promised: promise.Promise


class DuplicateExternalId(Conflict):
    """The channel has used this external id for another order; `number` is that order's."""

    code = "duplicate-external-id"

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(
            _("This external_id belongs to order %(number)s, whose content differs.")
            % {"number": number}
        )

    def extra(self) -> dict[str, object]:
        return {"number": self.number}


class PaymentReferenceUsed(Conflict):
    """The payment reference has already paid for something on this channel."""

    code = "payment-reference-used"


@transaction.atomic(savepoint=False)
def place_order(
    *,
    incoming: IncomingOrder,
    channel: Channel,
    chosen: Chosen | None = None,
    by: Actor,
    now: datetime,
    attempt: int = 1,
) -> Placed:
    """Place one order: reserve its stock, record its payment, confirm it if nothing is in the way.

    chosen   the customer whom a person has chosen; without it, whom the order states
    The same external id with the same content returns the existing order (`existed`).
    Raises Invalid, OutOfStock naming every short SKU, DuplicateExternalId,
    PaymentReferenceUsed; then nothing has changed.
    """
    placed = _place([incoming], channel, by, now, None, attempt, chosen=chosen)[0]
    if placed.refusal:
        raise placed.refusal
    return placed


place_order.wants_attempt = True  # type: ignore[attr-defined]


@transaction.atomic(savepoint=False)
def place_orders(
    *,
    incoming: Sequence[IncomingOrder],
    channel: Channel,
    by: Actor,
    now: datetime,
    placed_at: Sequence[datetime] | None = None,
    attempt: int = 1,
) -> list[Placed]:
    """Place a batch: each order for itself, refusals beside successes, all by one statement.

    placed_at   when each was placed, where that was not now

    The first attempt decides without locks and lets the database refuse what a rival took;
    further attempts decide with the stock levels locked. A batch waits longer for them than one
    order would: another batch may have them for some seconds.
    """
    if len(incoming) > 1:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '30s'")
    return _place(incoming, channel, by, now, placed_at, attempt)


place_orders.wants_attempt = True  # type: ignore[attr-defined]


@transaction.atomic(savepoint=False)
def place_foreign_order(
    *, incoming: ForeignOrder, channel: Channel, is_over: bool, by: Actor, now: datetime
) -> Placed:
    """Place an order that its channel has sold already: it is never refused for stock or price.

    incoming   its lines' `sku` are ours, or "" where nobody knows
    is_over    the channel has cancelled it meanwhile: it is written down and goes no further
    What is doubtful holds it. The same external id returns the existing order (`existed`).
    """
    order = msgspec.structs.replace(incoming, coupon_codes=[])
    return _place([order], channel, by, now, None, 2, is_over=is_over)[0]


@transaction.atomic(savepoint=False)
def place_foreign_orders(
    *,
    incoming: Sequence[ForeignOrder],
    channel: Channel,
    by: Actor,
    now: datetime,
    attempt: int = 1,
) -> list[Placed]:
    """Place a batch of orders that their channel has sold already, as `place_foreign_order` does one."""
    orders = [msgspec.structs.replace(order, coupon_codes=[]) for order in incoming]
    return _place(orders, channel, by, now, None, attempt)


def _place(
    incoming: Sequence[IncomingOrder],
    channel: Channel,
    by: Actor,
    now: datetime,
    placed_at: Sequence[datetime] | None,
    attempt: int,
    *,
    is_over: bool = False,
    chosen: Chosen | None = None,
) -> list[Placed]:
    require(by, "orders.place")
    require_channel(by, channel.pk)
    carts = _carts(incoming)
    if "goodwill.give" in by.verbs:
        _wait_for_own_gifts(incoming, channel, by)
    if carts:
        give_up_carts(
            cart_ids=carts, sku_codes=[line.sku for order in incoming for line in order.lines]
        )
    facts = gather(
        incoming,
        channel=channel,
        now=now,
        lock=attempt > 1 or bool(carts),
        chosen=[chosen.customer_id] if chosen else [],
    )
    batch = Batch()
    outcomes: list[Placed] = []
    seen: dict[str, tuple[str, Placed]] = {}
    for index, order in enumerate(incoming):
        content = order.content_hash
        if twin := _twin(seen.get(order.external_id), content):
            outcomes.append(twin)
            continue
        at = placed_at[index] if placed_at else now
        outcome = _known(order, content, facts)
        if outcome is None:
            prepared = prepare(
                order, facts, channel, at, index=index, content=content, chosen=chosen
            )
            outcome = _decide(prepared, batch, by, is_over=is_over)
        seen[order.external_id] = content, outcome
        outcomes.append(outcome)
    _number_holds(batch)
    if batch.rows["orders"]:
        write_orders(batch=batch.rows)
    count_outcomes(channel.code, batch.rows["orders"], outcomes)
    return outcomes


def _wait_for_own_gifts(incoming: Sequence[IncomingOrder], channel: Channel, by: Actor) -> None:
    """Wait for whoever gives away in the same person's name: two at once would each not know of the other."""
    if limit_of(ApprovalKind.GOODWILL) is None:
        return
    own = ChannelPolicy.objects.filter(channel=channel).values_list("order_type", flat=True).first()
    if {order.type or own for order in incoming} & free_types():
        lock_proposer(proposer=answers_for(by), kinds=[ApprovalKind.GOODWILL])


def _carts(incoming: Sequence[IncomingOrder]) -> list[int]:
    """The carts whose holds become orders' own. Raises Invalid for what is no reservation.

    Only an order that comes alone has one: were another of its batch refused, the cart's goods
    could no longer be given back.
    """
    if not any(order.reservation for order in incoming):
        return []
    cart = primary_key("res", incoming[0].reservation)
    if cart is None or len(incoming) > 1:
        detail = _("Not a cart reservation, or used in a batch of orders.")
        raise Invalid(detail, errors=[FieldError("/reservation", "unknown", detail)])
    return [cart]


@transaction.atomic(savepoint=False)
def quote_order(
    *,
    incoming: IncomingOrder,
    channel: Channel,
    chosen: Chosen | None = None,
    by: Actor,
    now: datetime,
) -> Quote:
    """Price, route and promise a basket exactly as placing would, and store nothing.

    Raises Invalid.
    """
    require(by, "orders.view")
    require_channel(by, channel.pk)
    facts = gather(
        [incoming],
        channel=channel,
        now=now,
        lock=False,
        chosen=[chosen.customer_id] if chosen else [],
    )
    prepared = prepare(incoming, facts, channel, now, chosen=chosen)
    if errors := check_order(prepared, quote=True):
        raise Invalid(errors=errors)
    priced = price_of(prepared)
    if priced.gifts:
        prepared, priced = with_gifts(prepared, priced)
    route = route_of(prepared)
    if route.short:
        learn_expected(facts)
    return Quote(prepared.order, priced, route, promise_of(prepared, route))


def _number_holds(batch: Batch) -> None:
    """Give new holds their ids, so that the answer names them; most orders have none."""
    holds = batch.rows["holds"]
    if not holds:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('orders_hold_id_seq') FROM generate_series(1, %s)", [len(holds)]
        )
        for hold, (pk,) in zip(holds, cursor.fetchall(), strict=True):
            hold["id"] = pk


def _twin(before: tuple[str, Placed] | None, content: str) -> Placed | None:
    """What becomes of an order whose external id an earlier one of its batch had; None where none was taken.

    An earlier one that was refused says nothing of another content: that is decided for itself.
    """
    if before is None:
        return None
    known, outcome = before
    if known == content:
        return outcome
    return None if outcome.refusal else Placed(refusal=DuplicateExternalId(outcome.number))


def _known(order: IncomingOrder, content: str, facts: Facts) -> Placed | None:
    """What became of an order whose external id the channel has used before; None of a new one."""
    existing = facts.existing.get(order.external_id)
    if existing is None:
        return None
    if isinstance(order, ForeignOrder) or existing.request_hash == content:
        return Placed(number=existing.number, existed=True)
    return Placed(refusal=DuplicateExternalId(existing.number))


def _decide(prepared: PreparedOrder, batch: Batch, by: Actor, *, is_over: bool) -> Placed:
    """Check, price, route, judge and promise one order; its rows go into the batch unless it is refused."""
    facts, is_foreign = prepared.facts, prepared.foreign is not None
    if not is_foreign and (refusal := _refusal(prepared, by)):
        return Placed(refusal=refusal)
    priced = price_of(prepared)
    if priced.gifts:
        prepared, priced = with_gifts(prepared, priced)
    route = route_of(prepared)
    if route.short and not facts.policy.accepts_backorders and not is_foreign:
        return Placed(refusal=shortage(prepared.order, route))
    if prepared.reference:
        facts.used_references.add(prepared.reference)
    is_given_away = (
        not is_foreign and prepared.type_policy.is_free and _is_much(prepared, batch, by)
    )
    judged = judge(prepared, priced, route, is_given_away=is_given_away)
    prepared, route = as_ruled(prepared, route, judged.ruled)
    for share in route.shares:
        for part, each in share.parts:
            facts.free[part, share.warehouse_id] -= share.quantity * each
    if is_over:
        judged = judged._replace(verdict=review.as_over(judged.verdict))
    if route.short:
        learn_expected(facts)
    promised = promise_of(prepared, route)
    for part, units in facts.lacking(route.short).items():
        facts.owed[part] = facts.owed.get(part, 0) + units
    return compose(Placement(prepared, priced, route, judged, promised), batch, by)


def _is_much(prepared: PreparedOrder, batch: Batch, by: Actor) -> bool:
    """Whether what is given away is worth more than somebody may give away alone. Asked of free orders only.

    What they gave the same customer within a day counts, too; as that says no price any more, it is of unknown
    value, and a second person is needed.
    """
    limit = limit_of(ApprovalKind.GOODWILL)
    if limit is None:
        return False
    free = free_types()
    before = OrderEvent.objects.filter(
        kind="placed",
        by__in=accounts_of(answers_for(by)),
        at__gt=prepared.now - GIVES_TOGETHER,
        order__type__in=free,
        order__customer__in=[prepared.customer.id] if prepared.customer else [],
    )
    is_another = any(row["type"] in free for row in batch.rows["orders"]) or before.exists()
    worth = None if is_another else worth_given_away(prepared)
    return Weight(worth, limit).needs_second_person


def _refusal(prepared: PreparedOrder, by: Actor) -> DomainError | None:
    """Why an order of our own pricing cannot be taken: a fault in it, a right or a payment that is missing."""
    if errors := check_order(prepared):
        return Invalid(errors=errors)
    if prepared.type_policy.is_free and "goodwill.give" not in by.verbs:
        return NotAllowed(_("You may not place free orders: this type is free of charge."))
    if prepared.reference and prepared.reference in prepared.facts.used_references:
        return PaymentReferenceUsed(
            _("A payment with this reference was already recorded on this channel.")
        )
    return None
