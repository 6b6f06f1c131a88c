"""No flag and no status stands in a model that nothing in the product leads to."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models

from tests.architecture import guards
from tests.architecture.each import of_each

HOUSE = ("erp", "inventory", "orders", "fulfillment", "returns", "analytics")
NO_ACTIONS = re.compile(r"/(migrations|models|admin)(/|\.py$)|/models_|admin\.py$")


# Calls that write what they are given by name; constructors do as well.
WRITING = {"create", "update", "get_or_create", "update_or_create", "acreate", "aupdate"}
# What SQL writes: after SET up to where its statement goes on, the columns of INSERT, a trigger's NEW.
SET = re.compile(
    r"\bSET\b(.*?)(?:\bWHERE\b|\bFROM\b|\bRETURNING\b|;|\Z)", re.DOTALL | re.IGNORECASE
)
INSERT = re.compile(
    r"\bINSERT\s+INTO\s+[\w.\"]+\s*\(([^)]*)\)\s*(?:SELECT|VALUES\s*\()(.*?)(?:\bFROM\b|;|\Z)",
    re.DOTALL,
)
NEW = re.compile(r"\bNEW\.(\w+)\s*:=")


@cache
def sources() -> dict[str, str]:
    """Everything that could write a row: the code of the apps, their declarations apart, and their SQL."""
    return {
        guards.relative(path): path.read_text()
        for app in HOUSE
        for pattern in ("*.py", "*.sql")
        for path in sorted((guards.ROOT / app).rglob(pattern))
        if not NO_ACTIONS.search(str(path))
    }


@cache
def written() -> str:
    return "\n".join(sources().values())


@cache
def flags_set() -> set[str]:
    return names_set(sources())


@cache
def flags_cleared() -> set[str]:
    return names_set(sources(), to=False)


def names_set(texts: Mapping[str, str], *, to: bool = True) -> set[str]:
    """Every name that something in these files writes `to` a value, or to what is only known when it runs.

    What is read, and what is carried on from another row's flag of that name, is not written.
    """
    found: set[str] = set()
    for path, text in texts.items():
        if path.endswith(".sql"):
            found |= set_by_sql(text, to=to)
        else:
            writes = "/actions" in path or "/rows/" in path
            found |= set_by_python(text, to=to, writes=writes)
    return found


def set_by_python(text: str, *, to: bool = True, writes: bool = False) -> set[str]:
    """The attributes that a module assigns, what it gives to models and their managers, and what its SQL sets.

    writes  it is of the layer that writes: its dictionaries become rows
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set_by_sql(node.value, to=to)
        pairs = [*assigned(node), *given(node), *(entries(node) if writes else ())]
        found |= {name for name, value in pairs if leads(name, value, to=to)}
    return found


Written = tuple[str, ast.expr | None]  # a name, and what becomes of it where that is said


def assigned(node: ast.AST) -> list[Written]:
    """The attributes that a statement assigns."""
    if isinstance(node, ast.AnnAssign):
        targets, value = [node.target], node.value
    elif isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    else:
        return []
    found: list[Written] = []
    for target in targets:
        several = isinstance(target, ast.Tuple)
        for each in target.elts if isinstance(target, ast.Tuple) else [target]:
            if isinstance(each, ast.Attribute):
                found.append((each.attr, None if several else value))
    return found


def given(node: ast.AST) -> list[Written]:
    """Keywords of a manager, or of a model or statement that is carried into one; and the name setattr is given."""
    if not isinstance(node, ast.Call):
        return []
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "setattr" and len(node.args) > 2 and isinstance(node.args[1], ast.Constant):
        return [(str(node.args[1].value), node.args[2])]
    if name not in WRITING and not re.match(r"[A-Z]\w*[a-z]", name):  # Q looks up
        return []
    found: list[Written] = [(each.arg, each.value) for each in node.keywords if each.arg]
    for each in node.keywords:
        if each.arg in {None, "defaults", "create_defaults"}:
            found += entries(each.value)
    return found


