"""Every column that can hold a person's words is declared, and every declaration is about something that there is."""

import json
import re

import pytest
from django.apps import apps
from django.db import connection, models

from erp.management.commands.personal_data import page
from erp.privacy.actions.erasure import assignments, erasable
from erp.privacy.declarations import Fate, Of, nobodys, obstacles, rules, tables
from erp.privacy.person import find_person
from tests.architecture import guards

HOLDS_TEXT = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.GenericIPAddressField,
    models.FileField,
)
ALSO = {"ArrayField", "SearchVectorField", "InetAddressField"}


def texts(model) -> set[str]:
    """The columns of a model that hold words of somebody's choice; those with choices hold one of ours."""
    return {
        field.name
        for field in model._meta.local_concrete_fields
        if not field.choices
        and field.remote_field is None
        and (isinstance(field, HOLDS_TEXT) or field.get_internal_type() in ALSO)
    }


def declared() -> dict[str, set[str]]:
    said = {model: set(columns) for model, columns in nobodys().items()}
    for table in tables():
        said.setdefault(table.model, set()).update([*table.columns, *table.plain.split()])
    return said


def test_every_column_of_text_is_said_to_be_somebodys_or_nobodys():
    said = declared()
    missing = {
        f"{model._meta.label}.{name}"
        for model in apps.get_models(include_auto_created=True)
        for name in texts(model) - said.get(model._meta.label, set())
    }
    assert missing == set(), "declare them in the app's personal_data.py"


def test_a_column_that_is_new_is_missed():
    class Stranger(models.Model):
        nickname = models.CharField(max_length=10)

        class Meta:
            app_label = "nowhere"
            managed = False

    try:
        assert texts(Stranger) - declared().get("nowhere.Stranger", set()) == {"nickname"}
    finally:
        del apps.all_models["nowhere"]


def test_nothing_is_declared_that_there_is_not_and_nothing_twice():
    for model, columns in declared().items():
        there = {f.name for f in apps.get_model(model)._meta.local_concrete_fields}
        assert columns <= there, model
    named = [t.model for t in tables()]
    assert len(named) == len(set(named))
    assert not set(named) & set(nobodys())
    for table in tables():
        assert not set(table.columns) & set(table.plain.split()), table.model


def test_what_customers_leave_is_found_or_said_to_stay():
    for table in tables():
        if table.of == Of.CUSTOMER:
            assert table.whose, f"{table.model}: whose rows are they?"
        else:
            assert table.fate == Fate.KEEP
        assert str(table.why)


@pytest.mark.django_db
def test_every_statement_of_the_declarations_can_be_run(shop):
    """Each condition and each blank, on a person who is not there."""
    person = find_person([0]) | {"now": "2026-01-01"}
    with connection.cursor() as cursor:
        for table in tables():
            if table.whose:
                cursor.execute(f"EXPLAIN SELECT 1 FROM {table.name} t WHERE {table.whose}", person)
        for table in erasable():
            if table.fate == Fate.BLANK:
                cursor.execute(
                    f"EXPLAIN UPDATE {table.name} t SET {assignments(table)} WHERE {table.whose}",
                    person,
                )
        for obstacle in obstacles():
            cursor.execute(obstacle.sql, person)


def test_rules_stay_within_their_own_bounds():
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule.least <= rule.days <= (rule.most or rule.days), rule.name
        assert re.fullmatch(r"[a-z_]+", rule.name)
        assert rule.function or rule.age


@pytest.mark.django_db
def test_ledgers_are_scrubbed_by_the_owners_function_and_nothing_else_is(shop):
    """A table that refuses changes is declared so, or its erasure would fail when somebody needs it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'"
        )
        ledgers = {name for (name,) in cursor.fetchall()}
    scrubbed = {t.name for t in tables() if t.fate == Fate.SCRUB}
    assert scrubbed <= ledgers
    assert {t.name for t in erasable() if t.fate != Fate.SCRUB} & ledgers == set()


def test_the_page_says_what_is_declared():
    assert (guards.ROOT / "docs/personal-data.md").read_text() == page(), "run `make personal-data`"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("document", "left"),
    [
        ({"a": "payment captured", "b": ["Apt", {"c": "apt 4"}]}, {"a": "payment captured", "b": ["", {"c": ""}]}),
        ({"total": "62704.00", "n": 62704, "z": None}, {"total": "62704.00", "n": 62704, "z": None}),
        ({"phone": "anything", "code": "13987654321"}, {"phone": "", "code": ""}),
        ({"name": "致李娜的礼物", "sku": "TEA-001"}, {"name": "", "sku": "TEA-001"}),
    ],
)  # fmt: skip
def test_words_are_taken_out_and_nothing_else_is(shop, document, left):
    words = ["apt", "62704", "13987654321", "李娜"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT erp_without_words(%s::jsonb, %s)", [json.dumps(document), words])
        assert json.loads(cursor.fetchone()[0]) == left
