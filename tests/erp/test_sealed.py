"""Others' secrets are sealed in the database, are used as they are, and outlive a change of SECRET_KEY."""

import io
import time
from importlib import import_module
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.apps import apps
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from hypothesis import given
from hypothesis import strategies as st

from erp.access.actions import add_person
from erp.sealed import SealedText, Unreadable, seal, sealed_columns, unseal
from orders.intake.shops.models import ShopConnection
from orders.payments.models import PaymentProvider
from tests.conftest import NOON

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = "the key after it, of which nothing was sealed as yet" * 2
SEED = "JBSWY3DPEHPK3PXP"
SECRET = "shpat_不 a secret"
# Stored in clear, each with its reason.
IN_CLEAR = {
    "erp_channel.webhook_secret": "ours, made by us, rotated by a command; checked at each message",
    "erp_channel.previous_secret": "the same",
    "erp_webhookendpoint.secret": "ours, made by us, rotated on its page",
    "erp_webhookendpoint.previous_secret": "the same",
    "inventory_stockfeed.secret": "ours, made by us",
    "erp_user.password": "a hash",
    "socialaccount_socialapp.secret": "unused: the identity provider is set by the environment",
    "socialaccount_socialtoken.token": "unused: tokens are not stored (SOCIALACCOUNT_STORE_TOKENS)",
    "socialaccount_socialtoken.token_secret": "unused: the same",
    "erp_apikey.secret_hash": "a hash",
    "orders_paymentintent.client_secret": "the customer's browser's, to pay one amount once",
}


@pytest.fixture
def link(shop):
    return ShopConnection.objects.create(
        channel=shop.web, url="https://tea.example.com", secret=SECRET, cursor_at=NOON
    )


def stored(link) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM orders_shopconnection WHERE id = %s", [link.pk])
        return cursor.fetchone()[0]


def said(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=60))
def test_what_was_sealed_is_what_comes_back(text):
    assert unseal(seal(text)) == text
    assert text == "" or text not in seal(text).removeprefix("sealed:") or len(text) < 3


def test_the_database_holds_nothing_of_it(link):
    assert stored(link).startswith("sealed:")
    assert "shpat" not in stored(link)
    link.refresh_from_db()
    assert link.secret == SECRET
    assert ShopConnection.objects.values_list("secret", flat=True).get() == SECRET


def test_two_that_are_the_same_cannot_be_told_by_looking(link):
    before = stored(link)
    link.save()
    assert stored(link) != before


def test_a_secret_outlives_a_change_of_key_and_then_its_fallback(link, settings):
    before = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEXT, [before]
    link.refresh_from_db()
    assert link.secret == SECRET
    assert said("reseal").startswith("1 secrets are sealed")
    settings.SECRET_KEY_FALLBACKS = []
    link.refresh_from_db()
    assert link.secret == SECRET


def test_without_its_key_it_is_empty_and_kept_as_it_was(link, settings, sign_in):
    before, key = stored(link), settings.SECRET_KEY
    settings.SECRET_KEY = NEXT
    link.refresh_from_db()
    assert (link.secret, type(link.secret)) == ("", Unreadable)
    link.save()
    assert stored(link) == before
    with pytest.raises(CommandError, match="1 cannot be read"):
        said("reseal")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEXT, [key]
    shown = sign_in().get("/settings/health/").content.decode()
    assert "can be read with SECRET_KEY" not in shown
    settings.SECRET_KEY_FALLBACKS = []
    settings.SECRET_KEY = "another again, which opens neither this nor that" * 2
    assert (
        "can be read with SECRET_KEY"
        in sign_in("owner", "two").get("/settings/health/").content.decode()
    )