def entries(node: ast.AST) -> list[Written]:
    """What a dictionary holds by its names, and what is put into one."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [(str(k.value), v) for k, v in pairs if isinstance(k, ast.Constant)]
    if isinstance(node, ast.Assign):
        keys = [t.slice for t in node.targets if isinstance(t, ast.Subscript)]
        return [(str(k.value), node.value) for k in keys if isinstance(k, ast.Constant)]
    return []


def leads(name: str, value: ast.expr | None, *, to: bool) -> bool:
    """Whether what is written can be that: no other constant, and no flag of the same name carried on."""
    if isinstance(value, ast.Constant):
        return bool(value.value) == to
    parts = value.values if isinstance(value, ast.BoolOp) else [value]
    return not all(isinstance(part, ast.Attribute) and part.attr == name for part in parts)


def set_by_sql(text: str, *, to: bool = True) -> set[str]:
    """The columns that statements write."""
    if not re.search(r"\b(SET|INSERT|NEW)\b", text):
        return set()
    found = set(NEW.findall(text))
    other = "true" if not to else "false"
    for clause in SET.findall(text):
        found |= set(re.findall(rf"\b(\w+)\s*=(?!=)(?!\s*{other}\b)", clause))
        for several in re.findall(r"\(([\w\s,]+)\)\s*=", clause):
            found |= set(re.findall(r"\w+", several))
    for columns, values in INSERT.findall(text):
        said = parts_of(values)
        for n, column in enumerate(re.findall(r"\w+", columns)):
            if n >= len(said) or said[n].strip().lower() != other:
                found.add(column)
    return found


def parts_of(text: str) -> list[str]:
    """A list of SQL by its commas, but for those inside brackets."""
    found, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            found.append("")
        elif depth >= 0:
            found[-1] += char
        else:
            break
    return found


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


def leads_to_value(value: str, text: str) -> bool:
    """Whether something says it: as a text, or as a member of its class that is no declaration."""
    member = re.escape(value).upper()
    return re.search(rf"[\"']{re.escape(value)}[\"']|\.{member}\b", text) is not None


@of_each(FLAGS)
def test_something_sets_every_flag(field):
    assert field.name in (flags_cleared() if field.default is True else flags_set()), (
        "nothing writes it: it says nothing"
    )


@of_each(VALUES)
def test_something_leads_to_every_status(field, value):
    assert leads_to_value(value, written()), "no row ever has it"


def test_what_nothing_leads_to_is_found():
    """The tests above look where they should."""
    text = 'S.GONE\nx = "done"\n'
    assert leads_to_value("gone", text)
    assert leads_to_value("done", text)
    assert not leads_to_value("asleep", text)


@pytest.mark.parametrize(
    "text",
    [
        "row.is_new = True",
        "row.is_new: bool = True",
        "row.is_old, row.is_new = 1, 2",
        "setattr(row, 'is_new', True)",
        "Customer(is_new=True)",
        "rows.filter(pk=1).update(is_new=True)",
        "Customer.objects.update_or_create(pk=1, defaults={'is_new': True})",
        "Customer.objects.create(**{'is_new': True})",
        "Customer.objects.bulk_create([Customer(is_new=True)])",
        "x = 'UPDATE t SET a = 1, is_new = true WHERE b'",
        "x = 'INSERT INTO t (a, is_new) SELECT 1, true'",
        "x = 'UPDATE t SET (a, is_new) = (1, true)'",
    ],
)
def test_what_writes_a_flag_is_seen(text):
    assert "is_new" in set_by_python(text)


def test_an_entry_of_a_dictionary_is_written_where_rows_are():
    for text in ("said = {'is_new': x}", "said['is_new'] = x == 'on'"):
        assert "is_new" in set_by_python(text, writes=True)
        assert "is_new" not in set_by_python(text)


@pytest.mark.parametrize(
    "text",
    [
        "if row.is_new == 1: pass",
        "row.is_new = False",
        "row.is_new = row.is_new or other.is_new",
        "Customer(is_new=False)",
        "asked = {'is_new': True}",
        "x = 'INSERT INTO t (a, is_new) SELECT f(1, 2), false FROM s'",
        "x = 'INSERT INTO t (a, is_new) VALUES (f(1, 2), false)'",
        "x = 'UPDATE t SET is_new = false'",
        "x = row.is_new",
        "is_new = row.is_new",
        "rows.filter(is_new=True)",
        "rows.exclude(Q(is_new=True))",
        "found(field_name='is_new')",
        "block(is_new=True)",
        "row.save(update_fields=['is_new'])",
        "Customer.objects.update_or_create(defaults={'a': row.is_new})",
        "x = 'SELECT a FROM t WHERE is_new = true'",
        "x = 'UPDATE t SET a = 1 FROM s WHERE is_new = true'",
        "x = 'INSERT INTO t (a) SELECT 1 FROM s WHERE is_new'",
    ],
)
def test_what_only_reads_a_flag_is_none(text):
    assert "is_new" not in set_by_python(text)


def test_without_the_action_that_blocks_customers_nothing_blocks_them():
    """Reading a flag, or telling an action of it, is not writing it."""
    left = dict(sources())
    assert "is_blocked" in names_set(left)
    del left["orders/customers/actions/block.py"]
    assert "is_blocked" in "".join(left.values())
    assert "is_blocked" not in names_set(left)
