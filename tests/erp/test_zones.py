"""A zone's name is one that there is, wherever it is written; one that is none is read as another, and named."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from erp.access.models import Channel, Company, User
from erp.audit.proof import prove
from erp.form_rows import MADE_FROM, made_from
from erp.notices.models import Notice
from erp.web.alerts import watch
from erp.zone_names import ZoneField, check_zone, is_zone, zone_fields, zone_meant
from erp.zones import sound_zone, zone_of_channel
from inventory.models import Sku, Warehouse
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.lots import block_expiring
from inventory.stock.actions.receive import receive_stock
from orders.models import Capacity
from tests.conftest import order_body

HOSTILE = [
    "../etc/passwd",
    "/etc/passwd",
    "Mars/Olympus",
    "",
    " ",
    "\x00",
    "a" * 100_000,
    "posixrules",
    "localtime",
    "Factory",
    "asia/shanghai",
    "EUROPE/BERLIN",
    "Asia",
    "Asia/",
    "Asia/Shanghai\x00",
    "Asia/Shanghai ",
    "XYZ3",
    "UTC+8",
    "\ud800",
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:20]))
def test_what_is_no_zone_is_refused_and_read_as_another(name):
    assert not is_zone(name)
    with pytest.raises(ValidationError):
        check_zone(name)
    assert ZoneInfo(zone_meant(name, "Asia/Tokyo"))


@given(st.text())
@example("Asia/Shanghai")
def test_whatever_is_stored_is_read_as_a_zone(name):
    assert ZoneInfo(zone_meant(name)) is not None
    assert not is_zone(name) or zone_meant(name) == name


def test_every_zone_that_is_accepted_is_one_of_the_databases(db):
    from erp.zone_names import _BY_SPELLING

    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        known = {name for (name,) in cursor.fetchall()}
    assert set(_BY_SPELLING.values()) <= known


def test_every_field_of_this_name_is_a_zone_and_no_migration_comes_of_it():
    named = [
        field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name.endswith("time_zone")
    ]
    assert {field.model for field in named} >= {Warehouse, Company, Channel, User}
    assert all(isinstance(field, ZoneField) for field in named)
    assert set(named) == set(zone_fields())
    assert {field.deconstruct()[1] for field in named} == {"django.db.models.CharField"}


FORMS = {
    "/settings/warehouses/": {
        "code": "north",
        "name": "North",
        "country": "CN",
        "cut_off": "16:00",
        "priority": "9",
    },
    "/settings/channels/": {
        "code": "two",
        "name": "Two",
        "kind": "desk",
        "currency": "CNY",
        "language": "en",
    },
    "/settings/company/": {
        "name": "Acme",
        "tax_id": "",
        "address": "",
        "phone": "",
        "email": "",
        "currency": "CNY",
    },
    "/preferences/": {},
}


@pytest.mark.parametrize(
    "name", ["../etc/passwd", "Mars/Olympus", "a" * 100_000, "posixrules", "asia/shanghai"]
)
@pytest.mark.parametrize("path", FORMS)
def test_no_form_takes_it(path, name, sign_in):
    browser = sign_in()
    form = FORMS[path] | {"time_zone": name, MADE_FROM: made_from(Company.objects.get())}

    answer = browser.post(path, form, headers={"Referer": path})

    assert answer.status_code < 500
    names = [row for f in zone_fields() for row in f.model.objects.values_list(f.name, flat=True)]
    assert all(not zone or is_zone(zone) for zone in names)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "asia/shanghai"])
@pytest.mark.django_db(transaction=True)
class TestAStoredNameThatIsNoZone:
    """It was stored before forms refused it: the work goes on, in the company's zone."""

    @pytest.fixture(autouse=True)
    def stored(self, name, shop):
        Warehouse.objects.update(time_zone=name)
        Channel.objects.update(time_zone=name)
        User.objects.update(time_zone=name)
        Company.objects.update(time_zone="Pacific/Kiritimati")

    def test_orders_are_placed_shipped_and_counted(self, api, shop):
        Capacity.objects.create(warehouse=shop.east, orders_a_day=5)

        placed = api.post("orders", order_body())
        assert placed.status_code == 201, placed.content
        shipped = api.post(
            "shipments", {"order": placed.json()["number"], "tracking_number": "Z-1"}
        )
        assert shipped.status_code == 201, shipped.content
        figure = api.get("analytics/orders", **{"from": "2026-01-01"})
        assert figure.status_code == 200, figure.content

    def test_lots_come_in_and_go_off_sale(self, shop, system):
        now = timezone.now()
        today = now.astimezone(zone_of_channel()).date()
        pie = Sku.objects.create(code="PIE", name="Pie", tracking="lot")
        change = Change(pie.pk, 3, lot="L1", expires_on=today + timedelta(days=2))
        receive_stock(
            warehouse_id=shop.east.pk,
            changes=[change],
            reference="PO-2",
            by=system,
            now=now,
        )
        assert block_expiring(by=system, now=now) == 0
        assert block_expiring(by=system, now=now + timedelta(days=3)) == 1

    def test_pages_are_shown(self, sign_in, name):
        browser = sign_in()
        User.objects.update(time_zone=name)
        for path in (
            "/",
            "/orders/",
            "/analytics/",
            "/settings/warehouses/",
            "/settings/channels/",
        ):
            assert browser.get(path).status_code == 200, path

    def test_it_is_named(self, shop, name):
        rows = {f"{row.law.code}": row.rows for row in prove() if row.breaches}
        assert set(rows) == {"warehouse_time_zones_exist", "time_zones_exist"}, rows
        found = [one for one in watch(timezone.now()) if one.kind == "zone_unknown"]
        assert {(f.params["what"], f.params["zone"]) for f in found} == {
            ("warehouse", name),
            ("channel", name),
        }
        for one in found:
            assert name in Notice(kind=one.kind, params=one.params).said


def test_a_bad_company_is_read_as_the_settings_say(shop, settings):
    Company.objects.update(time_zone="Mars/Olympus")
    assert sound_zone("Mars/Olympus") == zone_meant(settings.TIME_ZONE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT erp_day_in('Mars/Olympus', '2026-03-01T23:30:00Z')")
        assert cursor.fetchone()[0] == datetime(2026, 3, 1, tzinfo=UTC).date()


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", None])
@pytest.mark.django_db
def test_without_a_company_a_zone_that_is_none_is_read_as_utc(zone):
    Company.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT erp_day_in(%s, '2026-03-01T23:30:00Z')", [zone])
        assert cursor.fetchone()[0] == datetime(2026, 3, 1, tzinfo=UTC).date()
