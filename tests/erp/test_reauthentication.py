"""The password is asked for again when a page with a sensitive form opens; what is sent too late is done by nobody."""

import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.sessions.models import Session
from django.test import Client

from erp.access.actions import add_person
from erp.access.models import ApiKey, User

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough one, 7 words"
NEW_KEY = {"name": "till", "channel": "web", "purpose": "storefront"}
AFTER_S = 900


@pytest.fixture
def browser(shop):
    return signed_in(shop, "olga", "owner")


def signed_in(shop, name, role):
    add_person(
        username=name, name=name, email=f"{name}@merchant.example", role=role, password=PASSWORD,
        by=shop.system,
    )  # fmt: skip
    client = Client()
    assert client.post("/accounts/login/", {"login": name, "password": PASSWORD}).status_code == 302
    return client


def let_pass(seconds, client):
    """Have what somebody proved in this session be so many seconds older."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record |= {when: record[when] - seconds for when in ("at", "proved_at") if record.get(when)}
    session.save()


def test_a_page_with_a_sensitive_form_asks_when_it_is_opened_and_then_works(browser):
    let_pass(AFTER_S, browser)
    asked = browser.get("/settings/keys/?made=web")
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Fsettings%2Fkeys%2F%3Fmade%3Dweb"

    wrong = browser.post(asked["Location"], {"password": "wrong"})
    assert wrong.status_code == 200
    there = browser.post(asked["Location"], {"password": PASSWORD})
    assert there["Location"] == "/settings/keys/?made=web"
    assert "Enter it again" not in browser.get(there["Location"]).content.decode()
    assert "sk_" in browser.post("/settings/keys/", NEW_KEY).content.decode()


def test_whoever_opens_a_form_has_half_of_the_time_to_fill_it_in(browser):
    let_pass(AFTER_S / 2 - 5, browser)
    assert browser.get("/settings/keys/").status_code == 200
    let_pass(AFTER_S / 2 - 5, browser)
    assert browser.get("/settings/keys/").status_code == 302
    assert "sk_" in browser.post("/settings/keys/", NEW_KEY).content.decode()


def test_what_is_sent_too_late_is_not_done_and_its_page_says_so(browser):
    let_pass(AFTER_S, browser)
    from_ = {"Referer": "http://testserver/settings/keys/?page=2"}
    asked = browser.post("/settings/keys/?x=1", NEW_KEY, headers=from_)
    back = browser.post(asked["Location"], {"password": PASSWORD})

    assert back["Location"] == "/settings/keys/?page=2"
    assert "Enter it again" in browser.get(back["Location"]).content.decode()
    assert "Enter it again" not in browser.get(back["Location"]).content.decode()
    assert not ApiKey.objects.exists()
    assert "till" not in str([row.get_decoded() for row in Session.objects.all()])


def test_whoever_sent_it_from_the_page_that_showed_a_secret_comes_back_to_a_page(browser):
    """That page is what a POST answered: its address took no GET."""
    let_pass(AFTER_S, browser)
    from_ = {"Referer": "http://testserver/settings/webhooks/1/rotate/"}
    asked = browser.post("/settings/webhooks/", {"url": "https://x.example/"}, headers=from_)
    back = browser.post(asked["Location"], {"password": PASSWORD})
    assert browser.get(back["Location"])["Location"] == "/settings/webhooks/"
    assert "Enter it again" in browser.get("/settings/webhooks/").content.decode()


@pytest.mark.parametrize("referer", ["", "https://evil.example/settings/keys/"])
def test_nobody_is_sent_to_another_site(browser, referer):
    let_pass(AFTER_S, browser)
    asked = browser.post("/settings/keys/", NEW_KEY, headers={"Referer": referer})
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2F"


def test_a_dialog_is_left_for_the_page_that_it_is_on(browser):
    let_pass(AFTER_S, browser)
    headers = {"HX-Request": "true", "Referer": "http://testserver/orders/?q=tea"}
    asked = browser.post("/settings/keys/", NEW_KEY, headers=headers)
    assert asked["HX-Redirect"] == "/accounts/reauthenticate/?next=%2Forders%2F%3Fq%3Dtea"


def test_who_only_reads_is_not_asked(shop):
    auditor = signed_in(shop, "ada", "auditor")
    let_pass(AFTER_S, auditor)
    assert auditor.get("/settings/keys/").status_code == 200


def test_a_second_factor_stands_for_the_password(browser, shop):
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

    from erp.access.models import User

    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(User.objects.get(username="olga"), secret)
    let_pass(AFTER_S, browser)
    browser.post(
        "/settings/keys/", NEW_KEY, headers={"Referer": "http://testserver/settings/keys/"}
    )
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    there = "/accounts/2fa/reauthenticate/?next=%2Fsettings%2Fkeys%2F"
    assert browser.post(there, {"code": code})["Location"] == "/settings/keys/"
    assert "Enter it again" in browser.get("/settings/keys/").content.decode()


def test_whoever_has_a_second_factor_may_confirm_with_a_code(browser):
    person, seed = User.objects.get(username="olga"), generate_totp_secret()
    TOTP.activate(person, seed)
    let_pass(AFTER_S, browser)
    asked = browser.get("/accounts/reauthenticate/?next=/settings/keys/").content.decode()
    assert "/accounts/2fa/reauthenticate/" in asked
    there = "/accounts/2fa/reauthenticate/?next=/settings/keys/"
    assert "Code of your authenticator app" in browser.get(there).content.decode()

    wrong = browser.post(there, {"code": "000000x"})
    assert wrong.status_code == 200
    code = format_hotp_value(hotp_value(seed, int(time.time()) // 30))
    assert browser.post(there, {"code": code})["Location"] == "/settings/keys/"
    assert browser.get("/settings/keys/").status_code == 200
