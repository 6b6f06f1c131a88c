"""Places and releases holds."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.approvals.actions import SIGNED, sign_approval, sign_proposal
from erp.approvals.models import ApprovalKind
from erp.approvals.queries import NOTHING, Weight, limit_of, ruling_of
from erp.errors import Conflict, Invalid, NotAllowed
from erp.events.record import record_event
from erp.queries import find_one
from orders.order.actions.life import confirm_if_ready
from orders.order.actions.timeline import append_event, lock_order
from orders.order.findings import known
from orders.order.models.order import Hold, Order, OrderLine
from orders.order.states import ORDER, HoldKind

AT_ONCE = 200


def holds_that_end(*, now: datetime, but: Collection[int] = ()) -> list[int]:
    """Ids of open holds whose time is over, on orders that still move; the oldest first."""
    rows = Hold.objects.filter(
        released_at=None, until__lte=now, order__status__in=("pending", "confirmed")
    ).exclude(pk__in=but)
    return list(rows.order_by("until", "pk").values_list("pk", flat=True)[:AT_ONCE])


REASON = 200  # characters of a reason that are kept
FINANCE = "finance.release"  # the right to release the second review


PRE_SALE = "not_before"  # why a pre-sale is held until its day


ACCOUNT = "account_not_agreed"  # why an order on account is held that nobody agreed to
TERMS_RIGHT = "customers.terms"  # the right to agree to it
GIVEN_AWAY = "goodwill_above_limit"  # why a free order waits for another person


UNMAPPED = "unmapped_sku"  # why an order is held whose lines nobody knows as SKUs


@transaction.atomic(savepoint=False)
def hold_order(
    *,
    order_id: int,
    kind: str,
    reason: str,
    until: datetime | None = None,
    names: Sequence[str] = (),
    by: Actor,
    now: datetime,
) -> Order:
    """Put a hold on an order: it keeps its stock and its place, and moves on no further.

    names  what it is about, as it is shown behind the reason
    Raises Invalid for an unknown kind, IllegalTransition for an order that has ended.
    """
    require(by, "orders.hold")
    order = lock_order(order_id)
    ORDER.next_state(order.status, "hold")
    if kind not in HoldKind.values:
        raise Invalid(
            _("A hold's kind is one of: %(kinds)s.") % {"kinds": ", ".join(HoldKind.values)}
        )
    if not reason.strip():
        raise Invalid(_("Enter a reason for the hold."))
    if until is not None and until <= now:
        raise Invalid(_("A hold has to end in the future."))
    params = {"names": list(names)} if names else {}
    Hold.objects.create(
        order=order,
        kind=kind,
        reason=reason[:REASON],
        params=params,
        by=by,
        opened_at=now,
        until=until,
    )
    order.open_holds += 1
    order.updated_at = now
    order.save(update_fields=["open_holds", "updated_at"])
    append_event(
        order_id=order.pk,
        kind="hold.opened",
        by=by,
        now=now,
        data={"kind": kind, "reason": reason[:REASON], **params},
    )
    record_event(
        "order.held",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    return order


@transaction.atomic(savepoint=False)
def hold_for_finding(
    *,
    order_id: int,
    finding: str,
    until: datetime | None = None,
    names: Sequence[str] = (),
    by: Actor,
    now: datetime,
) -> Order:
    """Put the hold on an order that a finding of the catalogue opens.

    Raises UnknownFinding, and as `hold_order` does.
    """
    kind = known(finding).hold
    return hold_order(
        order_id=order_id, kind=kind, reason=finding, until=until, names=names, by=by, now=now
    )


@transaction.atomic(savepoint=False)
def hold_once(
    *, order_id: int, finding: str, names: Sequence[str] = (), by: Actor, now: datetime
) -> bool:
    """Hold an order for a finding unless it is held for that already; say whether that is new.

    A hold that nobody has looked at is about the newest names. An order that has ended has the finding on its
    timeline alone. Raises UnknownFinding.
    """
    order = lock_order(order_id)
    params = {"names": list(names)} if names else {}
    if Hold.objects.filter(order=order, reason=finding, released_at=None).update(params=params):
        return False
    if "hold" in ORDER.verbs_from(order.status):
        hold_for_finding(order_id=order.pk, finding=finding, names=names, by=by, now=now)
        return True
    data = {"kind": known(finding).hold, "reason": finding, **params}
    append_event(order_id=order.pk, kind="hold.opened", by=by, now=now, data=data)
    return True


@transaction.atomic(savepoint=False)
def release_order(*, order_id: int, hold_id: int | None = None, by: Actor, now: datetime) -> Order:
    """Release one hold, or all that are open; the order goes on when none is left.

    The second review (a hold of kind finance) is released by whoever may do that, and so is an account that nobody
    has agreed to, by whoever agrees terms: of all holds they stay open otherwise. Raises Conflict when there is
    nothing to release, NotAllowed for these alone.
    """
    require(by, "orders.release")
    order = lock_order(order_id, by)
    ORDER.next_state(order.status, "release")
    holds = Hold.objects.filter(order=order, released_at=None)
    if hold_id is not None:
        holds = holds.filter(pk=hold_id)
    released = list(holds.order_by("pk").select_for_update())
    if not released:
        raise Conflict(_("This order has no open holds."))
    if FINANCE not in by.verbs:
        released = [hold for hold in released if hold.kind != HoldKind.FINANCE]
        if not released:
            raise NotAllowed(_("Only finance can release a hold for finance approval."))
    if TERMS_RIGHT not in by.verbs:
        released = [hold for hold in released if hold.reason != ACCOUNT]
        if not released:
            raise NotAllowed(
                _("Only whoever may agree terms can release an order on account without any.")
            )
    if hold_id is None:  # of all, those that may be; of one, the refusal says why it is not
        released = _without_own(released, by)
    waits_for_sku = OrderLine.objects.filter(order=order, sku=None, is_service=False).filter(
        quantity_ordered__gt=F("quantity_cancelled")
    )
    if any(hold.reason == UNMAPPED for hold in released) and waits_for_sku.exists():
        raise Conflict(_("Map every line to a SKU first."))
    write_released(order=order, holds=released, by=by, now=now)
    if any(hold.reason == PRE_SALE for hold in released):
        _note_missing(order, by, now)
    if not confirm_if_ready(order=order, by=by, now=now):
        record_event(
            "order.released",
            subject=f"order:{order.pk}",
            channel_id=order.channel_id,
            order_id=order.pk,
        )
    return order


@transaction.atomic(savepoint=False)
def hold_given_away(*, order_id: int, by: Actor, now: datetime) -> None:
    """Hold a free order that somebody made larger until another person has looked at it, where a limit is set."""
    if limit_of(ApprovalKind.GOODWILL) is None:
        return
    hold_for_finding(order_id=order_id, finding=GIVEN_AWAY, by=by, now=now)
    made = Hold.objects.filter(order=order_id, reason=GIVEN_AWAY).latest("pk")
    sign_proposal(row=made, weight=Weight(limit=Decimal(0)), by=by)
    made.save(update_fields=[*SIGNED])


def write_released(*, order: Order, holds: Sequence[Hold], by: Actor, now: datetime) -> None:
    """Write that locked holds of a locked order are released: on them, on it and on its timeline.

    Raises SecondPersonNeeded for one that needs another person than who it was opened for.
    """
    for hold in holds:
        if hold.needs_second_person:
            sign_approval(row=hold, weight=NOTHING, by=by)
            hold.save(update_fields=[*SIGNED])
    Hold.objects.filter(pk__in=[hold.pk for hold in holds]).update(released_at=now, released_by=by)
    order.open_holds -= len(holds)
    order.updated_at = now
    order.save(update_fields=["open_holds", "updated_at"])
    for hold in holds:
        append_event(
            order_id=order.pk,
            kind="hold.released",
            by=by,
            now=now,
            data={"kind": hold.kind, "reason": hold.reason},
        )


def _without_own(holds: list[Hold], by: Actor) -> list[Hold]:
    """Holds without those that another person has to release; all where nothing else is left."""
    others = [
        hold
        for hold in holds
        if not hold.needs_second_person or ruling_of(hold, NOTHING, by).is_allowed
    ]
    return others or holds


def _note_missing(order: Order, by: Actor, now: datetime) -> None:
    """A pre-sale whose day has come and whose goods have not says so."""
    lines = OrderLine.objects.filter(order=order, quantity_backordered__gt=0)
    short = [
        f"{sku} × {units}"
        for sku, units in lines.order_by("position").values_list("sku_code", "quantity_backordered")
    ]
    if short:
        append_event(
            order_id=order.pk, kind="presale.short", by=by, now=now, data={"skus": ", ".join(short)}
        )


@transaction.atomic(savepoint=False)
def note_hold_stays(*, hold_id: int, why: str, by: Actor, now: datetime) -> None:
    """Write down why a hold whose time is over could not be released: from then on a person decides."""
    hold = Hold.objects.select_related("order").get(pk=hold_id)
    lock_order(hold.order_id)
    if Hold.objects.filter(pk=hold_id, released_at=None).update(until=None):
        append_event(
            order_id=hold.order_id, kind="hold.stays", by=by, now=now, data={"why": why[:300]}
        )


@transaction.atomic(savepoint=False)
def release_hold(*, hold_id: int, by: Actor, now: datetime) -> Order:
    """Release one hold, whichever order it is on. Raises Conflict when it is not open."""
    hold = find_one(Hold.objects.filter(pk=hold_id))
    return release_order(order_id=hold.order_id, hold_id=hold.pk, by=by, now=now)
