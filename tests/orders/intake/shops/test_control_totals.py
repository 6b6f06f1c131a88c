"""No order left behind: a shop that loses, doubles and shuffles its webhooks is asked, and its hours counted."""

import json
import random
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from erp.access.queries import actor_of_user
from erp.web.queues import queues_of
from orders.intake.shops.gateway import ask_shops
from orders.intake.shops.queries import control_days
from orders.models import ChannelOrder, ControlTotal, IncomingMessage, Order, ShopConnection
from tests.orders.shops import body_of, open_channel, paid, post, read_all
from tests.servers import Server, serving

pytestmark = pytest.mark.django_db(transaction=True)


PAGE = 7


class Simulator(Server):
    """A shop's API as Shopify's answers: filtered, sorted, paged by Link."""

    methods = ("GET",)
    orders: dict[str, dict] = {}
    status = 200
    asked: list[str] = []

    def reply(self):
        cls = type(self)
        cls.asked.append(self.path)
        if cls.status != 200:
            self.send_response(cls.status)
            self.send_header("Retry-After", "120")
            self.end_headers()
            return
        assert self.headers["X-Shopify-Access-Token"] == "token"
        query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        field = query["order"].split()[0]
        rows = sorted(cls.orders.values(), key=lambda o: o[field])
        for name, least in (
            ("updated_at", query.get("updated_at_min")),
            ("created_at", query.get("created_at_min")),
        ):
            if least:
                rows = [o for o in rows if when(o[name]) >= when(least)]
        if most := query.get("created_at_max"):
            rows = [o for o in rows if when(o["created_at"]) <= when(most)]
        start = int(query.get("page_info", 0))
        body = json.dumps({"orders": rows[start : start + PAGE]}).encode()
        self.send_response(200)
        if start + PAGE < len(rows):
            rest = "&".join(f"{k}={v}" for k, v in query.items() if k != "page_info").replace(
                " ", "+"
            )
            self.send_header(
                "Link",
                f'<{cls.url}{urlsplit(self.path).path}?{rest}&page_info={start + PAGE}>; rel="next"',
            )
        self.end_headers()
        self.wfile.write(body)


def when(text):
    return datetime.fromisoformat(text)


