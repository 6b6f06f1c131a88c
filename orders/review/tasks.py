"""Reviews orders again as they change."""

from datetime import datetime

from erp.access.queries import job_actor
from erp.events.models import Event
from orders.review.actions.review_again import review_again

RULES_ASK_FOR = {"tags", "metadata"}


def judge_again(*, event: Event, now: datetime) -> None:
    """On payment, stock, edits and marks: re-evaluate the rules on the order."""
    if event.topic == "order.marked" and not RULES_ASK_FOR & set(event.facts.get("fields", ())):
        return
    if "order_id" in event.facts:
        review_again(order_ids=[event.facts["order_id"]], by=job_actor("relay"), now=now)
