"""Claims orders (签出), alone or the next in the queue (抢单), and releases claims."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Invalid
from orders.order.actions.holds import FINANCE
from orders.order.actions.timeline import Claimed, append_event, lock_order
from orders.order.models.claim import OrderClaim
from orders.order.states import ORDER, HoldKind

KEPT = timedelta(minutes=30)


MOST = 50


OVER = "settings.edit"  # the right to take what somebody else has


@transaction.atomic(savepoint=False)
def claim_order(*, order_id: int, by: Actor, now: datetime) -> OrderClaim:
    """Claim an open order for 30 minutes: nobody else may change it. Claiming again extends it.

    Who may change settings takes it from somebody who has it. Raises Claimed where somebody else has it,
    IllegalTransition where it is not open, NotFound.
    """
    require(by, "orders.release")
    order = lock_order(order_id)
    ORDER.next_state(order.status, "hold")
    claim = OrderClaim.objects.filter(order=order).select_related("by").first()
    if claim and claim.by_id != by.pk and claim.until > now and OVER not in by.verbs:
        raise Claimed(claim)
    is_new = claim is None or claim.by_id != by.pk or claim.until <= now
    claim, _made = OrderClaim.objects.update_or_create(
        order=order, defaults={"by": by, "at": now, "until": now + KEPT}
    )
    if is_new:
        append_event(order_id=order.pk, kind="claimed", by=by, now=now)
    return claim


@transaction.atomic(savepoint=False)
def release_claim(*, order_id: int, by: Actor, now: datetime) -> bool:
    """Release one's claim; return whether one had it. Raises Claimed for others', NotFound."""
    require(by, "orders.release")
    order = lock_order(order_id)
    claim = OrderClaim.objects.filter(order=order).select_related("by").first()
    if claim is None:
        return False
    if claim.by_id != by.pk and claim.until > now and OVER not in by.verbs:
        raise Claimed(claim)
    claim.delete()
    append_event(order_id=order.pk, kind="given_back", by=by, now=now)
    return True


# The orders that have waited longest for a person and that nobody has. Those that somebody is just taking are
# passed over, not waited for.
NEXT = """
SELECT o.id FROM orders_order o
WHERE o.id IN (
    SELECT h.order_id FROM orders_hold h WHERE h.released_at IS NULL AND h.kind = ANY (%s) ORDER BY h.opened_at, h.id LIMIT %s)
  AND o.status IN ('pending', 'confirmed')
  AND NOT EXISTS (SELECT 1 FROM orders_orderclaim c WHERE c.order_id = o.id AND c.until > %s)
ORDER BY (SELECT min(h.opened_at) FROM orders_hold h WHERE h.order_id = o.id AND h.released_at IS NULL), o.id
LIMIT %s FOR UPDATE SKIP LOCKED
"""


@transaction.atomic(savepoint=False)
def claim_next(*, count: int, kind: str = "", by: Actor, now: datetime) -> list[int]:
    """Claim the longest-waiting unclaimed orders of the review queue; return their ids.

    count   1 to 50
    kind    of their holds; "" for every kind that this person may release and that does not end by itself
    Two people at once get different ones.
    """
    require(by, "orders.release")
    if not 1 <= count <= MOST:
        raise Invalid(_("Claim between 1 and 50 orders."))
    kinds = [k for k in HoldKind.values if k != HoldKind.WAIT]
    if FINANCE not in by.verbs:
        kinds.remove(HoldKind.FINANCE)
    if kind:
        kinds = [k for k in kinds if k == kind]
    ids = _lock_free(kinds, count, now)
    OrderClaim.objects.bulk_create(
        [OrderClaim(order_id=pk, by=by, at=now, until=now + KEPT) for pk in ids],
        update_conflicts=True,
        unique_fields=["order"],
        update_fields=["by", "at", "until"],
    )
    for pk in ids:
        append_event(order_id=pk, kind="claimed", by=by, now=now)
    return ids


def _lock_free(kinds: list[str], count: int, now: datetime) -> list[int]:
    """Lock orders that nobody has. What was taken while we looked is seen only once they are locked: then again."""
    ids: list[int] = []
    for _attempt in range(3):
        locked = _lock_next(kinds, count, now)
        live = OrderClaim.objects.filter(order__in=locked, until__gt=now)
        gone = set(live.values_list("order_id", flat=True))
        ids = [pk for pk in locked if pk not in gone]
        if not gone:
            break
    return ids


def _lock_next(kinds: list[str], count: int, now: datetime) -> list[int]:
    taken = OrderClaim.objects.filter(until__gt=now).count()
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [kinds, 2 * (count + taken) + 100, now, count])
        return [pk for (pk,) in cursor.fetchall()]
