"""A currency and a country are ones that there are, and a name can be seen, in whatever model and by whatever door."""

import pytest
from babel import Locale
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from erp.audit.proof import all_laws
from erp.countries import COUNTRIES, ISO_3166, CountryField, check_country, is_country
from erp.currencies import CurrencyField, check_currency
from erp.money import DIGITS
from erp.names import NameField, check_visible
from erp.visible import is_blank
from inventory.models import Supplier

# What keeps what somebody else wrote, which holds or is shown as it is: no field of ours to be checked.
AS_WRITTEN = {
    "inventory.StockDocument.country",
    "orders.AccountEntry.country",
    "orders.Order.country",
    "orders.OrderAddress.country",
    "returns.ReturnAuthorization.country",
    "orders.Customer.name",
    "orders.OrderAddress.name",
    "orders.OrderLine.name",
    "orders.InvoiceLine.name",
}
# What the product itself calls something.
OURS = {"erp.Heartbeat.name", "erp.Job.name", "erp.BackupRun.name", "erp.Retention.name"}
KINDS = {"currency": CurrencyField, "country": CountryField, "name": NameField}


def fields() -> list[models.Field]:
    return [
        field
        for model in apps.get_models()
        if model.__module__.split(".")[0]
        in {"erp", "inventory", "orders", "fulfillment", "returns"}
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField)
        and (field.name == "name" or field.name.split("_")[-1] in {"currency", "country"})
    ]


def test_every_currency_country_and_name_is_of_the_kind_that_is_checked():
    found = {f"{field.model._meta.label}.{field.name}": field for field in fields()}
    unchecked = {
        label
        for label, field in found.items()
        if not isinstance(field, KINDS[field.name.split("_")[-1]])
    }

    assert unchecked == AS_WRITTEN | OURS
    assert len(found) > 40
    assert {field.deconstruct()[1] for field in found.values()} == {"django.db.models.CharField"}


def test_every_code_that_people_edit_has_a_law():
    edited = {
        (field.model._meta.db_table, field.column)
        for field in fields()
        if isinstance(field, CurrencyField | CountryField) and field.model in admin.site._registry
    }
    lawful = "\n".join(law.sql for law in all_laws() if law.code.endswith("_exist"))

    assert edited
    assert [
        f"{table}.{column}"
        for table, column in sorted(edited)
        if f"{column} AS code FROM {table}" not in lawful and not is_read_only(table)
    ] == []


def is_read_only(table: str) -> bool:
    """Whether the back office only shows it: what was checked when it was written."""
    shown = next(m for m in admin.site._registry if m._meta.db_table == table)
    return not admin.site._registry[shown].has_add_permission(None)


def test_the_countries_are_those_of_the_standard():
    known = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()}
    assert len(ISO_3166) == 249
    assert known >= COUNTRIES
    others = "AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ"
    assert " ".join(sorted(known - COUNTRIES)) == others


@given(st.text(max_size=4) | st.sampled_from(sorted(COUNTRIES)) | st.sampled_from(sorted(DIGITS)))
def test_a_code_is_taken_only_as_it_is_written(text):
    for check, known in ((check_country, COUNTRIES), (check_currency, DIGITS)):
        if text in known:
            check(text)
        else:
            with pytest.raises(ValidationError):
                check(text)
    assert is_country(text) == (text in COUNTRIES)


@given(st.text(alphabet="\u200b\u2060\ufeff\u00ad\u3164\u2800 \t\u0301a中", max_size=6))
def test_a_name_has_something_that_can_be_seen(text):
    if is_blank(text):
        with pytest.raises(ValidationError):
            check_visible(text)
    else:
        check_visible(text)


WRONG = [
    ("currency", "ABC"),
    ("currency", "cny"),
    ("currency", "XXX"),
    ("currency", ""),
    ("country", "XX"),
    ("country", "UK"),
    ("country", "cn"),
    ("country", "EU"),
    ("country", ""),
    ("name", ""),
    ("name", "  "),
    ("name", "\u200b"),
    ("name", "\u3164\u2060"),
]
GOOD = {"code": "mill", "name": "Mill", "currency": "CNY", "country": "CN"}


@pytest.mark.parametrize(("field", "text"), WRONG)
def test_a_supplier_is_refused_by_every_door(field, text, api, sign_in):
    answer = api.post("suppliers", GOOD | {field: text})
    assert answer.status_code == 422, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]

    owner = sign_in("owner")
    owner.post("/purchasing/suppliers/new/", GOOD | {field: text})
    assert not Supplier.objects.exists()
    owner.post("/admin/inventory/supplier/add/", ADMIN | {field: text})
    assert not Supplier.objects.exists()
    owner.post("/admin/inventory/supplier/add/", ADMIN)
    assert Supplier.objects.get().name == "Mill"


ADMIN = GOOD | {
    "language": "zh-hans",
    "lead_time_days": "14",
    "review_days": "7",
    "min_order_value": "0",
    "is_active": "on",
}
