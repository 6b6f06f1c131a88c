"""Signing in by an identity provider: one on loopback that speaks OpenID Connect."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from erp.access.actions import add_person, change_sign_in_policy
from tests.erp.test_reauthentication import let_pass

pytestmark = pytest.mark.django_db
CLIENT_ID = "throughline"


class Provider(BaseHTTPRequestHandler):
    """An identity provider: where to ask, a token for any code, and who somebody is."""

    person: dict[str, object] = {}

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        self._say(
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "userinfo_endpoint": f"{here}/userinfo",
                "jwks_uri": f"{here}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
            if self.path.startswith("/.well-known/")
            else self.person
        )

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        here = f"http://127.0.0.1:{self.server.server_port}"
        claims = {"iss": here, "aud": CLIENT_ID, "exp": int(time.time()) + 60, **self.person}
        self._say(
            {
                "access_token": "t",
                "token_type": "Bearer",
                "id_token": jwt.encode(claims, "k" * 32, algorithm="HS256"),
            }
        )

    def _say(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given):
        return None


@pytest.fixture
def provider(settings):
    server = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {
        "provider_id": "company",
        "name": "Merchant ID",
        "client_id": CLIENT_ID,
        "secret": "s",
        "settings": {"server_url": f"http://127.0.0.1:{server.server_port}"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }
    yield Provider
    server.shutdown()
    server.server_close()


def sign_in_there(browser, who, process=""):
    """Follow the button, be that person at the provider, and come back."""
    Provider.person = who
    asked = browser.post(f"/accounts/oidc/company/login/?process={process}")
    there = parse_qs(urlsplit(asked["Location"]).query)
    assert there["code_challenge_method"] == ["S256"]
    back = urlsplit(there["redirect_uri"][0]).path
    return browser.get(back, {"code": "c", "state": there["state"][0]}, follow=True)


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