def test_what_was_stored_in_clear_is_read_and_sealed_by_the_migration(link):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_shopconnection SET secret = %s", [SECRET])
    link.refresh_from_db()
    assert link.secret == SECRET
    migration = import_module("orders.migrations.0018_sealed_secrets")
    migration.seal_all(apps, SimpleNamespace(connection=connection))
    assert stored(link).startswith("sealed:")
    with connection.cursor() as cursor:
        migration.unseal_all(apps, SimpleNamespace(connection=connection, execute=cursor.execute))
    assert stored(link) == SECRET


@pytest.fixture
def factors(system):
    """Somebody with an app that makes codes, and with recovery codes."""
    person = add_person(
        username="olga", name="Olga", email="", role="owner", password=None, by=system
    ).user
    return TOTP.activate(person, SEED), RecoveryCodes.activate(person)


def kept_of_factors() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ' ORDER BY type) FROM mfa_authenticator")
        return cursor.fetchone()[0]


def code_now() -> str:
    return format_hotp_value(hotp_value(SEED, int(time.time()) // 30))


def opens(factors) -> bool:
    app, recovery = factors
    for factor in factors:
        factor.instance.refresh_from_db()
    cache.clear()  # a code is taken once
    return app.validate_code(code_now()) and recovery.validate_code(recovery.get_unused_codes()[0])


def test_second_factors_are_sealed_and_outlive_a_change_of_key(factors, settings):
    assert SEED not in kept_of_factors()
    assert kept_of_factors().count("sealed:") == 2
    assert opens(factors)
    used = factors[1].instance.data["used_mask"]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEXT, [settings.SECRET_KEY]
    assert opens(factors)
    assert said("reseal").startswith("2 secrets are sealed")
    settings.SECRET_KEY_FALLBACKS = []
    assert opens(factors)
    assert factors[1].instance.data["used_mask"] > used


def test_a_second_factor_that_no_key_opens_takes_no_code_at_all(factors, settings):
    """By an empty seed anybody would have the codes: of the app, and of recovery."""
    settings.SECRET_KEY = NEXT
    app, recovery = factors
    empty = format_hotp_value(hotp_value("", int(time.time()) // 30))
    for stored in (None, ""):
        if stored is not None:
            Authenticator.objects.filter(type="totp").update(data={"secret": stored})
        app.instance.refresh_from_db()
        cache.clear()
        assert not app.validate_code(empty)
        assert not app.validate_code(code_now())
    of_nothing = RecoveryCodes(Authenticator(data={"seed": "", "used_mask": 0}))
    assert len({tuple(of_nothing.generate_codes()), tuple(of_nothing.generate_codes())}) == 2
    assert not recovery.validate_code(recovery.get_unused_codes()[0])
    with pytest.raises(CommandError, match="1 cannot be read"):
        said("reseal")


def test_second_factors_in_clear_work_and_are_sealed_by_the_migration(factors):
    plain = {"secret": SEED}
    Authenticator.objects.filter(type="totp").update(data=plain)
    Authenticator.objects.filter(type="recovery_codes").update(data={"seed": "ab", "used_mask": 3})
    assert opens(factors)
    Authenticator.objects.create(user=factors[0].instance.user, type="webauthn", data={"name": "k"})
    migration = import_module("erp.migrations.0013_sealed_second_factors")
    editor = SimpleNamespace(connection=connection)
    for _again in range(2):
        with transaction.atomic():
            migration.seal_all(apps, editor)
        assert SEED not in kept_of_factors()
        assert kept_of_factors().count("sealed:") == 2
        assert opens(factors)
    with transaction.atomic():
        migration.unseal_all(apps, editor)
    assert Authenticator.objects.get(type="totp").data == plain


def test_no_secret_is_no_secret(shop):
    provider = PaymentProvider.objects.create(channel=shop.web, kind="test")
    provider.refresh_from_db()
    assert (provider.secret, provider.webhook_secret) == ("", "")


def test_every_column_of_a_secret_is_sealed_or_says_why_not():
    named = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, SealedText)
        and any(word in field.name for word in ("secret", "password", "token"))
    }
    assert named == set(IN_CLEAR)
    assert len(sealed_columns()) == 5
