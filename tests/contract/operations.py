"""Every operation that the API describes, with a call of each that could succeed."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from erp.api.description import FILE

Document = dict[str, Any]

# What a property of a body is given, by its name, where the schema says no more than "a string".
SAID: Mapping[str, Any] = {
    "sku": "TEA-001",
    "warehouse": "EAST",
    "from_warehouse": "EAST",
    "to_warehouse": "SOUTH",
    "channel": "web",
    "currency": "CNY",
    "amount": "1.00",
    "country": "CN",
    "email": "door@example.com",
    "method": "prepaid",
    "shipping_service": "standard",
    "tracking_number": "DOOR-1",
    "url": "https://example.com/hook",
    "unit_cost": "1.00",
    "unit_price": "1.00",
    "topics": ["order.placed"],
}


class Operation(NamedTuple):
    """One method of one path, its body's schema and the names of its parameters."""

    method: str
    path: str
    body: Document | None
    in_path: list[str]
    in_query: list[str]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def described() -> tuple[list[Operation], Document]:
    """The operations of the API's description, and the schemas that they refer to."""
    schema = json.loads(FILE.read_text())  # which is current: tests/erp/test_openapi.py
    return list(_operations(schema)), schema["components"]["schemas"]


def _operations(schema: Document) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {})
            parameters = said.get("parameters", [])
            yield Operation(
                method,
                path,
                content.get("application/json", {}).get("schema"),
                [p["name"] for p in parameters if p["in"] == "path"],
                [p["name"] for p in parameters if p["in"] == "query"],
            )


def filled(path: str, named: Callable[[str, str], str]) -> str:
    """A path with its parameters: each is named by what stands before it and what is done to it."""
    verb = path.rpartition("/")[2]
    return re.sub(r"([\w-]+)/\{(\w+)\}", lambda m: f"{m[1]}/{named(m[1], verb)}", path)


def example(schema: Document, schemas: Document, name: str = "") -> Any:
    """A value that fits a schema, of a name that says what is meant."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = [one for one in schema[several] if one.get("type") != "null"]
            return example(kinds[0], schemas, name)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "string")
    if name in SAID and kind != "object":
        return SAID[name]
    if kind == "object":
        fields = schema.get("properties", {})
        return {key: example(one, schemas, key) for key, one in fields.items()}
    if kind == "array":
        return [example(schema.get("items", {}), schemas, name.removesuffix("s"))]
    plain = {"integer": 1, "number": 1, "boolean": False, "null": None}
    if kind in plain:
        return plain[kind]
    return {"date": "2026-12-24", "date-time": "2026-12-24T12:00:00Z"}.get(
        schema.get("format", ""), "x"
    )


def leaves(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where in a body something stands that is no object: the first of a list stands for all."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*at, key))
    elif isinstance(value, list):
        yield at
        if value:
            yield from leaves(value[0], (*at, 0))
    else:
        yield at


def changed(value: Any, at: tuple[str | int, ...], to: Any) -> Any:
    """A copy of a body with another value in one place."""
    if not at:
        return to
    head, *rest = at
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[head] = changed(value[head], tuple(rest), to)
    return copy


def at_place(value: Any, at: tuple[str | int, ...]) -> Any:
    """What stands in a place of a body."""
    for step in at:
        value = value[step]
    return value


OPERATIONS, SCHEMAS = described()
WITH_BODIES = [one for one in OPERATIONS if one.body is not None]


def call(api: Any, operation: Operation, path: str, body: str, key: str) -> Any:
    """The answer to an operation, called with a key, of whatever version."""
    return api.client.generic(
        operation.method.upper(),
        path,
        body if operation.method != "get" else "",
        content_type="application/json",
        headers={"Idempotency-Key": key, "If-Match": "*"},
    )
