"""What of returns staff are told by themselves: refunds that nobody has approved in time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from erp.notices.kinds import Found
from inventory.desk.watching import approval_hours
from returns.refunds.models import Refund

MOST = 200


def watch(now: datetime) -> Iterator[Found]:
    """Refunds that were proposed longer ago than an approval may take."""
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
