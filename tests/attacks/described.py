"""Every place of a body that its description names, and bodies that hold it: a good one with what it lacks there."""

from collections.abc import Iterator
from typing import Any

from tests.contract.operations import SCHEMAS, Document, Operation, example, leaves

Steps = tuple[str | int, ...]
OWN_NAME = "door"  # of a mapping whose names are the sender's own


def _resolved(schema: Document) -> Document:
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    return schema


def kinds_of(schema: Document) -> list[Document]:
    """What a schema allows, one by one; nothing at all is not among it."""
    schema = _resolved(schema)
    several = schema.get("anyOf") or schema.get("oneOf")
    if not several:
        return [schema]
    return [kind for one in several if one.get("type") != "null" for kind in kinds_of(one)]


def _inside(schema: Document, step: str | int) -> Document | None:
    """What stands at a step inside of one kind; None where it has no such step."""
    if isinstance(step, int):
        items = schema.get("items")
        return items if isinstance(items, dict) else None
    known = schema.get("properties", {}).get(step)
    others = schema.get("additionalProperties")
    return known or (others if step == OWN_NAME and isinstance(others, dict) else None)


def described_leaves(schema: Document, at: Steps = ()) -> Iterator[Steps]:
    """Where in a body something stands that is no object of known names: the first of a list stands for all."""
    for kind in kinds_of(schema):
        fields = kind.get("properties")
        if fields:
            for name, one in fields.items():
                yield from described_leaves(one, (*at, name))
            continue
        if kind.get("type") != "object" or at:
            yield at
        for step in (0, OWN_NAME):
            if one := _inside(kind, step):
                yield from described_leaves(one, (*at, step))


def places_of(one: Operation, good: Any) -> list[Steps]:
    """Every leaf of an operation's body: what a good one holds, and what the description names beside it."""
    assert one.body is not None
    return list(dict.fromkeys([*leaves(good), *described_leaves(one.body)]))


def reaching(body: Any, steps: Steps, schema: Document) -> Any:
    """A copy of a body that holds something at these steps; what it lacks on the way is as its schema has it."""
    if not steps:
        return example(schema, SCHEMAS) if body is None else body
    head, *rest = steps
    if not (found := [one for kind in kinds_of(schema) if (one := _inside(kind, head))]):
        return body  # a name of the sender's own, which the good body holds
    inner = found[0]
    if isinstance(head, int):
        rows = body if isinstance(body, list) and body else [example(inner, SCHEMAS)]
        return [reaching(rows[0], tuple(rest), inner), *rows[1:]]
    here = body if isinstance(body, dict) else example(schema, SCHEMAS)
    now = here.get(head)
    if now is None and not rest:
        now = example(inner, SCHEMAS, str(head))
    return here | {head: reaching(now, tuple(rest), inner)}


def pointer_of(steps: Steps) -> str:
    return "".join(f"/{step}" for step in steps)
