"""Signing in by an identity provider: one on loopback that speaks OpenID Connect."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from erp.access.actions import add_person, change_sign_in_policy
from tests.erp.test_reauthentication import let_pass
from tests.identity_provider import sign_in_there

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(shop):
    return add_person(
        username="olga",
        name="Olga",
        email="olga@merchant.example",
        role="owner",
        password=None,
        by=shop.system,
    )


def test_the_button_is_there_where_there_is_a_provider(provider):
    assert "Sign in by Merchant ID" in Client().get("/accounts/login/").content.decode()


def test_a_person_signs_in_by_their_verified_address_and_is_known_by_their_number_then(
    provider, olga
):
    who = {"sub": "77", "email": "Olga@merchant.example", "email_verified": True}
    browser = Client()
    sign_in_there(browser, who)
    assert browser.get("/settings/keys/").status_code == 200

    other = Client()
    sign_in_there(other, who | {"email": "olga@new.example"})
    assert other.get("/").status_code == 200


@pytest.mark.parametrize(
    "who",
    [
        {"sub": "1", "email": "olga@merchant.example", "email_verified": False},
        {"sub": "2", "email": "olga@merchant.example"},
        {"sub": "3", "email": "olga@merchant.example", "email_verified": "true, really"},
        {"sub": "4", "email": "stranger@merchant.example", "email_verified": True},
        {"sub": "5", "preferred_username": "olga"},
    ],
)
def test_nobody_else_comes_in_and_nobody_is_made(provider, olga, who):
    from erp.access.models import User

    browser = Client()
    shown = sign_in_there(browser, who)

    assert "Ask an owner to add you first" in shown.content.decode()
    assert browser.get("/").status_code == 302
    assert User.objects.count() == 1


def test_two_people_with_one_address_are_nobody(provider, olga, shop):
    add_person(
        username="other",
        name="Other",
        email="olga@merchant.example",
        role="buyer",
        password=None,
        by=shop.system,
    )
    browser = Client()
    sign_in_there(browser, {"sub": "77", "email": "olga@merchant.example", "email_verified": True})

    assert browser.get("/").status_code == 302


def test_the_providers_own_checks_count_as_a_second_factor(provider, olga, shop):
    from django.utils import timezone

    change_sign_in_policy(
        second_factor_roles=["owner"], allowed_networks=[], by=shop.system, now=timezone.now()
    )
    browser = Client()
    sign_in_there(browser, {"sub": "77", "email": "olga@merchant.example", "email_verified": True})

    assert browser.get("/").status_code == 200


def test_who_was_switched_off_does_not_come_in(provider, olga, shop):
    from django.utils import timezone

    from erp.access.actions import change_person

    who = {"sub": "77", "email": "olga@merchant.example", "email_verified": True}
    sign_in_there(Client(), who)
    change_person(
        actor_id=olga.pk, role="owner", is_active=False, by=shop.system, now=timezone.now()
    )
    browser = Client()
    sign_in_there(browser, who)

    assert browser.get("/").status_code == 302


def test_an_account_elsewhere_is_linked_after_the_password_alone(provider, olga):
    """A browser left open for a minute would be a way in for good."""
    olga.user.set_password("a long enough one, 7 words")
    olga.user.save()
    browser = Client()
    said = {"login": "olga", "password": "a long enough one, 7 words"}
    assert browser.post("/accounts/login/", said).status_code == 302
    theirs = {"sub": "66", "email": "olga@merchant.example", "email_verified": True}
    let_pass(900, browser)

    shown = sign_in_there(browser, theirs, "connect")
    assert "/accounts/reauthenticate/?next=/accounts/3rdparty/" in dict(shown.redirect_chain)
    assert not SocialAccount.objects.exists()

    browser.post("/accounts/reauthenticate/", {"password": said["password"]})
    sign_in_there(browser, theirs, "connect")
    assert SocialAccount.objects.get().user == olga.user

    strangers = {"sub": "67", "email": "mallory@merchant.example", "email_verified": True}
    sign_in_there(browser, strangers, "connect")
    assert SocialAccount.objects.count() == 1
