"""What a key may do follows from its purpose, ends by itself, and is the least by default."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from erp.access.actions import create_api_key
from erp.access.key_purposes import PURPOSES
from erp.access.models import ApiKey
from erp.access.roles import NOUNS, rights_of
from erp.errors import Invalid

pytestmark = pytest.mark.django_db

# What moves or tells stock, purchases, money, costs and figures: no storefront's.
NOT_A_STOREFRONTS = [
    ("get", "stock/movements"),
    ("get", "stock/levels"),
    ("post", "stock/adjustments"),
    ("post", "stock/counts"),
    ("get", "stock/documents"),
    ("get", "stock/valuation"),
    ("get", "suppliers"),
    ("get", "purchase-orders"),
    ("post", "purchase-orders"),
    ("get", "analytics/net_sales"),
    ("post", "refunds"),
    ("post", "shipments"),
    ("post", "tracking/TL1"),
    ("get", "events"),
    ("post", "webhook-endpoints"),
    ("get", "channels/web/messages"),
]
ITS_OWN = [
    "orders",
    "customers",
    "availability?sku={sku}",
    "skus",
    "products",
    "shipments",
    "returns",
    "refunds",
]


def key(shop, **options):
    return create_api_key(
        channel_id=shop.web.pk, name="key", by=shop.system, now=timezone.now(), **options
    )


@pytest.mark.parametrize(("method", "path"), NOT_A_STOREFRONTS)
def test_a_storefront_reaches_no_stock_buying_or_money(make_client, method, path):
    client = make_client(purpose="storefront")
    answer = client.post(path, {}) if method == "post" else client.get(path)

    assert answer.status_code == 403, answer.content


@pytest.mark.parametrize("path", ITS_OWN)
def test_a_storefront_sees_what_is_its_own(make_client, shop, path):
    answer = make_client(purpose="storefront").get(path.format(sku=shop.tea.code))

    assert answer.status_code == 200, answer.content


def test_no_purpose_but_the_owners_moves_stock_and_money_both():
    money = {"refunds.approve", "refunds.complete", "purchasing.approve", "costs.edit"}
    stock = {"inventory.adjust", "inventory.write_off", "inventory.approve", "fulfillment.ship"}
    for code, purpose in PURPOSES.items():
        rights = rights_of(purpose.role)
        assert code == "owner" or not (rights & money and rights & stock), code
        assert not {f"settings.{verb}" for verb in NOUNS["settings"]} & rights, code
        assert purpose.days <= 365


def test_a_key_is_the_least_by_default_and_ends(shop):
    key(shop)
    [made] = ApiKey.objects.select_related("actor")

    assert made.actor.role == "storefront_key"
    assert made.rate_per_minute == 1200
    assert timedelta(days=364) < made.expires_at - timezone.now() <= timedelta(days=365)


def test_scopes_alone_are_just_those_and_with_a_purpose_they_narrow_it(make_client):
    only = make_client(purpose="", scopes=["inventory.view"])
    assert only.get("stock/movements").status_code == 200
    assert only.get("orders").status_code == 403
    narrowed = make_client(purpose="storefront", scopes=["orders.view", "inventory.view"])
    assert narrowed.get("orders").status_code == 200
    assert narrowed.get("stock/movements").status_code == 403


def test_an_ended_key_is_refused(make_client):
    client = make_client(purpose="read")
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get("orders").status_code == 401


@pytest.mark.parametrize(
    "asked", [{"purpose": "emperor"}, {"expires_at": timezone.now() - timedelta(days=1)}]
)
def test_no_key_is_made_of_what_cannot_be(shop, asked):
    with pytest.raises(Invalid):
        key(shop, **asked)


def test_the_command_makes_keys_by_purpose(shop, django_capture_on_commit_callbacks):
    from erp.access.actions import ensure_ground

    ensure_ground()
    out = StringIO()
    call_command("create_api_key", channel="web", purpose="carrier", days=30, stdout=out)

    assert out.getvalue().startswith("sk_")
    assert ApiKey.objects.get(prefix=out.getvalue()[:10]).actor.role == "carrier_key"
    with pytest.raises(CommandError):
        call_command("create_api_key", channel="web", days=-3)


def test_owners_are_alerted_before_a_key_ends(shop):
    from erp.web.alerts import watch

    key(shop, expires_at=timezone.now() + timedelta(days=10))
    key(shop, expires_at=timezone.now() + timedelta(days=40))

    assert [f.params["name"] for f in watch(timezone.now()) if f.kind == "key_ending"] == ["key"]


def test_rights_alone_have_a_rate_and_an_end_and_only_the_owner_s_key_has_none(shop):
    assert [code for code, p in PURPOSES.items() if p.rate_per_minute is None] == ["owner"]
    key(shop, scopes=["orders.view"])
    made = ApiKey.objects.get()

    assert made.rate_per_minute == 1200
    assert timedelta(days=364) < made.expires_at - timezone.now() <= timedelta(days=365)


def test_owners_are_told_of_keys_that_outlive_who_made_them(shop, sign_in):
    from erp.access.actions import change_person
    from erp.access.queries import actor_of_user
    from erp.security.models import SecurityEvent
    from erp.web.alerts import watch

    maker = actor_of_user(sign_in("owner").actor.user_id)
    for name in ("kept", "revoked"):
        create_api_key(channel_id=shop.web.pk, name=name, by=maker, now=timezone.now())
    ApiKey.objects.filter(actor__name="revoked").update(revoked_at=timezone.now())
    ApiKey.objects.filter(actor__name="kept").update(expires_at=None)
    kept = ApiKey.objects.get(actor__name="kept")
    told = [f for f in watch(timezone.now()) if f.kind == "key_outlives"]
    assert told == []

    now = timezone.now()
    change_person(actor_id=maker.pk, role="owner", is_active=False, by=shop.system, now=now)

    told = [f for f in watch(timezone.now()) if f.kind == "key_outlives"]
    assert [f.params["name"] for f in told] == ["kept"]
    event = SecurityEvent.objects.get(kind="person_disabled")
    assert event.facts == {"person": maker.pk, "keys": [kept.actor_id]}
