"""Customers read words, in both languages: every state on the tracking page, every message of a parcel."""

import re

import pytest
from django.test import Client
from django.utils import timezone, translation

from erp.messages.compose import rendered
from erp.wiring import SUBSCRIPTIONS, TEMPLATES
from fulfillment.models import Parcel, TrackingEvent
from fulfillment.planning.states import ParcelStatus
from fulfillment.tracking.actions import ANNOUNCED
from fulfillment.tracking.decisions import TOLD
from fulfillment.tracking.messages import example
from fulfillment.tracking.states import TrackingState
from orders.order.links import tracking_url
from orders.order.wording import _EVENTS
from tests.conftest import order_body

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "zh-hans")


@pytest.fixture
def parcel(api) -> Parcel:
    number = api.post("orders", order_body()).json()["number"]
    api.post("shipments", {"order": number})
    return Parcel.objects.select_related("order").get()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tracking_page_has_a_word_for_every_state(parcel, language):
    now = timezone.now()
    for state in TrackingState.values:
        TrackingEvent.objects.create(
            parcel=parcel, external_id=state, state=state, code=f"RAW-{state}", at=now
        )
    client = Client()
    client.cookies["django_language"] = language
    path = "/" + tracking_url(parcel.order.number, 0).split("/", 3)[3]
    for status in set(ParcelStatus.values) - {"packed"}:
        Parcel.objects.update(status=status)

        text = re.sub(r"<[^>]+>", " ", client.get(path, follow=True).content.decode())

        assert not re.findall(r"[a-z]+_[a-z_]+|RAW-", text)
        with translation.override(language):
            for label in (ParcelStatus(status).label, *TrackingState.labels):
                assert str(label) in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", sorted(TOLD))
def test_each_state_that_is_told_has_a_message(parcel, state, language):
    assert state in TEMPLATES
    assert state in ANNOUNCED
    assert SUBSCRIPTIONS[f"shipment.{state}"] == (f"fulfillment.tracking.messages.tell_{state}",)
    context = example()
    assert context is not None

    subject, text, html = rendered(state, language, context, {}, channel_id=None)

    assert parcel.order.number in subject
    for body in (subject, text, re.sub(r"<[^>]+>|http\S+", " ", html)):
        assert state not in body or state == "delivered"
    if state != "delivered":
        assert parcel.tracking_number in text
        assert parcel.tracking_number in html
        assert "has been delivered" not in subject


def test_the_timeline_has_words_for_every_status():
    assert {f"shipment.{status}" for status in set(ParcelStatus.values) - {"packed"}} <= set(
        _EVENTS
    )
