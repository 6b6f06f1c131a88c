"""Records how far a shop was fetched and reconciles its hourly control totals."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.account_mails import tell_secret
from erp.access.models import Actor, Channel
from erp.access.queries import require
from erp.errors import Invalid
from erp.queries import find_one
from orders.intake.messages.actions.connections import FRESH, lease, note_outcome
from orders.intake.shops.models import ControlTotal, ShopConnection

KINDS = ("shopify", "woocommerce")


@transaction.atomic(savepoint=False)
def connect_shop(
    *,
    channel_id: int,
    url: str,
    key: str,
    secret: str,
    since: datetime,
    by: Actor,
    now: datetime,
) -> ShopConnection:
    """Say where a channel's orders can be asked for, from which moment on. Raises Invalid, NotFound."""
    require(by, "settings.edit")
    channel = find_one(Channel.objects.filter(pk=channel_id))
    if channel.kind not in KINDS:
        raise Invalid(_("Orders can be fetched from Shopify and WooCommerce only."))
    if not secret or (channel.kind == "woocommerce" and not key):
        raise Invalid(_("Enter the key and secret issued by the shop."))
    found, _made = ShopConnection.objects.update_or_create(
        channel=channel,
        defaults={
            **FRESH,
            "url": url.rstrip("/")[:300],
            "key": key,
            "secret": secret,
            "cursor_at": since,
        },
    )
    told = _("Shop of %(channel)s") % {"channel": channel.name}
    tell_secret(what=told, facts={"channel": channel_id}, by=by)
    return found


@transaction.atomic(savepoint=False)
def lease_shop(*, now: datetime, but: Collection[int] = ()) -> int | None:
    """Take the connection that may be asked now and was asked longest ago; no two workers ask one shop."""
    return lease(ShopConnection, now, but)


@transaction.atomic(savepoint=False)
def note_asked(
    *, connection_id: int, cursor_at: datetime | None, error: str, wait_s: int, now: datetime
) -> None:
    """Give a connection back: how far it was asked, or why it could not be; the longer, the later again."""
    shop = ShopConnection.objects.select_for_update().get(pk=connection_id)
    shop.leased_until, shop.asked_at = None, now
    note_outcome(shop, error, wait_s, now)
    if not error:
        shop.cursor_at = max(shop.cursor_at, cursor_at or shop.cursor_at)
    shop.save()


@transaction.atomic(savepoint=False)
def write_control_total(
    *,
    channel_id: int,
    hour: datetime,
    theirs: tuple[int, Decimal],
    ours: tuple[int, Decimal],
    missing: Sequence[str],
    now: datetime,
) -> ControlTotal:
    """Write down an hour's count and amount of both sides; what was missing first stays on record."""
    total = (
        ControlTotal.objects.select_for_update().filter(channel_id=channel_id, hour=hour).first()
    )
    if total is None:
        total = ControlTotal(channel_id=channel_id, hour=hour, missing=len(missing))
    total.missing = max(total.missing, len(missing))
    total.theirs, total.theirs_amount = theirs
    total.ours, total.ours_amount = ours
    total.checked_at = now
    agree = not missing and theirs == ours
    total.settled_at = (total.settled_at or now) if agree else None
    total.save()
    return total
