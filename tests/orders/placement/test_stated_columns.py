"""What an incoming order states under a column's name is kept, limited, shown and hashed, whatever it is."""

from datetime import date, datetime, timedelta
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from django.utils import timezone

from orders.models import Order
from orders.order.details import details_of
from orders.order.document import OrderDocument
from orders.placement.incoming import IncomingOrder, later_fields, stated_columns
from orders.placement.validation import LOOKED_UP
from tests.conftest import order_body
from tests.orders.forms import structs_of

pytestmark = pytest.mark.django_db(transaction=True)
STATED = stated_columns(IncomingOrder)
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
    values = {str: f"said in {name}", date: str(tomorrow.date()), datetime: tomorrow.isoformat()}
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


@pytest.mark.parametrize("name", later_fields())
def test_a_later_field_counts_once_it_says_something(name):
    """Orders hashed before the field was there are still the same; one that fills it is another."""
    order = IncomingOrder(**structs_of(order_body()))
    before = msgspec.structs.replace(order, **{name: later_fields()[name]})
    assert before.content_hash() == order.content_hash()
    assert msgspec.structs.replace(order, **{name: "x"}).content_hash() != order.content_hash()


def test_metadata_that_looks_like_later_fields_is_content():
    plain = IncomingOrder(**structs_of(order_body(metadata={})))
    odd = {"type": "", "invoice": None, "ship_not_before": None, "balance_due_at": None}
    assert msgspec.structs.replace(plain, metadata=odd).content_hash() != plain.content_hash()


def test_a_named_column_stands_among_the_details(api, sign_in):
    day = timezone.now().date() + timedelta(days=9)
    number = api.post("orders", order_body(ship_not_before=str(day))).json()["number"]

    page = sign_in().get(f"/orders/{number}/").content.decode()

    assert "Ship not before" in page
    assert [name for name, _text in details_of(Order.objects.get())] == ["Ship not before"]
