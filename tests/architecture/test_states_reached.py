"""No flag and no status stands in a model that nothing in the product leads to."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models

from tests.architecture import guards

HOUSE = ("erp", "inventory", "orders", "fulfillment", "returns", "analytics")
NO_ACTIONS = re.compile(r"/(migrations|models|admin)(/|\.py$)|/models_|admin\.py$")


@cache
def written() -> str:
    """Everything that could write a row: the code of the apps, their declarations apart, and their SQL."""
    files = [
        path
        for app in HOUSE
        for pattern in ("*.py", "*.sql")
        for path in sorted((guards.ROOT / app).rglob(pattern))
        if not NO_ACTIONS.search(str(path))
    ]
    return "\n".join(path.read_text() for path in files)


def fields() -> "Iterator[models.Field[Any, Any]]":
    for model in apps.get_models():
        if model._meta.app_label in HOUSE:
            yield from (f for f in model._meta.concrete_fields if f.model is model)


def name_of(field: "models.Field[Any, Any]") -> str:
    return f"{field.model.__name__}.{field.name}"


def is_master_data(field: "models.Field[Any, Any]") -> bool:
    """Whether people write it in the back office."""
    office = admin.site._registry.get(field.model)
    fixed = office.readonly_fields if office else ()
    return office is not None and bool(field.editable) and field.name not in fixed


FLAGS = [f for f in fields() if isinstance(f, models.BooleanField) and not is_master_data(f)]
VALUES = [
    (field, value)
    for field in fields()
    if isinstance(field, models.CharField) and field.choices and not is_master_data(field)
    for value, _label in field.flatchoices
    if value != ""
]


def leads_to_flag(name: str, text: str) -> bool:
    """Whether something assigns it, gives it as an argument, or names it as a column to write."""
    return (
        re.search(rf"\b{name}\s*=(?!=)|[\"']{name}[\"']|\b{name}\b[^\n]*(:=|,\s*now\(\))", text)
        is not None
    )


def leads_to_value(value: str, text: str) -> bool:
    """Whether something says it: as a text, or as a member of its class that is no declaration."""
    member = re.escape(value).upper()
    return re.search(rf"[\"']{re.escape(value)}[\"']|\.{member}\b", text) is not None


@pytest.mark.parametrize("field", FLAGS, ids=name_of)
def test_something_sets_every_flag(field):
    assert leads_to_flag(field.name, written()), "nothing writes it: it says nothing"


@pytest.mark.parametrize(("field", "value"), VALUES, ids=str)
def test_something_leads_to_every_status(field, value):
    assert leads_to_value(value, written()), "no row ever has it"


def test_what_nothing_leads_to_is_found():
    """The tests above look where they should."""
    text = 'row.is_new = True\nif row.is_lost == 1:\n    pass\nS.GONE\nx = "done"\n'
    assert leads_to_flag("is_new", text)
    assert not leads_to_flag("is_lost", text)
    assert leads_to_value("gone", text)
    assert leads_to_value("done", text)
    assert not leads_to_value("asleep", text)
