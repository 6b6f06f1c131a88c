"""Translates staff flags to shop tags, and staff remarks to order attributes."""

from collections.abc import Iterable

from orders.intake.messages.foreign_json import Part
from orders.order.states import Flag

TAG = "flag:"  # "flag:red"


REMARK = "Staff remark"


WOO_FLAG, WOO_REMARK = "_staff_flag", "_staff_remark"


def flag_of(tags: str) -> str:
    """The colour among comma-separated tags; "" where there is none."""
    found = (tag.strip().lower() for tag in tags.split(","))
    colours = (tag.removeprefix(TAG).strip() for tag in found if tag.startswith(TAG))
    return next((colour for colour in colours if colour in Flag.values), "")


def tags_with(tags: str, flag: str) -> str:
    """The same tags with this colour, and no other; "" takes it away."""
    others = [tag.strip() for tag in tags.split(",") if tag.strip()]
    kept = [tag for tag in others if not tag.lower().startswith(TAG)]
    return ", ".join([*kept, *([TAG + flag] if flag else [])])


def remark_of(attributes: Iterable[Part], *, name: str, key: str = "name") -> str:
    """The text of an attribute of this name."""
    return next((row.text("value", 2000) for row in attributes if row.text(key) == name), "")


def attributes_with(attributes: Iterable[object], remark: str) -> list[dict[str, str]]:
    """The same attributes with this remark; "" takes it away."""
    kept = [
        {"name": str(row.get("name", "")), "value": str(row.get("value") or "")}
        for row in attributes
        if isinstance(row, dict) and row.get("name") != REMARK
    ]
    return [*kept, *([{"name": REMARK, "value": remark}] if remark else [])]
