"""Finds return alerts for staff: refunds waiting too long for approval, money of ended orders that stays."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from erp.notices.kinds import Found
from inventory.desk.alerts import approval_hours
from returns.refunds.models import Refund
from returns.refunds.queries import money_kept

MOST = 200


def watch(now: datetime) -> Iterator[Found]:
    """Find everything that staff are alerted to about refunds."""
    yield from _waiting(now)
    yield from _kept(now)


def _kept(now: datetime) -> Iterator[Found]:
    """Orders that ended unserved an hour ago or more, whose money is neither refunded nor proposed."""
    for order, amount in money_kept(ended_before=now - timedelta(hours=1), most=MOST):
        params = {"order": order.number, "amount": str(amount), "currency": order.currency}
        yield Found("money_kept", f"order:{order.pk}:{amount}", params, f"/orders/{order.number}/")


def _waiting(now: datetime) -> Iterator[Found]:
    hours = approval_hours()
    late = Refund.objects.filter(
        status="proposed", proposed_at__lt=now - timedelta(hours=hours), is_history=False
    )
    for refund in late.order_by("pk")[:MOST]:
        params = {"what": "refund", "number": refund.number, "hours": hours}
        yield Found(
            "approval_late",
            f"refund:{refund.pk}",
            params,
            f"/returns/refunds/?q={refund.number}",
        )
