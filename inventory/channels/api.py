"""Serves listings and stock feeds over the API."""

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.access.models import Actor
from erp.access.queries import of_own_channel, own_channel
from erp.api.endpoint import Endpoint, answer_once, decoded, raw_body
from erp.api.resource import by_value, list_of
from erp.api.schema import operation
from erp.errors import FieldError, Invalid
from erp.ids import public_id
from inventory.catalogue.codes import skus_by_code
from inventory.channels.actions import list_skus, save_feed
from inventory.channels.models import Listing, StockFeed


class NewListings(msgspec.Struct, forbid_unknown_fields=True):
    channel: str
    skus: list[str] = []


class NewFeed(msgspec.Struct, forbid_unknown_fields=True):
    channel: str
    url: str
    pause_s: int = 10
    zero_below: int = 0
    is_active: bool = True


class Listings(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.allot"}
    get = list_of(
        "List channel listings and their last published stock",
        lambda actor: of_own_channel(Listing.objects.select_related("channel", "sku"), actor),
        lambda row, _by: _listing(row),
        filters=(by_value("channel", "channel__code"),),
        order=("id",),
    )

    @operation(
        "List SKUs on a channel (none named: all)",
        body=NewListings,
        status=201,
        idempotency=False,
    )
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewListings)
        return answer_once(
            request,
            raw,
            list_skus,
            lambda count: {"object": "listings", "channel": body.channel, "added": count},
            lambda: _listed(body, self.actor),
            http_status=201,
            by=self.actor,
            now=timezone.now(),
        )


def _listed(body: NewListings, actor: Actor) -> dict[str, object]:
    """The channel and the SKUs that a body names. Raises NotFound for the channel, Invalid by SKU."""
    channel, skus = own_channel(actor, body.channel), skus_by_code(body.skus)
    if errors := [
        FieldError(f"/skus/{n}", "unknown-sku", _("There is no such SKU."))
        for n, code in enumerate(body.skus)
        if code not in skus
    ]:
        raise Invalid(errors=errors)
    sku_ids = [sku.pk for sku in skus.values()] if body.skus else None
    return {"channel_id": channel.pk, "sku_ids": sku_ids}


def _listing(row: Listing) -> dict[str, object]:
    return {
        "object": "listing",
        "id": public_id("lst", row.pk),
        "channel": row.channel.code,
        "sku": row.sku.code,
        "external_id": row.external_id or None,
        "published": row.published,
        "published_at": row.published_at,
        "error": row.error or None,
        "failures": row.failures,
    }


class Feeds(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.allot"}
    get = list_of(
        "List stock feeds",
        lambda actor: of_own_channel(StockFeed.objects.select_related("channel"), actor),
        lambda row, _by: _feed(row),
        order=("id",),
    )

    @operation(
        "Create or change a stock feed; the response to a new feed has its secret, once",
        body=NewFeed,
        status=201,
        idempotency=False,
    )
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewFeed)
        new: list[bool] = []

        def look_up() -> dict[str, object]:
            channel = own_channel(self.actor, body.channel)
            new[:] = [not StockFeed.objects.filter(channel=channel).exists()]
            return {"channel_id": channel.pk}

        return answer_once(
            request,
            raw,
            save_feed,
            lambda feed: _feed(feed) | ({"secret": feed.secret} if new[0] else {}),
            look_up,
            http_status=201,
            url=body.url,
            pause_s=body.pause_s,
            zero_below=body.zero_below,
            is_active=body.is_active,
            by=self.actor,
            now=timezone.now(),
        )


def _feed(feed: StockFeed) -> dict[str, object]:
    return {
        "object": "stock_feed",
        "channel": feed.channel.code,
        "url": feed.url,
        "pause_s": feed.pause_s,
        "zero_below": feed.zero_below,
        "is_active": feed.is_active,
    }
