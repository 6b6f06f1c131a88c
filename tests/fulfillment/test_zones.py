"""The day on a paper, in a message and on the tracking page is that of the channel, and times say their zone."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import date_format
from pypdf import PdfReader

from erp.access.models import Company
from erp.messages.compose import rendered
from erp.zones import offset_of, zone_of_channel, zone_shown
from fulfillment.models import Parcel, TrackingEvent
from fulfillment.packing import papers as packing_papers
from orders.invoicing import papers as order_papers
from orders.models import Order
from orders.order.links import tracking_url
from orders.order.messages import order_context
from tests.conftest import order_body

pytestmark = pytest.mark.django_db

LATE = datetime(2026, 11, 28, 22, 57, tzinfo=UTC)


@pytest.fixture(params=["Asia/Shanghai", "America/St_Johns", "Pacific/Kiritimati"])
def zone(request, shop):
    shop.web.time_zone = request.param
    shop.web.save()
    return zone_of_channel(shop.web.pk)


@pytest.fixture
def order(api, zone) -> Order:
    number = api.post("orders", order_body()).json()["number"]
    api.post("shipments", {"order": number})
    Order.objects.update(placed_at=LATE, balance_due_at=LATE, delivered_at=LATE)
    Parcel.objects.update(shipped_at=LATE)
    return Order.objects.select_related("channel").get()


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_papers_have_the_channels_day(order, zone):
    parcel = Parcel.objects.select_related("order", "fulfillment_order__warehouse").get()
    with timezone.override("America/New_York"):  # of whoever prints it
        made = (packing_papers.packing_slip(parcel), order_papers.confirmation(order))

    for paper in made:
        days = re.findall(r"20\d\d-\d\d-\d\d", text_of(paper))
        assert days == [f"{LATE.astimezone(zone):%Y-%m-%d}"]


def test_the_tracking_page_says_its_zone(order, zone):
    parcel = Parcel.objects.get()
    TrackingEvent.objects.create(parcel=parcel, external_id="1", state="in_transit", at=LATE)

    page = Client().get(_path(order), follow=True)

    text = re.sub(r"\s+", " ", page.content.decode())
    local = LATE.astimezone(zone)
    with timezone.override(zone):
        assert text.count(f"{local:%Y-%m-%d %H:%M} ({offset_of(LATE)})") == 2
    with translation.override(order.language):
        assert f"{local.day} " in text or f"{local.day}日" in text


def _path(order: Order) -> str:
    return "/" + tracking_url(order.number, 0).split("/", 3)[3]


def test_messages_have_the_channels_times(order, zone):
    context = order_context(order.pk) | {"balance": 1}
    with timezone.override("America/New_York"):
        _subject, text, html = rendered("unpaid", "en", context, {}, channel_id=order.channel_id)

    with zone_shown(order.channel_id), translation.override("en"):
        said = date_format(LATE.astimezone(zone), "DATETIME_FORMAT")
        for body in (text, html):
            assert f"{said} ({offset_of(LATE)})" in body


def test_without_a_channel_it_is_the_companys(shop):
    Company.objects.update(time_zone="Europe/Athens")

    assert zone_of_channel().key == "Europe/Athens"
    shop.web.time_zone = "Mars/Olympus"
    shop.web.save()
    assert zone_of_channel(shop.web.pk).key == "Europe/Athens"
