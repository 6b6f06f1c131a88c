"""Settings that people change: who did it is kept, secrets are shown once, nobody locks themselves out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from erp.access.models import Actor, ApiKey, Channel, Company
from erp.audit.models import HistoryEntry
from erp.events.models import Heartbeat, WebhookEndpoint
from erp.form_rows import MADE_FROM, made_from
from tests.conftest import ApiClient, order_body

pytestmark = pytest.mark.django_db


def test_a_channel_is_added_and_changed_and_the_log_says_by_whom(sign_in):
    client = sign_in()
    asked = {
        "code": "shop-de",
        "kind": "storefront",
        "name": "Laden",
        "currency": "EUR",
        "language": "en",
        "time_zone": "Europe/Berlin",
    }
    client.post("/settings/channels/", asked)
    channel = Channel.objects.get(code="shop-de")
    changed = asked | {"name": "Shop", "is_active": "1", MADE_FROM: made_from(channel)}
    client.post(f"/settings/channels/{channel.pk}/", changed)

    channel.refresh_from_db()
    assert (channel.name, channel.code, channel.is_active) == ("Shop", "shop-de", True)
    entry = HistoryEntry.objects.filter(table="erp_channel").latest("pk")
    assert entry.by == client.actor.pk
    assert "Laden → Shop" in client.get("/settings/audit-log/").content.decode()
    client.post("/settings/channels/", asked | {"code": "not a code", "currency": "EURO"})
    assert Channel.objects.filter(kind="storefront").count() == 2


def test_a_key_is_shown_once_and_ends_when_revoked(sign_in):
    client = sign_in()
    page = client.post(
        "/settings/keys/", {"name": "shop", "channel": "web", "scopes": "orders:read", "rate": "60"}
    ).content.decode()
    secret = page.split('class="secret">')[1].split("<")[0]
    assert ApiClient(secret).get("orders").status_code == 200
    assert ApiClient(secret).post("orders", order_body()).status_code == 403
    assert secret not in client.get("/settings/keys/").content.decode()

    client.post(f"/settings/keys/{ApiKey.objects.get().pk}/revoke/")
    assert ApiClient(secret).get("orders").status_code == 401


def test_people_are_invited_changed_and_switched_off(sign_in):
    client = sign_in()
    page = client.post(
        "/settings/people/", {"username": "li", "name": "Li Na", "email": "", "role": "picker"}
    ).content.decode()
    link = page.split('class="secret">')[1].split("<")[0]
    assert Client().get(link[link.index("/accounts") :], follow=True).status_code == 200
    person = Actor.objects.get(user__username="li")
    browser = Client()
    browser.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/orders/").status_code == 200

    asked = {"role": "finance", "is_active": "1", MADE_FROM: made_from(person)}
    client.post(f"/settings/people/{person.pk}/", asked)
    person.refresh_from_db()
    assert person.role == "finance"
    asked = {"role": "finance", MADE_FROM: made_from(person)}
    client.post(f"/settings/people/{person.pk}/", asked)
    assert browser.get("/orders/").status_code == 302
    asked = {"role": "picker", "is_active": "1", MADE_FROM: made_from(client.actor)}
    client.post(f"/settings/people/{client.actor.pk}/", asked)
    assert Actor.objects.get(pk=client.actor.pk).role == "owner"


def test_endpoints_are_made_paused_and_given_new_secrets(sign_in):
    client = sign_in()
    asked = {"url": "https://93.184.216.34/hook", "channel": "web", "types": "order.confirmed"}
    page = client.post("/settings/webhooks/", asked).content.decode()
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secret in page
    assert endpoint.secret not in client.get("/settings/webhooks/").content.decode()
    client.post(f"/settings/webhooks/{endpoint.pk}/pause/")
    assert WebhookEndpoint.objects.get().status == "paused"
    old = endpoint.secret
    page = client.post(f"/settings/webhooks/{endpoint.pk}/rotate/").content.decode()
    endpoint.refresh_from_db()
    assert endpoint.secret != old == endpoint.previous_secret
    assert endpoint.secret in page
    assert timedelta(hours=23) < endpoint.previous_until - timezone.now() < timedelta(hours=25)
    client.post("/settings/webhooks/", asked | {"url": "https://127.0.0.1/"})
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("template", ["confirmed"])
def test_messages_are_previewed(sign_in, api, template, language):
    number = api.post("orders", order_body()).json()["number"]
    client = sign_in()

    page = client.get("/settings/messages/", {"template": template, "language": language})
    assert number in page.content.decode()
    preview = client.get(f"/settings/messages/{template}/preview/", {"language": language})
    assert number in preview.content.decode()
    assert "default-src 'none'" in preview["Content-Security-Policy"]


def test_the_company_and_preferences(sign_in):
    client = sign_in("service")
    client.post("/settings/company/", {"name": "Mine"})
    assert Company.objects.get().name == ""  # the role may not even look
    client.post(
        "/preferences/", {"time_zone": "Asia/Tokyo", "density": "comfortable", "shortcuts": "off"}
    )
    client.post("/preferences/", {"time_zone": "Mars/Olympus"})
    user = Actor.objects.get(pk=client.actor.pk).user
    assert (user.time_zone, user.density, user.shortcuts) == (
        "Asia/Tokyo",
        "comfortable",
        False,
    )
    assert 'data-shortcuts="off"' in client.get("/").content.decode()


def test_schedules_say_when_they_last_ran(sign_in):
    from erp.celery import app
    from erp.events.tasks import beat_once
    from erp.jobs import schedules

    task = app.tasks[beat_once.name]
    schedules._noted.clear()
    task.apply()
    heartbeat = Heartbeat.objects.get(name="schedule:beat")
    assert heartbeat.seconds is not None
    page = sign_in().get("/settings/schedules/").content.decode()
    assert page.count("/run/") == len(app.conf.beat_schedule)
