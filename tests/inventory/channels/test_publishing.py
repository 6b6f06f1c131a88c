"""Channels are told their stock over real HTTP: on change, throttled, signed, with what they refused."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from erp.access.models import Channel
from erp.events.webhook_client import new_secret, signed
from erp.once import perform
from inventory.channels import gateway
from inventory.channels.actions import lease_feed, release_feed
from inventory.channels.gateway import publish_due
from inventory.models import BundlePart, Listing, Sku, StockFeed
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from tests.conftest import order_body
from tests.servers import Server, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shopfront(settings):
    """A channel's own server: keeps what it was told, answers what it is told to answer."""

    class Handler(Server):
        got: list = []
        status = 200
        answer = b""

        def reply(self):
            type(self).got.append((dict(self.headers), self.body()))
            self.send_response(type(self).status)
            self.end_headers()
            self.wfile.write(type(self).answer)

    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    with serving(Handler, "/stock"):
        yield Handler


@pytest.fixture
def feed(api, shop, shopfront):
    body = {"channel": shop.web.code, "url": shopfront.url, "pause_s": 10}
    answer = api.post("stock/feeds", body)
    assert answer.status_code == 201, answer.content
    listed = api.post("stock/listings", {"channel": shop.web.code, "skus": ["POT-001"]})
    assert listed.json()["added"] == 1
    return answer.json()


def told(shopfront) -> list[tuple[str, int]]:
    """What the last request said."""
    items = json.loads(shopfront.got[-1][1])["data"]["items"]
    return [(item["sku"], item["available"]) for item in items]


def available(api, sku: str) -> int:
    return api.get("availability", sku=sku).json()["data"][0]["available"]


def test_what_changed_is_told_once_signed_and_not_sooner_than_the_pause(api, shop, shopfront, feed):
    now = timezone.now()
    units = available(api, "POT-001")

    assert publish_due(now=now) == 1
    assert told(shopfront) == [("POT-001", units)]
    headers, body = shopfront.got[-1]
    stamp = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == signed(
        headers["webhook-id"], stamp, body, feed["secret"]
    )

    body = order_body(lines=[{"sku": "POT-001", "quantity": 2}])
    assert api.post("orders", body).status_code == 201
    left = available(api, "POT-001")
    assert left < units
    assert publish_due(now=now + timedelta(seconds=5)) == 0  # within the pause
    assert publish_due(now=now + timedelta(seconds=11)) == 1
    assert told(shopfront) == [("POT-001", left)]
    assert publish_due(now=now + timedelta(seconds=40)) == 0  # as told
    assert publish_due(now=now + timedelta(days=2)) == 1  # everything is told once a day
    shown = api.get("stock/listings", channel=shop.web.code).json()["data"][0]
    assert shown["published"] == left
    assert shown["error"] is None


def test_a_refusal_is_kept_per_listing_and_tried_later_and_later(api, shop, shopfront, feed):
    api.post("stock/listings", {"channel": shop.web.code})
    now = timezone.now()
    shopfront.answer = json.dumps(
        {"errors": [{"sku": "POT-001", "detail": "no such offer"}]}
    ).encode()

    publish_due(now=now)
    bad = Listing.objects.get(sku__code="POT-001")
    assert (bad.error, bad.failures, bad.published) == ("no such offer", 1, None)
    assert bad.not_before == now + timedelta(seconds=20)
    others = Listing.objects.exclude(pk=bad.pk)
    assert others.exists()
    assert not others.filter(published=None).exists()

    publish_due(now=now + timedelta(seconds=21))
    bad.refresh_from_db()
    assert bad.failures == 2
    shopfront.answer, shopfront.status = b"", 503
    publish_due(now=now + timedelta(minutes=5))
    bad.refresh_from_db()
    assert (bad.error, bad.failures) == ("answered 503", 3)
    shopfront.status = 200
    publish_due(now=now + timedelta(hours=1))
    bad.refresh_from_db()
    assert (bad.error, bad.failures, bad.published) == ("", 0, available(api, "POT-001"))


def test_a_bundle_follows_its_parts_and_too_few_are_told_as_none(api, shop, shopfront, feed):
    pot = Sku.objects.get(code="POT-001")
    bundle = Sku.objects.create(code="PAIR", name="Two pots")
    BundlePart.objects.create(bundle=bundle, part=pot, quantity=2)
    api.post("stock/listings", {"channel": shop.web.code, "skus": ["PAIR"]})
    now = timezone.now()

    publish_due(now=now)
    assert dict(told(shopfront))["PAIR"] == available(api, "POT-001") // 2

    StockFeed.objects.update(zero_below=1_000)
    perform(
        receive_stock,
        warehouse_id=shop.east.pk,
        changes=[Change(pot.pk, 3)],
        reference="more",
        by=shop.system,
        now=now,
    )
    publish_due(now=now + timedelta(minutes=1))
    assert dict(told(shopfront)) == {"PAIR": 0, "POT-001": 0}


