"""Finds return alerts for staff: refunds waiting too long for approval."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from erp.notices.kinds import Found
from inventory.desk.alerts import approval_hours
from returns.refunds.models import Refund

MOST = 200


def watch(now: datetime) -> Iterator[Found]:
    """Find refunds that have waited too long for approval."""
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
