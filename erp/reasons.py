"""What every decision gives beside its outcome: coded reasons, never prose."""

from typing import Any


def reason(code: str, **params: Any) -> dict[str, Any]:
    """One reason. It becomes a sentence, in the reader's language, when it is shown."""
    return {"code": code, "params": params}
