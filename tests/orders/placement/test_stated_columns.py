"""What an incoming order states under a column's name is kept, limited, shown and hashed, whatever it is."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from django.apps import apps
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from erp.once import perform
from orders.models import Order
from orders.order.blank_rows import BLANK_ORDER, blank
from orders.order.details import details_of
from orders.order.document import LineDocument, OrderDocument
from orders.placement.actions.place import place_order
from orders.placement.incoming import (
    ForeignOrder,
    IncomingOrder,
    later_fields,
    stated_columns,
)
from orders.placement.validation import LOOKED_UP
from tests.conftest import order_body
from tests.orders.forms import structs_of

pytestmark = pytest.mark.django_db(transaction=True)
STATED = stated_columns(IncomingOrder)
FROZEN: dict[str, Any] = {
    "external_id": "web-1",
    "currency": "CNY",
    "customer": {"name": "Li", "email": "li@tea.example", "phone": ""},
    "shipping_address": {"name": "Li", "line1": "1 Road", "city": "上海市", "country": "CN"},
    "lines": [{"sku": "TEA-001", "quantity": 2}],
    "shipping_service": "standard",
    "payment": {"method": "prepaid", "reference": "pay_1"},
}
# What has rules of its own about its value.
PARTICULAR: dict[str, dict[str, Any]] = {
    "currency": {"currency": "CNY"},
    "type": {"type": "phone"},
    "shipping_service": {"shipping_service": "standard"},
    "metadata": {"metadata": {"gate": "3"}},
    "balance_due_at": {
        "balance_due_at": "2099-03-02T00:00:00Z",
        "payment": {
            "method": "prepaid",
            "reference": "deposit",
            "amount": {"amount": "10.00", "currency": "CNY"},
        },
    },
}


def stating(name: str) -> dict[str, Any]:
    """A body that says something in the field of this name."""
    if name in PARTICULAR:
        return order_body(**PARTICULAR[name])
    kinds = get_args(get_type_hints(IncomingOrder)[name]) or (get_type_hints(IncomingOrder)[name],)
    (kind,) = {k for k in kinds if k is not NoneType and not isinstance(k, UnionType)}
    tomorrow = timezone.now() + timedelta(days=2)
    values: dict[object, object] = {
        str: f"said in {name}",
        date: str(tomorrow.date()),
        datetime: tomorrow.isoformat(),
        bool: True,
        int: 7,
        Decimal: "7.5",
    }
    return order_body(**{name: values[kind]})


@pytest.mark.parametrize("name", STATED)
def test_what_an_order_states_is_kept_and_shown(name, api):
    body = stating(name)

    placed = api.post("orders", body)

    assert placed.status_code == 201, placed.content
    read = api.get(f"orders/{placed.json()['number']}").json()
    assert name in OrderDocument.__annotations__
    assert placed.json()[name] == read[name] == body[name]


def texts() -> list[tuple[str, int]]:
    columns = {column.attname: column for column in Order._meta.concrete_fields}
    limits = [(name, columns[name].max_length) for name in STATED if name not in LOOKED_UP]
    return [(name, most) for name, most in limits if most]


@pytest.mark.parametrize(("name", "most"), texts())
def test_what_is_longer_than_its_column_is_refused_with_its_name(name, most, api):
    body = stating(name) | {name: "x" * (most + 1)}

    refused = api.post("orders", body)

    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        (f"/{name}", "too-long")
    ]
    assert api.post("orders", body | {name: "x" * most}).status_code == 201


# Hashes of bodies as they were made before there were later fields; they stand in databases.
KNOWN_HASHES = [
    (FROZEN, "c355e4c97607bd96f38a3795000b09beced8f10400749d617818e6b04f527731"),
    (
        FROZEN | {"note": "ring twice", "metadata": {"type": "", "gate": 3}},
        "92838c44717001f17ba8ed0810f391926a5e0269312cded0dd4bb03cec37e269",
    ),
    (
        FROZEN | {"type": "phone", "ship_not_before": "2026-03-02"},
        "1a4476dc783b844a342fe24fb655ee8b2dcb60ca5291f7c23b6901657f8f5c09",
    ),
]


@pytest.mark.parametrize(("body", "known"), KNOWN_HASHES)
def test_hashes_of_before_still_hold(body, known):
    order = msgspec.convert(body, IncomingOrder)
    assert order.content_hash == known
    said = {**later_fields(), **msgspec.to_builtins(order)}  # defaults that are said are not said
    assert msgspec.convert(said, IncomingOrder).content_hash == known


@pytest.mark.parametrize("name", later_fields())
def test_a_later_field_counts_once_it_says_something(name):
    order = IncomingOrder(**structs_of(order_body()))
    assert msgspec.structs.replace(order, **{name: "x"}).content_hash != order.content_hash


def test_what_is_stated_elsewhere_than_in_a_column_is_known():
    """A new field has a column by its name, or somebody sees to it: it is not dropped in silence."""
    assert set(IncomingOrder.__struct_fields__) - set(STATED) == {
        "customer",
        "shipping_address",
        "billing_address",
        "lines",
        "payment",
        "coupon_codes",
        "reservation",
        "invoice",
    }


def test_a_foreign_order_states_its_marks_and_not_its_channels_numbers():
    assert set(stated_columns(ForeignOrder)) == {*STATED, "remark", "flag"}


def test_a_row_that_does_not_know_a_column_has_its_default(shop, monkeypatch):
    """While a migration runs, a program of before it still places orders: its rows lack the new columns."""
    later = {"flag", "tags", "carrier", "carrier_by_hand", "priority", "is_sealed"}
    known = {name: value for name, value in BLANK_ORDER.items() if name not in later}
    monkeypatch.setattr("orders.placement.rows.order.BLANK_ORDER", known)
    perform(
        place_order,
        incoming=IncomingOrder(**structs_of(order_body())),
        channel=shop.web,
        by=shop.system,
        now=timezone.now(),
    )
    placed = Order.objects.get()
    assert (placed.flag, placed.tags, placed.carrier, placed.priority) == ("", [], "", 0)


def test_a_default_that_is_no_plain_value_is_refused():
    class Stamped(models.Model):
        at = models.DateTimeField(db_default=Now())

        class Meta:
            app_label = "orders"
            managed = False

    try:
        with pytest.raises(TypeError, match=r"Stamped\.at"):
            blank(Stamped)
    finally:
        del apps.all_models["orders"]["stamped"]


def test_documents_keep_the_order_of_their_keys(api):
    placed = api.post("orders", order_body()).json()
    read = api.get(f"orders/{placed['number']}").json()
    assert list(placed) == list(read) == list(OrderDocument.__annotations__)
    assert list(read["lines"][0]) == list(LineDocument.__annotations__)


def test_metadata_that_looks_like_later_fields_is_content():
    plain = IncomingOrder(**structs_of(order_body(metadata={})))
    odd = {"type": "", "invoice": None, "ship_not_before": None, "balance_due_at": None}
    assert msgspec.structs.replace(plain, metadata=odd).content_hash != plain.content_hash


def test_a_named_column_stands_among_the_details(api, sign_in):
    day = timezone.now().date() + timedelta(days=9)
    number = api.post("orders", order_body(ship_not_before=str(day))).json()["number"]

    page = sign_in().get(f"/orders/{number}/").content.decode()

    assert "Ship not before" in page
    assert [name for name, _text in details_of(Order.objects.get())] == ["Ship not before"]
