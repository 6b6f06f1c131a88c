"""Defines the coded reasons that every decision returns beside its outcome."""

from typing import Any, TypeAlias

# {"code": what, "params": what fills its sentence}, as JSON has it.
Reason: TypeAlias = dict[str, Any]


def reason(code: str, **params: object) -> Reason:
    """Make one coded reason; it becomes a sentence when it is shown."""
    return {"code": code, "params": params}
