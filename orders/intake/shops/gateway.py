"""Fetches shops' orders and reconciles them. Network I/O here; every write is an action."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from erp.effects.door import rests_while_paused
from erp.once import perform
from erp.rounds import by_rows
from orders.intake.following.models import ChannelOrder
from orders.intake.messages.actions.receive import receive_message
from orders.intake.messages.wake import wake_reader
from orders.intake.shops.actions.control_totals import lease_shop, note_asked, write_control_total
from orders.intake.shops.client import Found, Shop, ShopUnavailable, changed_since, placed_between
from orders.intake.shops.models import ControlTotal, ShopConnection
from orders.intake.shops.queries import control_sums

logger = logging.getLogger(__name__)


OVERLAP = timedelta(minutes=10)  # asked for again: a shop's clock and its index lag


ASKING_S = 240.0  # after which no other shop is begun


RECENT_HOURS = 6  # counted in every cycle; older ones until both sides agree


@rests_while_paused
def ask_shops(*, now: datetime) -> int:
    """Fetch changes of every connected shop, then reconcile its hours; return messages received."""
    with by_rows("ask_shops", seconds=ASKING_S) as turn:
        received = turn.in_turn(partial(perform, lease_shop), partial(_ask_one, now=now), now=now)
        if any(received):
            wake_reader()
    return sum(received)


def _ask_one(pk: int, *, now: datetime) -> int:
    link = ShopConnection.objects.select_related("channel").get(pk=pk)
    received, cursor, error, wait = 0, None, "", 0
    try:
        cursor, received = _pull(link)
        received += _count_hours(link, now)
    except ShopUnavailable as refusal:
        error, wait = str(refusal), refusal.retry_after_s
        logger.warning("Channel %s could not be asked: %s", link.channel.code, refusal)
    finally:
        perform(note_asked, connection_id=pk, cursor_at=cursor, error=error, wait_s=wait, now=now)
    return received


def shop_of(link: ShopConnection) -> Shop:
    """What is needed to ask a connected shop."""
    return Shop(link.channel.kind, link.url, link.key, link.secret)


def _pull(link: ShopConnection) -> tuple[datetime, int]:
    """Receive what changed since the cursor, less an overlap; how far that went, and how much was new."""
    cursor, count = link.cursor_at, 0
    group: list[Found] = []
    for found in changed_since(shop_of(link), link.cursor_at - OVERLAP):
        cursor = max(cursor, found.changed_at or cursor)
        group.append(found)
        if len(group) == 250:
            count += _receive(link, group)
            group = []
    return cursor, count + _receive(link, group)


def _receive(link: ShopConnection, group: Sequence[Found]) -> int:
    """Keep what we have not heard of in this state; what webhooks brought already is left out."""
    heard = dict(
        ChannelOrder.objects.filter(
            channel=link.channel, external_id__in=[found.external_id for found in group]
        ).values_list("external_id", "said_at")
    )
    count = 0
    for found in group:
        said_at = heard.get(found.external_id)
        if said_at is not None and found.changed_at is not None and said_at >= found.changed_at:
            continue
        pk = perform(
            receive_message,
            channel_id=link.channel_id,
            source=link.channel.kind,
            topic=found.topic,
            delivery="",
            origin=f"{link.url}#asked",
            body=found.body,
        )
        count += pk is not None
    return count


def _count_hours(link: ShopConnection, now: datetime) -> int:
    """Compare the last hours, and those that did not agree yet; what is missing is received at once."""
    this = now.replace(minute=0, second=0, microsecond=0)
    hours = {this - timedelta(hours=n) for n in range(RECENT_HOURS)}
    open_ones = ControlTotal.objects.filter(channel=link.channel, settled_at=None)
    hours |= set(open_ones.order_by("-hour").values_list("hour", flat=True)[:48])
    return sum(count_hour(link, hour, now) for hour in sorted(hours))


def count_hour(link: ShopConnection, hour: datetime, now: datetime) -> int:
    """Count one hour of a shop against ours; return how many missing orders were received."""
    end = hour + timedelta(hours=1)
    theirs = list(placed_between(shop_of(link), hour, end))
    ids = [found.external_id for found in theirs]
    known = set(
        ChannelOrder.objects.filter(
            channel=link.channel, external_id__in=ids, order__isnull=False
        ).values_list("external_id", flat=True)
    )
    # What its list states no readable total of is received as well: the message says what is wrong with it.
    missing = [x for x in theirs if x.external_id not in known or x.total is None]
    perform(
        write_control_total,
        channel_id=link.channel_id,
        hour=hour,
        theirs=(len(theirs), sum((found.total or Decimal(0) for found in theirs), Decimal(0))),
        ours=control_sums(link.channel_id, hour, end),
        missing=[x.external_id for x in missing],
        now=now,
    )
    return _receive(link, missing)
