"""Lists SKUs on channels and records the stock each was last sent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from erp.access.account_mails import tell_secret
from erp.access.models import Actor
from erp.access.queries import of_own_channel, require, require_channel, sign_history
from erp.errors import Invalid
from erp.events.webhook_client import check_address, new_secret
from erp.queries import find_one
from inventory.catalogue.models import Sku
from inventory.channels.models import Listing, StockFeed

LEASE = timedelta(seconds=120)  # longer than the task that publishes may run


@transaction.atomic(savepoint=False)
def save_feed(
    *,
    channel_id: int,
    url: str,
    pause_s: int = 10,
    zero_below: int = 0,
    is_active: bool = True,
    by: Actor,
    now: datetime,
) -> StockFeed:
    """Save the address a channel's stock is published to. Raises Invalid for a bad address."""
    require(by, "inventory.allot")
    require_channel(by, channel_id)
    sign_history(by)
    check_address(url)
    if len(url) > 500 or not 0 <= pause_s <= 86_400 or not 0 <= zero_below <= 1_000_000:
        raise Invalid(_("The interval is at most one day; limits cannot be negative."))
    feed = StockFeed.objects.select_for_update().filter(channel_id=channel_id).first()
    if feed is None:
        feed = StockFeed(channel_id=channel_id, secret=new_secret())
    if feed.url != url:  # what is signed with its secret goes elsewhere
        told = _("Stock of a channel to %(url)s") % {"url": url[:100]}
        tell_secret(what=told, facts={"feed": channel_id}, by=by)
        # Whoever is there has been told nothing yet, and has refused nothing.
        Listing.objects.filter(channel_id=channel_id).update(
            published=None, not_before=None, failures=0
        )
    feed.url, feed.pause_s, feed.zero_below, feed.is_active = (
        url,
        pause_s,
        zero_below,
        is_active,
    )
    feed.save()
    return feed


@transaction.atomic(savepoint=False)
def list_skus(
    *, channel_id: int, sku_ids: Sequence[int] | None = None, by: Actor, now: datetime
) -> int:
    """List SKUs on a channel (None: every active one that is stocked); return how many are new."""
    require(by, "inventory.allot")
    require_channel(by, channel_id)
    skus = Sku.objects.filter(is_active=True, is_service=False)
    if sku_ids is not None:
        skus = skus.filter(pk__in=sku_ids)
    there = Listing.objects.filter(channel_id=channel_id).values("sku_id")
    rows = [
        Listing(channel_id=channel_id, sku_id=pk)
        for pk in skus.exclude(pk__in=there).order_by("pk").values_list("pk", flat=True)
    ]
    Listing.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    return len(rows)


@transaction.atomic(savepoint=False)
def publish_again(*, listing_id: int, by: Actor, now: datetime) -> Listing:
    """Queue a listing's stock for publishing again, whatever was sent last. Raises NotFound."""
    require(by, "inventory.allot")
    mine = of_own_channel(Listing.objects.filter(pk=listing_id), by)
    listing = find_one(mine.select_for_update())
    listing.published, listing.not_before, listing.failures = None, None, 0
    listing.save(update_fields=["published", "not_before", "failures"])
    return listing


@transaction.atomic(savepoint=False)
def lease_feed(*, now: datetime, but: Collection[int] = ()) -> int | None:
    """Take the active feed that waits longest for its turn and that no worker is at; None where there is none.

    but   feeds that had their turn
    One worker at a feed: newer figures never overtake older ones. One feed at a time: all of them under one lease, the
    last ones were published by another worker as well while the first receiver said nothing.
    """
    free = StockFeed.objects.filter(Q(leased_until=None) | Q(leased_until__lte=now), is_active=True)
    next_one = free.exclude(pk__in=but).order_by(F("leased_until").asc(nulls_first=True), "pk")
    feed = next_one.select_for_update(skip_locked=True).first()
    if feed is None:
        return None
    StockFeed.objects.filter(pk=feed.pk).update(leased_until=now + LEASE)
    return feed.pk


@transaction.atomic(savepoint=False)
def release_feed(*, feed_id: int, now: datetime) -> None:
    """End a feed's turn, so that any worker may publish it, after those that wait longer."""
    StockFeed.objects.filter(pk=feed_id).update(leased_until=now)


@transaction.atomic(savepoint=False)
def note_published(
    *,
    feed_id: int,
    units: Mapping[int, int],
    errors: Mapping[int, str],
    wish: timedelta = timedelta(0),
    now: datetime,
) -> None:
    """Record the stock sent to a channel by listing id, and what it rejected.

    A refused listing waits 20 s, then twice as long each time, an hour at most; every listing of the channel waits
    as long as the receiver asks for (`wish`).
    """
    pause = StockFeed.objects.values_list("pause_s", flat=True).get(pk=feed_id)
    told = {pk: count for pk, count in units.items() if pk not in errors}
    with connection.cursor() as cursor:
        if told:
            cursor.execute(
                "UPDATE inventory_listing l SET published = v.units, published_at = %s, error = '',"
                " failures = 0, not_before = %s"
                " FROM unnest(%s::bigint[], %s::int[]) AS v (id, units) WHERE l.id = v.id",
                [now, now + timedelta(seconds=pause), list(told), list(told.values())],
            )
        if errors:
            cursor.execute(
                # What they have taken of it nobody knows: it is told again, though it may be as it was last told. A
                # receiver that took 3 and answered 504 kept 3 when there were 5 again, for a day.
                "UPDATE inventory_listing l"
                " SET error = v.error, published = NULL, failures = least(l.failures + 1, 30),"
                " not_before = %s::timestamptz"
                " + least(interval '1 hour', interval '10 s' * 2 ^ least(l.failures + 1, 12))"
                " FROM unnest(%s::bigint[], %s::text[]) AS v (id, error) WHERE l.id = v.id",
                [now, list(errors), [text[:250] for text in errors.values()]],
            )
        if wish:
            cursor.execute(
                "UPDATE inventory_listing l SET not_before = greatest(coalesce(l.not_before, %s), %s)"
                " FROM inventory_stockfeed f WHERE f.id = %s AND l.channel_id = f.channel_id",
                [now + wish, now + wish, feed_id],
            )
