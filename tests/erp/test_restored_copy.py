"""A restored copy with everything that waits to leave it connects to nobody, until effects are resumed."""

import contextlib
from decimal import Decimal

import pytest
from celery import current_app
from django.core.management import call_command
from django.utils import timezone

from erp.access.models import Channel
from erp.messages.models import Message
from orders.models import (
    MailConnection,
    Order,
    PaymentCall,
    PaymentIntent,
    PaymentProvider,
    RiskCheck,
    RiskProvider,
    ShopConnection,
)
from tests import servers
from tests.conftest import order_body, settle
from tests.relay import run_relay
from tests.servers import Server, serving

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


class World(Server):
    """Everybody who speaks HTTP; takes nothing, and remembers who was asked for."""

    methods = ("GET", "POST", "PUT")
    asked: list[str] = []

    def reply(self):
        World.asked.append(self.path.split("/")[1])
        self.say(503, {})


@pytest.fixture
def line():
    with servers.line() as (port, came):
        yield port, came


@pytest.fixture
def busy(api, shop, settings, line):
    """A business that has something to say to everybody it knows."""
    port, _came = line
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.EMAIL_BACKEND = "erp.messages.mail_server.MailServer"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    World.asked = []
    with serving(World) as url:
        settings.EXCHANGE_RATES_URL = f"{url}/rates"
        api.post("webhook-endpoints", {"url": f"{url}/hook", "types": []})
        api.post("stock/feeds", {"channel": "web", "url": f"{url}/stock", "pause_s": 10})
        api.post("stock/listings", {"channel": "web", "skus": ["POT-001"]})
        api.post("orders", order_body())
        settle()
        run_relay()
        connect(url, port, shop)
        yield


def connect(url, port, shop):
    order, now = Order.objects.get(), timezone.now()
    woo = Channel.objects.create(code="woo", name="Woo", kind="woocommerce", currency="CNY")
    ShopConnection.objects.create(channel=woo, url=f"{url}/woo", secret="s", cursor_at=now)
    post = Channel.objects.create(code="post", name="Post", kind="mail", currency="CNY")
    MailConnection.objects.create(
        channel=post, host="127.0.0.1", port=port, user="u", password="p", since=now.date()
    )
    provider = PaymentProvider.objects.create(channel=shop.web, kind="stripe", url=f"{url}/pay")
    intent = PaymentIntent.objects.create(
        order=order, provider=provider, amount=Decimal(1), currency="CNY", created_at=now
    )
    PaymentCall.objects.create(intent=intent, kind="create", amount=Decimal(1), key="k")
    RiskProvider.objects.create(channel=shop.web, kind="minfraud", url=f"{url}/risk")
    RiskCheck.objects.create(order=order, source="minfraud")


def everything_runs():
    current_app.loader.import_default_modules()
    scheduled = [entry["task"] for entry in current_app.conf.beat_schedule.values()]
    for name in (*scheduled, "erp.tasks.deliver", "erp.tasks.send_some_messages"):
        with contextlib.suppress(Exception):  # what is refused is refused
            current_app.tasks[name]()


def tries():
    return [
        *Message.objects.values_list("attempts", flat=True),
        *PaymentCall.objects.values_list("attempts", flat=True),
        *RiskCheck.objects.values_list("attempts", flat=True),
    ]


def test_nobody_hears_of_it_before_somebody_says_so(busy, line, tmp_path, settings):
    _port, came = line
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("backup", tmp_path / "b")
    call_command("drill", tmp_path / "b")
    call_command("restore", tmp_path / "b", "--replace")
    everything_runs()
    everything_runs()

    assert (World.asked, came) == ([], [])
    assert set(tries()) == {0}

    call_command("resume_effects", "--yes")
    everything_runs()
    assert set(World.asked) == {"hook", "stock", "woo", "pay", "risk", "rates"}
    assert len(came) == 2  # the mail server, and the mailbox
