"""What touches sign-in, rights, secrets and data is written down: by whom, from where, and nobody's data."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from erp.access.actions import change_passwords
from erp.access.models import Actor, ApiKey
from erp.form_rows import MADE_FROM, made_from
from erp.once import perform
from erp.security.actions import UnknownKind, record_security_event
from erp.security.kinds import EVERY_MINUTE, KINDS
from erp.security.models import SecurityEvent
from tests.conftest import ApiClient

pytestmark = pytest.mark.django_db(transaction=True)


def kinds():
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def owner(sign_in):
    client = sign_in()
    perform(change_passwords, usernames=["owner"], password="pw-for-the-tests-1")
    client.post("/accounts/login/", {"login": "owner", "password": "pw-for-the-tests-1"})
    return client


def since(pk):
    return list(SecurityEvent.objects.filter(pk__gt=pk).order_by("pk"))


def newest():
    return SecurityEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def test_signing_in_and_out_and_failing_are_recorded(owner):
    before = newest()
    browser = Client()
    browser.post("/accounts/login/", {"login": "owner", "password": "wrong-one-wrong"})
    browser.post("/accounts/login/", {"login": "nobody@x.example", "password": "wrong"})
    browser.post("/accounts/login/", {"login": "owner", "password": "pw-for-the-tests-1"})
    browser.post("/accounts/logout/")
    found = since(before)
    assert [e.kind for e in found] == ["sign_in_failed", "sign_in_failed", "sign_in", "sign_out"]
    assert found[0].facts == {"user": owner.actor.user_id}
    assert found[1].facts == {}
    assert found[2].actor_id == found[3].actor_id == owner.actor.pk
    assert {e.address for e in found} == {"127.0.0.1"}
    assert all(e.request_id for e in found)


def test_who_tries_too_often_is_recorded_as_refused(owner, monkeypatch):
    from erp.access import attempts

    monkeypatch.setattr(attempts, "OF_NAME_FROM_NETWORK", 2)
    for _n in range(4):
        Client().post("/accounts/login/", {"login": "owner", "password": "wrong"})
    assert kinds()[-4:] == ["sign_in_failed"] * 2 + ["sign_in_refused"] * 2


def test_people_keys_and_secrets(owner):
    owner.post(
        "/settings/people/", {"username": "li", "name": "Li Na", "email": "", "role": "picker"}
    )
    person = Actor.objects.get(user__username="li")
    page = f"/settings/people/{person.pk}/"
    before = newest()
    for changed in ({"is_active": "1"}, {}, {"is_active": "1"}):
        shown = {MADE_FROM: made_from(Actor.objects.get(pk=person.pk))}
        owner.post(page, {"role": "finance", **changed, **shown})
    owner.post("/settings/keys/", {"name": "shop", "channel": "web", "scopes": "", "rate": ""})
    owner.post(f"/settings/keys/{ApiKey.objects.get().pk}/revoke/")
    found = since(before)
    assert [e.kind for e in found] == [
        "role_changed",
        "person_disabled",
        "person_enabled",
        "key_made",
        "key_revoked",
    ]
    assert found[0].facts == {"person": person.pk, "before": "picker", "after": "finance"}
    assert {e.actor_id for e in found} == {owner.actor.pk}


def test_what_is_denied_is_recorded_by_page_and_by_api(sign_in, make_client):
    picker = sign_in("picker")
    before = newest()
    assert picker.get("/settings/people/").status_code == 403
    key = make_client(scopes=["orders:read"])
    before_api = newest()
    assert key.get("orders").status_code == 200
    assert key.get("customers").status_code == 403
    assert ApiClient("sk_unknown").get("orders").status_code == 401
    page = since(before)[0]
    assert (page.kind, page.actor_id) == ("denied", picker.actor.pk)
    assert page.facts == {"right": "settings.view", "route": "settings/people/", "method": "GET"}
    assert [e.kind for e in since(before_api)] == ["denied", "key_refused"]
    assert since(before_api)[0].facts["route"] == "api/v1/customers"


def test_exports_and_pauses(owner):
    before = newest()
    owner.post("/lists/orders/export/", {"format": "csv"})
    owner.get("/data/skus/csv/")
    from django.core.management import call_command

    call_command("pause_effects")
    call_command("resume_effects", "--yes")
    found = [(e.kind, e.facts.get("list") or e.facts.get("sheet")) for e in since(before)]
    assert found[0] == ("exported", "orders")
    assert ("exported", "skus") in found
    assert [kind for kind, _what in found[-2:]] == ["effects_paused", "effects_resumed"]


def test_strangers_cannot_fill_the_table(db):
    for _n in range(EVERY_MINUTE + 5):
        perform(record_security_event, kind="key_refused", address="203.0.113.9")
    perform(record_security_event, kind="key_refused", address="203.0.113.10")
    mine = SecurityEvent.objects.filter(address="203.0.113.9").count()
    assert EVERY_MINUTE <= mine < 2 * EVERY_MINUTE
    assert SecurityEvent.objects.filter(address="203.0.113.10").exists()


def test_a_subscriber_of_ipv6_is_one_stranger(db):
    """Of one network everybody has more addresses than the table could hold rows."""
    for n in range(2 * EVERY_MINUTE):
        perform(record_security_event, kind="key_refused", address=f"2001:db8:7:7::{n + 1:x}")
    mine = SecurityEvent.objects.filter(address__startswith="2001:db8:7:7:").count()
    assert mine < 2 * EVERY_MINUTE


def test_no_event_is_changed_or_deleted(db):
    perform(record_security_event, kind="denied")
    for sql in ("UPDATE erp_securityevent SET kind = ''", "DELETE FROM erp_securityevent"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    with pytest.raises(UnknownKind):
        perform(record_security_event, kind="nothing")


def test_they_are_listed_for_auditors_and_filtered(sign_in):
    perform(record_security_event, kind="denied", address="203.0.113.9", facts={"route": "x/"})
    auditor = sign_in("auditor")
    page = auditor.get("/settings/security/", {"kind": "denied"}).content.decode()
    assert "203.0.113.9" in page
    assert "x/" in page
    assert "203.0.113.9" not in auditor.get(
        "/settings/security/", {"kind": "sign_in"}
    ).content.decode().replace('value="203.0.113.9"', "")
    assert sign_in("picker").get("/settings/security/").status_code == 403
    assert all(str(label) for label in KINDS.values())
    assert SecurityEvent.objects.latest("pk").at > timezone.now() - timedelta(minutes=1)
