"""The test database, and the cast of every test."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from psycopg2.errors import ObjectInUse

from tests.databases import make_database
from tests.emptying import empty
from tests.sessions import let_in

# How fast inputs are made depends on what else runs on the machine; it says nothing about the product.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # a Monday, noon in Shanghai


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A database per test process: made and migrated by the owner, used by the application."""
    from django.core.management import call_command
    from django.db import connections

    from erp.i18n import compile_translations

    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    original = connections["default"].settings_dict["NAME"]

    def use(database: str) -> None:
        for alias in ("default", "owner"):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = database

    def migrate(database: str) -> None:
        use(database)
        call_command("migrate", verbosity=0, interactive=False)
        use(original)

    with django_db_blocker.unblock():
        compile_translations()
        with owner_cursor(original) as cursor:
            make_database(name, cursor, migrate)
        use(name)
    yield
    with django_db_blocker.unblock():
        use(original)
        # The live server's threads may hold connections yet; the next session drops it then.
        with suppress(ObjectInUse), owner_cursor(original) as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture(autouse=True, scope="session")
def _empty_as_owner() -> Iterator[None]:
    """Tests that commit leave rows behind; only the owner may empty ledgers."""
    from django.test import TransactionTestCase

    original = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda self: empty_database()
    yield
    TransactionTestCase._fixture_teardown = original


def empty_database() -> None:
    """Empty every table, as the owner.

    Ids begin anew, which they never do otherwise: what is remembered by them is forgotten.
    """
    from orders.review.rulebook import rules_of

    rules_of.cache_clear()
    with owner_cursor() as cursor:
        empty(cursor)


@contextmanager
def owner_cursor(database: str = "") -> Iterator[Any]:
    """A cursor of the owner's, past Django, which forbids tests a second database."""
    import psycopg2
    from django.db import connections

    parameters = connections["owner"].get_connection_params()
    connection = psycopg2.connect(
        dbname=database or connections["default"].settings_dict["NAME"],
        user=parameters["user"],
        host=parameters["host"],
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def no_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits wake no relay in tests; a test that wants one runs it itself."""
    from erp.events import record

    monkeypatch.setattr(record._hints, "give", lambda *_task: None)


@pytest.fixture(autouse=True)
def in_the_default_language() -> None:
    """A request leaves its language to its thread, and the next one brings its own; what no request asks is in ours.

    What came after a page in Chinese was refused in Chinese, wherever another order of the files put it there.
    """
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    """Calls and attempts are counted by the minute: those of one test are not the next one's."""
    from erp.valkey import valkey

    counted = [*valkey().scan_iter("rate:*"), *valkey().scan_iter("sign-in:*")]
    valkey().delete("rate:none", *counted, *valkey().scan_iter(":1:allauth:*"))


# The cast


@pytest.fixture
def ground(db: None) -> None:
    from erp.access.actions import ensure_ground

    ensure_ground()


@pytest.fixture
def system(ground: None) -> Any:
    from erp.access.queries import job_actor

    return job_actor("scheduler")


@pytest.fixture
def shop(system: Any) -> Any:
    """A business: two warehouses, four SKUs, a storefront that refuses backorders."""
    return build_shop(system)


class Shop:
    """What `build_shop` made, by name."""

    web: Any
    desk: Any
    east: Any
    south: Any
    tea: Any
    mug: Any
    pot: Any
    wrap: Any
    system: Any


def build_shop(system: Any) -> Shop:
    from erp.access.models import Channel
    from inventory.models import Sku
    from inventory.stock.actions.ledger import Change
    from inventory.stock.actions.places import open_warehouse
    from inventory.stock.actions.receive import receive_stock
    from orders.models import ChannelPolicy, Price, PriceList, ShippingService, TaxRate

    shop = Shop()
    shop.system = system
    shop.web = Channel.objects.create(code="web", name="Web", kind="storefront", currency="CNY")
    shop.desk = Channel.objects.create(
        code="desk", name="Desk", kind="desk", currency="CNY", language="zh-hans"
    )
    prices = PriceList.objects.create(code="retail", name="Retail", currency="CNY")
    ChannelPolicy.objects.create(channel=shop.web, price_list=prices, review="record")
    ChannelPolicy.objects.create(
        channel=shop.desk, price_list=prices, review="hold", accepts_backorders=True
    )
    TaxRate.objects.create(country="CN", tax_class="standard", rate=Decimal("0.13"))
    ShippingService.objects.create(
        code="standard",
        name="Standard",
        currency="CNY",
        fee=Decimal(12),
        free_from=Decimal(199),
    )
    shop.east = open_warehouse(by=system, code="east", name="East", country="CN", priority=1)
    shop.south = open_warehouse(by=system, code="south", name="South", country="CN", priority=2)
    for code, name, price in (
        ("TEA-001", "Green tea", "39.90"),
        ("MUG-001", "Mug", "25.00"),
        ("POT-001", "Pot", "129.00"),
    ):
        sku = Sku.objects.create(code=code, name=name, weight_g=250)
        Price.objects.create(price_list=prices, sku=sku, amount=Decimal(price))
        setattr(shop, code[:3].lower(), sku)
    shop.wrap = Sku.objects.create(code="WRAP", name="Gift wrap", is_service=True)
    Price.objects.create(price_list=prices, sku=shop.wrap, amount=Decimal(5))
    Price.objects.create(price_list=prices, sku=shop.tea, min_quantity=10, amount=Decimal("35.00"))
    for warehouse, tea, mug, pot in ((shop.east, 20, 20, 5), (shop.south, 20, 20, 0)):
        changes = [Change(shop.tea.pk, tea), Change(shop.mug.pk, mug)]
        changes += [Change(shop.pot.pk, pot)] if pot else []
        receive_stock(
            warehouse_id=warehouse.pk, changes=changes, reference="PO-1", by=system, now=NOON
        )
    return shop


HOME = {
    "name": "李娜",
    "line1": "南京西路 1 号",
    "line2": "",
    "city": "上海市",
    "region": "上海",
    "postal_code": "200040",
    "country": "CN",
    "phone": "+8613812345678",
}
_counter = iter(range(1, 10**9))


def order_body(**changes: Any) -> dict[str, Any]:
    """A valid order's body: two lines, prepaid. Give what should differ."""
    n = next(_counter)
    body = {
        "external_id": f"web-{os.getpid()}-{n}",
        "currency": "CNY",
        "customer": {
            "name": "李娜",
            "email": f"li.na.{os.getpid()}.{n}@example.com",
            "phone": "",
        },
        "shipping_address": dict(HOME),
        "billing_address": None,
        "lines": [{"sku": "TEA-001", "quantity": 2}, {"sku": "MUG-001", "quantity": 1}],
        "coupon_codes": [],
        "shipping_service": "standard",
        "payment": {"method": "prepaid", "reference": f"pay_{os.getpid()}_{n}"},
        "note": "",
        "metadata": {},
    }
    return body | changes


class ApiClient:
    """Speaks to the API as a storefront would."""

    def __init__(self, secret: str) -> None:
        from django.test import Client

        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(f"/api/v1/{path}", query_params=query)

    def post(self, path: str, body: Any, key: str | None = "", **headers: str) -> Any:
        if key == "":
            key = f"key-{os.getpid()}-{next(_counter)}"
        extra = {"Idempotency-Key": key} if key else {}
        return self.client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers=extra | headers
        )


