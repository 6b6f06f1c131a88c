"""What every decision gives beside its outcome: coded reasons, never prose."""

from typing import Any, TypeAlias

# {"code": what, "params": what fills its sentence}, as JSON has it.
Reason: TypeAlias = dict[str, Any]


def reason(code: str, **params: object) -> Reason:
    """One reason. It becomes a sentence, in the reader's language, when it is shown."""
    return {"code": code, "params": params}
