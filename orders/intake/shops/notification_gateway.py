"""Sends due channel notifications. Network I/O happens here; every write is an action."""

import logging
from datetime import datetime

from erp.effects.door import rests_while_paused
from erp.once import perform
from erp.rounds import by_rows
from orders.intake.shops.actions.notifications import NEWS, note_notified
from orders.intake.shops.client import ShopUnavailable
from orders.intake.shops.gateway import shop_of
from orders.intake.shops.models import ChannelNews, ShopConnection
from orders.intake.shops.notification_client import (
    Refused,
    tell_cancelled,
    tell_marked,
    tell_shipped,
)

logger = logging.getLogger(__name__)


@rests_while_paused
def tell_shops(*, now: datetime) -> int:
    """Send due channel notifications, one at a time, while there is time; return how many were tried."""
    with by_rows("tell_shops") as turn:
        return turn.one_by_one(NEWS, lambda pk: _tell_one(pk, now), now=now)


def _tell_one(pk: int, now: datetime) -> None:
    """Send one notification. One that its shop does not answer has the shop's others wait as well."""
    news = ChannelNews.objects.select_related("channel", "order__channel_order").get(pk=pk)
    error, is_final, wait = "", False, 0
    try:
        _tell(news)
    except ShopUnavailable as refusal:
        error, wait = str(refusal), refusal.retry_after_s
    except Refused as refusal:
        error, is_final = str(refusal), True
    if error:
        logger.warning("Channel %s was not told: %s", news.channel.code, error)
    perform(note_notified, news_id=pk, error=error, is_final=is_final, wait_s=wait, now=now)


def _tell(news: ChannelNews) -> None:
    link = (
        ShopConnection.objects.select_related("channel")
        .filter(channel=news.channel, is_active=True)
        .first()
    )
    if link is None:
        raise Refused("the shop is not connected")
    order_id = news.order.channel_order.external_id
    if news.kind == "shipped":
        tell_shipped(shop_of(link), order_id, news.said)
    elif news.kind == "marked":
        tell_marked(shop_of(link), order_id, news.said)
    else:
        tell_cancelled(shop_of(link), order_id, str(news.said.get("reason", "")))