@pytest.fixture
def make_client(shop: Shop) -> Callable[..., ApiClient]:
    def make(channel: Any = None, **options: Any) -> ApiClient:
        from erp.access.actions import create_api_key

        options = {"purpose": "owner", "expires_at": datetime(2035, 1, 1, tzinfo=UTC)} | options
        secret = create_api_key(
            channel_id=(channel or shop.web).pk, name="key", by=shop.system, now=NOON, **options
        )
        return ApiClient(secret)

    return make


@pytest.fixture
def api(make_client: Callable[..., ApiClient]) -> ApiClient:
    """A client with a key of the web channel."""
    return make_client()


@pytest.fixture
def promote(shop: Shop) -> Callable[..., Any]:
    """Make a promotion, with its tiers, gifts and coupon."""
    from orders.models import Coupon, Promotion, PromotionGift, PromotionTier

    def make(code, kind, *, coupon=None, gifts=(), tiers=(), **values) -> Any:
        promotion = Promotion.objects.create(
            code=code,
            name=code,
            kind=kind,
            currency="CNY",
            needs_coupon=coupon is not None,
            **values,
        )
        for sku, quantity in gifts:
            PromotionGift.objects.create(promotion=promotion, sku=sku, quantity=quantity)
        for reached, amount in tiers:
            PromotionTier.objects.create(promotion=promotion, reached=reached, amount=amount)
        if coupon is not None:
            Coupon.objects.create(**({"code": code.upper(), "promotion": promotion} | coupon))
        return promotion

    return make


@pytest.fixture
def sign_in(shop: Shop) -> Callable[..., Any]:
    """Make somebody of a role and return their browser: a test client with `.actor`."""

    def make(role: str = "owner", username: str = "") -> Any:
        from django.test import Client

        from erp.access.actions import add_person

        username = username or role
        person = add_person(
            username=username,
            name=username.title(),
            email="",
            role=role,
            password=None,
            by=shop.system,
        )
        client = Client()
        let_in(client, person.user)
        client.actor = person
        return client

    return make


@pytest.fixture
def laws_hold() -> Callable[[], None]:
    """Call it to prove every law."""

    def prove_all() -> None:
        from erp.audit.proof import prove

        broken = [f"{f.law.code}: {f.rows}" for f in prove() if f.breaches]
        assert not broken, broken

    return prove_all


def settle() -> None:
    """Wait until every event written so far may be read: the server's other tests have transactions too."""
    import time

    from django.db import connection

    deadline = time.monotonic() + 300
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT coalesce(max(tx), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                " FROM erp_event"
            )
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.02)
    raise AssertionError("a transaction has been running for five minutes")
