"""Queues channel notifications, retries them and parks them for a person."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.access.queries import require
from erp.backlogs import Backlog
from erp.errors import Conflict
from erp.leases import Queue
from erp.queries import find_one
from orders.intake.following.models import ChannelOrder
from orders.intake.messages.actions.connections import note_outcome
from orders.intake.shops.models import ChannelNews, ShopConnection
from orders.order.models.order import Order

# Of one order only the oldest: what comes later is not heard first. Of a shop that fails none, until its circuit is
# closed again.
NEWS = Queue(
    table="orders_channelnews",
    waits="pending",
    gives_up="parked",
    most=8,
    lease=timedelta(seconds=120),
    may="""NOT EXISTS (SELECT 1 FROM orders_shopconnection c
                       WHERE c.channel_id = q.channel_id AND c.not_before > %(now)s)
        AND NOT EXISTS (SELECT 1 FROM orders_channelnews o
                        WHERE o.order_id = q.order_id AND o.status = 'pending' AND o.id < q.id)""",
)
BACKLOG = Backlog(
    name="channel_news",
    label=gettext_lazy("Notifications of shops"),
    table="orders_channelnews",
    waiting="status = 'pending'",
    parked="status = 'parked'",
    late=timedelta(minutes=15),
    note="kind",
    right="messages.replay",
    replay="orders.intake.shops.actions.notifications.replay_notifications",
    leaves=True,
)


LONGEST = 6 * 3600  # seconds between two tries


WAITED = timedelta(days=3)  # how old news get while their shop asks to wait


@transaction.atomic(savepoint=False)
def queue_notification(
    *, order_id: int, kind: str, key: str, said: Mapping[str, object], now: datetime
) -> ChannelNews | None:
    """Queue a channel notification, once per `key`; None where the channel has no connected shop.

    kind   "shipped", "cancelled" or "marked"
    """
    told = ChannelOrder.objects.filter(order_id=order_id).select_related("channel").first()
    if told is None:
        return None
    if not ShopConnection.objects.filter(channel=told.channel, is_active=True).exists():
        return None
    ChannelNews.objects.bulk_create(
        [
            ChannelNews(
                channel=told.channel,
                order_id=order_id,
                kind=kind,
                key=key[:60],
                said=said,
                due_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    return ChannelNews.objects.get(order_id=order_id, kind=kind, key=key[:60])


@transaction.atomic(savepoint=False)
def queue_marks_notification(*, order_id: int, key: str, now: datetime) -> None:
    """Queue a channel notification of an order's flag and remark, once per `key`."""
    order = Order.objects.only("flag", "remark").get(pk=order_id)
    said = {"remark": order.remark, "flag": order.flag}
    queue_notification(order_id=order_id, kind="marked", key=key, said=said, now=now)


@transaction.atomic(savepoint=False)
def note_notified(
    *, news_id: int, error: str, is_final: bool, wait_s: int, now: datetime
) -> ChannelNews:
    """Write down how a try went: heard, to be tried again later, or for a person to look at.

    error      "" when it was heard
    is_final   trying again would change nothing
    wait_s     how long the shop asked to be left alone
    """
    news = ChannelNews.objects.select_for_update().get(pk=news_id)
    link = ShopConnection.objects.select_for_update().filter(channel_id=news.channel_id).first()
    if link is not None and (error or link.failures) and not is_final:
        note_outcome(link, error, wait_s, now)
        link.save(update_fields=["error", "failures", "not_before"])
    if news.status != ChannelNews.Status.PENDING:
        return news
    news.error, news.is_leased = error[:500], False
    if not error:
        news.status, news.done_at = ChannelNews.Status.DONE, now
    elif wait_s and not is_final and now - news.created_at < WAITED:
        # It is asked for: that is no failed try, and what is asked again and again is asked less often.
        age_s = (now - news.created_at).total_seconds()
        news.due_at = now + timedelta(seconds=max(wait_s, 30, age_s / 10))
    else:
        news.attempts += 1
        if is_final or news.attempts >= NEWS.most:
            news.status = ChannelNews.Status.PARKED
        pause = max(wait_s, min(LONGEST, 30 * 4 ** (news.attempts - 1)))
        news.due_at = now + timedelta(seconds=pause)
    news.save(update_fields=["error", "status", "attempts", "is_leased", "done_at", "due_at"])
    return news


@transaction.atomic(savepoint=False)
def retry_notification(*, news_id: int, by: Actor, now: datetime) -> ChannelNews:
    """Retry parked channel notifications. Raises Conflict where one is not parked."""
    require(by, "messages.replay")
    news = find_one(ChannelNews.objects.select_for_update().filter(pk=news_id))
    if news.status != ChannelNews.Status.PARKED:
        raise Conflict(_("Only failed notifications can be retried."))
    news.status, news.attempts, news.due_at, news.error = ChannelNews.Status.PENDING, 0, now, ""
    news.is_leased = False
    news.save(update_fields=["status", "attempts", "is_leased", "due_at", "error"])
    return news


@transaction.atomic(savepoint=False)
def replay_notifications(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Tell shops again what they did not take; return how many."""
    require(by, BACKLOG.right)
    rows = ChannelNews.objects.filter(pk__in=ids, status="parked")
    return rows.update(status="pending", attempts=0, is_leased=False, due_at=now, error="")
