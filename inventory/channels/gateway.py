"""Publishes changed stock to channels. Network I/O happens here; every write is an action.

What is posted, signed as Standard Webhooks are (`webhook-id`, `webhook-timestamp`,
`webhook-signature`):

    {"type": "stock.levels", "timestamp": …, "data": {"channel": …, "items": [
        {"sku": …, "external_id": …, "available": …}]}}

An answer of 2xx takes all; its body may name what it refused:
`{"errors": [{"sku": …, "detail": …}]}`. Anything else refuses all of them.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import msgspec
from django.db.models import Q

from erp.bounds import NO_JSON
from erp.effects.door import rests_while_paused
from erp.events.webhook_client import Refused, checked, exchange, signed
from erp.once import perform
from erp.rounds import by_rows
from inventory.channels.actions import lease_feed, note_published, release_feed
from inventory.channels.models import Listing, StockFeed
from inventory.stock.queries import availability

logger = logging.getLogger(__name__)


AT_ONCE = 200  # listings in one request


LOOKED_AT = 1000  # listings judged together


REFRESHED = timedelta(days=1)  # every listing is told at least this often


NOW = timedelta(0)


# How long a receiver is left alone that did not answer: group after group, 10,000 listings waited for it for minutes.
SILENT = timedelta(seconds=20)


ANSWER = 512 * 1024  # bytes of an answer that are read: a long word on each of AT_ONCE listings


class _Wrong(msgspec.Struct):
    sku: str
    detail: str | None = None


class _Answer(msgspec.Struct):
    errors: list[_Wrong] = []


@rests_while_paused
def publish_due(*, now: datetime) -> int:
    """Publish changed stock to channels with a feed, each once, while there is time; return how many listings it was.

    Of a feed that has more than there is time for, the rest is due at its next turn, after all others.
    """
    with by_rows("publish_stock") as turn:
        take, publish = (
            partial(perform, lease_feed),
            partial(_publish_one, now=now, until=turn.until),
        )
        return sum(turn.in_turn(take, publish, now=now))


def _publish_one(feed_id: int, *, now: datetime, until: float) -> int:
    try:
        return _publish(StockFeed.objects.select_related("channel").get(pk=feed_id), now, until)
    finally:
        perform(release_feed, feed_id=feed_id, now=now)


def _publish(feed: StockFeed, now: datetime, until: float) -> int:
    """Publish what changed, at least one group of it, until the time is over (`until`, on the monotonic clock)."""
    due = Listing.objects.filter(Q(not_before=None) | Q(not_before__lte=now), channel=feed.channel)
    listings = list(due.select_related("sku").order_by("pk"))
    changed: list[tuple[Listing, int]] = []
    for start in range(0, len(listings), LOOKED_AT):
        some = listings[start : start + LOOKED_AT]
        rows = availability(codes=[x.sku.code for x in some], channel_id=feed.channel_id)
        units = {row["sku"]: row["available"] for row in rows}
        for listing in some:
            shown = max(0, units[listing.sku.code]) if listing.sku.is_active else 0
            if shown < feed.zero_below:
                shown = 0
            stale = listing.published_at is None or listing.published_at <= now - REFRESHED
            if stale or listing.published != shown:
                changed.append((listing, shown))
    for start in range(0, len(changed), AT_ONCE):
        group = changed[start : start + AT_ONCE]
        message_id = f"stk_{feed.pk}_{int(now.timestamp() * 1000)}_{start}"
        refused, wish = _tell(feed, group, message_id, now)
        perform(
            note_published,
            feed_id=feed.pk,
            units={x.pk: n for x, n in group},
            errors=refused,
            wish=wish,
            now=now,
        )
        # The others wait as well: their receiver asked to be left alone, or does not answer.
        if wish or monotonic() >= until:
            return start + len(group)
    return len(changed)


def _tell(
    feed: StockFeed, group: list[tuple[Listing, int]], message_id: str, now: datetime
) -> tuple[dict[int, str], timedelta]:
    """Post one group; return what was refused and why, by listing id, and how long to leave the receiver alone."""
    items = [
        {"sku": x.sku.code, "external_id": x.external_id or None, "available": units}
        for x, units in group
    ]
    data: dict[str, object] = {"channel": feed.channel.code, "items": items}
    body = msgspec.json.encode({"type": "stock.levels", "timestamp": now, "data": data})
    at = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Throughline-Stock",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": signed(message_id, at, body, feed.secret),
    }
    try:
        status, wish, said = exchange(checked(feed.url), body, headers, most=ANSWER)
    except (Refused, OSError) as error:
        return {x.pk: f"{type(error).__name__}: {error}" for x, _units in group}, SILENT
    except Exception as error:  # one address that nobody foresaw must not stop the others
        logger.exception("Telling stock to %s", feed.channel)
        return {x.pk: f"{type(error).__name__}: {error}" for x, _units in group}, SILENT
    if not 200 <= status < 300:
        return {x.pk: f"answered {status}" for x, _units in group}, wish
    try:
        wrong = {
            e.sku: e.detail or "refused" for e in msgspec.json.decode(said, type=_Answer).errors
        }
    except NO_JSON:
        if said.lstrip()[:1] in (b"{", b"["):  # it says something of them: nobody knows what
            return {x.pk: "answered something that cannot be read" for x, _units in group}, wish
        wrong = {}  # whoever answers in words has nothing to refuse
    return {x.pk: wrong[x.sku.code] for x, _units in group if x.sku.code in wrong}, wish
