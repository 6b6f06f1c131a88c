"""Translates a condition to SQL that agrees with `conditions.holds`."""

from collections.abc import Mapping
from typing import Any

from orders.review.decisions.conditions import Group, Node, Test
from orders.review.decisions.expressions import Expression
from orders.review.fields import FIELDS, NAMES, NUMBER, YES_NO

NUMBERS: Mapping[str, str] = {
    "eq": "=",
    "ne": "<>",
    "lt": "<",
    "lte": "<=",
    "gt": ">",
    "gte": ">=",
}


def predicate(node: Node, facts: str = "f") -> tuple[str, list[Any]]:
    """The boolean expression over the columns of `facts`, and its parameters in order.

    The columns are named as `fields.FIELDS` are: texts and names in text, numbers numeric,
    names as text[]. None of them is null. Texts are compared whatever their case, as in Python.
    A condition with an expression in it is asked by Python alone: its predicate lets every row through.
    """
    return ("true", []) if _has_expression(node) else _predicate(node, facts)


def _has_expression(node: Node) -> bool:
    if isinstance(node, Group):
        return any(_has_expression(part) for part in node.of)
    return isinstance(node, Expression)


def _predicate(node: Node, facts: str) -> tuple[str, list[Any]]:
    if isinstance(node, Group):
        return _group(node, facts)
    assert isinstance(node, Test)
    return _test(node, f"{facts}.{node.field}")


def _group(node: Group, facts: str) -> tuple[str, list[Any]]:
    if not node.of:
        return "true", []
    parts = [_predicate(part, facts) for part in node.of]
    joint = " AND " if node.kind == "all" else " OR "
    text = "(" + joint.join(sql for sql, _given in parts) + ")"
    given = [value for _sql, values in parts for value in values]
    return (f"NOT {text}" if node.kind == "not" else text), given


def _test(test: Test, column: str) -> tuple[str, list[Any]]:
    kind = FIELDS[test.field].kind
    if kind == NUMBER:
        return f"{column} {NUMBERS[test.op]} %s", [test.value]
    if kind == YES_NO:
        return f"{column} = %s", [test.value]
    if kind == NAMES:
        names = f"ARRAY(SELECT lower(x) FROM unnest({column}) x)"
        if test.op == "all":
            return f"{names} @> %s::text[]", [list(test.value)]
        found = f"{names} && %s::text[]"
        return (found if test.op == "any" else f"NOT {found}"), [list(test.value)]
    text = f"lower(btrim({column}))"
    if test.op in {"in", "not_in"}:
        found = f"{text} = ANY (%s::text[])"
        return (found if test.op == "in" else f"NOT {found}"), [list(test.value)]
    if test.op == "starts":
        return f"starts_with({text}, %s)", [test.value]
    if test.op == "contains":
        return f"strpos({text}, %s) > 0", [test.value]
    return f"{text} {NUMBERS[test.op]} %s", [test.value]
