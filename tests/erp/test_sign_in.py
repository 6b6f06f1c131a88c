"""Signing in: limits that lock nobody else out, mails by a queue, second factors, networks, single sign-on."""

import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.test import Client
from django.utils import timezone

from erp.access import account_mails, attempts
from erp.access.actions import add_person, change_person, change_sign_in_policy, create_api_key
from erp.access.models import AccountMail, User
from erp.client_address import client_address, network_of

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough one, 7 words"


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """Hundreds of passwords are tried here; that hashing one takes long is not what is tried."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def behind_proxy(settings):
    settings.TRUSTED_PROXIES = 1


@pytest.fixture
def owner(shop):
    """Olga, who has read the mail that told her of her account."""
    olga = add_person(
        username="olga",
        name="Olga",
        email="olga@merchant.example",
        role="owner",
        password=PASSWORD,
        by=shop.system,
    )
    AccountMail.objects.all().delete()
    return olga


def try_to_sign_in(client, password=PASSWORD, *, name="olga", address="192.0.2.1"):
    return client.post(
        "/accounts/login/",
        {"login": name, "password": password},
        headers={"X-Forwarded-For": f"198.51.100.99, {address}"},
    )


def is_in(answer) -> bool:
    return answer.status_code == 302


# Attempts


@pytest.mark.usefixtures("behind_proxy")
def test_strangers_who_guess_from_many_addresses_do_not_refuse_the_owner(owner):
    for n in range(25):
        assert not is_in(try_to_sign_in(Client(), "wrong", address=f"203.0.113.{n}"))

    for n in range(8):
        assert is_in(try_to_sign_in(Client(), address=f"192.0.2.{n}"))


@pytest.mark.usefixtures("behind_proxy")
def test_whatever_strangers_do_a_known_device_signs_in_and_a_new_one_by_the_link(owner):
    mine = Client()
    assert is_in(try_to_sign_in(mine))
    mine.post("/accounts/logout/")
    for n in range(130):
        try_to_sign_in(Client(), "wrong", address=f"2001:db8:{n:x}::1")
    for _ in range(15):  # and beside the owner, behind the same address
        try_to_sign_in(Client(), "wrong")

    assert is_in(try_to_sign_in(mine))
    other = Client()
    assert "Too many failed" in try_to_sign_in(other, address="192.0.2.77").content.decode()
    follow_the_link(other, "a quite different one, 8 words")
    other.post("/accounts/logout/")
    assert is_in(try_to_sign_in(other, "a quite different one, 8 words", address="192.0.2.77"))


@pytest.mark.usefixtures("behind_proxy")
def test_one_address_guesses_ten_times_and_no_more(owner):
    answers = [try_to_sign_in(Client(), f"wrong {n}").content.decode() for n in range(12)]

    assert ["Too many failed" in said for said in answers] == [False] * 10 + [True] * 2
    assert "Too many failed" in try_to_sign_in(Client()).content.decode()


@pytest.mark.usefixtures("behind_proxy")
def test_addresses_of_one_subscriber_are_one_and_refused_tries_use_up_no_limit_of_the_name(owner):
    for n in range(300):
        try_to_sign_in(Client(), "wrong", address=f"2001:db8:0:1::{n:x}")

    assert is_in(try_to_sign_in(Client()))


def come_in_from(address, *names):
    for name in names:
        assert is_in(try_to_sign_in(Client(), name=name, address=address))


@pytest.fixture
def office(shop):
    """Thirty people behind one address, who have signed in there before; all on browsers that are new today."""
    names = [f"person{n}" for n in range(30)]
    for name in names:
        add_person(
            username=name, name=name, email=f"{name}@merchant.example", role="buyer",
            password=PASSWORD, by=shop.system,
        )  # fmt: skip
    come_in_from("192.0.2.1", *names)
    return names


@pytest.mark.usefixtures("behind_proxy")
def test_one_who_guesses_in_an_office_shuts_no_colleague_out(office):
    victim, *others = office
    for n in range(200):
        try_to_sign_in(Client(), "wrong", name=f"made-up-{n}")
    for name in others:
        for n in range(5):
            try_to_sign_in(Client(), f"wrong {n}", name=name)
    for n in range(60):  # from all over the world at one of them
        try_to_sign_in(Client(), "wrong", name=others[0], address=f"203.0.113.{n}")
        try_to_sign_in(Client(), "wrong", name=others[0], address=f"198.51.100.{n}")
    for n in range(30):
        try_to_sign_in(Client(), f"wrong {n}", name=victim)

    come_in_from("192.0.2.1", *others)
    refused = Client()
    assert "Too many failed" in try_to_sign_in(refused, name=victim).content.decode()
    follow_the_link(refused, "a quite different one, 8 words", f"{victim}@merchant.example")
    refused.post("/accounts/logout/")
    assert is_in(try_to_sign_in(refused, "a quite different one, 8 words", name=victim))


@pytest.mark.usefixtures("behind_proxy")
def test_a_network_guesses_fifty_times_for_whoever_is_not_at_home_there(owner):
    answers = [
        try_to_sign_in(Client(), "wrong", name=f"made-up-{n}").content.decode() for n in range(52)
    ]
    assert ["Too many failed" in said for said in answers] == [False] * 50 + [True] * 2
    newcomer = Client(headers={"X-Forwarded-For": "192.0.2.1"})
    assert "Forgot your password?" in try_to_sign_in(newcomer).content.decode()
    assert not is_in(try_to_sign_in(newcomer))
    follow_the_link(newcomer, "a quite different one, 8 words")
    come_in = try_to_sign_in(Client(), "a quite different one, 8 words")
    assert is_in(come_in)  # the link made it a home, for other browsers too


@pytest.mark.usefixtures("behind_proxy")
def test_somebody_was_at_home_where_they_have_not_been_for_long(owner, monkeypatch):
    come_in_from("192.0.2.1", "OLGA@merchant.example")
    assert attempts.is_at_home("olga", "192.0.2.1")
    assert not attempts.is_at_home("olga", "192.0.2.2")
    monkeypatch.setattr(attempts, "AT_HOME_FOR", timedelta(0))
    assert not attempts.is_at_home("olga", "192.0.2.1")


@pytest.mark.usefixtures("behind_proxy")
def test_no_neighbour_uses_up_the_links(owner):
    for n in range(60):
        ask_for_a_link(Client(), f"stranger{n}@merchant.example")
        Client().post("/accounts/password/reset/key/1-set-password/", {"password1": "x"})

    mine = Client()
    follow_the_link(mine, "a quite different one, 8 words")
    assert mine.get("/").status_code == 200
    said = [ask_for_a_link(Client()).status_code for _ in range(6)]
    assert said[-1] == 429  # five mails an hour are on their way


def test_a_stolen_device_guesses_twenty_times_and_a_made_up_one_is_none(owner):
    mine = Client()
    assert is_in(try_to_sign_in(mine))
    mine.post("/accounts/logout/")
    answers = [try_to_sign_in(mine, "wrong").content.decode() for _ in range(21)]
    assert "Too many failed" in answers[-1]
    assert "Too many failed" not in answers[-2]

    forger = Client()
    forger.cookies["device"] = "eyJpZCI6ImEiLCJuYW1lcyI6WyJhIl19:1abc:xyz"
    answers = [try_to_sign_in(forger, "wrong").content.decode() for _ in range(11)]
    assert "Too many failed" in answers[-1]


def test_without_proxies_nobody_claims_another_address(owner):
    for n in range(10):
        try_to_sign_in(Client(), "wrong", address=f"203.0.113.{n}")

    assert "Too many failed" in try_to_sign_in(Client(), address="192.0.2.200").content.decode()


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("1.2.3.4", 0, "127.0.0.1"),
        ("1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, 10.0.0.1", 2, "1.2.3.4"),
        ("1.2.3.4", 2, "127.0.0.1"),
        ("1.2.3.4:5678", 1, "1.2.3.4"),
        ("[2001:db8::1]:443", 1, "2001:db8::1"),
        ("2001:DB8:0::1", 1, "2001:db8::1"),
        ("::ffff:1.2.3.4", 1, "1.2.3.4"),
        ("fe80::1%eth0", 1, "fe80::1"),
        ("unknown", 1, "127.0.0.1"),
        ("", 1, "127.0.0.1"),
        ("a" * 9000, 1, "127.0.0.1"),
    ],
)
def test_there_is_one_notion_of_where_a_call_comes_from(settings, rf, forwarded, proxies, address):
    settings.TRUSTED_PROXIES = proxies

    assert client_address(rf.get("/", headers={"X-Forwarded-For": forwarded})) == address


def test_a_socket_without_address_is_unknown_and_an_ipv6_subscriber_is_one(rf):
    request = rf.get("/")
    request.META["REMOTE_ADDR"] = ""

    assert client_address(request) == "unknown"
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") == "2001:db8::/64"


def test_signing_in_works_while_valkey_is_away(owner, monkeypatch):
    import redis

    def away(*_given, **_named):
        raise redis.ConnectionError

    monkeypatch.setattr("redis.Redis.execute_command", away)
    monkeypatch.setattr("redis.client.Pipeline.execute", away)

    assert is_in(try_to_sign_in(Client(), address="192.0.2.9"))


# Mails


def ask_for_a_link(client, email="olga@merchant.example"):
    return client.post("/accounts/password/reset/", {"email": email})


def follow_the_link(client, password, email="olga@merchant.example"):
    ask_for_a_link(client, email)
    mail.outbox.clear()
    account_mails.send_account_mails(now=timezone.now())
    [link] = re.findall(r"https?://\S+/key/\S+", mail.outbox[-1].body)
    form = client.get(link[link.index("/accounts/") :], follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


def test_a_reset_waits_in_a_row_without_a_link_and_leaves_for_the_public_address(owner, settings):
    settings.PUBLIC_BASE_URL = "https://orders.merchant.example"
    assert ask_for_a_link(Client()).status_code == 302
    assert mail.outbox == []
    waiting = AccountMail.objects.get()
    assert "/key/" not in str(AccountMail.objects.values().get())

    assert account_mails.send_account_mails(now=timezone.now()) == 1
    [sent] = mail.outbox
    assert sent.to == ["olga@merchant.example"]
    assert "https://orders.merchant.example/accounts/password/reset/key/" in sent.body
    waiting.refresh_from_db()
    assert waiting.status == "sent"


@pytest.mark.parametrize(
    "typed",
    ["stranger@evil.example", "olga@merchant.example.evil.example", "ölga@merchant.example"],
)
def test_nobody_unknown_gets_a_mail_from_us(owner, typed):
    ask_for_a_link(Client(), typed)
    account_mails.send_account_mails(now=timezone.now())

    assert not mail.outbox
    assert not AccountMail.objects.exists()


def test_many_requests_are_one_mail_and_it_goes_where_the_person_is_known(owner):
    for _ in range(5):
        ask_for_a_link(Client(), "OLGA@Merchant.example")
    account_mails.send_account_mails(now=timezone.now())

    assert [sent.to for sent in mail.outbox] == [["olga@merchant.example"]]


def test_a_mail_server_that_is_down_fails_no_page_and_loses_no_mail(owner, monkeypatch):
    def down(*_given, **_named):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", down)
        assert ask_for_a_link(Client()).status_code == 302
        assert account_mails.send_account_mails(now=timezone.now()) == 0
    assert AccountMail.objects.get().attempts == 1
    assert account_mails.send_account_mails(now=timezone.now() + timedelta(minutes=2)) == 1


def test_every_change_of_credentials_is_mailed(owner, shop):
    browser = Client()
    try_to_sign_in(browser)
    follow_the_link(browser, "a quite different one, 8 words")
    change_person(
        actor_id=add_person(
            username="ben", name="Ben", email="ben@merchant.example", role="buyer",
            password=None, by=shop.system,
        ).pk,
        role="finance", is_active=True, by=shop.system, now=timezone.now(),
    )  # fmt: skip
    create_api_key(channel_id=shop.web.pk, name="till", by=shop.system, now=timezone.now())
    account_mails.send_account_mails(now=timezone.now())

    told = {(sent.to[0], sent.subject) for sent in mail.outbox}
    assert told >= {
        ("olga@merchant.example", "Your password was changed"),
        ("ben@merchant.example", "Your role or access was changed"),
        ("olga@merchant.example", "An API key was made"),
    }
    bodies = "".join(sent.body for sent in mail.outbox)
    assert "till (Storefront), sk_" in bodies
    assert "127.0.0.1" in bodies


# Sessions


def test_a_session_of_somebody_who_was_switched_off_does_not_come_back(owner, shop):
    browser = Client()
    person = add_person(
        username="ben", name="Ben", email="", role="buyer", password=PASSWORD, by=shop.system
    )
    assert is_in(try_to_sign_in(browser, name="ben"))
    assert browser.get("/").status_code == 200
    for is_active in (False, True):
        change_person(
            actor_id=person.pk,
            role="buyer",
            is_active=is_active,
            by=owner_of(owner),
            now=timezone.now(),
        )
        assert browser.get("/").status_code == 302


def owner_of(actor):
    from erp.access.roles import rights_of

    actor.verbs = rights_of(actor.role)
    return actor


def test_somebody_signs_out_everywhere(owner, sign_in):
    here, there = Client(), Client()
    try_to_sign_in(here)
    try_to_sign_in(there)
    assert sign_in("buyer").post(f"/settings/people/{owner.pk}/end-sessions/").status_code == 302
    assert there.get("/").status_code == 200  # a buyer signs nobody else out

    here.post(f"/settings/people/{owner.pk}/end-sessions/")
    assert [c.get("/").status_code for c in (here, there)] == [302, 302]


def test_pages_of_staff_are_kept_nowhere(owner):
    browser = Client()
    try_to_sign_in(browser)

    for path in ("/", "/orders/", "/accounts/login/", "/track/"):
        assert "no-store" in browser.get(path)["Cache-Control"], path


# What a company asks


def test_a_role_may_need_a_second_factor(owner, shop):
    browser = Client()
    try_to_sign_in(browser)
    change_sign_in_policy(
        second_factor_roles=["owner"], allowed_networks=[], by=shop.system, now=timezone.now()
    )

    for path in ("/", "/orders/", "/admin/", "/settings/keys/"):
        assert browser.get(path)["Location"] == "/accounts/2fa/", path
    assert browser.get("/accounts/2fa/").status_code == 200
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=owner.user, type="totp", data={"secret": "x"})
    assert browser.get("/").status_code == 200


@pytest.mark.usefixtures("behind_proxy")
def test_people_may_be_let_in_from_some_networks_alone(owner, shop):
    inside, outside = Client(), Client()
    assert is_in(try_to_sign_in(outside, address="203.0.113.5"))
    change_sign_in_policy(
        second_factor_roles=[],
        allowed_networks=["192.0.2.0/24", "2001:db8:1::/48"],
        by=shop.system,
        now=timezone.now(),
    )

    assert is_in(try_to_sign_in(inside, address="192.0.2.44"))
    header = {"X-Forwarded-For": "203.0.113.5"}
    assert outside.get("/orders/", headers=header).status_code == 403
    for password in (PASSWORD, "wrong"):
        said = try_to_sign_in(Client(), password, address="203.0.113.5").content.decode()
        assert "does not allow signing in" in said
    assert outside.get("/track/", headers=header).status_code == 200


def test_nobody_shuts_themselves_out(owner):
    browser = Client()
    try_to_sign_in(browser)
    for networks in ("192.0.2.0/24", "nonsense", "1.2.3.4/99"):
        browser.post("/settings/sign-in/", {"allowed_networks": networks})
    assert browser.get("/settings/sign-in/").status_code == 200
    browser.post("/settings/sign-in/", {"allowed_networks": "127.0.0.1\n10.0.0.7/8"})
    assert "10.0.0.0/8" in browser.get("/settings/sign-in/").content.decode()


def test_over_https_cookies_are_for_the_host_alone_and_browsers_are_told_to_stay():
    code = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.SECURE_PROXY_SSL_HEADER, s.SECURE_HSTS_SECONDS, s.ACCOUNT_DEFAULT_HTTP_PROTOCOL)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "DJANGO_SETTINGS_MODULE": "erp.settings",
            "DATABASE_URL": "postgres://nobody@/nothing",
            "SECRET_KEY": "s" * 40,
            "PUBLIC_BASE_URL": "https://orders.merchant.example",
            "TRUSTED_PROXIES": "1",
            "EMAIL_URL": "smtp://127.0.0.1:25",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.split() == [
        "__Host-sessionid",
        "__Host-csrftoken",
        "True",
        "('HTTP_X_FORWARDED_PROTO',",
        "'https')",
        "31536000",
        "https",
    ]


def test_hsts_is_sent_for_what_came_over_https_to_the_proxy(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31_536_000

    answer = Client().get("/accounts/login/", headers={"X-Forwarded-Proto": "https"})
    assert answer["Strict-Transport-Security"].startswith("max-age=31536000")


# The link makes the account usable again also for who was invited


def test_a_person_without_address_gets_no_mail_and_no_error(shop):
    person = add_person(
        username="kim", name="Kim", email="", role="picker", password=None, by=shop.system
    )
    account_mails.queue_account_mail(user=person.user, kind="password_changed")

    assert not AccountMail.objects.exists()
    assert User.objects.get(username="kim").session_salt == ""


@pytest.mark.parametrize(
    "path", ["/accounts/email/", "/accounts/confirm-email/", "/accounts/confirm-email/abc/"]
)
def test_nobody_moves_an_open_session_to_an_address_of_their_own(client, owner, path):
    client.force_login(owner.user)
    assert client.get(path).status_code == 404
    asked = {"action_add": "", "email": "mallory@evil.example"}
    assert client.post(path, asked).status_code == 404
    owner.user.refresh_from_db()
    assert owner.user.email == "olga@merchant.example"
