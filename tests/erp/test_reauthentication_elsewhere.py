"""Whoever signs in by an identity provider alone proves there again who they are, before keys, secrets and exports."""

import time
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import get_resolver, reverse
from django.views.generic import RedirectView

from erp.access.actions import add_person
from erp.access.models import ApiKey
from erp.access.reauthentication import proved_at_provider
from erp.web.sign_in import CREDENTIALS
from tests.erp.test_reauthentication import AFTER_S, NEW_KEY, let_pass
from tests.identity_provider import Provider, come_back, said_there, sign_in_there

pytestmark = pytest.mark.django_db
ELSEWHERE = "/accounts/reauthenticate/elsewhere/"
OLGA = {"sub": "77", "email": "olga@merchant.example", "email_verified": True}
EVE = {"sub": "66", "email": "eve@merchant.example", "email_verified": True}


@pytest.fixture
def olga(shop, provider):
    """An owner without a password, signed in by the provider in a session that somebody left open."""
    for name in ("olga", "eve"):
        add_person(
            username=name, name=name, email=f"{name}@merchant.example", role="owner", password=None,
            by=shop.system,
        )  # fmt: skip
    browser = Client()
    sign_in_there(Client(), EVE)
    sign_in_there(browser, OLGA)
    let_pass(AFTER_S, browser)
    return browser


def prove(browser, who, **claims):
    """Follow the button of the page that asks, be that person at the provider, and come back."""
    Provider.person, Provider.claims = who, claims
    asked = browser.post(ELSEWHERE, {"next": "/settings/keys/"})
    said = said_there(asked)
    assert (said["prompt"], said["max_age"]) == (["login"], ["0"])
    return come_back(browser, asked)


def is_asked(browser):
    return browser.get("/settings/keys/").status_code == 302


def test_an_owner_without_a_password_makes_a_key_once_the_provider_has_asked_them_anew(olga):
    asked = olga.get("/settings/keys/?made=web", follow=True)
    assert asked.redirect_chain[-1][0] == f"{ELSEWHERE}?next=%2Fsettings%2Fkeys%2F%3Fmade%3Dweb"
    assert "Sign in again by Merchant ID" in asked.content.decode()
    olga.post("/settings/keys/", NEW_KEY)
    assert not ApiKey.objects.exists()

    shown = prove(olga, OLGA)
    assert shown.redirect_chain[-1][0] == "/settings/keys/"
    assert "Nothing was done yet" in shown.content.decode()
    assert "sk_" in olga.post("/settings/keys/", NEW_KEY).content.decode()
    let_pass(AFTER_S, olga)
    assert is_asked(olga)


@pytest.mark.parametrize(
    ("who", "claims", "said"),
    [
        (EVE, {}, "another account"),
        (OLGA | {"sub": "78"}, {}, "another account"),
        (OLGA, {"sub": "66"}, "did not ask you"),
        (OLGA, {"auth_time": 1_700_000_000}, "did not ask you"),
        (OLGA, {"auth_time": "today"}, "did not ask you"),
        (OLGA, {"auth_time": True}, "did not ask you"),
    ],
)
def test_nobody_else_is_believed_and_nobody_who_was_let_in_by_a_cookie(olga, who, claims, said):
    assert said in prove(olga, who, **claims).content.decode()
    assert is_asked(olga)
    assert SocialAccount.objects.count() == 2
    assert olga.get("/").context["actor"].user.username == "olga"


def test_a_provider_that_never_says_when_is_believed_where_it_was_asked_to_sign_in_anew(olga):
    prove(olga, OLGA, auth_time=None)
    assert not is_asked(olga)


@pytest.mark.parametrize(
    "way", ["login", "redirect", "login&auth_params=prompt%3Dlogin%26max_age%3D0"]
)
@pytest.mark.parametrize("ago", [None, 3600])
def test_one_click_more_makes_no_fresh_session_of_an_open_one(olga, way, ago):
    """Their provider lets them in by its cookie, and asks nothing."""
    sign_in_there(olga, OLGA, way, auth_time=ago and time.time() - ago)
    assert olga.get("/").status_code == 200
    assert is_asked(olga)


