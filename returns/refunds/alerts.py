"""Finds return alerts for staff: refunds waiting too long for approval, money of ended orders that stays."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from erp.notices.kinds import Found
from inventory.desk.alerts import approval_hours
from returns.refunds.models import Refund
from returns.refunds.queries import money_kept


def watch(now: datetime) -> Iterator[Found]:
    """Find everything that staff are alerted to about refunds."""
    yield from _waiting(now)
    yield from _kept(now)


def _kept(now: datetime) -> Iterator[Found]:
    """Orders that ended unserved an hour ago or more, whose money is neither refunded nor proposed."""
    for kept in money_kept(ended_before=now - timedelta(hours=1)):
        params = {"order": kept.number, "amount": str(kept.amount), "currency": kept.currency}
        key = f"order:{kept.order_id}:{kept.amount}"
        yield Found("money_kept", key, params, f"/orders/{kept.number}/")


def _waiting(now: datetime) -> Iterator[Found]:
    hours = approval_hours()
    late = Refund.objects.filter(
        status="proposed", proposed_at__lt=now - timedelta(hours=hours), is_history=False
    )
    for pk, number in late.order_by("pk").values_list("pk", "number").iterator():
        params = {"what": "refund", "number": number, "hours": hours}
        yield Found("approval_late", f"refund:{pk}", params, f"/returns/refunds/?q={number}")
