"""Shops are told what became of their orders; their makers' own clients, unmodified, read it there."""

import base64
import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import shopify as official
import woocommerce
from django.core.management import call_command
from django.utils import timezone

from erp.once import perform
from fulfillment.models import Parcel
from orders.intake.shops import gateway as shops_gateway
from orders.intake.shops import notification_gateway as news_gateway
from orders.intake.shops.actions.notifications import note_notified, retry_notification
from orders.intake.shops.client import changed_since
from orders.models import ChannelNews, ChannelOrder, Order, ShopConnection
from orders.order.actions.life import cancel_order
from orders.order.actions.marks import mark_order
from tests.orders.shops import WOO_ORDER, open_channel, paid, post, read_all
from tests.relay import relay_all
from tests.servers import Server, serving

pytestmark = pytest.mark.django_db(transaction=True)


KEY, SECRET = "ck_1", "cs_1"


class Shops(Server):
    """The parts of both shops' APIs that are met here; WooCommerce's signature is checked as RFC 5849 says."""

    methods = ("GET", "POST", "PUT")
    orders: dict[str, dict] = {}
    fulfilled: dict[str, list] = {}
    status = 200
    asked: list[tuple[str, str]] = []

    def reply(self):
        cls, method, parts = type(self), self.command, urlsplit(self.path)
        said = None if method == "GET" else json.loads(self.body() or b"{}")
        cls.asked.append((method, parts.path))
        if cls.status != 200:
            return self.say(cls.status, {"errors": "not now"})
        if "/wp-json/" in parts.path:
            if not self.is_signed(method, parts):
                return self.say(401, {"code": "woocommerce_rest_cannot_view"})
            return self.woo(method, parts.path.rpartition("/orders")[2].strip("/"), said)
        if self.headers["X-Shopify-Access-Token"] != "token":
            return self.say(401, {"errors": "[API] Invalid API key or access token"})
        rest = parts.path.split("/admin/api/")[1].split("/")[1:]
        return self.shopify(method, [x.removesuffix(".json") for x in rest], said)

    def shopify(self, method, rest, said):
        cls = type(self)
        if rest == ["orders"]:
            return self.say(200, {"orders": list(cls.orders.values())})
        if rest == ["fulfillments"]:
            for work in said["fulfillment"]["line_items_by_fulfillment_order"]:
                key = str(work["fulfillment_order_id"])
                done = cls.fulfilled.setdefault(key, [])
                done.append(work["fulfillment_order_line_items"])
                cls.orders[key]["fulfillments"].append(
                    {
                        "id": 1,
                        "tracking_number": said["fulfillment"]["tracking_info"]["number"],
                        "tracking_company": said["fulfillment"]["tracking_info"]["company"],
                    }
                )
            return self.say(201, {"fulfillment": {"id": 1, "status": "success"}})
        order = cls.orders[rest[1]]
        if rest[2:] == ["fulfillment_orders"]:
            gone = {}
            for lines in cls.fulfilled.get(rest[1], []):
                for line in lines:
                    gone[line["id"]] = gone.get(line["id"], 0) + line["quantity"]
            lines = [
                {
                    "id": x["id"] + 70,
                    "line_item_id": x["id"],
                    "fulfillable_quantity": x["quantity"] - gone.get(x["id"] + 70, 0),
                }
                for x in order["line_items"]
            ]
            work = {"id": int(rest[1]), "status": "open", "line_items": lines}
            return self.say(200, {"fulfillment_orders": [work]})
        if method == "PUT":
            order |= {name: value for name, value in said["order"].items() if name != "id"}
        if rest[2:] == ["cancel"]:
            order["cancelled_at"] = "2026-03-02T00:00:00Z"
        return self.say(200, {"order": order})

    def woo(self, method, name, said):
        order = type(self).orders.get(name)
        if not name:
            return self.say(200, list(type(self).orders.values()))
        if order is None:
            return self.say(404, {"code": "woocommerce_rest_shop_order_invalid_id"})
        if method == "PUT":
            known = {row["key"]: row for row in order.get("meta_data", [])}
            known |= {row["key"]: row for row in said.pop("meta_data", [])}
            order |= said | {"meta_data": list(known.values())}
        return self.say(200, order)

    def is_signed(self, method, parts):
        if self.headers.get("Authorization", "").startswith("Basic "):
            pair = base64.b64decode(self.headers["Authorization"][6:]).decode()
            return pair == f"{KEY}:{SECRET}"
        query = dict(parse_qsl(parts.query))
        given = query.pop("oauth_signature", "")
        text = "&".join(f"{quote(k, '~')}={quote(v, '~')}" for k, v in sorted(query.items()))
        base = f"{method}&{quote(type(self).url + parts.path, '~')}&{quote(text, '~')}"
        right = hmac.new(f"{SECRET}&".encode(), base.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(given, base64.b64encode(right).decode())


@contextmanager
def connected(kind, shop, system, settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    Shops.orders, Shops.fulfilled, Shops.status, Shops.asked = {}, {}, 200, []
    channel = open_channel(kind, shop, system)
    secrets = {"secret": "token"} if kind == "shopify" else {"key": KEY, "secret": SECRET}
    with serving(Shops) as url:
        call_command("connect_shop", channel=channel.code, url=url, verbosity=0, **secrets)
        yield channel


@pytest.fixture
def shopify(shop, system, settings):
    with connected("shopify", shop, system, settings) as channel:
        yield channel


@pytest.fixture
def woo(shop, system, settings):
    with connected("woocommerce", shop, system, settings) as channel:
        yield channel


def placed(channel, topic, body):
    Shops.orders[str(body["id"])] = json.loads(json.dumps(body))
    post(channel, topic, body)
    read_all()
    relay_all()
    return Order.objects.get()


@pytest.fixture
def shipped(make_client):
    """Ship all of an order by the API; return its parcel's tracking number."""

    def ship(order):
        answer = make_client(order.channel).post("shipments", {"order": order.number})
        assert answer.status_code == 201, answer.content
        return Parcel.objects.get(order=order).tracking_number

    return ship


def officially():
    official.ShopifyResource.set_site(f"{Shops.url}/admin/api/2025-01")
    official.ShopifyResource.set_headers({"X-Shopify-Access-Token": "token"})
    return official


def test_shopify_is_told_what_left_once_and_its_client_reads_it(
    shopify, system, shipped, laws_hold
):
    order = placed(shopify, "orders/create", paid())
    tracking = shipped(order)
    relay_all()
    news = ChannelNews.objects.get()
    assert (news.kind, news.said["tracking_number"]) == ("shipped", tracking)

    assert news_gateway.tell_shops(now=timezone.now()) == 1
    news.refresh_from_db()
    assert (news.status, news.error) == ("done", "")
    (there,) = officially().Order.find(status="any")
    assert [f.tracking_number for f in there.fulfillments] == [tracking]

    # Its answer was lost: told again, it hears it once.
    ChannelNews.objects.update(status="pending", due_at=timezone.now())
    news_gateway.tell_shops(now=timezone.now())
    (there,) = officially().Order.find(status="any")
    assert len(there.fulfillments) == 1
    laws_hold()


def test_woocommerce_is_told_and_its_client_reads_it(woo, system, shipped, laws_hold):
    order = placed(woo, "order.created", WOO_ORDER)
    tracking = shipped(order)
    relay_all()

    news_gateway.tell_shops(now=timezone.now())

    client = woocommerce.API(
        url=Shops.url, consumer_key=KEY, consumer_secret=SECRET, wp_api=True, version="wc/v3"
    )
    answer = client.get("orders/727")
    assert answer.status_code == 200, answer.text
    there = answer.json()
    assert there["status"] == "completed"
    assert {"key": "_tracking_number", "value": tracking} in there["meta_data"]
    wrong = woocommerce.API(url=Shops.url, consumer_key=KEY, consumer_secret="x", version="wc/v3")
    assert wrong.get("orders/727").status_code == 401
    laws_hold()


def test_what_the_official_clients_list_is_what_we_ask_for(shopify, settings):
    for n in range(3):
        body = paid(id=n + 1, admin_graphql_api_id=f"gid://shopify/Order/{n + 1}")
        Shops.orders[str(n + 1)] = body
    link = ShopConnection.objects.get()
    ours = {x.external_id for x in changed_since(shops_gateway.shop_of(link), link.cursor_at)}

    theirs = {str(order.id) for order in officially().Order.find(status="any", limit=250)}

    assert ours == theirs == {"1", "2", "3"}


def test_a_cancel_here_is_told_one_from_there_is_not(shopify, system, laws_hold):
    order = placed(shopify, "orders/create", paid())
    perform(cancel_order, order_id=order.pk, reason="no stock", by=system, now=timezone.now())
    relay_all()
    news_gateway.tell_shops(now=timezone.now())
    assert Shops.orders[str(paid()["id"])]["cancelled_at"]

    again = Shops.orders[str(paid()["id"])] | {"updated_at": "2026-03-03T00:00:00Z"}
    post(shopify, "orders/cancelled", again)
    read_all()
    relay_all()
    assert ChannelNews.objects.count() == 1
    laws_hold()


def test_a_shop_that_is_down_is_tried_later_and_later_then_parked_then_again(
    shopify, system, shipped, sign_in
):
    order = placed(shopify, "orders/create", paid())
    shipped(order)
    relay_all()
    now = timezone.now()
    Shops.status = 503
    for _ in range(8):
        assert news_gateway.tell_shops(now=now) == 1
        assert news_gateway.tell_shops(now=now) == 0  # not at once
        now += timedelta(hours=7)
    news = ChannelNews.objects.get()
    assert (news.status, news.attempts) == ("parked", 8)
    assert "503" in news.error
    page = sign_in().get("/orders/channel-news/?status=parked").content.decode()
    assert order.number in page
    assert "503" in page

    Shops.status = 200
    perform(retry_notification, news_id=news.pk, by=system, now=now)
    news_gateway.tell_shops(now=now)
    news.refresh_from_db()
    assert (news.status, news.attempts) == ("done", 0)


def test_a_worker_that_dies_after_telling_tells_again_and_is_heard_once(
    shopify, system, shipped, monkeypatch
):
    order = placed(shopify, "orders/create", paid())
    shipped(order)
    relay_all()
    now = timezone.now()

    def dies(**_):
        raise SystemExit

    monkeypatch.setattr(news_gateway, "note_notified", dies)
    with pytest.raises(SystemExit):
        news_gateway.tell_shops(now=now)
    monkeypatch.undo()
    assert news_gateway.tell_shops(now=now) == 0  # leased by the dead one
    assert news_gateway.tell_shops(now=now + timedelta(minutes=3)) == 1

    assert ChannelNews.objects.get().status == "done"
    assert len(Shops.fulfilled[str(paid()["id"])]) == 1


def test_nobody_is_told_where_no_shop_is_connected(shopify, system, shipped):
    ShopConnection.objects.update(is_active=False)
    shipped(placed(shopify, "orders/create", paid()))
    relay_all()
    assert not ChannelNews.objects.exists()


def test_marks_go_to_the_shop_and_come_back_from_it(shopify, system, laws_hold):
    body = paid(
        tags="vip, flag:blue",
        note_attributes=[
            {"name": "gift", "value": "yes"},
            {"name": "Staff remark", "value": "regular"},
        ],
    )
    order = placed(shopify, "orders/create", body)
    assert (order.flag, order.remark) == ("blue", "regular")
    there = Shops.orders[str(body["id"])]

    perform(
        mark_order,
        order_id=order.pk,
        flag="red",
        remark="call first",
        by=system,
        now=timezone.now(),
    )
    perform(
        mark_order,
        order_id=order.pk,
        print_remark="gift paper",
        by=system,
        now=timezone.now(),
    )
    relay_all()
    assert news_gateway.tell_shops(now=timezone.now()) == 1
    assert there["tags"] == "vip, flag:red"
    assert there["note_attributes"] == [
        {"name": "gift", "value": "yes"},
        {"name": "Staff remark", "value": "call first"},
    ]

    echo = there | {"updated_at": "2026-03-04T00:00:00Z"}
    post(shopify, "orders/updated", echo)
    theirs = there | {
        "updated_at": "2026-03-05T00:00:00Z",
        "tags": "flag:green",
        "note_attributes": [],
    }
    post(shopify, "orders/updated", theirs)
    read_all()
    order.refresh_from_db()
    assert (order.flag, order.remark, order.print_remark) == ("green", "", "gift paper")
    assert ChannelNews.objects.count() == 1
    laws_hold()


def test_marks_given_here_outlast_others_given_there_meanwhile(shopify, system):
    order = placed(shopify, "orders/create", paid())
    perform(mark_order, order_id=order.pk, flag="red", by=system, now=timezone.now())

    post(shopify, "orders/updated", paid(tags="flag:green", updated_at="2026-03-05T00:00:00Z"))
    read_all()

    order.refresh_from_db()
    assert order.flag == "red"


def test_woocommerce_keeps_marks_as_meta(woo, system):
    order = placed(woo, "order.created", WOO_ORDER)
    perform(
        mark_order,
        order_id=order.pk,
        flag="yellow",
        remark="x",
        by=system,
        now=timezone.now(),
    )
    relay_all()
    news_gateway.tell_shops(now=timezone.now())
    there = Shops.orders["727"]
    assert {"key": "_staff_flag", "value": "yellow"} in there["meta_data"]

    marked = [{"key": "_staff_flag", "value": "purple"}, {"key": "_staff_remark", "value": "y"}]
    body = there | {"meta_data": marked, "date_modified_gmt": "2026-03-05T10:00:00"}
    post(woo, "order.updated", there | {"date_modified_gmt": "2026-03-04T10:00:00"})
    post(woo, "order.updated", body)
    read_all()
    order.refresh_from_db()
    assert (order.flag, order.remark) == ("purple", "y")


def test_a_shop_that_fails_is_left_alone_with_all_its_news(shopify, system, shipped):
    """One try opens the circuit: the other news are neither told nor counted as tried."""
    order = placed(shopify, "orders/create", paid())
    for n in range(3):
        other = Order.objects.get(pk=order.pk)
        other.pk, other.number, other.external_id = None, f"SO9000000{n}", f"x{n}"
        other.save()
        ChannelOrder.objects.create(channel=shopify, external_id=f"x{n}", order=other)
        Shops.orders[f"x{n}"] = paid()
        ChannelNews.objects.create(
            channel=shopify, order=other, kind="cancelled", key="", due_at=timezone.now()
        )
    Shops.status, now = 503, timezone.now()
    before = len(Shops.asked)

    news_gateway.tell_shops(now=now)

    assert len(Shops.asked) == before + 1
    assert sorted(ChannelNews.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    link = ShopConnection.objects.get()
    assert (link.failures, "503" in link.error) == (1, True)
    assert news_gateway.tell_shops(now=now + timedelta(seconds=10)) == 0
    assert shops_gateway.ask_shops(now=now + timedelta(seconds=10)) == 0
    assert len(Shops.asked) == before + 1

    Shops.status = 200
    news_gateway.tell_shops(now=now + timedelta(minutes=10))
    link.refresh_from_db()
    assert (link.failures, link.error, link.not_before) == (0, "", None)


def test_a_shops_pace_is_kept_by_all_workers(monkeypatch, settings):
    from erp import rates
    from orders.intake.shops.client import ShopUnavailable, wait_for_turn

    slept, clock = [], [1_000_000_000.0]
    monkeypatch.setattr(rates.time, "time", lambda: clock[0])

    def sleep(seconds):
        slept.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(rates.time, "sleep", sleep)
    url = f"https://shop-{timezone.now().timestamp()}.example/admin/api/2025-01/orders.json"
    for _ in range(41):
        wait_for_turn(url)
    assert slept == [20.0]
    monkeypatch.setattr(rates.time, "sleep", lambda seconds: slept.append(seconds))
    now = iter(range(0, 10_000, 30))
    monkeypatch.setattr(rates.time, "monotonic", lambda: next(now))
    with pytest.raises(ShopUnavailable):
        for _ in range(80):
            wait_for_turn(url)


def test_a_shops_wish_to_wait_costs_no_try_and_ends_with_the_newss_age(shopify, shipped):
    shipped(placed(shopify, "orders/create", paid()))
    relay_all()
    news, now = ChannelNews.objects.get(), timezone.now()

    def refused(at, wait_s):
        said = {"error": "it answered 429", "is_final": False, "wait_s": wait_s}
        return perform(note_notified, news_id=news.pk, now=at, **said)

    for hours in range(20):
        told = refused(now + timedelta(hours=hours), 60)
        assert (told.status, told.attempts) == ("pending", 0)
        assert told.due_at - now >= timedelta(hours=hours * 1.1) - timedelta(minutes=1)
    assert refused(now, 0).attempts == 1
    for _ in range(7):
        told = refused(now + timedelta(days=4), 60)
    assert (told.status, told.attempts) == ("parked", 8)
