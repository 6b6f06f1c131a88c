"""Parses conditions, trees of tests with all, any and not, and evaluates them."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from orders.review.decisions.expressions import BadExpression, Expression, expression, is_true
from orders.review.fields import FIELDS, NAMES, NUMBER, TEXT, YES_NO

DEEPEST, MOST_TESTS = 6, 100


OPERATORS: Mapping[str, Sequence[str]] = {
    NUMBER: ("eq", "ne", "lt", "lte", "gt", "gte"),
    TEXT: ("eq", "ne", "in", "not_in", "starts", "contains"),
    NAMES: ("any", "none", "all"),
    YES_NO: ("is",),
}


class BadCondition(Exception):
    """A condition that cannot be asked. `path` says where in the tree: "all/1/field"."""

    def __init__(self, path: str, code: str, value: str = "") -> None:
        self.path, self.code, self.value = path, code, value
        super().__init__(f"{path}: {code} {value}".strip())


@dataclass(frozen=True, slots=True)
class Test:
    """One question: a field, an operator, and what it is compared with, of the field's kind."""

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Group:
    """All, any or none of several."""

    kind: str  # all, any, not
    of: tuple["Node", ...]


Node = Test | Group | Expression


def parse(tree: Any) -> Node:
    """Check a tree as it is kept in JSON: {"all": […]}, {"any": […]}, {"not": […]}, {"cel": "…"}, or a test.

    A test is {"field", "op", "value"}; numbers are decimal strings, several texts a list. An expression in CEL is
    within the limits of `orders.review.decisions.expressions`. Raises BadCondition.
    """
    left = [MOST_TESTS]
    return _parse(tree, "", 0, left)


def _parse(tree: Any, path: str, depth: int, left: list[int]) -> Node:
    if depth > DEEPEST:
        raise BadCondition(path, "too_deep")
    if not isinstance(tree, dict):
        raise BadCondition(path, "not_a_condition")
    if len(tree) == 1 and (kind := next(iter(tree))) in {"all", "any", "not"}:
        parts = tree[kind]
        if not isinstance(parts, list):
            raise BadCondition(f"{path}/{kind}".strip("/"), "not_a_list")
        if not parts and kind != "all":
            raise BadCondition(f"{path}/{kind}".strip("/"), "empty")
        found = [
            _parse(part, f"{path}/{kind}/{n}".strip("/"), depth + 1, left)
            for n, part in enumerate(parts)
        ]
        return Group(kind, tuple(found))
    if set(tree) == {"cel"}:
        try:
            return expression(tree["cel"], FIELDS)
        except BadExpression as bad:
            raise BadCondition(f"{path}/cel".strip("/"), bad.code, bad.detail) from bad
    left[0] -= 1
    if left[0] < 0:
        raise BadCondition(path, "too_many")
    return _test(tree, path)


def _test(tree: Mapping[str, Any], path: str) -> Test:
    if set(tree) != {"field", "op", "value"}:
        raise BadCondition(path, "not_a_condition")
    name, op, value = str(tree["field"]), str(tree["op"]), tree["value"]
    if name not in FIELDS:
        raise BadCondition(f"{path}/field".strip("/"), "unknown_field", name)
    kind = FIELDS[name].kind
    if op not in OPERATORS[kind]:
        raise BadCondition(f"{path}/op".strip("/"), "unknown_operator", op)
    at = f"{path}/value".strip("/")
    if kind == NUMBER:
        return Test(name, op, _number(value, at))
    if kind == YES_NO:
        if not isinstance(value, bool):
            raise BadCondition(at, "not_yes_or_no", str(value))
        return Test(name, op, value)
    many = op in {"in", "not_in", "any", "none", "all"}
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(x, str) and 0 < len(x) <= 200 for x in texts):
        raise BadCondition(at, "not_a_text", str(value)[:40])
    folded = tuple(x.strip().casefold() for x in texts)
    if not many and len(folded) != 1:
        raise BadCondition(at, "one_text")
    return Test(name, op, folded if many else folded[0])


def _number(value: Any, path: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise BadCondition(path, "not_a_number", str(value)[:40]) from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise BadCondition(path, "not_a_number", str(value)[:40])
    return number


def holds(node: Node, facts: Mapping[str, Any]) -> bool:
    """Whether a condition is true of an order. Texts are compared whatever their case."""
    if isinstance(node, Test):
        return _true(node, facts)
    if isinstance(node, Expression):
        return is_true(node, facts)
    if node.kind == "all":
        return all(holds(part, facts) for part in node.of)
    found = any(holds(part, facts) for part in node.of)
    return found if node.kind == "any" else not found


def _true(test: Test, facts: Mapping[str, Any]) -> bool:
    said, value = facts[test.field], test.value
    kind = FIELDS[test.field].kind
    if kind == NUMBER:
        return _NUMBERS[test.op](said, value)
    if kind == YES_NO:
        return bool(said) is value
    if kind == NAMES:
        names = {name.casefold() for name in said}
        if test.op == "all":
            return names.issuperset(value)
        return (not names.isdisjoint(value)) is (test.op == "any")
    return _TEXTS[test.op](str(said).strip().casefold(), value)


_NUMBERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


_TEXTS: Mapping[str, Callable[[str, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "in": lambda text, values: text in values,
    "not_in": lambda text, values: text not in values,
    "starts": lambda text, value: text.startswith(value),
    "contains": lambda text, value: value in text,
}


def decisive(node: Node, facts: Mapping[str, Any]) -> list[Test | Expression]:
    """The tests that made a condition what it is of an order.

    Those true of one that holds, those false of one that does not.
    """
    if isinstance(node, Test | Expression):
        return [node]
    true = holds(node, facts)
    if node.kind == "not":
        return [
            t for part in node.of if holds(part, facts) is not true for t in decisive(part, facts)
        ]
    return [t for part in node.of if holds(part, facts) is true for t in decisive(part, facts)]


def fields_of(node: Node) -> set[str]:
    """Every field that a condition asks for."""
    if isinstance(node, Test):
        return {node.field}
    if isinstance(node, Expression):
        return set(node.asks)
    return {name for part in node.of for name in fields_of(part)}