def test_whoever_the_provider_has_just_asked_is_not_asked_again(olga):
    sign_in_there(olga, OLGA)
    assert not is_asked(olga)


def test_who_gives_up_there_comes_back_to_where_they_were_asked(olga):
    asked = olga.post(ELSEWHERE, {"next": "/settings/keys/"})
    said = said_there(asked)
    back = urlsplit(said["redirect_uri"][0]).path
    refused = {"error": "access_denied", "state": said["state"][0]}
    shown = olga.get(back, refused, follow=True)
    assert shown.redirect_chain[-1][0] == f"{ELSEWHERE}?next=%2Fsettings%2Fkeys%2F"
    assert "You did not sign in there" in shown.content.decode()


def test_a_provider_that_does_not_answer_is_said(olga, settings):
    (app,) = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"] = {"server_url": "http://127.0.0.1:1"}
    assert "does not answer" in olga.post(ELSEWHERE).content.decode()


def test_whoever_has_nothing_to_prove_it_by_is_told_so(olga, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    shown = olga.get("/settings/keys/", follow=True)
    assert shown.status_code == 403
    assert "no password, no second factor and no identity provider" in shown.content.decode()
    assert olga.post(ELSEWHERE).status_code == 403


def test_a_password_and_a_second_factor_come_first(olga):
    from erp.access.models import User

    person = User.objects.get(username="olga")
    person.set_password("a long enough one, 7 words")
    person.save(update_fields=["password"])
    other = Client()
    other.post("/accounts/login/", {"login": "olga", "password": "a long enough one, 7 words"})
    assert other.get("/accounts/reauthenticate/?next=/").status_code == 200


# Ways to sign in

# Pages of allauth's that change nobody's credentials, or that ask for what they need themselves.
HARMLESS = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate",
    "account_change_password", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done",
    "account_confirm_login_code", "mfa_index", "mfa_authenticate", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "socialaccount_login_cancelled", "socialaccount_login_error",
    "socialaccount_signup", "openid_connect_login",
    "openid_connect_callback",  # where it connects, it asks: below
    "account_email", "account_email_verification_sent", "account_confirm_email",  # not here: erp/urls.py
    "reauthenticate_elsewhere",
}  # fmt: skip


def accounts_pages(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from accounts_pages(entry, path)
        elif path.startswith("accounts/") and entry.name:
            yield entry.name
        elif path.startswith("accounts/social/"):
            assert entry.callback.view_class is RedirectView  # to one that has a name


def test_every_page_of_the_library_is_known_for_what_it_changes():
    assert set(accounts_pages()) == HARMLESS | CREDENTIALS


@pytest.mark.parametrize("name", sorted(CREDENTIALS))
def test_an_open_session_is_given_no_way_to_sign_in(olga, name):
    there = reverse(
        name, kwargs={"pk": 1} if name.endswith(("remove_webauthn", "edit_webauthn")) else {}
    )
    for method in ("get", "post"):
        asked = getattr(olga, method)(
            there, {"password1": "mallory 12345 x", "password2": "mallory 12345 x"}
        )
        assert asked["Location"].startswith("/accounts/reauthenticate/?next="), (name, method)
    from erp.access.models import User

    assert not User.objects.get(username="olga").has_usable_password()


def test_an_open_session_is_connected_to_no_other_account(olga):
    theirs = {"sub": "99", "email": "mallory@evil.example", "email_verified": True}
    shown = sign_in_there(olga, theirs, "connect")
    assert "/accounts/reauthenticate/?next=/accounts/3rdparty/" in dict(shown.redirect_chain)
    assert not SocialAccount.objects.filter(uid="99").exists()


@pytest.mark.parametrize("auth_time", [float("nan"), None, "", -1, True])
def test_what_is_no_time_proves_nothing(auth_time):
    found = proved_at_provider({"id_token": {"sub": "1", "auth_time": auth_time}})
    assert found is None


@pytest.mark.parametrize("auth_time", [10**400, float("inf"), 9e9])
def test_nobody_proves_anything_for_the_time_to_come(auth_time):
    assert proved_at_provider({"id_token": {"auth_time": auth_time}}) <= time.time()