def test_no_two_workers_tell_one_channel(feed):
    now = timezone.now()

    first = perform(lease_feed, now=now)

    assert first is not None
    assert perform(lease_feed, now=now) is None
    assert perform(lease_feed, now=now + timedelta(minutes=2)) == first  # it died


def test_feeds_take_turns_and_a_silent_receiver_has_its_own_alone(
    feed, shop, shopfront, monkeypatch
):
    """One feed of 10,000 listings and a receiver that said nothing had the process, and after a minute the next one."""
    far = Channel.objects.create(code="far", name="Far", kind="storefront", currency="CNY")
    StockFeed.objects.create(channel=far, url="http://127.0.0.1:1/", secret=new_secret(), pause_s=0)
    skus = Sku.objects.bulk_create(Sku(code=f"F-{n}", name="F") for n in range(450))
    Listing.objects.bulk_create(Listing(channel=far, sku=sku) for sku in skus)
    asked = []
    there = gateway._tell
    monkeypatch.setattr(gateway, "_tell", lambda *given: asked.append(given[0].pk) or there(*given))
    now = timezone.now()

    assert publish_due(now=now) == 201
    assert len(asked) == len(set(asked)) == 2  # one group of those that nobody took
    assert not Listing.objects.filter(channel=far, not_before=None).exists()
    assert publish_due(now=now + timedelta(seconds=15)) == 0

    perform(release_feed, feed_id=feed_of(far), now=now + timedelta(minutes=3))
    perform(release_feed, feed_id=feed_of(shop.web), now=now + timedelta(minutes=2))
    later = now + timedelta(minutes=5)
    assert perform(lease_feed, now=later) == feed_of(shop.web)
    assert perform(lease_feed, now=later, but={feed_of(shop.web)}) == feed_of(far)


def test_what_there_was_no_time_for_is_told_next_time(feed, shop, shopfront, monkeypatch):
    skus = Sku.objects.bulk_create(Sku(code=f"F-{n}", name="F") for n in range(450))
    Listing.objects.bulk_create(Listing(channel=shop.web, sku=sku) for sku in skus)
    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(gateway, "monotonic", lambda: 1e9)
        assert publish_due(now=now) == 200
    assert publish_due(now=now + timedelta(seconds=1)) == 251
    assert not Listing.objects.filter(published=None).exists()


def feed_of(channel) -> int:
    return StockFeed.objects.get(channel=channel).pk


def test_an_address_in_our_own_network_is_refused(api, shop):
    answer = api.post("stock/feeds", {"channel": shop.web.code, "url": "https://127.0.0.1/stock"})

    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["pointer"] == "/url"


def test_what_was_told_without_an_answer_is_told_again_though_it_is_as_before(
    api, shop, shopfront, feed
):
    """A receiver took 3, its proxy answered 504, and the order was cancelled: it showed 3 of 5 for a day."""
    now = timezone.now()
    units = available(api, "POT-001")
    publish_due(now=now)
    listing = Listing.objects.get()
    shopfront.status = 504
    Listing.objects.update(published=units - 2)
    publish_due(now=now + timedelta(seconds=11))
    shopfront.status, told_before = 200, len(shopfront.got)
    Listing.objects.filter(pk=listing.pk, published=None).update(published_at=now)

    assert publish_due(now=now + timedelta(minutes=1)) == 1
    assert len(shopfront.got) == told_before + 1
    assert told(shopfront) == [("POT-001", units)]


def test_a_new_address_is_told_everything(api, shop, shopfront, feed):
    now = timezone.now()
    publish_due(now=now)
    before = len(shopfront.got)
    body = {"channel": shop.web.code, "url": f"{shopfront.url}?other", "pause_s": 10}
    assert api.post("stock/feeds", body).status_code == 201
    assert publish_due(now=now + timedelta(seconds=11)) == 1
    assert len(shopfront.got) == before + 1


@pytest.mark.parametrize("detail", ["no such offer " + "x" * 400, None])
def test_all_refusals_are_kept_however_long_or_empty_they_are(api, shop, shopfront, feed, detail):
    Sku.objects.bulk_create(Sku(code=f"S-{n:03}", name="x") for n in range(198))
    api.post("stock/listings", {"channel": shop.web.code})
    codes = list(Listing.objects.values_list("sku__code", flat=True))
    assert len(codes) > 200
    said = {"errors": [{"sku": code, "detail": detail} for code in codes]}
    shopfront.answer = json.dumps(said).encode()
    publish_due(now=timezone.now())
    assert Listing.objects.exclude(error="").count() == len(codes)
    assert not Listing.objects.exclude(published=None).exists()


@pytest.mark.parametrize("answer", [b'{"errors": [{"sku": 1}]}', b'{"errors": [', b'[{"x"'])
def test_an_answer_that_cannot_be_read_takes_nothing(shopfront, feed, answer):
    shopfront.answer = answer
    publish_due(now=timezone.now())
    assert "cannot be read" in Listing.objects.get().error


def test_an_answer_in_words_takes_all(shopfront, feed):
    shopfront.answer = b"OK, thank you"
    publish_due(now=timezone.now())
    assert Listing.objects.get().published is not None