@pytest.fixture
def shopify(shop, system, settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    Simulator.orders, Simulator.status, Simulator.asked = {}, 200, []
    channel = open_channel("shopify", shop, system)
    with serving(Simulator) as url:
        call_command("connect_shop", channel=channel.code, url=url, secret="token", verbosity=0)
        yield channel


def place_at_shop(count, now, dice):
    """Orders of the last hours, each paid a little after."""
    for n in range(count):
        at = now - timedelta(minutes=dice.randint(2, 200))
        body = paid(
            id=9000 + n,
            admin_graphql_api_id=f"gid://shopify/Order/{9000 + n}",
            name=f"#{n}",
            created_at=at.isoformat(),
            updated_at=(at + timedelta(seconds=30)).isoformat(),
            email=f"c{n}@tea.example",
            customer={"id": 500 + n},
        )
        Simulator.orders[str(body["id"])] = body


def test_a_shop_that_loses_doubles_and_shuffles_loses_nothing_here(shopify, laws_hold, sign_in):
    dice, now = random.Random(3), timezone.now().replace(minute=45)
    place_at_shop(40, now, dice)
    sent = []
    for body in Simulator.orders.values():
        early = body | {"financial_status": "pending", "updated_at": body["created_at"]}
        for topic, message in (("orders/create", early), ("orders/paid", body)):
            if dice.random() >= 0.05 and body["id"] % 9:  # some orders are lost altogether
                sent += [(topic, message)] * (2 if dice.random() < 0.2 else 1)
    dice.shuffle(sent)
    for topic, message in sent:
        post(shopify, topic, message, delivery=f"{topic}{message['id']}")
    read_all()
    assert Order.objects.count() < 40

    ask_shops(now=now)
    assert ControlTotal.objects.filter(settled_at=None).exists()  # the alarm
    owner = actor_of_user(sign_in("owner").actor.user_id)
    (queue,) = [q for q in queues_of(owner) if q.url == "/orders/reconciliation/"]
    assert queue.alarming
    assert queue.rows().exists()  # on the home page
    read_all()

    assert Order.objects.count() == ChannelOrder.objects.count() == 40
    assert set(Order.objects.values_list("payment_status", flat=True)) == {"paid"}

    ask_shops(now=now + timedelta(minutes=1))
    read_all()
    assert not ControlTotal.objects.filter(settled_at=None).exists()
    days = control_days()
    assert sum(day["theirs"] for day in days) == sum(day["ours"] for day in days) == 40
    assert sum(day["theirs_amount"] for day in days) == 40 * Decimal("54.60")
    assert sum(day["missing"] for day in days) == 5  # every ninth was lost
    page = sign_in("service").get("/orders/reconciliation/").content.decode()
    # The page's days are the reader's: they may be two where ours are one.
    for label in ("Shop orders", "Our orders"):
        assert sum(map(int, re.findall(rf'data-label="{label}">(\d+)<', page))) == 40
    laws_hold()


def test_what_webhooks_brought_is_not_kept_twice_and_the_cursor_overlaps(shopify):
    now = timezone.now()
    place_at_shop(3, now, random.Random(1))
    for body in Simulator.orders.values():
        post(shopify, "orders/paid", body)
    read_all()
    before = IncomingMessage.objects.count()

    ask_shops(now=now)
    ask_shops(now=now + timedelta(minutes=1))

    assert IncomingMessage.objects.count() == before
    link = ShopConnection.objects.get()
    assert link.cursor_at == max(when(o["updated_at"]) for o in Simulator.orders.values())
    last = [path for path in Simulator.asked if "updated_at_min" in path][-1]
    since = when(parse_qs(urlsplit(last).query)["updated_at_min"][0])
    assert since <= link.cursor_at - timedelta(minutes=9)


def test_a_change_that_no_webhook_told_of_is_followed(shopify):
    now = timezone.now()
    place_at_shop(1, now, random.Random(1))
    ask_shops(now=now)
    read_all()
    (body,) = Simulator.orders.values()
    body |= {
        "cancelled_at": now.isoformat(),
        "cancel_reason": "customer",
        "updated_at": now.isoformat(),
    }

    ask_shops(now=now)
    read_all()

    assert Order.objects.get().status == "cancelled"


def test_a_shop_that_does_not_answer_is_asked_later_and_later(shopify):
    now = timezone.now()
    Simulator.status = 429
    ask_shops(now=now)
    link = ShopConnection.objects.get()
    assert (link.error, link.failures, link.leased_until) == ("it answered 429", 1, None)
    assert link.not_before == now + timedelta(seconds=120)  # as it said

    asked = len(Simulator.asked)
    ask_shops(now=now + timedelta(seconds=60))
    assert len(Simulator.asked) == asked

    Simulator.status = 200
    place_at_shop(1, now, random.Random(1))
    ask_shops(now=now + timedelta(seconds=121))
    read_all()
    assert Order.objects.count() == 1
    assert ShopConnection.objects.get().failures == 0


def test_an_address_in_our_own_network_is_refused(shopify, settings):
    settings.WEBHOOK_PRIVATE_HOSTS = []
    with pytest.raises(CommandError):
        call_command(
            "connect_shop", channel=shopify.code, url=Simulator.url, secret="x", verbosity=0
        )
    ask_shops(now=timezone.now())
    assert "Refused" in ShopConnection.objects.get().error


def test_times_are_the_shops_own():
    assert when(body_of()["created_at"]).astimezone(UTC).hour == 15


@pytest.mark.parametrize("total", ["fifty", None, "", "1,5", True])
def test_a_total_that_cannot_be_read_is_not_nought(shopify, total):
    now = timezone.now().replace(minute=45)
    place_at_shop(1, now - timedelta(minutes=1), random.Random(3))
    (body,) = Simulator.orders.values()
    post(shopify, "orders/paid", body)
    read_all()
    body["updated_at"] = now.isoformat()
    body["total_price"] = total

    ask_shops(now=now)
    read_all()

    assert ControlTotal.objects.filter(settled_at=None).exists()
    last = IncomingMessage.objects.order_by("pk").last()
    assert (last.status, last.cause[:6]) == ("held", "amount")
